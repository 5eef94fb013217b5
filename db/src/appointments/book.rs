//! Booking: locks, checks, insert, message, audit, in one transaction.
//!
//! Advisory locks on practitioner and person come first, in sorted order, so
//! that rivals queue up instead of deadlocking; the EXCLUDE constraints stand
//! behind them and refuse what no check saw.
//!
//! Between two appointments of a practitioner the larger of the two buffers stays free. That
//! is checked under the lock, for an exclusion constraint cannot say it; a person needs no
//! buffer. What staff overbooked knowingly stands outside the constraints, and still counts
//! as taken for everyone else. Clients book only free times: on the step grid, behind the
//! service's notice and within its horizon, in the hours that are offered to them, and at most
//! `portal_bookings_max` upcoming for one person. A booking in hours that they ask for, or of
//! a service by request, is a request.

use super::conflicts::{Chosen, choose};
use super::facts::{Asked, Facts, Found, attending, facts};
use super::{free_times, holds, seats};
use crate::authz::{self, BookableClient};
use crate::clients::content_key;
use crate::locks::{self, Purpose};
use crate::time::Zone;
use crate::{Actor, OnConstraint, Result, audit, messages, new_id, pool};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use shared::appointments::{Assigning, Booking, BookingForm, Modality, instant_text, is_bookable};
use shared::{AppointmentId, ClientId, Conflict, Problem, Refusal, StaffId, parse};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// The longest reason that is kept, in characters.
const REASON_MAX: usize = 500;
/// How often a transaction is tried in all that met a deadlock or had no lock in time.
pub(super) const TRIES: u32 = 4;

/// Turns what staff chose into an instant and a practitioner: a local time
/// that was typed, at the venue, or else a free time from the list.
pub async fn with_instant(pool: &PgPool, form: BookingForm) -> Result<BookingForm> {
    if form.local.trim().is_empty() {
        let mut parts = form.slot.split(' ').map(str::to_owned);
        let (starts_at, practitioner) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let anyone = parts.next().is_some_and(|word| word == "anyone");
        return Ok(BookingForm { starts_at, practitioner, anyone, ..form });
    }
    let zone = free_times::venue_zone(pool).await?;
    let starts_at = instant_of(&zone, &form.local)?;
    Ok(BookingForm { starts_at: instant_text(starts_at), anyone: false, ..form })
}

/// A local time that was typed or pointed at, as an instant.
///
/// # Errors
/// At `local`, for what is no time or one that the clocks skip.
pub(super) fn instant_of(zone: &Zone, local: &str) -> Result<DateTime<Utc>> {
    let local = NaiveDateTime::parse_from_str(local.trim(), "%Y-%m-%dT%H:%M")
        .ok()
        .filter(|local| parse::date(&local.date().to_string()).is_ok())
        .ok_or(Refusal::field("local", Problem::NotATime))?;
    Ok(zone.typed(local).map_err(|problem| Refusal::field("local", problem))?)
}

/// [`book`], of a form. What is wrong in it is not said of a client that the actor may not book.
pub async fn submit(pool: &PgPool, actor: &Actor, form: BookingForm) -> Result<AppointmentId> {
    let client = form.client.parse();
    match parsed(pool, actor, form).await {
        Ok((booking, reason)) => retried(pool, actor, booking, &reason).await,
        Err(error) => {
            if let Ok(client) = client {
                authz::bookable(&mut *pool.begin().await?, actor, client).await?;
            }
            Err(error)
        }
    }
}

async fn parsed(pool: &PgPool, actor: &Actor, form: BookingForm) -> Result<(Booking, String)> {
    let form = match actor {
        Actor::Staff(_) => with_instant(pool, form).await?,
        Actor::Client(_) => form,
    };
    let reason = reason(&form.reason)?;
    let booking = form.parse()?;
    when_bookable(booking)?;
    Ok((booking, reason))
}

fn when_bookable(booking: Booking) -> Result<()> {
    match is_bookable(booking.starts_at) {
        true => Ok(()),
        false => Err(Refusal::field("starts_at", Problem::NotATime).into()),
    }
}

/// Why something is done although there are conflicts, or cancelled.
pub(crate) fn reason(text: &str) -> Result<String> {
    Ok(parse::line(text, REASON_MAX).map_err(|problem| Refusal::field("reason", problem))?)
}

/// Books, and answers the appointment's id. The same request key with the same
/// contents by the same actor answers the first result again, while it stands.
/// Staff may book over conflicts that they were shown; the portal books only
/// what its free times offer.
pub async fn book(pool: &PgPool, actor: &Actor, booking: Booking) -> Result<AppointmentId> {
    retried(pool, actor, booking, "").await
}

