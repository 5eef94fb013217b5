//! The portal's pages: booking, its last step, *My appointments*, cancelling.

use super::confirm::{ConfirmFields, ConfirmProps, heading};
use super::week::Week;
use crate::context::{query, url_encode};
use crate::error::AppError;
use crate::ui::page::{Page, Shown, page};
use crate::ui::parts::AppointmentBadge;
use crate::ui::{FormState, PostForm};
use chrono::{DateTime, NaiveDate, Utc};
use db::actor::ClientActor;
use db::slots::FreeQuery;
use db::time::Zone;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::appointments::{Engaged, FreeTime, PortalAppointment, instant_text};
use shared::practice::{ServiceView, price};
use shared::{AppointmentId, Refusal, StaffId};

const BOOK: &str = "/fn/portal/book";

/// Choose what, with whom, which day, which time.
#[component]
pub fn BookPage() -> impl IntoView {
    let (service, practitioner, from) = (query("service"), query("practitioner"), query("from"));
    let state = FormState::of(BOOK);
    page(move |page| async move {
        let me = page.actor.client()?.clone();
        let services = portal_services(&page).await?;
        let chosen = services.iter().find(|offer| offer.id.to_string() == service).cloned();
        let practitioner: Option<StaffId> = practitioner.parse().ok();
        let times = match &chosen {
            Some(offer) => Some(times(&page, &me, offer, practitioner, &from, state.clone()).await?),
            None => None,
        };
        let notice = state
            .error()
            .map(|error| view! { <div class="error-summary" role="alert"><h2>{error.to_string()}</h2></div> });
        let practitioners = chosen.clone().map(|offer| practitioner_choice(&offer, practitioner));
        Ok(Shown::new("Book an appointment", view! {
            <div class="page-head"><div><h1>"Book an appointment"</h1></div></div>
            {notice}
            <div class="booker">
                <section class="stack">
                    <h2>"Choose a service"</h2>
                    {service_list(&services, chosen.as_ref(), &page)}
                    {practitioners}
                </section>
                <section class="stack" aria-label="Times">
                    {times.unwrap_or_else(|| view! {
                        <div class="empty"><h2>"Choose a service"</h2><p>"Choose a service to see available times."</p></div>
                    }.into_any())}
                </section>
            </div>
        }).wide())
    })
}

async fn portal_services(page: &Page) -> Result<Vec<ServiceView>, AppError> {
    let services = db::practice::active_services(page.pool()).await?;
    Ok(services.into_iter().filter(|service| service.in_portal && !service.practitioners.is_empty()).collect())
}

fn facts(service: &ServiceView, currency: &str) -> String {
    format!("{} min · {} {}", service.duration_minutes, price(service.price_cents), currency)
}

fn service_list(services: &[ServiceView], chosen: Option<&ServiceView>, page: &Page) -> AnyView {
    if services.is_empty() {
        return view! {
            <p class="muted">"Online booking isn’t available right now. "{crate::ui::contact::call(&page.practice, "Call")}"."</p>
        }
        .into_any();
    }
    let cards = services
        .iter()
        .map(|service| {
            let current = chosen.is_some_and(|chosen| chosen.id == service.id);
            view! {
                <a class="service-card" href=format!("/book?service={}", service.id) aria-current=current.then_some("true")>
                    <span>{service.name.clone()}</span>
                    <span>{service.duration_minutes}" min"</span>
                    <span>{price(service.price_cents)}" "{page.practice.currency.clone()}</span>
                </a>
            }
        })
        .collect_view();
    view! { <div class="service-list">{cards}</div> }.into_any()
}

fn practitioner_choice(service: &ServiceView, chosen: Option<StaffId>) -> AnyView {
    let link = |id: Option<StaffId>| match id {
        Some(id) => format!("/book?service={}&practitioner={id}", service.id),
        None => format!("/book?service={}", service.id),
    };
    let anyone = view! { <li><a class="service-card" href=link(None) aria-current=chosen.is_none().then_some("true")><span>"Anyone"</span></a></li> };
    let each = service.practitioners.iter().map(|(id, name)| {
        view! { <li><a class="service-card" href=link(Some(*id)) aria-current=(chosen == Some(*id)).then_some("true")><span>{name.clone()}</span></a></li> }
    }).collect_view();
    view! { <h2>"Choose a practitioner"</h2><ul class="service-list">{anyone}{each}</ul> }.into_any()
}

/// The week of free times, and the dialog that follows.
async fn times(
    page: &Page,
    me: &ClientActor,
    service: &ServiceView,
    practitioner: Option<StaffId>,
    from: &str,
    state: FormState,
) -> Result<AnyView, AppError> {
    let now = Utc::now();
    let first: NaiveDate = from.parse().unwrap_or(now.date_naive() - chrono::Days::new(1));
    let query = FreeQuery { service: service.id, practitioner, client: None, first, last: first, portal: true };
    let week = db::slots::free_week(page.pool(), query, now).await?;
    let mut links = format!("service={}", service.id);
    if let Some(practitioner) = practitioner {
        links.push_str(&format!("&practitioner={practitioner}"));
    }
    let confirm = confirm_props(page, me, service, practitioner.is_none(), state).await?;
    Ok(view! { <Week week query=links confirm/> }.into_any())
}

