//! One appointment as a row: in the day's lists and in the agenda.

use super::Calendar;
use super::words::{brief, is_cancelled, minor, names};
use chrono::{DateTime, Utc};
use db::calendar::{Attendee, Entry};
use leptos::prelude::*;
use shared::appointments::{AppointmentStatus, instant_text};
use shared::attendance::Attendance;
use shared::practice::{Section, phone_link};
use shared::slots::Span;

const ATTEND: &str = "/fn/appointments/attend";

/// `with_practitioner`: the row says whose it is.
pub(super) fn row(calendar: &Calendar, entry: &Entry, with_practitioner: bool) -> AnyView {
    let Calendar { zone, now, .. } = calendar;
    let mut class = "slot-row".to_owned();
    if is_cancelled(entry) {
        class.push_str(" cancelled");
    } else if entry.ends_at <= *now {
        class.push_str(" completed");
    }
    if let Some(colour) = entry.attendees.iter().find_map(|one| one.colour) {
        class.push_str(&format!(" colour-{}", colour.as_str()));
    }
    let (starts, ends) = brief(zone, entry.starts_at, entry.ends_at);
    let href = format!("/appointments/{}", entry.id);
    let label = format!("{starts}{ends}, open the appointment");
    let status = (entry.status != AppointmentStatus::Confirmed)
        .then(|| view! { <crate::ui::parts::AppointmentBadge status=entry.status/> });
    let attends = may_attend(calendar, entry);
    let party = entry.party.clone().map(|party| view! { <p class="muted small">{party}</p> });
    let people = entry.attendees.iter().map(|one| attendee(calendar, entry, one, attends)).collect_view();
    let others = match (entry.others(), entry.attendees.is_empty()) {
        (0, true) => Some(view! { <p class="muted">"No one yet"</p> }.into_any()),
        (0, false) => None,
        (others, _) => Some(view! { <p class="muted small">{format!("and {others} more")}</p> }.into_any()),
    };
    let seats = (entry.seats > 1 && entry.party.is_none())
        .then(|| view! { <br/><span class="small">{format!("{} of {} seats", entry.seats_taken, entry.seats)}</span> });
    let room = entry.room_name.clone().map(|room| view! { <br/><span class="small">{room}</span> });
    let practitioner =
        with_practitioner.then(|| view! { <span class="small">{entry.practitioner_name.clone()}</span> });
    view! {
        <article class=class>
            <time class="tnum" datetime=instant_text(entry.starts_at)>
                <a class="row-target" href=href aria-label=label><b>{starts}</b><span class="muted">{ends}</span></a>
            </time>
            <div>{party}{people}{others}</div>
            <span>{entry.service_name.clone()}{practitioner.map(|name| view! { <br/>{name} })}{room}{seats}</span>
            <span>
                {status}
                {entry.overbooked().then(|| view! { <span class="badge overbooked">"Overbooked"</span> })}
            </span>
            <div class="actions">{menu(calendar, entry)}</div>
        </article>
    }
    .into_any()
}

/// Who came is noted from the day on, by those who may.
pub(super) fn may_attend(calendar: &Calendar, entry: &Entry) -> bool {
    let may = calendar.books || entry.practitioner_id == calendar.viewer;
    may && entry.status == AppointmentStatus::Confirmed && calendar.zone.date(entry.starts_at) <= calendar.today
}

/// What is usual next, and what else may be noted.
fn steps(attendance: Attendance) -> &'static [(Attendance, &'static str)] {
    match attendance {
        Attendance::Expected => &[(Attendance::Arrived, "Arrived"), (Attendance::NoShow, "No show")],
        Attendance::Arrived => &[(Attendance::InSession, "In session"), (Attendance::Expected, "Undo arrival")],
        Attendance::InSession => &[(Attendance::Attended, "Left"), (Attendance::Arrived, "Back to arrived")],
        Attendance::Attended => &[(Attendance::InSession, "Undo")],
        Attendance::NoShow => &[(Attendance::Expected, "Undo no show")],
    }
}

