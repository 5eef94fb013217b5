//! *My appointments*: the upcoming ones by day, each with the name of its person, and what is past.

use super::booking::link;
use crate::context::query;
use crate::error::AppError;
use crate::ui::page::{Page, Shown, page};
use crate::ui::parts::AppointmentBadge;
use chrono::{DateTime, Utc};
use db::actor::ClientActor;
use db::appointments::Terms;
use db::time::Zone;
use leptos::prelude::*;
use shared::appointments::{AppointmentStatus, Modality, PortalAppointment, instant_text};
use shared::permissions::Permission;
use shared::{AppointmentId, ClientId};
use std::collections::HashMap;

/// The colours of the others, in the order of their names. Each stands beside the name.
const COLOURS: [&str; 6] =
    ["colour-purple", "colour-teal", "colour-orange", "colour-blue", "colour-pink", "colour-green"];

/// How many that are over are shown; all of them have a page.
const NEWEST: i64 = 20;

/// Someone who has appointments in the list.
struct Person {
    id: ClientId,
    /// `None`: oneself.
    name: Option<String>,
    colour: &'static str,
}

/// Everyone in the list, oneself first.
fn people(me: ClientId, all: &[PortalAppointment]) -> Vec<Person> {
    let mut others: Vec<(String, ClientId)> =
        all.iter().filter_map(|one| Some((one.for_name.clone()?, one.client_id))).collect();
    others.sort();
    others.dedup();
    let others = others.into_iter().enumerate();
    let others = others.map(|(at, (name, id))| Person { id, name: Some(name), colour: COLOURS[at % COLOURS.len()] });
    std::iter::once(Person { id: me, name: None, colour: "" }).chain(others).collect()
}

/// The upcoming and past appointments of oneself and those one may act for.
#[component]
pub fn MyAppointmentsPage() -> impl IntoView {
    let whose = query("for");
    page(move |page| async move {
        let me = page.actor.client()?.clone();
        let now = Utc::now();
        let mut all = db::appointments::upcoming_of(page.pool(), &me, now).await?;
        let venue = db::appointments::free_times::venue_zone(page.pool()).await?;
        let waiting = crate::waitlist::pages::mine(&page, &me).await?;
        let to_do = crate::requests::pages::outstanding(&page, &me).await?;
        let people = people(me.id(), &all);
        let chosen = people.iter().find(|one| one.id.to_string() == whose).map(|one| one.id);
        all.retain(|one| chosen.is_none_or(|chosen| one.client_id == chosen));
        // Of others nothing past is shown.
        let own = chosen.is_none_or(|chosen| chosen == me.id()) && page.offered.own(Permission::SeeHistory);
        let history = if own { Some(history(&page, &me).await?) } else { None };
        let mut upcoming = all;
        upcoming.reverse();
        let (upcoming, cancelled): (Vec<_>, Vec<_>) =
            upcoming.into_iter().partition(|one| one.status != AppointmentStatus::Cancelled);
        let ids: Vec<_> = upcoming.iter().map(|one| one.id).collect();
        let terms = match ids.is_empty() {
            true => HashMap::new(),
            false => db::appointments::terms_of(page.pool(), &ids).await?,
        };
        let cards = Cards { venue: &venue, now, terms: &terms, people: &people, places: places(&upcoming) };
        let place = cards.places.first().filter(|_| cards.places.len() == 1);
        let place = place.map(|(name, address)| view! { <p class="sub">{format!("{name}, {address}")}</p> });
        let book = link("/book", &[("for", &chosen.map(|id| id.to_string()).unwrap_or_default())]);
        let (empty, books) = (book.clone(), page.offered.any(Permission::Book));
        let filter = (people.len() > 1).then(|| filter(&people, chosen));
        let days = days(&upcoming, &venue, now);
        let shown = days.into_iter().map(|(heading, day)| {
            view! { <section class="stack" aria-label=heading.clone()><h3>{heading.clone()}</h3>{day.iter().map(|one| cards.card(one)).collect_view()}</section> }
        });
        let shown = shown.collect_view();
        Ok(Shown::new("My appointments", view! {
            <div class="page-head">
                <div><h1>"My appointments"</h1>{place}<p class="sub">{venue.note()}</p></div>
                {books.then(|| view! { <div class="actions"><a class="button primary" href=book>"Book an appointment"</a></div> })}
            </div>
            {to_do}
            {filter}
            <section class="stack" aria-labelledby="upcoming">
                <h2 id="upcoming">"Upcoming"</h2>
                {if !page.offered.own(Permission::SeeAppointments) && upcoming.is_empty() {
                    view! { <p class="notice info">"Your appointments aren’t shown online. Questions? "{crate::ui::contact::call(&page.practice, "Call")}"."</p> }.into_any()
                } else if upcoming.is_empty() {
                    view! { <div class="empty"><h3>"Nothing booked"</h3><p>"Appointments you book, or that are booked for you, appear here."</p>{books.then(|| view! { <a class="button" href=empty>"See free times"</a> })}</div> }.into_any()
                } else {
                    shown.into_any()
                }}
                {(!cancelled.is_empty()).then(|| {
                    let count = cancelled.len();
                    view! {
                        <details class="section" id="cancelled">
                            <summary>"Cancelled ("{count}")"</summary>
                            <div class="stack">{cancelled.iter().map(|one| cards.card(one)).collect_view()}</div>
                        </details>
                    }
                })}
            </section>
            {waiting}
            {history}
        }).narrow())
    })
}