async fn confirm_props(
    page: &Page,
    me: &ClientActor,
    service: &ServiceView,
    anyone: bool,
    state: FormState,
) -> Result<ConfirmProps, AppError> {
    let who = db::links::bookable_by(page.pool(), me).await?;
    let upcoming = db::appointments::upcoming_of(page.pool(), me, Utc::now()).await?;
    let location = db::practice::locations(page.pool()).await?.into_iter().next();
    Ok(ConfirmProps {
        service: service.id.to_string(),
        service_name: service.name.clone(),
        service_facts: facts(service, &page.practice.currency),
        location: location.map(|place| format!("{}, {}", place.name, place.address)).unwrap_or_default(),
        anyone,
        who,
        engaged: upcoming
            .into_iter()
            .filter(|taken| taken.status == shared::appointments::AppointmentStatus::Confirmed)
            .map(|taken| Engaged {
                client: taken.client_id,
                starts_at: instant_text(taken.starts_at),
                ends_at: instant_text(taken.ends_at),
            })
            .collect(),
        page: page.here.clone(),
        request_key: db::new_id().to_string(),
        // That a time was refused the page says itself; for whom it was is kept.
        state: if state.is_conflict() { state.without_error() } else { state },
    })
}

/// The dialog as a page of its own.
#[component]
pub fn ConfirmBookingPage() -> impl IntoView {
    let (service, with, start) = (query("service"), query("with"), query("start"));
    let practitioner = query("practitioner");
    let state = FormState::of(BOOK);
    page(move |page| async move {
        let me = page.actor.client()?.clone();
        let services = portal_services(&page).await?;
        let service = services.into_iter().find(|offer| offer.id.to_string() == service).ok_or(Refusal::NotFound)?;
        let start: DateTime<Utc> = shared::appointments::instant(&start).map_err(|_| Refusal::NotFound)?;
        let (id, name) =
            service.practitioners.iter().find(|(id, _)| id.to_string() == with).cloned().ok_or(Refusal::NotFound)?;
        let zone = db::slots::venue_zone(page.pool()).await?;
        let time = FreeTime {
            starts_at: instant_text(start),
            ends_at: instant_text(start + chrono::TimeDelta::minutes(service.duration_minutes.into())),
            label: format!("{} {}", zone.clock(start), zone.abbreviation(start)),
            practitioner: id,
            practitioner_name: name,
        };
        let mut back = format!("/book?service={}&from={}", service.id, zone.date(start));
        if !practitioner.is_empty() {
            back.push_str(&format!("&practitioner={}", url_encode(&practitioner)));
        }
        let conflict = state.is_conflict().then(|| state.error().map(ToString::to_string)).flatten();
        let mut confirm = confirm_props(&page, &me, &service, practitioner.is_empty(), state.clone()).await?;
        if let Some(key) = state.was_posted().then(|| state.value("request_key", "")) {
            confirm.request_key = key;
        }
        let title = heading(&confirm.who);
        let chosen = Some((time, zone.long_date(start)));
        Ok(Shown::new(title, view! {
            <div class="page-head"><div><a class="back" href=back.clone()>"Other times"</a><h1>{title}</h1></div></div>
            {conflict.map(|words| view! {
                <div class="error-summary" role="alert"><h2>{words}</h2><p><a href=back.clone()>"Choose another time"</a></p></div>
            })}
            <form class="panel form" method="post" action=BOOK data-once="">
                <ConfirmFields props=confirm time=chosen/>
                <div class="form-actions">
                    <button type="submit" class="button primary">"Book appointment"</button>
                    <a class="button quiet" href=back>"Back"</a>
                </div>
            </form>
        }).narrow())
    })
}

/// What is to come, for oneself and those one may act for; and what was.
#[component]
pub fn MyAppointmentsPage() -> impl IntoView {
    page(|page| async move {
        let me = page.actor.client()?.clone();
        let all = db::appointments::mine(page.pool(), &me).await?;
        let now = Utc::now();
        let (mut upcoming, past): (Vec<_>, Vec<_>) = all.into_iter().partition(|appointment| appointment.ends_at > now);
        upcoming.reverse();
        Ok(Shown::new("My appointments", view! {
            <div class="page-head">
                <div><h1>"My appointments"</h1></div>
                <div class="actions"><a class="button primary" href="/book">"Book an appointment"</a></div>
            </div>
            <section class="stack" aria-labelledby="upcoming">
                <h2 id="upcoming">"Upcoming"</h2>
                {if upcoming.is_empty() {
                    view! { <div class="empty"><h3>"Nothing booked"</h3><p>"Appointments you book, or that are booked for you, appear here."</p><a class="button" href="/book">"See free times"</a></div> }.into_any()
                } else {
                    upcoming.into_iter().map(card).collect_view().into_any()
                }}
            </section>
            <section class="stack" aria-labelledby="history">
                <h2 id="history">"History"</h2>
                {if past.is_empty() {
                    view! { <p class="muted">"Past appointments will appear here."</p> }.into_any()
                } else {
                    history(past)
                }}
            </section>
        }).narrow())
    })
}

