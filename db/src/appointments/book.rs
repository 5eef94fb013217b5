//! Booking: locks, checks, insert, message, audit, in one transaction.
//!
//! Advisory locks on practitioner and person come first, in sorted order, so
//! that rivals queue up instead of deadlocking; the EXCLUDE constraints stand
//! behind them and refuse what no check saw.

use super::conflicts::{Chosen, choose};
use crate::authz::{self, BookableClient};
use crate::clients::key_of;
use crate::locks::{self, Purpose};
use crate::slots::{self, Service};
use crate::{Actor, Error, OnConstraint, Result, audit, messages, new_id};
use chrono::{NaiveDateTime, TimeDelta, Utc};
use shared::appointments::{Booking, BookingForm, instant_text, is_bookable};
use shared::clients::{Kind, Status};
use shared::slots::Span;
use shared::{AppointmentId, ClientId, Conflict, Problem, Refusal, ServiceId, StaffId, parse};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// How often a transaction that met a deadlock is tried in all.
const TRIES: u32 = 4;

/// Turns what staff chose into an instant and a practitioner: a local time
/// that was typed, at the venue, or else a free time from the list.
pub async fn with_instant(pool: &PgPool, form: BookingForm) -> Result<BookingForm> {
    if form.local.trim().is_empty() {
        let mut parts = form.slot.split(' ').map(str::to_owned);
        let (starts_at, practitioner) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let anyone = parts.next().is_some_and(|word| word == "anyone");
        return Ok(BookingForm { starts_at, practitioner, anyone, ..form });
    }
    let local = NaiveDateTime::parse_from_str(form.local.trim(), "%Y-%m-%dT%H:%M")
        .ok()
        .filter(|local| parse::date(&local.date().to_string()).is_ok())
        .ok_or(Refusal::field("local", Problem::NotATime))?;
    let zone = slots::venue_zone(pool).await?;
    Ok(BookingForm { starts_at: instant_text(zone.instant(local)), anyone: false, ..form })
}

/// Books, and answers the appointment's id. The same request key with the same
/// contents by the same actor answers the first result again, while it stands.
/// Staff may book over conflicts that they were shown; the portal books only
/// what its free times offer.
pub async fn book(pool: &PgPool, actor: &Actor, booking: Booking) -> Result<AppointmentId> {
    let mut tries = 1;
    loop {
        match book_once(pool, actor, booking).await {
            Err(error) if error.is_transient() && tries < TRIES => tries += 1,
            answer => return answer,
        }
    }
}

async fn book_once(pool: &PgPool, actor: &Actor, booking: Booking) -> Result<AppointmentId> {
    if !is_bookable(booking.starts_at) {
        return Err(Refusal::field("starts_at", Problem::NotATime).into());
    }
    let mut tx = pool.begin().await?;
    // Before the link is shared: bookings for one person then hold it one at a
    // time, and whoever removes it gets their turn.
    let candidates = candidates(&mut tx, booking).await?;
    let locked: Vec<Uuid> = candidates.iter().copied().chain([booking.client.0]).collect();
    lock(&mut tx, &locked).await?;
    let client = authz::bookable(&mut tx, actor, booking.client).await?;
    let proxy = proxy(&mut tx, actor, client, booking.proxy).await?;
    let key = content_key(actor, booking);
    // Behind the lock, so that of two submits at once the second sees the first.
    if let Some(first) = already_booked(&mut tx, actor, key).await? {
        return Ok(first);
    }

    let facts = facts(&mut tx, actor, booking.service, client.id(), &candidates).await?;
    if !facts.practitioners.iter().any(|(id, _)| *id == booking.practitioner) {
        return Err(Refusal::Conflict(Conflict::NotOffered).into());
    }
    let span = Span {
        starts: booking.starts_at,
        ends: booking.starts_at + TimeDelta::minutes(facts.service.duration_minutes.into()),
    };
    let chosen = choose(&mut tx, actor, booking, client.id(), &facts, span).await?;
    if let Actor::Client(_) = actor {
        not_too_many(&mut tx, client.id()).await?;
    }

    let id = AppointmentId(new_id());
    let booking = Booking { practitioner: chosen.practitioner, request_key: key, ..booking };
    insert(&mut tx, id, actor, booking, client.id(), proxy, &facts, span, &chosen).await?;
    assign_first(&mut tx, id, client.id(), chosen.practitioner).await?;
    // Of what is entered late nobody needs to be told.
    if span.starts > Utc::now() {
        messages::queue_appointment(&mut tx, "confirmation", id, 1).await?;
    }
    audit::append(&mut tx, actor, "book", "appointment", id, &[]).await?;
    tx.commit().await?;
    Ok(id)
}