async fn retried(pool: &PgPool, actor: &Actor, booking: Booking, reason: &str) -> Result<AppointmentId> {
    let mut tries = 1;
    loop {
        match book_once(pool, actor, booking, reason).await {
            Err(error) if error.is_transient() && tries < TRIES => tries += 1,
            answer => return answer,
        }
    }
}

async fn book_once(pool: &PgPool, actor: &Actor, booking: Booking, reason: &str) -> Result<AppointmentId> {
    when_bookable(booking)?;
    let mut tx = pool::begin(pool).await?;
    let booked = book_in(&mut tx, actor, booking, reason).await?;
    if booked.is_new {
        audit::append(&mut tx, actor, "book", "appointment", booked.id, &[]).await?;
        tx.commit().await?;
    }
    Ok(booked.id)
}

/// What a booking came to.
pub struct Booked {
    pub id: AppointmentId,
    /// `false`: the answer of an earlier submit of the same form.
    pub is_new: bool,
}

/// The keys that a booking locks, for [`lock`]: of several bookings in one transaction
/// all are locked together, before the first.
pub async fn booking_keys(conn: &mut PgConnection, booking: Booking) -> Result<Vec<Uuid>> {
    Ok(Attempt::read(conn, booking).await?.keys(booking))
}

/// Who and what a booking may take, as read before it is locked.
pub(super) struct Attempt {
    pub candidates: Vec<Uuid>,
    pub people: Vec<Uuid>,
    rooms: Vec<Uuid>,
    /// Of a couple, family or group: the day at which its members attend.
    party: Option<NaiveDate>,
}

impl Attempt {
    /// One statement, and two more for a couple, family or group.
    pub async fn read(conn: &mut PgConnection, booking: Booking) -> Result<Attempt> {
        let row = sqlx::query!(
            r#"select exists (select from client where id = $2 and kind <> 'individual') as "party!",
                      array(select practitioner_id from service_practitioner where service_id = $1 and $4
                            union select $3 order by 1) as "candidates!",
                      array(select r from room_candidates($1, $5) r) as "rooms!""#,
            booking.service.0,
            booking.client.0,
            booking.practitioner.0,
            booking.anyone,
            booking.room.map(|id| id.0)
        )
        .fetch_one(&mut *conn)
        .await?;
        let (people, party) = match row.party {
            true => {
                let date = free_times::venue_zone(&mut *conn).await?.date(booking.starts_at);
                (attending(&mut *conn, booking.client, date).await?, Some(date))
            }
            false => (vec![booking.client.0], None),
        };
        Ok(Attempt { candidates: row.candidates, people, rooms: row.rooms, party })
    }

    pub fn keys(&self, booking: Booking) -> Vec<Uuid> {
        [&self.candidates[..], &self.people, &self.rooms, &[booking.client.0]].concat()
    }

    /// What the booking takes, behind the lock.
    pub async fn facts(&self, conn: &mut PgConnection, actor: &Actor, booking: Booking) -> Result<Facts> {
        let asked = Asked {
            service: booking.service,
            client: booking.client,
            people: &self.people,
            candidates: &self.candidates,
            room: booking.room,
            visitor: false,
            key: None,
        };
        facts(conn, actor, asked).await?.facts
    }
}

/// [`book`] within a transaction. The audit is the caller's, behind everything else.
pub async fn book_in(conn: &mut PgConnection, actor: &Actor, booking: Booking, reason: &str) -> Result<Booked> {
    let booking = match actor {
        Actor::Staff(_) => Booking { hold: None, ..booking },
        Actor::Client(_) => Booking { room: None, ..booking },
    };
    // Before the link is shared: bookings for one person then hold it one at a
    // time, and the person who removes it gets their turn.
    let attempt = Attempt::read(&mut *conn, booking).await?;
    lock(&mut *conn, &attempt.keys(booking)).await?;
    let Attempt { candidates, people, rooms, party } = attempt;
    let client = authz::bookable(&mut *conn, actor, booking.client).await?;
    let proxy = proxy(&mut *conn, actor, client, booking.proxy).await?;
    let assigned = assigned(&mut *conn, actor, client, booking.assigned).await?;
    let key = booking_key(actor, booking);
    // Behind the lock, so that of two submits at the same time the second sees the first.
    let asked = Asked {
        service: booking.service,
        client: client.id(),
        people: &people,
        candidates: &candidates,
        room: booking.room,
        visitor: false,
        key: Some(key),
    };
    let Found { first, facts } = facts(&mut *conn, actor, asked).await?;
    if let Some(id) = first {
        return Ok(Booked { id, is_new: false });
    }
    let facts = facts?;
    if facts.rooms != rooms {
        return Err(Refusal::Busy.into());
    }
    if let Some(date) = party
        && attending(&mut *conn, booking.client, date).await? != people
    {
        return Err(Refusal::Busy.into());
    }
    if !facts.offers(booking.practitioner) {
        return Err(Refusal::Conflict(Conflict::NotOffered).into());
    }
    let booking = Booking { modality: modality(booking.modality, &facts)?, ..booking };
    if facts.seats > 1
        && let Some(session) = seats::session(&mut *conn, booking, &candidates).await?
    {
        let booking = Booking { practitioner: session.practitioner, anyone: false, ..booking };
        return seats::join(&mut *conn, actor, booking, session, (proxy, assigned), facts).await;
    }
    let hold = holds::own(&mut *conn, actor, booking).await?;
    let chosen = choose(&mut *conn, actor, booking, &facts, hold).await?;
    facts.not_too_many()?;

    // What was held keeps its id.
    let id = hold.unwrap_or_else(|| AppointmentId(new_id()));
    holds::remove(&mut *conn, &hold.map(|id| id.0).into_iter().collect::<Vec<_>>()).await?;
    let booking = Booking { practitioner: chosen.practitioner, request_key: key, ..booking };
    let participants = insert(&mut *conn, id, actor, booking, reason, (proxy, assigned), &facts, &chosen).await?;
    let mut clients = people;
    if !clients.contains(&booking.client.0) {
        clients.push(booking.client.0);
    }
    if !facts.assigned.contains(&chosen.practitioner) {
        assign_first(&mut *conn, id, &clients, chosen.practitioner).await?;
    }
    // Of what is entered late no one needs to be told.
    if chosen.span.starts > Utc::now() {
        messages::queue_appointment(&mut *conn, actor, "confirmation", id, &participants, 1).await?;
    }
    Ok(Booked { id, is_new: true })
}

