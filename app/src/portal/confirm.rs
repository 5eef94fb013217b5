//! The last step of booking: *who is this appointment for?*, in the dialog and
//! on the page that stands in for it without JavaScript.

use crate::error::AppError;
use crate::ui::FormState;
use leptos::prelude::*;
use shared::appointments::{Engaged, FreeTime};
use shared::links::BookableClient;
use shared::{ClientId, Refusal};

/// What the last step knows before a time is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmProps {
    /// The id, and in words: name, minutes and price.
    pub service: String,
    pub service_name: String,
    pub service_facts: String,
    pub location: String,
    /// No practitioner was asked for: another one who is free then will do.
    pub anyone: bool,
    /// Everybody this may be for; oneself first.
    pub who: Vec<BookableClient>,
    /// When they are engaged already.
    pub engaged: Vec<Engaged>,
    /// The page to come back to when it is refused.
    pub page: String,
    pub request_key: String,
    pub state: FormState,
}

/// The heading: the question is asked only when there is more than one answer.
pub fn heading(who: &[BookableClient]) -> &'static str {
    if who.len() > 1 { "Who is this appointment for?" } else { "Confirm your appointment" }
}

/// Who is engaged already at `time`.
pub fn engaged(taken: &[Engaged], time: &FreeTime) -> impl Iterator<Item = ClientId> {
    taken.iter().filter(|taken| taken.hinders(taken.client, time)).map(|taken| taken.client)
}

/// The fields of the form and what is about to be booked.
#[component]
pub fn ConfirmFields(
    props: ConfirmProps,
    /// The chosen time, with its day in words; in the dialog none yet: the
    /// browser puts it where the `data-` attributes say.
    time: Option<(FreeTime, String)>,
) -> impl IntoView {
    let ConfirmProps {
        service,
        service_name,
        service_facts,
        location,
        anyone,
        who,
        engaged: taken,
        page,
        request_key,
        state,
    } = props;
    let busy: Vec<_> = time.iter().flat_map(|(time, _)| engaged(&taken, time)).collect();
    let when = time.as_ref().map(|(time, day)| format!("{day}, {}", time.label));
    let (starts_at, practitioner, with) = time
        .map(|(time, _)| (time.starts_at, time.practitioner.to_string(), time.practitioner_name))
        .unwrap_or_default();
    let chosen = state.value("client", "");
    let people = if let [person] = who.as_slice() {
        oneself(person, busy.contains(&person.id))
    } else {
        let choices = who.into_iter().map(|person| {
            let is_busy = busy.contains(&person.id);
            choice(person, &chosen, is_busy)
        });
        view! {
            <fieldset class="group">
                <legend>"This appointment is for"</legend>
                <div class="choices">{choices.collect_view()}</div>
            </fieldset>
        }
        .into_any()
    };
    let refused = state.error().map(|error| match error {
        AppError::Refused(Refusal::Invalid(errors)) if errors.get("client").is_some() => {
            "Choose who it’s for.".to_owned()
        }
        other => other.to_string(),
    });
    view! {
        <input type="hidden" name="_page" value=page/>
        <input type="hidden" name="form[service]" value=service/>
        <input type="hidden" name="form[practitioner]" value=practitioner/>
        <input type="hidden" name="form[starts_at]" value=starts_at/>
        {anyone.then(|| view! { <input type="hidden" name="form[anyone]" value="true"/> })}
        <input type="hidden" name="form[request_key]" value=request_key/>
        {refused.map(|words| view! { <div class="error-summary" role="alert"><h2>{words}</h2></div> })}
        <dl class="summary facts">
            <dt>"What"</dt>
            <dd>{service_name}<span class="muted">" · "{service_facts}</span></dd>
            <dt>"When"</dt>
            <dd class="tnum" data-when="">{when}</dd>
            <dt>"With"</dt>
            <dd data-with="">{with}</dd>
            <dt>"Where"</dt>
            <dd>{location}</dd>
        </dl>
        {people}
    }
}

/// The only one it may be for.
fn oneself(person: &BookableClient, busy: bool) -> AnyView {
    const ENGAGED: &str = "You already have an appointment at this time.";
    view! {
        <div data-client=person.id.to_string()>
            <input type="hidden" name="form[client]" value=person.id.to_string()/>
            <p class="notice warn" data-engaged=ENGAGED hidden=!busy>{busy.then_some(ENGAGED)}</p>
        </div>
    }
    .into_any()
}

fn choice(person: BookableClient, chosen: &str, busy: bool) -> AnyView {
    const ENGAGED: &str = "Already booked at this time";
    let free = if person.is_self { "You" } else { "You can book for them" };
    let id = person.id.to_string();
    let checked = chosen == id;
    view! {
        <label class="choice" data-client=id.clone()>
            <input type="radio" name="form[client]" value=id.clone() checked=checked required=true disabled=busy/>
            <span class="choice-title">{person.name}</span>
            <span class="choice-note" data-free=free data-engaged=ENGAGED>{if busy { ENGAGED } else { free }}</span>
        </label>
    }
    .into_any()
}
