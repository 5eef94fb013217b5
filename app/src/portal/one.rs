//! One appointment of a client: what follows after booking it, and everything that can be done
//! with it. Another one like it is booked by the same steps.

use super::booking::{HOLD, facts, link};
use super::confirm::{policy_words, refused_words};
use crate::context::query;
use crate::error::AppError;
use crate::ui::FormState;
use crate::ui::page::{Page, Shown, page};
use crate::ui::parts::{AppointmentBadge, Description};
use chrono::{DateTime, Days, TimeDelta, Utc};
use db::actor::ClientActor;
use db::appointments::Terms;
use db::appointments::free_times::{FreeQuery, free_days};
use db::time::Zone;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::appointments::{AppointmentStatus, FreeTime, Modality, PortalAppointment, instant_text};
use shared::links::BookingSubject;
use shared::{AppointmentId, Refusal, StaffId};

/// A sibling's time begins this long after the end of this one at the latest.
const RIGHT_AFTER_MINUTES: i64 = 60;

#[component]
pub fn MyAppointmentPage() -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    let (also, person) = (query("also"), query("for"));
    let state = FormState::of(HOLD);
    page(move |page| async move {
        let me = page.actor.client()?.clone();
        let id: AppointmentId = id.parse().map_err(|_| Refusal::NotFound)?;
        let one = db::appointments::mine_part(page.pool(), &me, id, person.parse().ok()).await?;
        let terms = db::appointments::terms(page.pool(), id).await?;
        let (zone, now) = (Zone::stored(&one.zone), Utc::now());
        let stands = one.status != AppointmentStatus::Cancelled;
        let upcoming = stands && one.starts_at > now;
        let requested = one.status == AppointmentStatus::Requested;
        let title = match (&one.for_name, upcoming) {
            (Some(name), true) if requested => format!("Requested for {name}"),
            (None, true) if requested => "Your request is in".to_owned(),
            (Some(name), true) => format!("{name} is booked"),
            (None, true) => "You’re booked".to_owned(),
            _ => one.service_name.clone(),
        };
        let refused = state
            .error()
            .map(|error| view! { <div class="error-summary" role="alert"><h2>{refused_words(error, &page.practice)}</h2></div> });
        let more = match upcoming {
            true => Some(more(&page, &me, &one, &zone, &also, now).await?),
            false => None,
        };
        let acts = stands.then(|| acts(&one, &terms, now));
        let place = where_it_is(&one);
        let visit = visit(&page, &me, &one, stands).await?;
        Ok(Shown::new(title.clone(), view! {
            <div class="page-head"><div><a class="back" href="/my/appointments">"My appointments"</a><h1>{title}</h1></div></div>
            {refused}
            <article class="panel stack" aria-label="Appointment">
                <dl class="facts">
                    {one.for_name.clone().map(|name| view! { <dt>"For"</dt><dd><span class="badge for">{name}</span></dd> })}
                    <dt>"What"</dt>
                    <dd>{one.service_name.clone()}<Description words=one.service_description.clone()/></dd>
                    <dt>"When"</dt>
                    <dd class="tnum">
                        <time datetime=instant_text(one.starts_at)>{zone.long_date(one.starts_at)}", "<span class="nowrap">{zone.clock_span(one.starts_at, one.ends_at)}</span></time>
                        <p class="zone-note">{zone.note()}</p>
                    </dd>
                    <dt>"With"</dt>
                    <dd>{one.practitioner_name.clone()}</dd>
                    <dt>"Where"</dt>
                    <dd>{place}</dd>
                    {(!upcoming).then(|| view! { <dt>"Status"</dt><dd><AppointmentBadge status=one.status/></dd> })}
                    {(upcoming && (one.may_move || one.may_cancel)).then(|| view! { <dt>"Changes"</dt><dd>{policy_words(&terms, &zone, &page.practice)}</dd> })}
                </dl>
                {(upcoming && requested).then(|| view! { <p class="notice info">"The practice confirms this request. We keep the time for you until then."</p> })}
                {visit}
                {acts}
            </article>
            {more}
        })
        .narrow())
    })
}

