//! Booking a series: the rule in the address, then every date with what it comes to and a
//! choice for each.

use super::rule::{self, SeriesParams};
use crate::series::BOOK;
use crate::ui::page::{Page, Shown, page};
use crate::ui::{FormState, PostForm, TextField};
use chrono::Utc;
use db::series::{Outcome, Planned, Preview};
use leptos::prelude::*;
use shared::appointments::Conflicts;
use shared::clients::ClientProfile;
use shared::practice::{ServiceView, StaffView};
use shared::series::{DateForm, SeriesBookingForm};
use shared::{Problem, Refusal};

#[component]
pub fn NewSeriesPage() -> impl IntoView {
    let state = FormState::of(BOOK);
    page(move |page| async move {
        if !page.actor.staff()?.books() {
            return Err(Refusal::Forbidden.into());
        }
        let mut params = SeriesParams::read(&page.here);
        let number = params.client.ok_or(Refusal::NotFound)?;
        let client = crate::clients::pages::record(&page, number).await?;
        let services = db::practice::active_services(page.pool()).await?;
        let practitioners = db::practice::practitioners(page.pool(), &page.actor).await?;
        if params.starts.is_empty() {
            let zone = db::appointments::free_times::venue_zone(page.pool()).await?;
            let tomorrow = zone.date(Utc::now()) + chrono::Days::new(1);
            params.starts = format!("{tomorrow}T09:00");
        }
        let first = |ids: Vec<String>| ids.into_iter().next().unwrap_or_default();
        if params.service.is_empty() {
            params.service = first(services.iter().map(|one| one.id.to_string()).collect());
        }
        if params.practitioner.is_empty() {
            params.practitioner =
                first(practitioners.iter().filter(|one| one.active).map(|one| one.id.to_string()).collect());
        }
        let (mut problems, mut found) = (Vec::new(), None);
        if params.rule.repeats() {
            let mut form = asked(&params, &client, &state);
            let mut preview = db::series::preview(page.pool(), &page.actor, &form).await;
            // A choice that cannot be read is told at its field, below what the rule comes to.
            if preview.as_ref().is_err_and(is_of_a_date) {
                form.dates.clear();
                preview = db::series::preview(page.pool(), &page.actor, &form).await;
            }
            match preview {
                Ok(preview) => found = Some(preview),
                Err(error) => match error.refusal() {
                    Refusal::Invalid(errors) => problems = errors.0,
                    refusal => return Err(refusal.into()),
                },
            }
        } else {
            params.rule.frequency = "weekly".into();
        }
        let (one, many) = (page.practice.client_word.clone(), page.practice.client_word_plural.clone());
        let problem = |field: &str| -> Option<String> {
            problems
                .iter()
                .find(|(name, _)| name == field)
                .map(|(_, problem): &(String, Problem)| problem.for_practice(&one, &many))
        };
        let rule = rule::form(&params, &services, &practitioners, problem);
        let dates = found.map(|found| dates(&page, &params, &client, found, &practitioners, &services, state));
        Ok(Shown::new(
            "Repeating appointment",
            view! {
                <div class="page-head"><div>
                    <a class="back" href=format!("/appointments/new?client={number}")>"New appointment"</a>
                    <h1>"Repeating appointment"</h1>
                    <p class="sub">{client.name.clone()}</p>
                </div></div>
                {rule}
                {dates}
            },
        ))
    })
}

/// Whether what is wrong is the choice for a date.
pub(super) fn is_of_a_date(error: &db::Error) -> bool {
    matches!(error, db::Error::Refused(Refusal::Invalid(errors)) if errors.0.iter().any(|(field, _)| field.starts_with("dates.")))
}

/// The choices that were posted, date by date.
pub(super) fn posted_dates(state: &FormState) -> Vec<DateForm> {
    let rows = if state.was_posted() { state.rows("dates") } else { 0 };
    let date = |index: usize| {
        let value = |field: &str| state.value(&format!("dates.{index}.{field}"), "");
        DateForm {
            date: value("date"),
            choice: value("choice"),
            time: value("time"),
            practitioner: value("practitioner"),
            seen: value("seen"),
        }
    };
    (0..rows).map(date).collect()
}

