//! The day as lists: a lane for each practitioner, or one by time, as a desk reads it.

use super::Calendar;
use super::rows::{busy_row, now_line, row};
use super::words::{counted, is_cancelled, standing};
use crate::error::AppError;
use crate::ui::page::Shown;
use chrono::{DateTime, Utc};
use db::calendar::{Entry, Filter, Range};
use leptos::prelude::*;
use shared::StaffId;
use shared::attendance::Attendance;
use shared::calendar::CalendarQuery;
use shared::slots::Span;

/// What stands in a lane.
enum Row<'a> {
    Appointment(&'a Entry),
    Busy(Span),
}

impl Row<'_> {
    fn starts_at(&self) -> DateTime<Utc> {
        match self {
            Row::Appointment(one) => one.starts_at,
            Row::Busy(span) => span.starts,
        }
    }
}

struct Lane<'a> {
    id: StaffId,
    name: String,
    works: bool,
    rows: Vec<Row<'a>>,
}

pub(super) async fn show(calendar: &Calendar) -> Result<Shown, AppError> {
    let Calendar { page, query, zone, date, .. } = calendar;
    let day = zone.day(*date);
    let mut conn = page.connection().await?;
    // Cancelled ones are folded rather than left out.
    let filter = Filter { cancelled: true, ..calendar.filter() };
    let mut range = db::calendar::range(&mut conn, &page.actor, day, &filter).await?;
    range.entries.retain(|one| one.starts_at >= day.starts);
    range.busy.retain(|one| one.starts_at >= day.starts);
    let ids: Vec<StaffId> = calendar.practitioners.iter().map(|person| person.id).collect();
    let open = db::calendar::open(&mut conn, &page.actor, zone, (*date, *date), &ids).await?;
    drop(conn);

    let sub = counted(standing(&range.entries), range.busy.len(), calendar.own_clients());
    let works = |id: StaffId| open.open.iter().any(|one| one.practitioner == id);
    let switch = switch(calendar);
    let waiting = waiting(calendar, &range);
    let view =
        if query.merged { merged(calendar, &range) } else { by_practitioner(calendar, lanes(calendar, &range, works)) };
    let more = range.more.then(|| {
        view! {
            <div class="notice warn">"There are more appointments than fit here. Choose fewer practitioners."</div>
        }
    });
    calendar.shown(date.format("%A %-d %B %Y").to_string(), sub, view! { {more}{waiting}{switch}{view} }).await
}

fn switch(calendar: &Calendar) -> AnyView {
    let query = &calendar.query;
    let link = |merged: bool, words: &'static str| {
        let href = CalendarQuery { merged, ..query.clone() }.address();
        view! { <a href=href aria-current=(query.merged == merged).then_some("true")>{words}</a> }
    };
    view! {
        <nav class="tabs" aria-label="Order">{link(false, "By practitioner")}{link(true, "By time")}</nav>
    }
    .into_any()
}

/// Who has arrived and is not in session yet, and for how long.
pub(super) fn waiting(calendar: &Calendar, range: &Range) -> Option<AnyView> {
    let mut waiting: Vec<(&str, &str, i64, DateTime<Utc>)> = Vec::new();
    for entry in range.entries.iter().filter(|entry| !is_cancelled(entry) && calendar.date == calendar.today) {
        for one in entry.attendees.iter().filter(|one| one.attendance == Attendance::Arrived) {
            if let Some(at) = one.arrived_at {
                let minutes = (calendar.now - at).num_minutes().max(0);
                waiting.push((&one.name, &entry.practitioner_name, minutes, at));
            }
        }
    }
    waiting.sort_by_key(|(.., at)| *at);
    (!waiting.is_empty()).then(|| {
        let rows = waiting.into_iter().map(|(name, with, minutes, _)| view! {
            <li><strong>{name.to_owned()}</strong>" for "{with.to_owned()}", "<span class="tnum">{minutes}" min"</span></li>
        });
        view! {
            <section class="waiting" aria-labelledby="waiting-room">
                <h2 id="waiting-room">"Waiting room"</h2>
                <ul>{rows.collect_view()}</ul>
            </section>
        }
        .into_any()
    })
}

/// A lane for each active practitioner, and for anyone else who has appointments
/// that day: those of a person who left are still to be dealt with.
fn lanes<'a>(calendar: &Calendar, range: &'a Range, works: impl Fn(StaffId) -> bool) -> Vec<Lane<'a>> {
    let chosen = calendar.people();
    let mut lanes: Vec<Lane> = calendar
        .practitioners
        .iter()
        .filter(|person| chosen.is_empty() || chosen.contains(&person.id))
        .map(|person| Lane { id: person.id, name: person.name.clone(), works: works(person.id), rows: Vec::new() })
        .collect();
    for one in &range.entries {
        let at = lanes.iter().position(|lane| lane.id == one.practitioner_id).unwrap_or_else(|| {
            let (id, name) = (one.practitioner_id, one.practitioner_name.clone());
            lanes.push(Lane { id, name, works: false, rows: Vec::new() });
            lanes.len() - 1
        });
        lanes[at].rows.push(Row::Appointment(one));
    }
    for busy in &range.busy {
        if let Some(lane) = lanes.iter_mut().find(|lane| lane.id == busy.practitioner_id) {
            lane.rows.push(Row::Busy(Span { starts: busy.starts_at, ends: busy.ends_at }));
        }
    }
    for lane in &mut lanes {
        lane.rows.sort_by_key(Row::starts_at);
    }
    lanes
}

