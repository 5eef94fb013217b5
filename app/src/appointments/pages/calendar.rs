//! The day's list, a lane for each practitioner.

use crate::context::query;
use crate::ui::page::{Shown, page};
use crate::ui::parts::AppointmentBadge;
use chrono::{DateTime, Days, NaiveDate, Utc};
use db::appointments::BusySpan;
use db::time::Zone;
use leptos::prelude::*;
use shared::StaffId;
use shared::appointments::{AppointmentStatus, StaffAppointment, instant_text};
use shared::practice::StaffView;

/// The value of *All practitioners*; without any a practitioner sees their own lane.
const ALL: &str = "all";

#[component]
pub fn CalendarPage() -> impl IntoView {
    let (date, practitioner) = (query("date"), query("practitioner"));
    page(move |page| async move {
        let staff = page.actor.staff()?;
        let (books, own) = (staff.books(), staff.scope().map(StaffId));
        let zone = db::slots::venue_zone(page.pool()).await?;
        let now = Utc::now();
        let today = zone.date(now);
        let date = shared::parse::date(&date).unwrap_or(today);
        let only = if practitioner.is_empty() { own } else { practitioner.parse().ok() };
        let practitioners = db::practice::practitioners(page.pool(), &page.actor).await?;
        let appointments = db::appointments::day(page.pool(), &page.actor, zone.day(date), only).await?;
        let busy = db::appointments::busy(page.pool(), &page.actor, zone.day(date), only).await?;
        let heading = date.format("%A %-d %B %Y").to_string();
        let free = appointments.is_empty() && busy.is_empty();
        let clients = own.map(|_| page.practice.client_word_plural.clone());
        let sub = counted(confirmed(&appointments), busy.len(), clients.as_deref());
        let lanes = lanes(&practitioners, only, appointments, busy);
        let lanes = lanes.into_iter().map(|it| lane(it, &zone, date, books, clients.as_deref())).collect_view();
        let printed = format!(
            "{} · Printed {}, {} {}",
            page.practice.name,
            zone.long_date(now),
            zone.clock(now),
            zone.abbreviation(now)
        );
        let checklist = crate::settings::pages::checklist(&page).await?;
        Ok(Shown::new(heading.clone(), view! {
            <p class="print-only">{printed}</p>
            {checklist}
            <div class="page-head">
                <div>
                    <h1>{heading}</h1>
                    <p class="sub">{sub}{(date == today).then_some(" today")}</p>
                </div>
                <div class="actions">
                    <button type="button" class="button needs-script" data-print="">"Print"</button>
                    {books.then(|| view! {
                        <a class="button primary" href=format!("/appointments/new?from={date}")>"New appointment"</a>
                    })}
                </div>
            </div>
            {toolbar(date, today, only, own.is_some(), &practitioners)}
            {free.then(|| view! {
                <div class="empty">
                    <h2>"No appointments"</h2>
                    <p>"Nothing is booked for this day."</p>
                </div>
            })}
            <div class="day-list">{lanes}</div>
        }).wide())
    })
}

fn confirmed(appointments: &[StaffAppointment]) -> usize {
    appointments.iter().filter(|one| one.status == AppointmentStatus::Confirmed).count()
}

/// How many appointments the viewer sees, and how many more they only know as
/// busy; `clients` is the plural of those to whom the view is limited.
fn counted(seen: usize, busy: usize, clients: Option<&str>) -> String {
    let appointments = match (seen, busy, clients) {
        (0, 1.., Some(clients)) => format!("No appointments with your {clients}"),
        (0, ..) => "No appointments".to_owned(),
        (1, ..) => "1 appointment".to_owned(),
        (many, ..) => format!("{many} appointments"),
    };
    if busy == 0 { appointments } else { format!("{appointments}, {busy} busy") }
}

/// What stands in a lane, by time.
enum Row {
    Appointment(Box<StaffAppointment>),
    Busy(BusySpan),
}