/// The way into a video visit.
async fn visit(
    page: &Page,
    me: &ClientActor,
    one: &PortalAppointment,
    stands: bool,
) -> Result<Option<AnyView>, AppError> {
    if !stands || one.modality != Modality::Video {
        return Ok(None);
    }
    let visit = db::visits::of_mine(page.pool(), me, one.id).await?;
    let call = crate::ui::contact::call(&page.practice, "call");
    let room = format!("/my/appointments/{}/visit", one.id);
    Ok(visit.map(|visit| crate::visits::pages::steps(&visit, &room, call)))
}

/// The place with the way to it; by phone or video, how they meet.
fn where_it_is(one: &PortalAppointment) -> AnyView {
    if one.modality != Modality::InPerson {
        return one.modality.label().into_any();
    }
    let (name, address) = (one.location_name.clone(), one.location_address.clone());
    let directions = (!address.is_empty()).then(|| {
        let href = link("https://www.openstreetmap.org/search", &[("query", &address)]);
        view! { <p><a href=href rel="noreferrer" target="_blank">"Directions"<span class="sr-only">" to "{name.clone()}" (opens in a new tab)"</span></a></p> }
    });
    view! { {name.clone()}", "{address}{directions} }.into_any()
}

/// Add to the calendar, move, cancel; as the policy allows.
fn acts(one: &PortalAppointment, terms: &Terms, now: DateTime<Utc>) -> AnyView {
    let own = format!("/my/appointments/{}", one.id);
    let person = one.client_id;
    let moves = one.moving(terms.moving(now)).is_ok();
    let cancels = one.cancelling(terms.cancelling(now)).is_ok();
    view! {
        <div class="form-actions">
            <a class="button" href=format!("{own}/calendar.ics?for={person}") download="appointment.ics">"Add to calendar"</a>
            {moves.then(|| view! { <a class="button" href=format!("{own}/move?for={person}")>"Move"</a> })}
            {cancels.then(|| view! { <a class="button" href=format!("{own}/cancel?for={person}")>"Cancel"</a> })}
        </div>
    }
    .into_any()
}

/// The same a week later, and another person of the family in the same visit.
async fn more(
    page: &Page,
    me: &ClientActor,
    one: &PortalAppointment,
    zone: &Zone,
    also: &str,
    now: DateTime<Utc>,
) -> Result<AnyView, AppError> {
    let services = db::practice::active_services(page.pool()).await?;
    let service = services.into_iter().find(|service| service.id == one.service_id && service.in_portal);
    let Some(service) = service else { return Ok(().into_any()) };
    let who = db::links::bookable_by(page.pool(), me).await?;
    let later = zone.instant(zone.local(one.starts_at) + Days::new(7));
    let again = free(page, one, one.client_id, Some(one.practitioner_id), later, now).await?;
    let again = again.into_iter().find(|time| time.starts_at == instant_text(later));
    let (from, service_id) = (zone.date(later).to_string(), service.id.to_string());
    let client = one.client_id.to_string();
    let with = one.practitioner_id.to_string();
    let elsewhen =
        link("/book", &[("for", &client), ("service", &service_id), ("practitioner", &with), ("from", &from)]);
    let again = match again {
        Some(time) => {
            let words = format!("Same time next week: {}, {}", zone.short_date(later), time.label);
            keep(page, one, &client, &time, words)
        }
        None => view! {
            <p>"The same time next week isn’t free. "<a href=elsewhen>"See times next week"</a>"."</p>
        }
        .into_any(),
    };
    let others: Vec<BookingSubject> = who.into_iter().filter(|person| person.id != one.client_id).collect();
    let sibling = match others.iter().find(|person| person.id.to_string() == also) {
        Some(person) => Some(beside(page, one, person, zone, now).await?),
        None => None,
    };
    let own = format!("/my/appointments/{}", one.id);
    let picks = others.iter().map(|person| {
        let id = person.id.to_string();
        let current = (id == also).then_some("true");
        let name = if person.is_self { "Me".to_owned() } else { person.name.clone() };
        view! { <li><a class="pick" href=format!("{}#also", link(&own, &[("for", &client), ("also", &id)])) aria-current=current>{name}</a></li> }
    });
    let also_section = (!others.is_empty()).then(|| {
        view! {
            <section class="panel stack" aria-labelledby="also">
                <h2 id="also">"Book another person in the same visit"</h2>
                <ul class="picks">{picks.collect_view()}</ul>
                {sibling}
            </section>
        }
    });
    Ok(view! {
        <section class="panel stack" aria-labelledby="again">
            <h2 id="again">"Book it again"</h2>
            <p class="muted small">{service.name.clone()}" · "{facts(&service, &page.practice.currency)}</p>
            {again}
        </section>
        {also_section}
    }
    .into_any())
}

