//! The day's list, a lane for each practitioner.

use crate::context::query;
use crate::ui::page::{Shown, page};
use crate::ui::parts::AppointmentBadge;
use chrono::{Days, NaiveDate, Utc};
use db::time::Zone;
use leptos::prelude::*;
use shared::StaffId;
use shared::appointments::{AppointmentStatus, StaffAppointment};
use shared::practice::StaffView;

#[component]
pub fn CalendarPage() -> impl IntoView {
    let (date, practitioner) = (query("date"), query("practitioner"));
    page(move |page| async move {
        page.actor.staff()?;
        let zone = db::slots::venue_zone(page.pool()).await?;
        let today = zone.date(Utc::now());
        let date = shared::parse::date(&date).unwrap_or(today);
        let only: Option<StaffId> = practitioner.parse().ok();
        let practitioners = db::practice::practitioners(page.pool(), &page.actor).await?;
        let appointments = db::appointments::day(page.pool(), &page.actor, zone.day(date), only).await?;
        let heading = date.format("%A %-d %B %Y").to_string();
        let confirmed = appointments.iter().filter(|one| one.status == AppointmentStatus::Confirmed).count();
        let shown: Vec<StaffView> = practitioners
            .iter()
            .filter(|person| person.active && only.is_none_or(|only| only == person.id))
            .cloned()
            .collect();
        let books = page.actor.staff()?.books();
        let lanes = shown.into_iter().map(|person| lane(person, &appointments, date, books)).collect_view();
        let empty = appointments.is_empty();
        let checklist = crate::settings::pages::checklist(&page).await?;
        Ok(Shown::new(heading.clone(), view! {
            {checklist}
            <div class="page-head">
                <div>
                    <h1>{heading}</h1>
                    <p class="sub">{match confirmed { 0 => "No appointments".to_owned(), 1 => "1 appointment".to_owned(), n => format!("{n} appointments") }}
                        {(date == today).then_some(" today")}</p>
                </div>
                {books.then(|| view! {
                    <div class="actions">
                        <a class="button primary" href=format!("/appointments/new?from={date}")>"New appointment"</a>
                    </div>
                })}
            </div>
            {toolbar(date, today, only, &practitioners)}
            {empty.then(|| view! {
                <div class="empty">
                    <h2>"No appointments"</h2>
                    <p>"Nothing is booked for this day."</p>
                </div>
            })}
            <div class="day-list">{lanes}</div>
        }).wide())
    })
}

fn toolbar(date: NaiveDate, today: NaiveDate, only: Option<StaffId>, practitioners: &[StaffView]) -> AnyView {
    let link = |date: NaiveDate| match only {
        Some(only) => format!("/calendar?date={date}&practitioner={only}"),
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
                <option value="">"All practitioners"</option>
                {practitioners.iter().map(|person| view! {
                    <option value=person.id.to_string() selected=only == Some(person.id)>{person.name.clone()}</option>
                }).collect_view()}
            </select>
            <button type="submit" class="button">"Show"</button>
        </form>
    }
    .into_any()
}

fn lane(person: StaffView, appointments: &[StaffAppointment], date: NaiveDate, books: bool) -> AnyView {
    let own: Vec<_> = appointments.iter().filter(|one| one.practitioner_id == person.id).cloned().collect();
    let count = own.iter().filter(|one| one.status == AppointmentStatus::Confirmed).count();
    view! {
        <section class="lane">
            <h2>{person.name.clone()}<span class="muted">{count}</span></h2>
            {if own.is_empty() {
                let find = books.then(|| view! {
                    " "<a href=format!("/appointments/new?from={date}&practitioner={}", person.id)>"Find a time"</a>
                });
                view! { <p class="muted small">"No appointments."{find}</p> }.into_any()
            } else {
                own.into_iter().map(row).collect_view().into_any()
            }}
        </section>
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
    let label = format!("Open {}, {}", appointment.client_name, zone.clock(appointment.starts_at));
    view! {
        <article class=class>
            <time class="tnum" datetime=shared::appointments::instant_text(appointment.starts_at)>
                {zone.clock(appointment.starts_at)}" – "{zone.clock(appointment.ends_at)}
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
                            <td class="tnum"><a href=format!("/appointments/{}", one.id)>{zone.short_date(one.starts_at)}{zone.local(one.starts_at).format(" %Y").to_string()}", "{zone.clock(one.starts_at)}</a></td>
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