impl Row {
    fn starts_at(&self) -> DateTime<Utc> {
        match self {
            Row::Appointment(one) => one.starts_at,
            Row::Busy(span) => span.starts_at,
        }
    }
}

struct Lane {
    id: StaffId,
    name: String,
    rows: Vec<Row>,
}

/// A lane for each active practitioner, and for whoever else has appointments
/// that day: those of a person who left are still to be dealt with.
fn lanes(
    practitioners: &[StaffView],
    only: Option<StaffId>,
    appointments: Vec<StaffAppointment>,
    busy: Vec<BusySpan>,
) -> Vec<Lane> {
    let has_rows = |id: StaffId| {
        appointments.iter().any(|one| one.practitioner_id == id) || busy.iter().any(|span| span.practitioner_id == id)
    };
    let mut lanes: Vec<Lane> = practitioners
        .iter()
        .filter(|person| only.is_none_or(|only| only == person.id) && (person.active || has_rows(person.id)))
        .map(|person| Lane { id: person.id, name: person.name.clone(), rows: Vec::new() })
        .collect();
    for one in appointments {
        let at = lanes.iter().position(|lane| lane.id == one.practitioner_id).unwrap_or_else(|| {
            lanes.push(Lane { id: one.practitioner_id, name: one.practitioner_name.clone(), rows: Vec::new() });
            lanes.len() - 1
        });
        lanes[at].rows.push(Row::Appointment(Box::new(one)));
    }
    for span in busy {
        if let Some(lane) = lanes.iter_mut().find(|lane| lane.id == span.practitioner_id) {
            lane.rows.push(Row::Busy(span));
        }
    }
    for lane in &mut lanes {
        lane.rows.sort_by_key(Row::starts_at);
    }
    lanes
}

fn toolbar(
    date: NaiveDate,
    today: NaiveDate,
    only: Option<StaffId>,
    has_own: bool,
    practitioners: &[StaffView],
) -> AnyView {
    let link = |date: NaiveDate| match only {
        Some(only) => format!("/calendar?date={date}&practitioner={only}"),
        None if has_own => format!("/calendar?date={date}&practitioner={ALL}"),
        None => format!("/calendar?date={date}"),
    };
    let (before, after) = (date - Days::new(1), date + Days::new(1));
    view! {
        <form class="filters" method="get" action="/calendar">
            <a class="button" href=link(before) rel="prev" aria-keyshortcuts="ArrowLeft" aria-label="Previous day">"‹"</a>
            <a class="button" href=link(today) aria-keyshortcuts="t" aria-current=(date == today).then_some("date")>"Today"</a>
            <a class="button" href=link(after) rel="next" aria-keyshortcuts="ArrowRight" aria-label="Next day">"›"</a>
            <label class="sr-only" for="calendar-date">"Date"</label>
            <input id="calendar-date" type="date" name="date" value=date.to_string()/>
            <label class="sr-only" for="calendar-practitioner">"Practitioner"</label>
            <select id="calendar-practitioner" name="practitioner">
                <option value=ALL>"All practitioners"</option>
                {practitioners.iter().map(|person| view! {
                    <option value=person.id.to_string() selected=only == Some(person.id)>{person.name.clone()}</option>
                }).collect_view()}
            </select>
            <button type="submit" class="button">"Show"</button>
        </form>
    }
    .into_any()
}