/// Who might take the appointment: the one who is wanted, or with *anyone* all
/// who offer the service. Read before the lock, and again behind it.
async fn candidates(conn: &mut PgConnection, booking: Booking) -> Result<Vec<Uuid>> {
    if !booking.anyone {
        return Ok(vec![booking.practitioner.0]);
    }
    Ok(sqlx::query_scalar!(
        r#"select practitioner_id as "id!" from service_practitioner where service_id = $1
            union select $2 order by 1"#,
        booking.service.0,
        booking.practitioner.0
    )
    .fetch_all(conn)
    .await?)
}

/// The key of a form with what it books and who sends it. Which conflicts are
/// passed over is no part of it: with or without them it is the same booking.
fn content_key(actor: &Actor, booking: Booking) -> Uuid {
    let Booking { service, practitioner, anyone, starts_at, client, proxy, .. } = booking;
    key_of(booking.request_key, &(actor.id(), service, practitioner, anyone, starts_at, client, proxy))
}

/// The result of an earlier submit of the same form. One that was cancelled
/// since is no answer.
async fn already_booked(conn: &mut PgConnection, actor: &Actor, key: Uuid) -> Result<Option<AppointmentId>> {
    Ok(sqlx::query_scalar!(
        r#"select id as "id: AppointmentId" from appointment
            where request_key = $1 and booked_by = $2 and status = 'confirmed'"#,
        key,
        actor.id()
    )
    .fetch_optional(conn)
    .await?)
}

/// Refuses more upcoming appointments booked online than the practice allows
/// for one person. Bookings for them are locked, so the count holds.
async fn not_too_many(conn: &mut PgConnection, client: ClientId) -> Result<()> {
    let row = sqlx::query!(
        r#"select p.portal_bookings_max as max,
                  (select count(*) from appointment a
                    where a.client_id = $1 and a.status = 'confirmed' and a.starts_at > now()
                      and not exists (select from staff_member m where m.id = a.booked_by)) as "booked!"
             from practice p"#,
        client.0
    )
    .fetch_one(conn)
    .await?;
    match row.booked < i64::from(row.max) {
        true => Ok(()),
        false => Err(Refusal::Conflict(Conflict::TooManyUpcoming { max: row.max }).into()),
    }
}

