//! Remove a link: what ends right away, what is open between the two, and who is told.

use super::{names, number};
use crate::appointments::notice;
use crate::error::AppError;
use crate::ui::page::{Shown, page};
use crate::ui::{FormState, PostForm};
use db::links::Told;
use db::messages::{Reach, Unwritten};
use db::time::Zone;
use leptos::prelude::*;
use shared::Refusal;
use shared::links::{Choice, LinkView, MatterKind, OpenMatter, Permission, Via};

const REMOVE: &str = "/fn/links/remove";

#[component]
pub fn RemoveLinkPage() -> impl IntoView {
    page(|page| async move {
        let (number, other) = (number("number")?, number("other")?);
        let state = FormState::of(REMOVE);
        let pair = db::links::pair(page.pool(), &page.actor, number, other).await?;
        let open = db::links::open_matters(page.pool(), &page.actor, number, other).await?;
        let reach = db::links::reach_without(page.pool(), &page.actor, number, other).await?;
        let told = db::links::told_of_removal(page.pool(), &page.actor, number, other).await?;
        let (own_name, other_name) = names(&pair);
        let back = pair.own.name.clone();
        let link = pair.link.ok_or(Refusal::NotFound)?;
        // What was decided is no longer all that there is to decide.
        let outdated =
            matches!(state.error(), Some(AppError::Refused(Refusal::NotFound | Refusal::Stale | Refusal::Invalid(_))));
        let shown = if outdated { FormState::default() } else { state.clone() };
        let smtp = page.app.settings.smtp;
        Ok(Shown::new(
            format!("Remove the relationship between {own_name} and {other_name}"),
            view! {
                <div class="page-head">
                    <div>
                        <a class="back" href=format!("/clients/{number}")>{back}</a>
                        <h1>"Remove relationship"</h1>
                        <p class="sub">{format!("Between {own_name} and {other_name}.")}</p>
                    </div>
                </div>
                <PostForm action=REMOVE page=page.here state=shown class="form panel">
                    <input type="hidden" name="number" value=number.to_string()/>
                    <input type="hidden" name="other" value=other.to_string()/>
                    <input type="hidden" name="form[version]" value=link.version.to_string()/>
                    {outdated.then(|| view! {
                        <div class="notice error" role="alert">
                            <p>"Nothing was done: something has changed since this page was opened. Check the list again."</p>
                        </div>
                    })}
                    {what_ends(&link, &own_name, &other_name)}
                    {decide(&open, &state)}
                    {who_is_told(&open, &told, &reach, smtp)}
                    <p class="hint">{format!(
                        "You can restore the relationship with its permissions for {} minutes. Cancelled appointments stay cancelled.",
                        db::links::UNDO_MINUTES
                    )}</p>
                    <div class="form-actions">
                        <button class="button danger primary" type="submit">"Remove relationship"</button>
                        <a class="button quiet" href=format!("/clients/{number}")>"Keep the relationship"</a>
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
        for permission in Permission::ALL.iter().filter(|one| one.is_in_use() && may.has(**one)) {
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

/// What is open between the two, a choice for each.
fn decide(open: &[OpenMatter], state: &FormState) -> AnyView {
    if open.is_empty() {
        return view! { <p class="notice">"Nothing to decide: neither has upcoming appointments or a place on the waiting list through the other."</p> }
            .into_any();
    }
    let heading = match open.len() {
        1 => "1 thing to decide".to_owned(),
        many => format!("{many} things to decide"),
    };
    let rows = open.iter().map(|matter| row(matter, state)).collect_view();
    view! {
        <fieldset class="group" aria-describedby="kept">
            <legend>{heading}</legend>
            <p class="hint" id="kept">
                "What you keep stays with the person it is for. The other one can no longer see or manage it, \
                 and gets no email about it."
            </p>
            <ul class="list matters">{rows}</ul>
        </fieldset>
    }
    .into_any()
}

fn row(matter: &OpenMatter, state: &FormState) -> AnyView {
    let title = match matter.kind {
        MatterKind::Appointment if matter.waits => format!("Requested: {}", when(matter)),
        MatterKind::Appointment => when(matter),
        MatterKind::Waiting => format!("Waiting list, {}", days(matter)),
        MatterKind::Hold => format!("Being booked: {}", when(matter)),
        MatterKind::Request => format!("Requested: {}", matter.service),
    };
    let with = if matter.practitioner.is_empty() { String::new() } else { format!(" with {}", matter.practitioner) };
    let (service, attendee, proxy) = (&matter.service, &matter.attendee, &matter.proxy);
    let what = match (matter.kind, matter.via) {
        (MatterKind::Hold, _) => format!(
            "{service}{with}. {attendee} is choosing this time right now, perhaps for {proxy}. It’s released when you remove the relationship."
        ),
        (MatterKind::Waiting, _) => {
            let offered = if matter.waits { " A time is offered at the moment." } else { "" };
            format!("{service}{with}, for {attendee}, added by {proxy}.{offered}")
        }
        (MatterKind::Request, _) => format!("From {attendee}; {proxy} can complete it at the moment."),
        (_, Via::Booked) => format!("{service}{with}, for {attendee}, booked by {proxy}"),
        (_, Via::Assigned) => format!("{service}{with}, for {attendee}, managed by {proxy}"),
        (_, Via::Pays) => format!("{service}{with}, for {attendee}, paid by {proxy}"),
    };
    let id = format!("matter-{}", matter.id);
    let choices = match Choice::of(matter.kind) {
        [_] => ().into_any(),
        choices => {
            let options = choices.iter().map(|choice| {
                let value = format!("{}:{}:{}", choice.as_str(), matter.id, matter.version);
                let selected = state.includes("choices", &value, false);
                view! { <option value=value selected=selected>{words(*choice, matter)}</option> }
            });
            let options = options.collect_view();
            view! {
                <div class="field">
                    <label for=id.clone()>"What happens to it"<span class="sr-only">": "{title.clone()}</span></label>
                    <select id=id name="form[choices][]">{options}</select>
                </div>
            }
            .into_any()
        }
    };
    view! {
        <li>
            <div><p class="strong">{title}</p><p class="small muted">{what}</p></div>
            {choices}
        </li>
    }
    .into_any()
}

fn words(choice: Choice, matter: &OpenMatter) -> String {
    let attendee = &matter.attendee;
    match (matter.kind, choice) {
        (MatterKind::Waiting, Choice::End) => "Take off the waiting list".to_owned(),
        (MatterKind::Request, Choice::End) => "Withdraw the request".to_owned(),
        (_, Choice::Keep) => format!("Keep for {attendee}"),
        (_, Choice::Own) => format!("Keep, and only {attendee} manages it"),
        (_, Choice::End) => "Cancel".to_owned(),
    }
}

/// Who gets email about the removal and about what it cancels, and who has to be told otherwise.
fn who_is_told(open: &[OpenMatter], told_of: &[Told], reach: &[Reach], smtp: bool) -> AnyView {
    let removal = told_of.iter().map(|one| {
        let name = &one.name;
        let words = match (one.why_not, smtp) {
            (None, true) => format!("The removal: we’ll email {name}."),
            (None, false) => format!("The removal: email isn’t set up. The message to {name} will wait in the outbox."),
            (Some(why), _) => format!("The removal: {name} gets no email ({why}). Tell them yourself."),
        };
        view! { <li>{words}</li> }
    });
    let cancelled = reach
        .iter()
        .filter(|reach| {
            let of =
                |matter: &&OpenMatter| matter.kind == MatterKind::Appointment && matter.attendee_id == reach.client;
            open.iter().any(|matter| of(&matter))
        })
        .map(|reach| view! { <li>"If you cancel, for "{told(reach, smtp)}</li> });
    view! {
        <div class="notice info" id="told">
            <p class="strong">"Who is told"</p>
            <ul>{removal.collect_view()}{cancelled.collect_view()}</ul>
        </div>
    }
    .into_any()
}

/// Who is told if an appointment of this person is cancelled, and who is not.
fn told(reach: &Reach, smtp: bool) -> String {
    let (name, names) = (&reach.name, notice::names(reach));
    let mut words = match (names.is_empty(), smtp) {
        (false, true) => format!("{name}: we’ll email {}.", notice::list(&names)),
        (false, false) => {
            format!("{name}: email isn’t set up. The message to {} will wait in the outbox.", notice::list(&names))
        }
        (true, _) => format!("{name}: no one can be told by email ({}). Tell them yourself.", notice::reason(reach)),
    };
    // Of the person it is said above, where no one else is told either.
    let above = |one: &Unwritten| names.is_empty() && one.name == *name;
    for one in reach.withheld.iter().filter(|one| !above(one)) {
        words.push_str(&format!(" {}", notice::gets_none(one)));
    }
    if !reach.has_login {
        words.push_str(&format!(" {name} has no portal account, so they can’t see or cancel appointments online."));
    }
    words
}

/// In the venue's zone, with the year: it may be a long way off.
fn when(matter: &OpenMatter) -> String {
    let zone = Zone::stored(&matter.zone);
    matter.starts_at.map(|at| format!("{}, {}", zone.long_date(at), zone.exact_clock(at))).unwrap_or_default()
}

fn days(matter: &OpenMatter) -> String {
    let date = |day: chrono::NaiveDate| day.format("%-d %b %Y").to_string();
    matter.days.map(|(first, last)| format!("{} to {}", date(first), date(last))).unwrap_or_default()
}
