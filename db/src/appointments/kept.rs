//! Times that are kept: for a client or visitor who is booking, and, as a hold that is no person's
//! own, for an offer to someone on the waiting list.

use super::book::{self, Attempt};
use super::conflicts::{Chosen, choose};
use super::facts::Facts;
use crate::authz::BookableClient;
use crate::{Actor, OnConstraint, Result, messages, new_id};
use chrono::{DateTime, Utc};
use shared::appointments::{Booking, Modality};
use shared::clients::Status;
use shared::slots::Span;
use shared::{AppointmentId, Conflict, Refusal, StaffId};
use sqlx::PgConnection;
use uuid::Uuid;

/// Keeps a time for an offer: nothing may be in its way, nor in that of the client; the
/// appointment `moved` is not. The keys of the booking are locked. `by` is the offer, so that
/// these are no one's own holds.
pub(crate) async fn keep_for(
    conn: &mut PgConnection,
    actor: &Actor,
    booking: Booking,
    (by, until): (Uuid, DateTime<Utc>),
    moved: Option<AppointmentId>,
) -> Result<Kept> {
    let attempt = Attempt::read(&mut *conn, booking).await?;
    let facts = attempt.facts(&mut *conn, actor, booking).await?;
    let stands = sqlx::query!("select starts_at, ends_at from appointment where id = $1", moved.map(|id| id.0));
    let facts = match stands.fetch_optional(&mut *conn).await? {
        // What was agreed stays.
        Some(stands) => facts.lasting(Span { starts: stands.starts_at, ends: stands.ends_at }),
        None => facts,
    };
    if !facts.offers(booking.practitioner) {
        return Err(Refusal::Conflict(Conflict::NotOffered).into());
    }
    let chosen = choose(&mut *conn, actor, booking, &facts, moved).await?;
    let id = hold(conn, booking, &facts, &chosen, (by, until)).await?;
    Ok(Kept { id, ask: chosen.ask })
}

/// A time that is kept.
pub(crate) struct Kept {
    pub id: AppointmentId,
    /// A client's booking of it would be a request.
    pub ask: bool,
}

/// Only active persons take an offer. Their row is held against erasing.
pub(super) async fn may_take(conn: &mut PgConnection, client: BookableClient) -> Result<()> {
    let status = sqlx::query_scalar!(
        r#"select status as "status: Status" from client
            where id = $1 and kind = 'individual' and erased_at is null for no key update"#,
        client.id().0
    );
    match status.fetch_optional(conn).await? {
        Some(status) if status.may_be_booked() => Ok(()),
        Some(_) => Err(Refusal::Conflict(Conflict::ClientNotOnline).into()),
        None => Err(Refusal::NotFound.into()),
    }
}

/// Books what an offer kept, for the person it was kept for; what stands in the way was asked
/// when it was kept. The keys of the booking are locked.
pub(crate) async fn book_kept(
    conn: &mut PgConnection,
    actor: &Actor,
    client: BookableClient,
    kept: AppointmentId,
) -> Result<()> {
    let practitioner = sqlx::query_scalar!(
        r#"select practitioner_id as "practitioner: StaffId" from appointment where id = $1 and status = 'held' for update"#,
        kept.0
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or(Refusal::Conflict(Conflict::OfferEnded))?;
    may_take(&mut *conn, client).await?;
    sqlx::query!(
        "update appointment
            set status = 'confirmed', held_until = null, seats_taken = 1, booked_by = $2, booked_at = now(), timed_at = now()
          where id = $1",
        kept.0,
        actor.id()
    )
    .execute(&mut *conn)
    .await?;
    let participant = sqlx::query_scalar!(
        "insert into appointment_participant (id, appointment_id, client_id, proxy_id, payer_id, price_cents,
                starts_at, ends_at, blocks, booked_by)
         select $2, id, $3, $4, $4, price_cents, starts_at, ends_at, blocks, $5 from appointment where id = $1
         returning id",
        kept.0,
        new_id(),
        client.id().0,
        client.proxy().map(|id| id.0),
        actor.id()
    )
    .fetch_one(&mut *conn)
    .await
    .on_constraint("appointment_client_free", || Refusal::Conflict(Conflict::ClientBusy))?;
    book::assign_first(&mut *conn, kept, &[client.id().0], practitioner).await?;
    messages::queue_appointment(conn, actor, "confirmation", kept, &[participant], 1).await
}

