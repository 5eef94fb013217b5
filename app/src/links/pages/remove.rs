//! Remove a link: what ends at once, and what is open between the two.

use super::{names, number};
use crate::error::AppError;
use crate::ui::page::{Shown, page};
use crate::ui::{FormState, PostForm};
use db::time::Zone;
use leptos::prelude::*;
use shared::Refusal;
use shared::links::{LinkView, OpenAppointment, Permission};

const REMOVE: &str = "/fn/links/remove";

#[component]
pub fn RemoveLinkPage() -> impl IntoView {
    page(|page| async move {
        let (number, other) = (number("number")?, number("other")?);
        let state = FormState::of(REMOVE);
        let pair = db::links::pair(page.pool(), &page.actor, number, other).await?;
        let open = db::links::open_matters(page.pool(), &page.actor, number, other).await?;
        let (own_name, other_name) = names(&pair);
        let back = pair.own.name.clone();
        let link = pair.link.ok_or(Refusal::NotFound)?;
        // What was ticked is no longer there to be decided.
        let outdated = matches!(state.error(), Some(AppError::Refused(Refusal::NotFound | Refusal::Invalid(_))));
        let shown = if outdated { FormState::default() } else { state.clone() };
        Ok(Shown::new(
            format!("Remove the link between {own_name} and {other_name}"),
            view! {
                <div class="page-head">
                    <div>
                        <a class="back" href=format!("/clients/{number}")>{back}</a>
                        <h1>"Remove link"</h1>
                        <p class="sub">{format!("Between {own_name} and {other_name}.")}</p>
                    </div>
                </div>
                <PostForm action=REMOVE page=page.here state=shown class="form panel">
                    <input type="hidden" name="number" value=number.to_string()/>
                    <input type="hidden" name="other" value=other.to_string()/>
                    {outdated.then(|| view! {
                        <div class="notice error" role="alert">
                            <p>"Nothing was done: a selected appointment has changed in the meantime. Check the list again."</p>
                        </div>
                    })}
                    {what_ends(&link, &own_name, &other_name)}
                    {decide(open, &state)}
                    <div class="form-actions">
                        <button class="button danger primary" type="submit">"Remove link"</button>
                        <a class="button quiet" href=format!("/clients/{number}")>"Keep the link"</a>
                    </div>
                </PostForm>
            },
        )
        .narrow())
    })
}

fn what_ends(link: &LinkView, own_name: &str, other_name: &str) -> AnyView {
    let mut ends = Vec::new();
    for (holder, subject, may) in [(other_name, own_name, link.other_may), (own_name, other_name, link.own_may)] {
        for permission in Permission::ALL.iter().filter(|permission| may.has(**permission)) {
            ends.push(format!("{holder} can no longer {} for {subject}.", permission.label()));
        }
    }
    if ends.is_empty() {
        ends.push("They have no permissions for each other, so nothing else changes.".to_owned());
    }
    view! {
        <section class="stack">
            <h2>"What happens now"</h2>
            <ul>
                {ends.into_iter().map(|words| view! { <li>{words}</li> }).collect_view()}
                <li>"They stop seeing each other’s appointments. Emails still queued won’t be copied."</li>
                <li>"Each keeps their own appointments, login and history. The two can be linked again later."</li>
            </ul>
        </section>
    }
    .into_any()
}

/// The appointments open between the two, each to be kept or cancelled.
fn decide(open: Vec<OpenAppointment>, state: &FormState) -> AnyView {
    if open.is_empty() {
        return view! { <p class="notice">"Neither has upcoming appointments booked by the other."</p> }.into_any();
    }
    let heading = match open.len() {
        1 => "1 upcoming appointment was booked by one for the other".to_owned(),
        many => format!("{many} upcoming appointments were booked by one for the other"),
    };
    let rows = open
        .into_iter()
        .map(|appointment| {
            let id = appointment.id.to_string();
            let ticked = state.includes("cancel", &id, false);
            let what = format!(
                "{} with {}, for {}, booked by {}",
                appointment.service, appointment.practitioner, appointment.attendee, appointment.proxy
            );
            view! {
                <li>
                    <label class="check">
                        <input type="checkbox" name="form[cancel][]" value=id checked=ticked/>
                        <span><span class="strong">"Cancel "{when(&appointment)}</span><br/>{what}</span>
                    </label>
                </li>
            }
        })
        .collect_view();
    view! {
        <fieldset class="group" aria-describedby="kept">
            <legend>{heading}</legend>
            <p class="hint" id="kept">
                "Tick those to be cancelled; the person is told, if they get email. The others stay, as the person’s own: \
                 whoever booked them no longer sees or manages them."
            </p>
            <ul class="list">{rows}</ul>
        </fieldset>
    }
    .into_any()
}

/// In the venue's zone, with the year: it may be a long way off.
fn when(appointment: &OpenAppointment) -> String {
    let zone = Zone::stored(&appointment.zone);
    let at = appointment.starts_at;
    format!("{}, {} {}", zone.long_date(at), zone.clock(at), zone.abbreviation(at))
}