fn lane(lane: Lane, zone: &Zone, date: NaiveDate, books: bool, clients: Option<&str>) -> AnyView {
    let Lane { id, name, rows } = lane;
    let seen = rows
        .iter()
        .filter(|row| matches!(row, Row::Appointment(one) if one.status == AppointmentStatus::Confirmed))
        .count();
    let busy = rows.iter().filter(|row| matches!(row, Row::Busy(_))).count();
    let count = match (seen, busy) {
        (seen, 0) => seen.to_string(),
        (0, busy) => format!("{busy} busy"),
        (seen, busy) => format!("{seen}, {busy} busy"),
    };
    // Of those who are booked by others the viewer is not told that they are free.
    let nothing = match clients {
        _ if rows.is_empty() => Some("No appointments.".to_owned()),
        Some(clients) if rows.len() == busy => Some(format!("No appointments with your {clients}.")),
        _ => None,
    };
    view! {
        <section class="lane">
            <h2>{name}<span class="muted">{count}</span></h2>
            {nothing.map(|words| {
                let find = books.then(|| view! {
                    " "<a href=format!("/appointments/new?from={date}&practitioner={id}")>"Find a time"</a>
                });
                view! { <p class="muted small">{words}{find}</p> }
            })}
            {rows.into_iter().map(|one| match one {
                Row::Appointment(appointment) => row(*appointment),
                Row::Busy(span) => busy_row(&span, zone),
            }).collect_view()}
        </section>
    }
    .into_any()
}

fn busy_row(span: &BusySpan, zone: &Zone) -> AnyView {
    view! {
        <div class="slot-row busy">
            <time class="tnum" datetime=instant_text(span.starts_at)>{zone.clock_span(span.starts_at, span.ends_at)}</time>
            <span>"Busy"</span>
        </div>
    }
    .into_any()
}

fn row(appointment: StaffAppointment) -> AnyView {
    let zone = Zone::stored(&appointment.zone);
    let class = match appointment.status {
        AppointmentStatus::Cancelled => "slot-row cancelled",
        AppointmentStatus::Confirmed => "slot-row",
    };
    let class = match appointment.colour {
        Some(colour) => format!("{class} colour-{}", colour.as_str()),
        None => class.to_owned(),
    };
    let label = format!("Open {}, {}", appointment.client_name, zone.exact_clock(appointment.starts_at));
    view! {
        <article class=class>
            <time class="tnum" datetime=instant_text(appointment.starts_at)>
                {zone.clock_span(appointment.starts_at, appointment.ends_at)}
            </time>
            <div>
                <a class="strong" href=format!("/clients/{}", appointment.client_number)>{appointment.client_name}</a>
                {appointment.proxy_name.map(|name| view! { <p class="muted small">"booked by "{name}</p> })}
                {(!appointment.alert.is_empty()).then(|| view! { <p class="small"><span class="badge warn">"Alert"</span>" "{appointment.alert}</p> })}
            </div>
            <span>{appointment.service_name}</span>
            <span>
                <AppointmentBadge status=appointment.status/>
                {appointment.overbooked.then(|| view! { <span class="badge overbooked">"Overbooked"</span> })}
            </span>
            <div class="actions"><a class="button small" href=format!("/appointments/{}", appointment.id) aria-label=label>"Open"</a></div>
        </article>
    }
    .into_any()
}

/// Rows of a table, for a profile.
pub(super) fn table(rows: Vec<StaffAppointment>) -> AnyView {
    view! {
        <div class="table-wrap"><table class="table cards">
            <thead><tr><th scope="col">"When"</th><th scope="col">"Service"</th><th scope="col">"With"</th><th scope="col">"Status"</th></tr></thead>
            <tbody>
                {rows.into_iter().map(|one| {
                    let zone = Zone::stored(&one.zone);
                    view! {
                        <tr>
                            <td class="tnum"><a href=format!("/appointments/{}", one.id)>{zone.short_date(one.starts_at)}{zone.local(one.starts_at).format(" %Y").to_string()}", "{zone.exact_clock(one.starts_at)}</a></td>
                            <td data-label="Service">{one.service_name}</td>
                            <td data-label="With">{one.practitioner_name}</td>
                            <td data-label="Status"><AppointmentBadge status=one.status/>{one.proxy_name.map(|name| view! { <span class="muted small">" by "{name}</span> })}</td>
                        </tr>
                    }
                }).collect_view()}
            </tbody>
        </table></div>
    }
    .into_any()
}