fn card(appointment: PortalAppointment) -> AnyView {
    let zone = Zone::stored(&appointment.zone);
    let starts = appointment.starts_at;
    let local = zone.local(starts);
    let cancelled = appointment.status == shared::appointments::AppointmentStatus::Cancelled;
    let class = match (&appointment.for_name, cancelled) {
        (_, true) => "appointment-card cancelled",
        (Some(_), _) => "appointment-card for",
        _ => "appointment-card",
    };
    view! {
        <article class=class>
            <div class="date-block" aria-hidden="true">
                <span>{local.format("%b").to_string()}</span><span>{local.format("%-d").to_string()}</span><span>{local.format("%a").to_string()}</span>
            </div>
            <div class="stack tight">
                <h3>{appointment.service_name}</h3>
                <p class="tnum">
                    <time datetime=instant_text(starts)>{zone.long_date(starts)}", "{zone.clock(starts)}" – "{zone.clock(appointment.ends_at)}" "{zone.abbreviation(starts)}</time>
                </p>
                <p class="meta muted small">
                    <span>"with "{appointment.practitioner_name}</span>
                    <span>{appointment.location_name}</span>
                    <span>{appointment.location_address}</span>
                </p>
                <p class="row">
                    {appointment.for_name.map(|name| view! { <span class="badge for">"For "{name}</span> })}
                    {cancelled.then(|| view! { <AppointmentBadge status=appointment.status/> })}
                </p>
            </div>
            {(!cancelled && starts > Utc::now()).then(|| view! {
                <div class="actions"><a class="button small" href=format!("/my/appointments/{}/cancel", appointment.id)>"Cancel"<span class="sr-only">" the appointment on "{zone.long_date(starts)}</span></a></div>
            })}
        </article>
    }
    .into_any()
}

fn history(past: Vec<PortalAppointment>) -> AnyView {
    view! {
        <div class="panel flush"><div class="table-wrap"><table class="table cards">
            <thead><tr><th scope="col">"Date"</th><th scope="col">"Service"</th><th scope="col">"With"</th><th scope="col">"Status"</th></tr></thead>
            <tbody>
                {past.into_iter().map(|appointment| {
                    let zone = Zone::stored(&appointment.zone);
                    view! {
                        <tr>
                            <td class="tnum">{zone.long_date(appointment.starts_at)}", "{zone.clock(appointment.starts_at)}</td>
                            <td data-label="Service">{appointment.service_name}</td>
                            <td data-label="With">{appointment.practitioner_name}</td>
                            <td data-label="Status"><AppointmentBadge status=appointment.status/></td>
                        </tr>
                    }
                }).collect_view()}
            </tbody>
        </table></div></div>
    }
    .into_any()
}

/// Asks before an appointment is cancelled.
#[component]
pub fn CancelMinePage() -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    let state = FormState::of("/fn/portal/cancel");
    page(move |page| async move {
        let me = page.actor.client()?.clone();
        let id: AppointmentId = id.parse().map_err(|_| Refusal::NotFound)?;
        let appointment = db::appointments::mine_one(page.pool(), &me, id).await?;
        let zone = Zone::stored(&appointment.zone);
        Ok(Shown::new("Cancel appointment", view! {
            <div class="page-head"><div><a class="back" href="/my/appointments">"My appointments"</a><h1>"Cancel this appointment?"</h1></div></div>
            <div class="panel">
                <dl class="facts">
                    {appointment.for_name.map(|name| view! { <dt>"For"</dt><dd><span class="badge for">{name}</span></dd> })}
                    <dt>"What"</dt><dd>{appointment.service_name}</dd>
                    <dt>"When"</dt><dd class="tnum">{zone.long_date(appointment.starts_at)}", "{zone.clock(appointment.starts_at)}" "{zone.abbreviation(appointment.starts_at)}</dd>
                    <dt>"With"</dt><dd>{appointment.practitioner_name}</dd>
                </dl>
                <PostForm action="/fn/portal/cancel" page=page.here.clone() state=state>
                    <input type="hidden" name="appointment" value=id.to_string()/>
                    <div class="form-actions">
                        <button type="submit" class="button primary danger">"Cancel appointment"</button>
                        <a class="button quiet" href="/my/appointments">"Keep it"</a>
                    </div>
                </PostForm>
            </div>
        }).narrow())
    })
}