/// All · Me · Leo · Mia.
fn filter(people: &[Person], chosen: Option<ClientId>) -> AnyView {
    let pick = |id: Option<ClientId>, name: String, colour: &'static str| {
        let href = link("/my/appointments", &[("for", &id.map(|id| id.to_string()).unwrap_or_default())]);
        let current = (chosen == id).then_some("true");
        view! { <li><a class=format!("pick {colour}") href=href aria-current=current>{name}</a></li> }
    };
    let each =
        people.iter().map(|one| pick(Some(one.id), one.name.clone().unwrap_or_else(|| "Me".to_owned()), one.colour));
    let each = each.collect_view();
    view! { <nav aria-label="Whose appointments"><ul class="picks">{pick(None, "All".to_owned(), "")}{each}</ul></nav> }
        .into_any()
}

/// Where they are, each place once.
fn places(all: &[PortalAppointment]) -> Vec<(String, String)> {
    let mut places: Vec<_> = all.iter().map(|one| (one.location_name.clone(), one.location_address.clone())).collect();
    places.sort();
    places.dedup();
    places
}

/// By day at the venue, in their order; today and tomorrow by name.
fn days<'a>(all: &'a [PortalAppointment], venue: &Zone, now: DateTime<Utc>) -> Vec<(String, &'a [PortalAppointment])> {
    let today = venue.date(now);
    let date = |one: &PortalAppointment| Zone::stored(&one.zone).date(one.starts_at);
    all.chunk_by(|one, other| date(one) == date(other))
        .map(|day| {
            let long = Zone::stored(&day[0].zone).long_date(day[0].starts_at);
            let heading = match (date(&day[0]) - today).num_days() {
                0 => format!("Today · {long}"),
                1 => format!("Tomorrow · {long}"),
                _ => long,
            };
            (heading, day)
        })
        .collect()
}

struct Cards<'a> {
    venue: &'a Zone,
    now: DateTime<Utc>,
    terms: &'a HashMap<AppointmentId, Terms>,
    people: &'a [Person],
    places: Vec<(String, String)>,
}

