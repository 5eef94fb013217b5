//! Group sessions: a booking of the time of a session that stands takes a seat in it.

use super::book::{Booked, assign_first};
use super::conflicts::choose;
use super::facts::Facts;
use super::kept::may_take;
use crate::authz::BookableClient;
use crate::{Actor, OnConstraint, Result, messages, new_id};
use chrono::{DateTime, Utc};
use shared::appointments::{Assigning, Booking};
use shared::slots::Span;
use shared::{AppointmentId, ClientId, Conflict, Refusal, StaffId};
use sqlx::PgConnection;
use uuid::Uuid;

/// A session of the service that stands at the wanted time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Session {
    pub id: AppointmentId,
    pub practitioner: StaffId,
    version: i32,
    /// Seats that are neither taken nor offered to someone on the waiting list.
    pub left: i16,
    ends_at: DateTime<Utc>,
    confirmed: bool,
    /// Of one seat.
    price_cents: i64,
}

/// The session that a booking would join; its row is locked, so that seats are counted
/// one booking at a time. With the fewest seats left first: sessions fill up.
pub(super) async fn session(conn: &mut PgConnection, booking: Booking, candidates: &[Uuid]) -> Result<Option<Session>> {
    Ok(sqlx::query_as!(
        Session,
        r#"select id as "id: AppointmentId", practitioner_id as "practitioner: StaffId", version,
                  (seats - seats_taken - seats_offered(appointment.id))::smallint as "left!: i16", ends_at, price_cents,
                  status = 'confirmed' as "confirmed!"
             from appointment
            where service_id = $1 and starts_at = $2 and practitioner_id = any ($3)
              and status in ('requested', 'confirmed') and seats > 1
            order by practitioner_id = $4 desc, seats_taken < seats desc, seats - seats_taken, id limit 1 for update"#,
        booking.service.0,
        booking.starts_at,
        candidates,
        booking.practitioner.0
    )
    .fetch_optional(conn)
    .await?)
}

/// The session of a service at a time with one practitioner, locked.
pub(crate) async fn session_at(conn: &mut PgConnection, booking: Booking) -> Result<Option<Session>> {
    session(conn, booking, &[booking.practitioner.0]).await
}

/// Gives the seat that was offered to a person; that it is theirs was asked by the caller. Of a
/// session that has another time or practitioner meanwhile there is none.
pub(crate) async fn seat_of(
    conn: &mut PgConnection,
    actor: &Actor,
    client: BookableClient,
    id: AppointmentId,
    (with, span): (StaffId, Span),
) -> Result<()> {
    let row = sqlx::query!(
        r#"select version, practitioner_id as "practitioner: StaffId",
                  exists (select from appointment_participant p
                           where p.appointment_id = $1 and p.client_id = $2 and p.status = 'booked') as "seated!"
             from appointment
            where id = $1 and status in ('requested', 'confirmed')
              and practitioner_id = $3 and starts_at = $4 and ends_at = $5 for update"#,
        id.0,
        client.id().0,
        with.0,
        span.starts,
        span.ends
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or(Refusal::Conflict(Conflict::OfferEnded))?;
    if row.seated {
        return Ok(());
    }
    may_take(&mut *conn, client).await?;
    let participant = sqlx::query_scalar!(
        "insert into appointment_participant (id, appointment_id, client_id, proxy_id, payer_id, price_cents,
                starts_at, ends_at, blocks, booked_by)
         select $2, id, $3, $4, $4, price_cents, starts_at, ends_at, blocks, $5 from appointment where id = $1
         on conflict on constraint appointment_participant_key do update
            set status = 'booked', cancelled_by = null, cancelled_at = null, attendance = 'expected', party_id = null,
                proxy_id = excluded.proxy_id, payer_id = excluded.payer_id, price_cents = excluded.price_cents,
                overbooked = false, booked_by = excluded.booked_by, booked_at = now(), assigned = 'everyone', assigned_to = null
         returning id",
        id.0,
        new_id(),
        client.id().0,
        client.proxy().map(|id| id.0),
        actor.id()
    )
    .fetch_one(&mut *conn)
    .await
    .on_constraint("appointment_client_free", || Refusal::Conflict(Conflict::ClientBusy))?;
    sqlx::query!("update appointment set seats_taken = seats_taken + 1 where id = $1", id.0)
        .execute(&mut *conn)
        .await
        .on_constraint("appointment_seats", || Refusal::Conflict(Conflict::SessionFull))?;
    assign_first(&mut *conn, id, &[client.id().0], row.practitioner).await?;
    messages::queue_appointment(conn, actor, "confirmation", id, &[participant], row.version).await
}