/// One press for what became of a person; the others of the appointment stay as they are.
fn attendance_form(calendar: &Calendar, entry: &Entry, one: &Attendee) -> AnyView {
    let buttons = steps(one.attendance).iter().enumerate().map(|(nth, (step, words))| {
        let class = if nth == 0 && *step != Attendance::Expected { "button small" } else { "button small quiet" };
        view! { <button type="submit" class=class name="attendance" value=step.as_str()>{*words}</button> }
    });
    let here = calendar.page.here.clone();
    // Someone may come twice on a day: a landmark has a name of its own.
    let label = format!("Attendance of {}, {}", one.name, calendar.zone.exact_clock(entry.starts_at));
    view! {
        <form method="post" action=ATTEND class="actions attend" data-once="" aria-label=label>
            <input type="hidden" name="_page" value=here.clone()/>
            <input type="hidden" name="next" value=here/>
            <input type="hidden" name="participant" value=one.participant.to_string()/>
            {buttons.collect_view()}
        </form>
    }
    .into_any()
}

fn attendee(calendar: &Calendar, entry: &Entry, one: &Attendee, attends: bool) -> AnyView {
    let since = one.arrived_at.filter(|_| one.attendance == Attendance::Arrived);
    let since = since.map(|at| format!(" {}", calendar.zone.exact_clock(at))).unwrap_or_default();
    let badge = (one.attendance != Attendance::Expected).then(|| {
        view! {
            " "<span class=format!("badge {}", one.attendance.as_str())>{one.attendance.label()}{since}</span>
        }
    });
    let form = attends.then(|| attendance_form(calendar, entry, one));
    let age = minor(one, calendar.today).map(|age| view! { " "<span class="muted small">{age}</span> });
    let proxy = one.proxy_name.clone().map(|name| {
        view! {
            <p class="muted small"><span class="badge for">{format!("booked by {name}")}</span></p>
        }
    });
    let phone = (!one.mobile.is_empty()).then(|| {
        view! {
            <p class="small"><a href=phone_link(&one.mobile)>{one.mobile.clone()}</a></p>
        }
    });
    let alert = (!one.alert.is_empty()).then(|| {
        view! {
            <p class="small"><span class="badge warn">"Alert"</span>" "{one.alert.clone()}</p>
        }
    });
    view! {
        <p><a class="strong" href=format!("/clients/{}", one.number)>{one.name.clone()}</a>{age}{badge}</p>
        {proxy}{alert}{phone}{form}
    }
    .into_any()
}

/// What is done next with an appointment.
fn menu(calendar: &Calendar, entry: &Entry) -> AnyView {
    let label = format!("More for {}, {}", names(entry), calendar.zone.exact_clock(entry.starts_at));
    let item = |href: String, words: &'static str| view! { <li><a href=href>{words}</a></li> };
    let first = entry.attendees.iter().find(|one| !one.erased);
    let again = first.filter(|_| calendar.books).map(|one| {
        let (number, service, practitioner) = (one.number, entry.service_id, entry.practitioner_id);
        let href = format!("/appointments/new?client={number}&service={service}&practitioner={practitioner}");
        item(href, "New appointment")
    });
    let record =
        (calendar.page.practice.shows(Section::Activities) && !is_cancelled(entry) && entry.starts_at <= calendar.now)
            .then(|| item(format!("/activities/new?appointment={}", entry.id), "Record as activity"));
    let moves = (calendar.books && !is_cancelled(entry) && entry.ends_at > calendar.now)
        .then(|| item(format!("/appointments/{}/move", entry.id), "Reschedule"));
    view! {
        <details class="menu" name="menu">
            <summary class="icon-button small" aria-label=label>"⋯"</summary>
            <ul class="menu-list">
                {item(format!("/appointments/{}", entry.id), "Open")}
                {moves}
                {again}
                {record}
            </ul>
        </details>
    }
    .into_any()
}

/// Of a colleague with a client that the viewer may not see.
pub(super) fn busy_row(calendar: &Calendar, span: Span) -> AnyView {
    let (starts, ends) = brief(&calendar.zone, span.starts, span.ends);
    view! {
        <div class="slot-row busy">
            <time class="tnum" datetime=instant_text(span.starts)><b>{starts}</b><span class="muted">{ends}</span></time>
            <span>"Busy"</span>
        </div>
    }
    .into_any()
}

/// The line of now, between past and upcoming appointments.
pub(super) fn now_line(calendar: &Calendar, now: DateTime<Utc>) -> AnyView {
    view! { <div class="now-line"><span class="sr-only">"It is "</span>{calendar.zone.clock(now)}</div> }.into_any()
}
