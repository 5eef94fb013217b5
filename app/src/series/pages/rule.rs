//! How a series repeats, in the address: the form and what it asks for.

use crate::context::{query, url_encode, url_params};
use leptos::prelude::*;
use shared::ClientNumber;
use shared::practice::{ServiceView, StaffView};
use shared::series::{Frequency, SeriesForm};

const DAYS: [(&str, &str, &str); 7] = [
    ("mo", "Mon", "Monday"),
    ("tu", "Tue", "Tuesday"),
    ("we", "Wed", "Wednesday"),
    ("th", "Thu", "Thursday"),
    ("fr", "Fri", "Friday"),
    ("sa", "Sat", "Saturday"),
    ("su", "Sun", "Sunday"),
];

/// What the address of the page holds.
#[derive(Clone, Default)]
pub(super) struct SeriesParams {
    pub client: Option<ClientNumber>,
    pub service: String,
    pub practitioner: String,
    pub starts: String,
    pub rule: SeriesForm,
}

impl SeriesParams {
    pub fn read(here: &str) -> SeriesParams {
        let usual = SeriesForm::default();
        let or = |name: &str, usual: String| Some(query(name)).filter(|value| !value.is_empty()).unwrap_or(usual);
        let pairs = url_params(here.split_once('?').map(|(_, query)| query).unwrap_or_default());
        let days: Vec<String> = pairs.into_iter().filter(|(name, _)| name == "weekdays").map(|(_, day)| day).collect();
        SeriesParams {
            client: query("client").parse().ok(),
            service: query("service"),
            practitioner: query("practitioner"),
            starts: query("starts"),
            rule: SeriesForm {
                frequency: query("frequency"),
                every: or("every", usual.every),
                weekdays: days.join(","),
                ends: or("ends", usual.ends),
                count: or("count", usual.count),
                last_on: query("last_on"),
            },
        }
    }

    /// The page for this client, with what is known of the first appointment.
    pub fn link(client: ClientNumber, service: &str, practitioner: &str, starts: &str) -> String {
        format!(
            "/appointments/series/new?client={client}&service={}&practitioner={}&starts={}",
            url_encode(service),
            url_encode(practitioner),
            url_encode(starts)
        )
    }
}

/// The form; `problem` says what is wrong with a field.
pub(super) fn form(
    params: &SeriesParams,
    services: &[ServiceView],
    practitioners: &[StaffView],
    problem: impl Fn(&str) -> Option<String>,
) -> AnyView {
    let option = |value: String, words: String, chosen: &str| {
        let selected = value == chosen;
        view! { <option value=value selected=selected>{words}</option> }
    };
    let services = services
        .iter()
        .map(|one| option(one.id.to_string(), format!("{} ({} min)", one.name, one.duration_minutes), &params.service));
    let people = practitioners.iter().filter(|one| one.active);
    let people = people.map(|one| option(one.id.to_string(), one.name.clone(), &params.practitioner));
    let frequencies = Frequency::ALL
        .iter()
        .map(|one| option(one.as_str().to_owned(), one.label().to_owned(), &params.rule.frequency));
    let days = DAYS.iter().map(|(value, short, long)| {
        let checked = params.rule.weekdays.split(',').any(|day| day == *value);
        view! {
            <label class="check"><input type="checkbox" name="weekdays" value=*value checked=checked/>
                <span aria-hidden="true">{*short}</span><span class="sr-only">{*long}</span></label>
        }
    });
    let ends = |value: &str| params.rule.ends == value;
    let (by_count, by_date) = (!ends("date"), ends("date"));
    let error = |field: &str| {
        problem(field).map(|words| {
            let id = format!("{}-error", field.replace('.', "-"));
            view! { <p class="error" id=id>{words}</p> }
        })
    };
    let field = |field: &str| if problem(field).is_some() { "field invalid" } else { "field" };
    let invalid = |field: &str| problem(field).map(|_| "true");
    let described = |field: &str| problem(field).map(|_| format!("{}-error", field.replace('.', "-")));
    view! {
        <form class="panel form" method="get" action="/appointments/series/new" novalidate=true>
            {params.client.map(|client| view! { <input type="hidden" name="client" value=client.to_string()/> })}
            <div class="field-row">
                <div class="field"><label for="service">"Service"</label><select id="service" name="service">{services.collect_view()}</select></div>
                <div class="field"><label for="practitioner">"Practitioner"</label>
                    <select id="practitioner" name="practitioner">{people.collect_view()}</select></div>
                <div class=field("starts")><label for="starts">"First appointment"</label>
                    <input id="starts" type="datetime-local" name="starts" value=params.starts.clone() aria-invalid=invalid("starts") aria-describedby=described("starts")/>
                    {error("starts")}</div>
            </div>
            <div class="field-row">
                <div class=format!("{} short", field("rule.every"))><label for="every">"Every"</label>
                    <input id="every" type="number" name="every" min="1" max="99" inputmode="numeric" value=params.rule.every.clone()
                        aria-invalid=invalid("rule.every") aria-describedby=described("rule.every")/>{error("rule.every")}</div>
                <div class=field("rule.frequency")><label for="frequency">"Unit"</label>
                    <select id="frequency" name="frequency" aria-invalid=invalid("rule.frequency") aria-describedby=described("rule.frequency")>{frequencies.collect_view()}</select>
                    {error("rule.frequency")}</div>
            </div>
            <fieldset class="plain"><legend>"On these days, if it repeats weekly"</legend>
                <p class="hint">"The weekday of the first appointment is always included."</p>
                <div class="row wrap">{days.collect_view()}</div>{error("rule.weekdays")}</fieldset>
            <fieldset class="plain"><legend>"Ends"</legend>
                <div class="row wrap">
                    <label class="check"><input type="radio" name="ends" value="count" checked=by_count/><span>"After a number of appointments"</span></label>
                    <div class=format!("{} short", field("rule.count"))><label class="sr-only" for="count">"Number of appointments"</label>
                        <input id="count" type="number" name="count" min="2" max="200" inputmode="numeric" value=params.rule.count.clone()
                            aria-invalid=invalid("rule.count") aria-describedby=described("rule.count")/>{error("rule.count")}</div>
                </div>
                <div class="row wrap">
                    <label class="check"><input type="radio" name="ends" value="date" checked=by_date/><span>"On a date"</span></label>
                    <div class=format!("{} short", field("rule.last_on"))><label class="sr-only" for="last_on">"Last date"</label>
                        <input id="last_on" type="date" name="last_on" value=params.rule.last_on.clone()
                            aria-invalid=invalid("rule.last_on") aria-describedby=described("rule.last_on")/>{error("rule.last_on")}</div>
                </div>
                {error("rule.ends")}
            </fieldset>
            <div class="form-actions"><button type="submit" class="button">"Show dates"</button></div>
        </form>
    }
    .into_any()
}