/// How they meet: as was chosen, if the service is held like that. In person is what was
/// chosen when nothing was: elsewhere it means the first of what the service has.
fn modality(chosen: Modality, facts: &Facts) -> Result<Modality> {
    let offered: Vec<Modality> = facts.modalities.iter().filter_map(|word| word.parse().ok()).collect();
    match (offered.contains(&chosen), chosen, offered.first()) {
        (true, ..) => Ok(chosen),
        (false, Modality::InPerson, Some(first)) => Ok(*first),
        _ => Err(Refusal::field("modality", Problem::Unknown).into()),
    }
}

/// The key of a form with what it books and who sends it. Which conflicts are
/// passed over is no part of it: with or without them it is the same booking.
fn booking_key(actor: &Actor, booking: Booking) -> Uuid {
    let Booking { service, practitioner, anyone, starts_at, client, proxy, assigned, room, modality, .. } = booking;
    let what = (actor.id(), service, practitioner, anyone, starts_at, client, proxy, assigned.stored(), room, modality);
    content_key(booking.request_key, &what)
}

/// The first appointment of a client with a practitioner assigns them; not if
/// they have been taken off: that was decided. A record that was opened before
/// does not take the practitioner off again.
pub(super) async fn assign_first(
    conn: &mut PgConnection,
    booked: AppointmentId,
    clients: &[Uuid],
    practitioner: StaffId,
) -> Result<()> {
    sqlx::query!(
        "with assigned as (
             insert into client_practitioner (client_id, practitioner_id)
             select c.id, $2 from unnest($1::uuid[]) c (id)
              where not exists (select from appointment_participant p join appointment a on a.id = p.appointment_id
                                 where p.client_id = c.id and a.practitioner_id = $2 and a.id <> $3)
                and not exists (select from appointment_participant p join appointment a on a.id = p.appointment_id
                                 where p.party_id = c.id and a.practitioner_id = $2 and a.id <> $3)
                and not exists (select from client_practitioner_ended where client_id = c.id and practitioner_id = $2)
             on conflict do nothing
             returning client_id)
         update client set version = version + 1 where id in (select client_id from assigned)",
        clients,
        practitioner.0,
        booked.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The linked client who asks for the booking: in the portal the person who books, for
/// staff the one chosen, who must be linked to the person.
async fn proxy(
    conn: &mut PgConnection,
    actor: &Actor,
    client: BookableClient,
    chosen: Option<ClientId>,
) -> Result<Option<ClientId>> {
    let Some(chosen) = chosen.filter(|_| matches!(actor, Actor::Staff(_))) else {
        return Ok(client.proxy());
    };
    linked(conn, actor, client, chosen, "proxy").await?;
    Ok(Some(chosen))
}

/// Whose permissions count: for staff those of everyone, of no one, or of the one chosen,
/// who must be linked to the person. In the portal everyone's.
async fn assigned(
    conn: &mut PgConnection,
    actor: &Actor,
    client: BookableClient,
    chosen: Assigning,
) -> Result<Assigning> {
    match (actor, chosen) {
        (Actor::Client(_), _) => Ok(Assigning::Everyone),
        (Actor::Staff(_), Assigning::One(one)) => {
            linked(conn, actor, client, one, "assigned").await?;
            Ok(chosen)
        }
        (Actor::Staff(_), _) => Ok(chosen),
    }
}

/// Refuses the field of someone who is not linked to the person.
async fn linked(
    conn: &mut PgConnection,
    actor: &Actor,
    client: BookableClient,
    chosen: ClientId,
    field: &str,
) -> Result<()> {
    // A practitioner names no one they do not see.
    authz::readable_by_id(&mut *conn, actor, chosen).await?;
    let linked = sqlx::query_scalar!(
        "select 1 from client_link where client_low = least($1::uuid, $2) and client_high = greatest($1, $2) for share",
        chosen.0,
        client.id().0
    )
    .fetch_optional(conn)
    .await?;
    match linked {
        Some(_) => Ok(()),
        None => Err(Refusal::field(field, Problem::Unknown).into()),
    }
}

/// Waits for everyone else who books these, until commit.
pub(crate) async fn lock(conn: &mut PgConnection, ids: &[Uuid]) -> Result<()> {
    locks::lock(conn, Purpose::Booking, ids).await
}

/// The rows: the appointment, and one for each person who attends. A couple, family or
/// group has one price, and one of them pays it.
#[expect(clippy::too_many_arguments, reason = "rows of one booking, written in one place")]
async fn insert(
    conn: &mut PgConnection,
    id: AppointmentId,
    actor: &Actor,
    booking: Booking,
    reason: &str,
    (proxy, assigned): (Option<ClientId>, Assigning),
    facts: &Facts,
    chosen: &Chosen,
) -> Result<Vec<Uuid>> {
    let span = chosen.span;
    let people: Vec<Uuid> = facts.people.iter().map(|person| person.id.0).collect();
    let party = people.as_slice() != [booking.client.0];
    let rows: Vec<Uuid> = people.iter().map(|_| new_id()).collect();
    let prices = seats::prices(facts, chosen.price_cents);
    let busy: Vec<bool> = facts.people.iter().map(|person| chosen.busy.contains(&person.id)).collect();
    let seats = people.len().max(1) as i16;
    if facts.seats > 1 && seats > facts.seats {
        return Err(Refusal::Conflict(Conflict::SessionFull).into());
    }
    sqlx::query!(
        "with made as (
             insert into appointment (id, service_id, practitioner_id, location_id, starts_at, ends_at, starts_local, zone, tzdb,
                    buffer_minutes, price_cents, policy_id, practitioner_overbooked, room_overbooked, overbook_reason,
                    room_id, modality, seats, seats_taken, request_key, booked_by, status)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $31)
             returning id, starts_at, ends_at, blocks)
         insert into appointment_participant (id, appointment_id, client_id, party_id, proxy_id, payer_id, price_cents,
                starts_at, ends_at, blocks, overbooked, booked_by, assigned, assigned_to)
         select p.id, m.id, p.client, $22, nullif($23, p.client), nullif($24, p.client), p.price,
                m.starts_at, m.ends_at, m.blocks, p.busy, $21, $29, $30
           from made m, unnest($25::uuid[], $26::uuid[], $27::bigint[], $28::boolean[]) p (id, client, price, busy)",
        id.0,
        booking.service.0,
        booking.practitioner.0,
        chosen.place.0,
        span.starts,
        span.ends,
        chosen.zone.local(span.starts),
        chosen.zone.name(),
        crate::time::version(),
        facts.service.buffer_minutes,
        chosen.price_cents,
        facts.policy_id,
        chosen.practitioner_overbooked,
        chosen.room_overbooked,
        reason,
        chosen.room.map(|id| id.0),
        booking.modality.as_str(),
        facts.seats.max(seats),
        seats,
        booking.request_key,
        actor.id(),
        party.then_some(booking.client.0),
        proxy.map(|id| id.0),
        // In the portal the person who books pays for themself or for the other.
        match actor {
            Actor::Staff(_) if party && facts.seats == 1 => people.first().copied(),
            Actor::Staff(_) => None,
            Actor::Client(_) => proxy.map(|id| id.0),
        },
        &rows,
        &people,
        &prices,
        &busy,
        assigned.stored().0,
        assigned.stored().1.map(|id| id.0),
        if chosen.ask { "requested" } else { "confirmed" }
    )
    .execute(conn)
    .await
    .on_constraint("appointment_practitioner_free", || Refusal::Conflict(Conflict::PractitionerBusy))
    .on_constraint("appointment_room_free", || Refusal::Conflict(Conflict::PractitionerBusy))
    .on_constraint("appointment_client_free", || Refusal::Conflict(Conflict::ClientBusy))
    // Two submits at the very same moment: the form is to be sent again.
    .on_constraint("appointment_request_key", || Refusal::Conflict(Conflict::PractitionerBusy))?;
    Ok(rows)
}
