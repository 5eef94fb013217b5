//! `/calendar/calls`: who is called about tomorrow, to tick off or to print.

use crate::ui::page::{Shown, page};
use crate::ui::{ErrorSummary, FormState};
use chrono::{NaiveDate, SecondsFormat, Utc};
use db::calls::{Call, Callee};
use db::time::Zone;
use leptos::prelude::*;
use shared::practice::phone_link;

const NOTE: &str = "/fn/calls/note";
const HERE: &str = "/calendar/calls";

#[component]
pub fn CallsPage() -> impl IntoView {
    page(|page| async move {
        let (date, callees) = db::calls::tomorrow(page.pool(), &page.actor, Utc::now()).await?;
        let word = page.practice.client_word_plural.clone();
        let left = callees.iter().filter(|one| one.calls.iter().any(|call| call.reached.is_none())).count();
        let contents = match callees.is_empty() {
            true => view! {
                <div class="panel empty"><h2>"No calls"</h2>
                    <p>{format!("{} who agreed to phone calls and have an appointment tomorrow appear here.", capital(&word))}</p></div>
            }
            .into_any(),
            false => table(&callees),
        };
        let sub = match left {
            0 => spoken(date),
            1 => format!("{}. 1 person left to call.", spoken(date)),
            left => format!("{}. {left} people left to call.", spoken(date)),
        };
        Ok(Shown::new(
            "Call list",
            view! {
                <div class="page-head">
                    <div><a class="back" href=format!("/calendar?date={date}")>"Calendar"</a><h1>"Call list"</h1><p class="sub">{sub}</p></div>
                </div>
                <ErrorSummary state=FormState::of(NOTE)/>
                {contents}
                <p class="hint paper-hint">"To print it, use your browser’s print command."</p>
            },
        ))
    })
}

fn spoken(date: NaiveDate) -> String {
    date.format("Tomorrow, %A %-d %B %Y").to_string()
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn table(callees: &[Callee]) -> AnyView {
    let lines = callees
        .iter()
        .flat_map(|callee| callee.calls.iter().enumerate().map(move |(place, call)| line(callee, call, place == 0)));
    view! {
        <div class="panel flush"><div class="table-wrap"><table class="table cards">
            <thead><tr>
                <th scope="col">"Call"</th><th scope="col">"Phone"</th><th scope="col">"Appointment"</th><th scope="col">"Reached"</th>
            </tr></thead>
            <tbody>{lines.collect_view()}</tbody>
        </table></div></div>
    }
    .into_any()
}

fn line(callee: &Callee, call: &Call, is_first: bool) -> AnyView {
    let zone = Zone::stored(&call.zone);
    let what = format!("{} with {}", zone.exact_clock(call.starts_at), call.practitioner);
    let person = (call.person != callee.name).then(|| format!(" for {}", call.person));
    let confirmed = call.is_confirmed.then(|| view! { " "<span class="badge completed">"Confirmed online"</span> });
    let noted = match &call.reached {
        Some((true, by)) => view! { <span class="badge completed">"Reached"</span><span class="small muted">{format!(" by {by}")}</span> }.into_any(),
        Some((false, by)) => view! { <span class="badge warn">"No answer"</span><span class="small muted">{format!(" by {by}")}</span> }.into_any(),
        None => ().into_any(),
    };
    let which = format!(": {}, {what}", callee.name);
    let button = |value: &'static str, label: &'static str| {
        let which = which.clone();
        view! { <button type="submit" class="button small" name="reached" value=value>{label}<span class="sr-only">{which}</span></button> }
    };
    let buttons = match &call.reached {
        Some((true, _)) => vec![button("", "Undo")],
        Some((false, _)) => vec![button("yes", "Reached"), button("", "Undo")],
        None => vec![button("yes", "Reached"), button("no", "No answer")],
    };
    let name = callee.name.clone();
    view! {
        <tr>
            <th scope="row">{if is_first { view! { <a href=format!("/clients/{}", callee.number)>{name}</a> }.into_any() } else { view! { <span class="muted">{name}</span> }.into_any() }}</th>
            <td data-label="Phone"><a class="tnum nowrap" href=phone_link(&callee.phone)>{callee.phone.clone()}</a>{callee.leave_none.then(|| view! { " "<span class="badge warn">"Do not leave messages"</span> })}</td>
            <td data-label="Appointment"><a href=format!("/appointments/{}", call.appointment)>{what.clone()}{person}</a>{confirmed}</td>
            <td data-label="Reached">
                {noted}
                <form method="post" action=NOTE data-once="" class="actions">
                    <input type="hidden" name="_page" value=HERE/>
                    <input type="hidden" name="participant" value=call.participant.to_string()/>
                    <input type="hidden" name="callee" value=callee.client.to_string()/>
                    <input type="hidden" name="starts_at" value=call.starts_at.to_rfc3339_opts(SecondsFormat::Micros, true)/>
                    {buttons}
                </form>
            </td>
        </tr>
    }
    .into_any()
}