/// What each of those who attend owes: a group session has a price for each seat; a
/// session of its own one price, which the first one has.
pub(super) fn prices(facts: &Facts, price: i64) -> Vec<i64> {
    let own = |n: usize| if n == 0 || facts.seats > 1 { price } else { 0 };
    (0..facts.people.len()).map(own).collect()
}

/// Takes a seat for each of those who attend. Who has one already keeps it: that is the
/// answer of an earlier submit.
pub(super) async fn join(
    conn: &mut PgConnection,
    actor: &Actor,
    booking: Booking,
    session: Session,
    (proxy, assigned): (Option<ClientId>, Assigning),
    facts: Facts,
) -> Result<Booked> {
    let (id, span) = (session.id, Span { starts: booking.starts_at, ends: session.ends_at });
    let facts = facts.lasting(span);
    let people: Vec<Uuid> = facts.people.iter().map(|person| person.id.0).collect();
    let seated = sqlx::query_scalar!(
        "select client_id from appointment_participant
          where appointment_id = $1 and client_id = any ($2) and status = 'booked'",
        id.0,
        &people
    )
    .fetch_all(&mut *conn)
    .await?;
    // A seat is not asked for: those of a service by request, and of a session that is not
    // confirmed yet, are booked by staff.
    if matches!(actor, Actor::Client(_)) && (facts.service.by_request || !session.confirmed) {
        return Err(Refusal::Conflict(Conflict::NotPossible).into());
    }
    let new: Vec<Uuid> = people.iter().copied().filter(|person| !seated.contains(person)).collect();
    if new.is_empty() {
        return Ok(Booked { id, is_new: false });
    }
    if new.len() > session.left.max(0) as usize {
        return Err(Refusal::Conflict(Conflict::SessionFull).into());
    }
    let chosen = choose(&mut *conn, actor, booking, &facts, Some(id)).await?;
    facts.not_too_many()?;
    let party = people.as_slice() != [booking.client.0];
    let rows: Vec<Uuid> = new.iter().map(|_| new_id()).collect();
    let busy: Vec<bool> = new.iter().map(|id| chosen.busy.contains(&ClientId(*id))).collect();
    let participants = sqlx::query_scalar!(
        "insert into appointment_participant (id, appointment_id, client_id, party_id, proxy_id, payer_id, price_cents,
                starts_at, ends_at, blocks, overbooked, booked_by, assigned, assigned_to)
         select p.id, a.id, p.client, $2, nullif($3, p.client), nullif($4, p.client), $5, a.starts_at, a.ends_at, a.blocks,
                p.busy, $6, $10, $11
           from appointment a, unnest($7::uuid[], $8::uuid[], $9::boolean[]) p (id, client, busy)
          where a.id = $1
         on conflict on constraint appointment_participant_key do update
            set status = 'booked', cancelled_by = null, cancelled_at = null, attendance = 'expected',
                party_id = excluded.party_id, proxy_id = excluded.proxy_id, payer_id = excluded.payer_id,
                price_cents = excluded.price_cents, overbooked = excluded.overbooked,
                booked_by = excluded.booked_by, booked_at = excluded.booked_at,
                assigned = excluded.assigned, assigned_to = excluded.assigned_to
         returning id",
        id.0,
        party.then_some(booking.client.0),
        proxy.map(|id| id.0),
        // A seat is paid for by the client who has it, or by the linked client who booked it.
        proxy.filter(|_| matches!(actor, Actor::Client(_))).map(|id| id.0),
        session.price_cents,
        actor.id(),
        &rows,
        &new,
        &busy,
        assigned.stored().0,
        assigned.stored().1.map(|id| id.0)
    )
    .fetch_all(&mut *conn)
    .await
    .on_constraint("appointment_client_free", || Refusal::Conflict(Conflict::ClientBusy))?;
    sqlx::query!("update appointment set seats_taken = seats_taken + $2 where id = $1", id.0, new.len() as i16)
        .execute(&mut *conn)
        .await
        .on_constraint("appointment_seats", || Refusal::Conflict(Conflict::SessionFull))?;
    let mut clients = new;
    if !clients.contains(&booking.client.0) {
        clients.push(booking.client.0);
    }
    if !facts.assigned.contains(&session.practitioner) {
        assign_first(&mut *conn, id, &clients, session.practitioner).await?;
    }
    if span.starts > Utc::now() {
        messages::queue_appointment(&mut *conn, actor, "confirmation", id, &participants, session.version).await?;
    }
    Ok(Booked { id, is_new: true })
}
