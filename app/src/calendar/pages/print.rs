//! The day on paper: all in one list or a page for each practitioner, by names or codes.

use super::Calendar;
use super::words::{brief, codes, minor, printed};
use crate::error::AppError;
use crate::ui::page::Shown;
use db::calendar::Entry;
use leptos::prelude::*;
use shared::StaffId;
use shared::calendar::{Print, View};

pub(super) async fn show(calendar: &Calendar) -> Result<Shown, AppError> {
    let Calendar { page, query, zone, date, .. } = calendar;
    let day = zone.day(*date);
    let mut conn = page.connection().await?;
    let mut range = db::calendar::range(&mut conn, &page.actor, day, &calendar.filter()).await?;
    drop(conn);
    range.entries.retain(|one| one.starts_at >= day.starts);
    let chosen = calendar.people();
    let mut people: Vec<(StaffId, String)> = calendar
        .practitioners
        .iter()
        .filter(|person| chosen.is_empty() || chosen.contains(&person.id))
        .map(|person| (person.id, person.name.clone()))
        .collect();
    for entry in &range.entries {
        if people.iter().all(|(id, _)| *id != entry.practitioner_id) {
            people.push((entry.practitioner_id, entry.practitioner_name.clone()));
        }
    }
    let heading = date.format("%A %-d %B %Y").to_string();
    let Print { apart, blank, .. } = query.print;
    let sheets = people
        .into_iter()
        .map(|(id, name)| {
            let own: Vec<&Entry> = range.entries.iter().filter(|one| one.practitioner_id == id).collect();
            let busy = range.busy.iter().filter(|one| one.practitioner_id == id).count();
            (name, own, busy)
        })
        .filter(|(_, own, busy)| !own.is_empty() || *busy > 0 || blank > 0 || chosen.len() == 1)
        .map(|(name, own, busy)| sheet(calendar, &heading, name, &own, busy))
        .collect_view();
    let back = query.with_view(View::Day).address();
    let class = if apart { "sheets apart" } else { "sheets" };
    Ok(Shown::new(
        heading.clone(),
        view! {
            <p class="print-only">{printed(calendar)}</p>
            <div class="page-head">
                <div><a class="back" href=back>"Calendar"</a><h1>{heading}</h1></div>
                <div class="actions"><button type="button" class="button primary needs-script" data-print="">"Print"</button></div>
            </div>
            <div class=class>{sheets}</div>
        },
    ))
}

fn sheet(calendar: &Calendar, day: &str, name: String, entries: &[&Entry], busy: usize) -> AnyView {
    let Print { apart, blank, .. } = calendar.query.print;
    let rows = entries.iter().map(|entry| line(calendar, entry)).collect_view();
    let blanks =
        (0..blank).map(|_| view! { <tr class="blank"><td></td><td></td><td></td><td></td></tr> }).collect_view();
    let busy = (busy > 0).then(|| view! { <p class="muted small">{format!("And busy at {busy} other times.")}</p> });
    let nothing = (entries.is_empty() && blank == 0).then(|| view! { <p class="muted">"No appointments."</p> });
    let shown = !entries.is_empty() || blank > 0;
    view! {
        <section class="sheet">
            <h2>{name}{apart.then(|| view! { <span class="print-only">{day.to_owned()}</span> })}</h2>
            {nothing}
            {shown.then(|| view! {
                <table class="table">
                    <thead><tr>
                        <th scope="col">"Time"</th>
                        <th scope="col">{crate::ui::capital(&calendar.page.practice.client_word)}</th>
                        <th scope="col">"Service"</th>
                        <th scope="col">"Notes"</th>
                    </tr></thead>
                    <tbody>{rows}{blanks}</tbody>
                </table>
            })}
            {busy}
        </section>
    }
    .into_any()
}

/// Those who are not named.
fn and_others(names: String, entry: &Entry) -> String {
    match (entry.others(), names.is_empty()) {
        (0, true) => "No one yet".to_owned(),
        (0, false) => names,
        (others, true) => format!("{others} attending"),
        (others, false) => format!("{names} and {others} more"),
    }
}

fn line(calendar: &Calendar, entry: &Entry) -> AnyView {
    let print = calendar.query.print;
    let (starts, ends) = brief(&calendar.zone, entry.starts_at, entry.ends_at);
    let who = if print.codes {
        and_others(codes(&entry.attendees), entry)
    } else {
        let named = entry.attendees.iter().map(|one| match minor(one, calendar.today) {
            Some(age) => format!("{} ({age})", one.name),
            None => one.name.clone(),
        });
        and_others(named.collect::<Vec<_>>().join(", "), entry)
    };
    let alerts: Vec<&str> = match print.no_alerts {
        true => Vec::new(),
        false => entry.attendees.iter().map(|one| one.alert.as_str()).filter(|alert| !alert.is_empty()).collect(),
    };
    let mut notes: Vec<String> = Vec::new();
    if super::words::is_cancelled(entry) {
        notes.push("Cancelled".to_owned());
    }
    notes.extend(entry.room_name.clone());
    if entry.overbooked() {
        notes.push("Overbooked".to_owned());
    }
    notes.extend(alerts.into_iter().map(|alert| format!("Alert: {alert}")));
    view! {
        <tr>
            <td class="tnum nowrap">{starts}{ends}</td>
            <td>{who}</td>
            <td>{entry.service_name.clone()}</td>
            <td>{notes.join(". ")}</td>
        </tr>
    }
    .into_any()
}