fn by_practitioner(calendar: &Calendar, lanes: Vec<Lane<'_>>) -> AnyView {
    // The practitioner that is shown alone is never folded.
    let (shown, without): (Vec<_>, Vec<_>) = match lanes.len() {
        1 => (lanes, Vec::new()),
        _ => lanes.into_iter().partition(|lane| !lane.rows.is_empty()),
    };
    let empty = shown.is_empty().then(|| {
        view! {
            <div class="empty"><h2>"No appointments"</h2><p>"Nothing is booked for this day."</p></div>
        }
    });
    let lanes = shown.into_iter().map(|it| lane(calendar, it)).collect_view();
    let (free, off): (Vec<_>, Vec<_>) = without.into_iter().partition(|lane| lane.works);
    let names = |lanes: Vec<Lane<'_>>, finds: bool| {
        let last = lanes.len().saturating_sub(1);
        lanes
            .into_iter()
            .enumerate()
            .map(|(nth, lane)| {
                let find = finds.then(|| find(calendar, lane.id));
                view! { {lane.name}{find}{(nth < last).then_some(", ")} }
            })
            .collect_view()
    };
    let free =
        (!free.is_empty()).then(|| view! { <p class="muted">"No appointments: "{names(free, calendar.books)}</p> });
    let off = (!off.is_empty()).then(|| view! { <p class="muted">"Not working: "{names(off, false)}</p> });
    view! { {empty}<div class="day-list">{lanes}</div>{free}{off} }.into_any()
}

/// To the free times of a practitioner.
fn find(calendar: &Calendar, practitioner: StaffId) -> AnyView {
    let href = calendar.new_appointment(calendar.date, Some(practitioner), None);
    view! { " "<a href=href>"Find a time"</a> }.into_any()
}

fn lane(calendar: &Calendar, lane: Lane<'_>) -> AnyView {
    let Lane { id, name, rows, .. } = lane;
    let seen = rows.iter().filter(|row| matches!(row, Row::Appointment(one) if !is_cancelled(one))).count();
    let busy = rows.iter().filter(|row| matches!(row, Row::Busy(_))).count();
    let count = match (seen, busy) {
        (seen, 0) => seen.to_string(),
        (0, busy) => format!("{busy} busy"),
        (seen, busy) => format!("{seen}, {busy} busy"),
    };
    // Of those who are booked by others the viewer is not told that they are free.
    let nothing = match calendar.own_clients() {
        _ if rows.is_empty() => Some("No appointments.".to_owned()),
        Some(clients) if rows.len() == busy => Some(format!("No appointments with your {clients}.")),
        _ => None,
    };
    let rows = drawn(calendar, &rows, false);
    view! {
        <section class="lane">
            <h2>{name}<span class="muted">{count}</span></h2>
            {nothing.map(|words| view! { <p class="muted small">{words}{calendar.books.then(|| find(calendar, id))}</p> })}
            {rows}
        </section>
    }
    .into_any()
}

fn merged(calendar: &Calendar, range: &Range) -> AnyView {
    let mut rows: Vec<Row> = range.entries.iter().map(Row::Appointment).collect();
    rows.extend(range.busy.iter().map(|busy| Row::Busy(Span { starts: busy.starts_at, ends: busy.ends_at })));
    rows.sort_by_key(Row::starts_at);
    if rows.is_empty() {
        return view! {
            <div class="empty"><h2>"No appointments"</h2><p>"Nothing is booked for this day."</p></div>
        }
        .into_any();
    }
    let rows = drawn(calendar, &rows, true);
    view! { <section class="lane" aria-label="All practitioners, by time">{rows}</section> }.into_any()
}

/// Rows with the line of now between them; what is cancelled is folded behind the others,
/// unless it is asked for.
fn drawn(calendar: &Calendar, rows: &[Row<'_>], with_practitioner: bool) -> AnyView {
    let folds = |row: &&Row<'_>| matches!(row, Row::Appointment(one) if is_cancelled(one)) && !calendar.query.cancelled;
    let (folded, shown): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(folds);
    let view = |one: &Row<'_>| match one {
        Row::Appointment(one) => row(calendar, one, with_practitioner),
        Row::Busy(span) => busy_row(calendar, *span),
    };
    let mut views = Vec::with_capacity(rows.len() + 1);
    let mut line = (calendar.date == calendar.today && !shown.is_empty()).then_some(calendar.now);
    for row in shown {
        if let Some(now) = line.take_if(|now| row.starts_at() > *now) {
            views.push(now_line(calendar, now));
        }
        views.push(view(row));
    }
    views.extend(line.map(|now| now_line(calendar, now)));
    let count = folded.len();
    let folded = (count > 0).then(|| {
        let rows = folded.into_iter().map(view).collect_view();
        view! { <details class="folded"><summary>{count}" cancelled"</summary>{rows}</details> }
    });
    view! { {views}{folded} }.into_any()
}