/// How many of the dates are booked, and how many cannot be as they are: with what to say.
pub(super) fn summary(dates: &[Planned]) -> (usize, &'static str, String) {
    let count = dates.iter().filter(|date| !matches!(date.outcome, Outcome::Skipped)).count();
    let blocked = dates.iter().filter(|date| !date.outcome.is_possible()).count();
    let words = match blocked {
        0 => format!("All {count} dates can be booked."),
        1 => "1 date can’t be booked as it is. Choose below.".to_owned(),
        blocked => format!("{blocked} dates can’t be booked as they are. Choose for each below."),
    };
    (count, if blocked == 0 { "notice ok" } else { "notice warn" }, words)
}

/// What is asked for: the address, with the choices that were posted.
fn asked(params: &SeriesParams, client: &ClientProfile, state: &FormState) -> SeriesBookingForm {
    SeriesBookingForm {
        client: client.id.to_string(),
        service: params.service.clone(),
        practitioner: params.practitioner.clone(),
        starts: params.starts.clone(),
        rule: params.rule.clone(),
        dates: posted_dates(state),
        // The preview is another's request: it answers nothing that was booked.
        request_key: db::new_id().to_string(),
        ..SeriesBookingForm::default()
    }
}

fn dates(
    page: &Page,
    params: &SeriesParams,
    client: &ClientProfile,
    found: Preview,
    practitioners: &[StaffView],
    services: &[ServiceView],
    state: FormState,
) -> AnyView {
    let (count, class, summary) = summary(&found.dates);
    let key = if state.was_posted() { state.value("request_key", "") } else { db::new_id().to_string() };
    let rule = &params.rule;
    let hidden = [
        ("client", client.id.to_string()),
        ("service", params.service.clone()),
        ("practitioner", params.practitioner.clone()),
        ("starts", params.starts.clone()),
        ("rule.frequency", rule.frequency.clone()),
        ("rule.every", rule.every.clone()),
        ("rule.weekdays", rule.weekdays.clone()),
        ("rule.ends", rule.ends.clone()),
        ("rule.count", rule.count.clone()),
        ("rule.last_on", rule.last_on.clone()),
        ("request_key", key),
    ];
    let hidden = hidden
        .into_iter()
        .map(|(field, value)| view! { <input type="hidden" name=FormState::name(field) value=value/> })
        .collect_view();
    let names: Vec<(String, String)> =
        practitioners.iter().filter(|one| one.active).map(|one| (one.id.to_string(), one.name.clone())).collect();
    let service = services.iter().find(|one| one.id.to_string() == params.service).map(|one| one.name.clone());
    let rows = found.dates.iter().enumerate().map(|(index, date)| row(index, date, &names, &state)).collect_view();
    let over = found.dates.iter().any(|date| matches!(date.outcome, Outcome::Conflicts(_)))
        || !state.value("reason", "").is_empty();
    let reason = over.then(|| {
        view! { <TextField field="reason" label="Reason for booking over conflicts" state=state.clone() hint="Only the team sees it." optional=true/> }
    });
    view! {
        <section class="panel" aria-labelledby="dates">
            <h2 id="dates">{found.words.clone()}</h2>
            <p class="sub">{service}" · times are in "{found.place.clone()}" time"</p>
            <PostForm action=BOOK page=page.here.clone() state=state.clone()>
                <p class=class role="status">{summary}</p>
                {hidden}
                <table class="table cards series-dates">
                    <caption class="sr-only">"Dates of the series"</caption>
                    <thead><tr><th scope="col">"Date"</th><th scope="col">"Time"</th><th scope="col">"What it comes to"</th><th scope="col">"Choice"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
                {reason}
                <div class="form-actions">
                    <button type="submit" class="button primary">{format!("Book {count} appointments")}</button>
                    <button type="submit" class="button" name="check" value="true">"Check again"</button>
                </div>
            </PostForm>
        </section>
    }
    .into_any()
}