/// Moves an appointment to the time that an offer keeps for it, whatever its policy says: the
/// practice offered it. What stood in the way was asked when it was kept. The keys of the move are locked.
pub(crate) async fn move_to_kept(
    conn: &mut PgConnection,
    actor: &Actor,
    id: AppointmentId,
    kept: AppointmentId,
) -> Result<()> {
    let to = sqlx::query!(
        "delete from appointment where id = $1 and status = 'held'
         returning practitioner_id, room_id, location_id, zone, starts_at, ends_at, starts_local, tzdb",
        kept.0
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or(Refusal::Conflict(Conflict::OfferEnded))?;
    let version = sqlx::query_scalar!(
        "update appointment
            set starts_at = $2, ends_at = $3, timed_at = now(), starts_local = $4, tzdb = $5, practitioner_id = $6, room_id = $7,
                practitioner_overbooked = false, room_overbooked = false, overbook_reason = '',
                location_id = $8, zone = $9, detached = series_id is not null, version = version + 1
          where id = $1 and status in ('requested', 'confirmed') returning version",
        id.0,
        to.starts_at,
        to.ends_at,
        to.starts_local,
        to.tzdb,
        to.practitioner_id,
        to.room_id,
        to.location_id,
        to.zone
    )
    .fetch_optional(&mut *conn)
    .await
    .on_constraint("appointment_practitioner_free", || Refusal::Conflict(Conflict::PractitionerBusy))
    .on_constraint("appointment_room_free", || Refusal::Conflict(Conflict::PractitionerBusy))
    .on_constraint("appointment_client_free", || Refusal::Conflict(Conflict::ClientBusy))?
    .ok_or(Refusal::Conflict(Conflict::AlreadyCancelled))?;
    let people = sqlx::query!(
        "update appointment_participant set overbooked = false where appointment_id = $1 and status = 'booked'
         returning id, client_id",
        id.0
    )
    .fetch_all(&mut *conn)
    .await
    .on_constraint("appointment_client_free", || Refusal::Conflict(Conflict::ClientBusy))?;
    let (participants, clients): (Vec<Uuid>, Vec<Uuid>) = people.into_iter().map(|row| (row.id, row.client_id)).unzip();
    book::assign_first(&mut *conn, id, &clients, StaffId(to.practitioner_id)).await?;
    messages::queue_appointment(conn, actor, "change", id, &participants, version).await
}

/// Stores an appointment that only takes its time until then, for whose it is.
pub(super) async fn hold(
    conn: &mut PgConnection,
    booking: Booking,
    facts: &Facts,
    chosen: &Chosen,
    (by, until): (Uuid, DateTime<Utc>),
) -> Result<AppointmentId> {
    let span = chosen.span;
    let id = AppointmentId(new_id());
    sqlx::query!(
        "insert into appointment (id, service_id, practitioner_id, location_id, room_id, starts_at, ends_at, starts_local,
                zone, tzdb, buffer_minutes, price_cents, policy_id, seats, seats_taken, status, held_until, request_key, booked_by,
                modality)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, 'held', $15, $1, $16, $17)",
        id.0,
        booking.service.0,
        chosen.practitioner.0,
        chosen.place.0,
        chosen.room.map(|id| id.0),
        span.starts,
        span.ends,
        chosen.zone.local(span.starts),
        chosen.zone.name(),
        crate::time::version(),
        facts.service.buffer_minutes,
        chosen.price_cents,
        facts.policy_id,
        facts.seats,
        until,
        by,
        modality(facts)
    )
    .execute(conn)
    .await
    .on_constraint("appointment_practitioner_free", || Refusal::Conflict(Conflict::PractitionerBusy))
    .on_constraint("appointment_room_free", || Refusal::Conflict(Conflict::PractitionerBusy))?;
    Ok(id)
}

/// In person where the service is held so, or else the first of its ways.
fn modality(facts: &Facts) -> &str {
    let usual = Modality::InPerson.as_str();
    let mut ways = facts.modalities.iter().map(String::as_str);
    ways.clone().find(|one| *one == usual).or(ways.next()).unwrap_or(usual)
}