/// The free times of the same service on that day.
async fn free(
    page: &Page,
    one: &PortalAppointment,
    client: shared::ClientId,
    practitioner: Option<StaffId>,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Vec<FreeTime>, AppError> {
    let date = Zone::stored(&one.zone).date(at);
    let query = FreeQuery {
        service: one.service_id,
        practitioner,
        client: Some(client),
        first: date,
        last: date,
        portal: true,
    };
    Ok(free_days(page.pool(), query, now).await?.into_iter().flat_map(|day| day.times).collect())
}

/// At the same time with another practitioner, or right after with the same one.
async fn beside(
    page: &Page,
    one: &PortalAppointment,
    person: &BookingSubject,
    zone: &Zone,
    now: DateTime<Utc>,
) -> Result<AnyView, AppError> {
    let id = person.id.to_string();
    let any = free(page, one, person.id, None, one.starts_at, now).await?;
    let same = any.into_iter().find(|time| time.starts_at == instant_text(one.starts_at));
    let with = free(page, one, person.id, Some(one.practitioner_id), one.starts_at, now).await?;
    let (first, last) =
        (instant_text(one.ends_at), instant_text(one.ends_at + TimeDelta::minutes(RIGHT_AFTER_MINUTES)));
    let after = with.into_iter().find(|time| first <= time.starts_at && time.starts_at <= last);
    if same.is_none() && after.is_none() {
        let (from, service) = (zone.date(one.starts_at).to_string(), one.service_id.to_string());
        let href = link("/book", &[("for", &id), ("service", &service), ("from", &from)]);
        return Ok(view! {
            <p>"No time is free in the same visit. "<a href=href>{format!("See other times for {}", person.first_name)}</a>"."</p>
        }
        .into_any());
    }
    let offer = |time: FreeTime, what: &str| {
        let words = format!("{what}: {}, with {}", time.label, time.practitioner_name);
        keep(page, one, &id, &time, words)
    };
    let same = same.map(|time| offer(time, "At the same time"));
    let after = after.map(|time| offer(time, "Right after"));
    Ok(view! { {same}{after} }.into_any())
}

/// A button that keeps this time, for the last step of booking.
fn keep(page: &Page, one: &PortalAppointment, client: &str, time: &FreeTime, words: String) -> AnyView {
    let hidden = [
        ("_page", page.here.clone()),
        ("form[service]", one.service_id.to_string()),
        ("form[client]", client.to_owned()),
        ("form[slot]", format!("{} {}", time.starts_at, time.practitioner)),
    ];
    let hidden = hidden.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
    view! {
        <form method="post" action=HOLD>
            {hidden.collect_view()}
            <button type="submit" class="button">{words}</button>
        </form>
    }
    .into_any()
}