pub(super) fn row(index: usize, date: &Planned, practitioners: &[(String, String)], state: &FormState) -> AnyView {
    let field = |field: &str| format!("dates.{index}.{field}");
    let name = |part: &str| FormState::name(&field(part));
    let id = |part: &str| crate::ui::field_id(&field(part));
    // What was left out before is so until it is chosen.
    let usual = if matches!(date.outcome, Outcome::Skipped) { "skip" } else { "" };
    let (chosen, time) = (state.value(&field("choice"), usual), state.value(&field("time"), ""));
    let with = state.value(&field("practitioner"), "");
    let (said, seen) = outcome(&date.outcome, chosen == "over");
    // What is passed over stays so when the form is sent again.
    let seen = seen.unwrap_or_else(|| state.value(&field("seen"), ""));
    let free = date.outcome.is_possible();
    let mut choices = vec![("book", if free { "Book" } else { "Book at the time below" }), ("skip", "Leave out")];
    if matches!(date.outcome, Outcome::Conflicts(_)) || chosen == "over" {
        choices.push(("over", "Book anyway"));
    }
    let options = choices
        .into_iter()
        .map(|(value, words)| view! { <option value=value selected=chosen == value>{words}</option> })
        .collect_view();
    let other = (!free || !time.is_empty() || !with.is_empty()).then(|| {
        let people = practitioners
            .iter()
            .map(|(id, name)| view! { <option value=id.clone() selected=*id == with>{name.clone()}</option> })
            .collect_view();
        let problem = state.problem(&field("time"));
        let invalid = problem.as_ref().map(|_| "true");
        view! {
            <div class="row wrap">
                <div class="field short"><label for=id("time")>"Other time"</label>
                    <input id=id("time") type="time" name=name("time") value=time.clone() aria-invalid=invalid/>
                    {problem.map(|words| view! { <p class="error">{words}</p> })}</div>
                <div class="field"><label for=id("practitioner")>"Other practitioner"</label>
                    <select id=id("practitioner") name=name("practitioner")><option value="">"As planned"</option>{people}</select></div>
            </div>
        }
    });
    view! {
        <tr data-date=date.date.to_string()>
            <th scope="row">{date.day.clone()}
                <input type="hidden" name=name("date") value=date.date.to_string()/>
                <input type="hidden" name=name("seen") value=seen/></th>
            <td data-label="Time" class="tnum nowrap">{date.clock.clone()}</td>
            <td data-label="What it comes to">{said}</td>
            <td data-label="Choice"><div class="stack tight">
                <label class="sr-only" for=id("choice")>{format!("Choice for {}", date.day)}</label>
                <select id=id("choice") name=name("choice")>{options}</select>
                {other}
            </div></td>
        </tr>
    }
    .into_any()
}

/// In words, and which conflicts were shown.
fn outcome(outcome: &Outcome, over: bool) -> (AnyView, Option<String>) {
    match outcome {
        Outcome::Free if over => {
            (view! { <span class="badge overbooked">"Booked over conflicts"</span> }.into_any(), None)
        }
        Outcome::Free => (view! { <span class="badge ok">"Free"</span> }.into_any(), None),
        Outcome::Skipped => (view! { <span class="badge cancelled">"Left out"</span> }.into_any(), None),
        Outcome::Refused(conflict) => (view! { <span class="error">{conflict.to_string()}</span> }.into_any(), None),
        Outcome::Conflicts(Conflicts { seen, all }) => {
            let lines = all.iter().map(|one| view! { <li>{one.to_string()}</li> }).collect_view();
            (view! { <ul class="plain error">{lines}</ul> }.into_any(), Some(seen.to_string()))
        }
    }
}

/// For a page that leads here.
pub(crate) fn link(client: shared::ClientNumber, service: &str, practitioner: &str, starts: &str) -> String {
    SeriesParams::link(client, service, practitioner, starts)
}