impl Cards<'_> {
    fn card(&self, one: &PortalAppointment) -> AnyView {
        let zone = Zone::stored(&one.zone);
        let starts = one.starts_at;
        let cancelled = one.status == AppointmentStatus::Cancelled;
        let colour = self.people.iter().find(|person| person.id == one.client_id).map_or("", |person| person.colour);
        let class = match (&one.for_name, cancelled) {
            (_, true) => "appointment-card cancelled".to_owned(),
            (Some(_), _) => format!("appointment-card for {colour}"),
            _ => "appointment-card".to_owned(),
        };
        let href = format!("/my/appointments/{}?for={}", one.id, one.client_id);
        let place = match one.modality {
            Modality::InPerson => (self.places.len() != 1).then(|| {
                view! { <span>{one.location_name.clone()}", "{one.location_address.clone()}</span> }.into_any()
            }),
            other => Some(view! { <span>{other.label()}</span> }.into_any()),
        };
        let when = format!("{}, ", zone.long_date(starts));
        view! {
            <article class=class>
                <p class="tnum when">
                    <time datetime=instant_text(starts)><span class="sr-only">{when}</span><span class="nowrap">{zone.span_beside(self.venue, starts, one.ends_at)}</span></time>
                </p>
                <div class="stack tight">
                    <h4><a href=href>{one.service_name.clone()}</a></h4>
                    <p class="meta muted small"><span>"with "{one.practitioner_name.clone()}</span>{place}</p>
                    <p class="row">
                        {one.for_name.clone().map(|name| view! { <span class="badge for">"For "{name}</span> })}
                        {cancelled.then(|| view! { <AppointmentBadge status=one.status/> })}
                    </p>
                </div>
                {(!cancelled && starts > self.now).then(|| self.actions(one, &zone))}
            </article>
        }
        .into_any()
    }

    /// What the policy under which it was booked allows at this moment, and until when.
    fn actions(&self, one: &PortalAppointment, zone: &Zone) -> Option<AnyView> {
        let terms = self.terms.get(&one.id)?;
        let (moves, cancels) =
            (one.moving(terms.moving(self.now)).is_ok(), one.cancelling(terms.cancelling(self.now)).is_ok());
        let act = |does: bool, verb: &'static str, path: &'static str| {
            let href = format!("/my/appointments/{}/{path}?for={}", one.id, one.client_id);
            does.then(|| view! {
                <a class="button" href=href>{verb}<span class="sr-only">" the appointment on "{zone.long_date(one.starts_at)}</span></a>
            })
        };
        let until = (terms.deadline < terms.starts_at).then(|| {
            let at = format!("{}, {}", zone.short_date(terms.deadline), zone.exact_clock(terms.deadline));
            match (terms.deadline > self.now, terms.cancelling(self.now)) {
                (true, _) => format!("Changes online until {at}"),
                (false, Ok(_)) => "Cancelling now counts as late".to_owned(),
                (false, Err(_)) => "Too late to change online".to_owned(),
            }
        });
        let until = until.filter(|_| {
            (terms.policy.client_may_cancel && one.may_cancel) || (terms.policy.client_may_move && one.may_move)
        });
        Some(
            view! {
                <div class="actions">
                    {act(moves, "Move", "move")}
                    {act(cancels, "Cancel", "cancel")}
                    {until.map(|words| view! { <span class="muted small">{words}</span> })}
                </div>
            }
            .into_any(),
        )
    }
}

/// The newest of one's own that are over.
async fn history(page: &Page, me: &ClientActor) -> Result<AnyView, AppError> {
    let past = db::appointments::past_of_own(page.pool(), me, None, NEWEST).await?;
    let all = (!past.is_empty()).then(|| view! { <p><a href="/my/history">"All past appointments"</a></p> });
    let rows = match past.is_empty() {
        true => view! { <p class="muted">"Past appointments will appear here."</p> }.into_any(),
        false => super::history::table(past, None),
    };
    Ok(view! {
        <section class="stack" aria-labelledby="history">
            <h2 id="history">"History"</h2>
            {rows}
            {all}
        </section>
    }
    .into_any())
}
