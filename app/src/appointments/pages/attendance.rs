//! Who attends an appointment: one press each for who came, with and without JavaScript.

use crate::ui::page::Page;
use crate::ui::{ErrorSummary, FormState, PostForm, TextArea};
use db::time::Zone;
use leptos::prelude::*;
use shared::appointments::Modality;
use shared::attendance::{AppointmentFacts, Assigned, Attendance, HistoryLine, Part, Participant};
use shared::practice::price;

pub(super) const ATTEND: &str = "/fn/appointments/attend";
pub(super) const SAVE: &str = "/fn/appointments/save_details";

/// Everyone, with what became of them. `open`: attendance may be changed.
pub(super) fn people(page: &Page, all: &[Participant], zone: &Zone, open: bool) -> AnyView {
    let state = FormState::of(ATTEND);
    view! {
        <section class="panel" aria-labelledby="attendance">
            <h2 id="attendance">"Attendance"</h2>
            <ErrorSummary state=state/>
            <ul class="plain stack">
                {all.iter().map(|one| person(page, one, zone, open, all.len() > 1)).collect_view()}
            </ul>
        </section>
    }
    .into_any()
}

/// `of_several`: what of price and booking is theirs; of one alone the page says it above.
fn person(page: &Page, one: &Participant, zone: &Zone, open: bool, of_several: bool) -> AnyView {
    let name =
        one.person.as_ref().map_or_else(|| format!("Another {}", page.practice.client_word), |who| who.name.clone());
    let link = one.person.as_ref().map(|who| format!("/clients/{}", who.number));
    let times = [("arrived", one.arrived_at), ("in session since", one.seen_at), ("left", one.left_at)];
    let times: Vec<String> =
        times.iter().filter_map(|(word, at)| at.map(|at| format!("{word} {}", zone.exact_clock(at)))).collect();
    let mut notes = Vec::new();
    notes.extend((one.confirmed && one.part == Part::Booked).then(|| "Confirmed by email".to_owned()));
    notes.extend(one.payer.as_ref().map(|payer| format!("Paid by {payer}")));
    notes.extend(
        (of_several && one.price_cents > 0).then(|| format!("{} {}", price(one.price_cents), page.practice.currency)),
    );
    notes.extend(
        one.proxy
            .as_ref()
            .filter(|_| of_several)
            .map(|proxy| format!("Booked by {proxy} (linked {})", page.practice.client_word)),
    );
    notes.extend(match (one.assigned, &one.assigned_to) {
        (Assigned::Everyone, _) => None,
        (Assigned::One, Some(who)) => Some(format!("Only {who} is assigned")),
        (Assigned::One, None) => Some("One linked person is assigned".to_owned()),
        (Assigned::Nobody, _) => Some("No linked person is assigned".to_owned()),
    });
    let state = match one.part {
        Part::Booked => one.attendance.label(),
        part => part.label(),
    };
    let class = match one.part {
        Part::Booked => format!("badge {}", one.attendance.as_str().replace('_', "-")),
        _ => "badge cancelled".to_owned(),
    };
    let alert = one.person.as_ref().map(|who| who.alert.clone()).filter(|alert| !alert.is_empty());
    // A landmark has a name of its own, also where two are called the same.
    let label = match (&one.person, of_several) {
        (Some(who), true) => format!("Attendance of {name}, no. {}", who.number),
        _ => format!("Attendance of {name}"),
    };
    let buttons = (open && one.part == Part::Booked && one.person.is_some()).then(|| {
        let id = one.id.to_string();
        view! {
            <form method="post" action=ATTEND class="actions" data-once="" aria-label=label>
                <input type="hidden" name="_page" value=page.here.clone()/>
                <input type="hidden" name="participant" value=id/>
                {Attendance::ALL.iter().map(|state| {
                    let pressed = if *state == one.attendance { "true" } else { "false" };
                    view! {
                        <button type="submit" class="button small" name="attendance" value=state.as_str() aria-pressed=pressed>{state.label()}</button>
                    }
                }).collect_view()}
            </form>
        }
    });
    view! {
        <li class="stack tight" data-participant=one.id.to_string()>
            <p class="row">
                {match link {
                    Some(href) => view! { <a class="strong" href=href>{name.clone()}</a> }.into_any(),
                    None => view! { <span>{name.clone()}</span> }.into_any(),
                }}
                <span class=class>{state}</span>
                {one.overbooked.then(|| view! { <span class="badge overbooked">"Overbooked"</span> })}
                <span class="muted small tnum">{times.join(" · ")}</span>
            </p>
            {alert.map(|alert| view! { <p class="small"><span class="badge warn">"Alert"</span>" "{alert}</p> })}
            {(!notes.is_empty()).then(|| view! { <p class="muted small">{notes.join(" · ")}</p> })}
            {buttons}
        </li>
    }
    .into_any()
}

/// The note of staff, and how client and practitioner meet.
pub(super) fn details(page: &Page, id: &str, facts: &AppointmentFacts) -> AnyView {
    let state = FormState::of(SAVE);
    let modality = state.value("modality", facts.modality.as_str());
    let note = facts.staff_note.clone();
    let (id, open) = (id.to_owned(), state.was_posted());
    view! {
        <details class="section" open=open>
            <summary>"Note and modality"</summary>
            <PostForm action=SAVE page=page.here.clone() state=state.clone()>
                <input type="hidden" name="appointment" value=id/>
                <div class="field">
                    <label for="f-modality">"Modality"</label>
                    <select id="f-modality" name="form[modality]">
                        {Modality::ALL.iter().map(|one| view! {
                            <option value=one.as_str() selected=one.as_str() == modality>{one.label()}</option>
                        }).collect_view()}
                    </select>
                </div>
                <TextArea field="note" label="Staff note" hint="Only the team sees it." state=state value=note/>
                <div class="form-actions"><button type="submit" class="button primary">"Save"</button></div>
            </PostForm>
        </details>
    }
    .into_any()
}

pub(super) fn history(lines: Vec<HistoryLine>, zone: &Zone) -> AnyView {
    let lines = lines
        .into_iter()
        .map(|line| {
            let at = format!("{}, {}", zone.long_date(line.at), zone.exact_clock(line.at));
            view! { <li><span class="muted small tnum">{at}</span>" "{line.words}" · "{line.actor}</li> }
        })
        .collect_view();
    view! {
        <details class="section">
            <summary>"History"</summary>
            <ul class="plain stack tight">{lines}</ul>
        </details>
    }
    .into_any()
}