/// The first appointment of a client with a practitioner assigns them; not if
/// they have been taken off: that was decided. A record that was opened before
/// does not take the practitioner off again.
async fn assign_first(
    conn: &mut PgConnection,
    booked: AppointmentId,
    client: ClientId,
    practitioner: StaffId,
) -> Result<()> {
    sqlx::query!(
        "with assigned as (
             insert into client_practitioner (client_id, practitioner_id)
             select $1, $2
              where not exists (select from appointment
                                 where client_id = $1 and practitioner_id = $2 and id <> $3)
                and not exists (select from client_practitioner_ended where client_id = $1 and practitioner_id = $2)
             on conflict do nothing
             returning client_id)
         update client set version = version + 1 where id in (select client_id from assigned)",
        client.0,
        practitioner.0,
        booked.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The linked client assigned to the booking: in the portal whoever books, for
/// staff the one chosen, who must be linked to the person (D9).
async fn proxy(
    conn: &mut PgConnection,
    actor: &Actor,
    client: BookableClient,
    chosen: Option<ClientId>,
) -> Result<Option<ClientId>> {
    let Some(chosen) = chosen.filter(|_| matches!(actor, Actor::Staff(_))) else {
        return Ok(client.proxy());
    };
    // A practitioner names nobody whom they do not see.
    authz::readable_by_id(&mut *conn, actor, chosen).await?;
    let linked = sqlx::query_scalar!(
        "select 1 from client_link where client_low = least($1::uuid, $2) and client_high = greatest($1, $2) for share",
        chosen.0,
        client.id().0
    )
    .fetch_optional(conn)
    .await?;
    match linked {
        Some(_) => Ok(Some(chosen)),
        None => Err(Refusal::field("proxy", Problem::Unknown).into()),
    }
}

/// Waits for everybody else who books these, until commit.
pub(crate) async fn lock(conn: &mut PgConnection, ids: &[Uuid]) -> Result<()> {
    locks::lock(conn, Purpose::Booking, ids).await
}

/// What a booking takes from service, practitioners, person and place; all of
/// it is held until the transaction ends.
pub(super) struct Facts {
    pub service: Service,
    price_cents: i64,
    location_id: Uuid,
    zone: String,
    /// Those of the candidates who work here and offer the service.
    pub practitioners: Vec<(StaffId, String)>,
}

async fn facts(
    conn: &mut PgConnection,
    actor: &Actor,
    service: ServiceId,
    client: ClientId,
    candidates: &[Uuid],
) -> Result<Facts> {
    let portal = matches!(actor, Actor::Client(_));
    let not_found = || Error::Refused(Refusal::NotFound);
    // Whoever erases or deletes them holds the row: then there is nobody to book.
    let person = sqlx::query!(
        r#"select status as "status: Status", kind as "kind: Kind" from client
            where id = $1 and erased_at is null for no key update"#,
        client.0
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(not_found)?;
    check_person(person.status, person.kind, portal)?;
    let offer = sqlx::query!(
        "select duration_minutes, buffer_minutes, price_cents, active and (in_portal or not $2) as \"offered!\"
           from service where id = $1 for share",
        service.0,
        portal
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(not_found)?;
    if !offer.offered {
        return Err(Refusal::Conflict(Conflict::NotOffered).into());
    }
    let practitioners = sqlx::query!(
        r#"select m.id as "id: StaffId", m.first_name || ' ' || m.last_name as "name!"
             from service_practitioner o join staff_member m on m.id = o.practitioner_id
            where o.service_id = $1 and m.id = any ($2) and m.active
            order by m.id for share of m"#,
        service.0,
        candidates
    )
    .fetch_all(&mut *conn)
    .await?;
    let place = place(&mut *conn).await?.ok_or_else(not_found)?;
    let step_minutes = sqlx::query_scalar!("select slot_step_minutes from practice").fetch_one(conn).await?;
    Ok(Facts {
        service: Service::new(offer.duration_minutes, offer.buffer_minutes, step_minutes, &place.1),
        price_cents: offer.price_cents,
        location_id: place.0,
        zone: place.1,
        practitioners: practitioners.into_iter().map(|row| (row.id, row.name)).collect(),
    })
}

/// Where appointments are held, and its zone. A location that is retired while
/// it is waited for is passed over for the next.
async fn place(conn: &mut PgConnection) -> Result<Option<(Uuid, String)>> {
    for _ in 0..3 {
        let place =
            sqlx::query!("select id, zone from location where active order by main desc, name limit 1 for share")
                .fetch_optional(&mut *conn)
                .await?;
        if let Some(place) = place {
            return Ok(Some((place.id, place.zone)));
        }
    }
    Ok(None)
}

/// What no overbooking passes over.
fn check_person(status: Status, kind: Kind, portal: bool) -> Result<()> {
    let conflict = match status {
        _ if kind != Kind::Individual => Conflict::NotAPerson,
        status if status.may_be_booked() => return Ok(()),
        _ if portal => Conflict::ClientNotOnline,
        Status::Prospect => Conflict::ClientProspect,
        _ => Conflict::ClientInactive,
    };
    Err(Refusal::Conflict(conflict).into())
}

#[expect(clippy::too_many_arguments, reason = "one row, written in one place")]
async fn insert(
    conn: &mut PgConnection,
    id: AppointmentId,
    actor: &Actor,
    booking: Booking,
    client: ClientId,
    proxy: Option<ClientId>,
    facts: &Facts,
    span: Span,
    chosen: &Chosen,
) -> Result<()> {
    sqlx::query!(
        "insert into appointment (id, service_id, practitioner_id, location_id, client_id, proxy_id, starts_at, ends_at, zone,
                buffer_minutes, price_cents, overbooked, request_key, booked_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        id.0,
        booking.service.0,
        booking.practitioner.0,
        facts.location_id,
        client.0,
        proxy.map(|id| id.0),
        span.starts,
        span.ends,
        facts.zone,
        facts.service.buffer_minutes,
        facts.price_cents,
        chosen.overbooked,
        booking.request_key,
        actor.id()
    )
    .execute(conn)
    .await
    .on_constraint("appointment_practitioner_free", || Refusal::Conflict(Conflict::PractitionerBusy))
    .on_constraint("appointment_client_free", || Refusal::Conflict(Conflict::ClientBusy))
    // Two submits at the very same moment: the form is to be sent again.
    .on_constraint("appointment_request_key", || Refusal::Conflict(Conflict::PractitionerBusy))?;
    Ok(())
}
