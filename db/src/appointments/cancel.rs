//! Cancelling: staff the appointment, a client their own part of it.

use super::book::TRIES;
use super::participants::{Part, manageable};
use super::{book, policy};
use crate::{Actor, Error, OnConstraint, Result, audit, messages, pool};
use chrono::Utc;
use shared::appointments::{AppointmentStatus, CancelForm};
use shared::permissions::Permission;
use shared::{AppointmentId, Conflict, Refusal};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// How someone's part in an appointment ends.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Ending<'a> {
    /// Behind the cutoff of the policy.
    pub late: bool,
    pub reason: &'a str,
    /// It was in the past: no one is told.
    pub untold: bool,
}

/// Cancels a future appointment: anyone who may book the person may also cancel
/// for them. Cancelling twice changes nothing the second time. A past
/// appointment is history; staff alone may still cancel it, and no one is told.
pub async fn cancel(pool: &PgPool, actor: &Actor, id: AppointmentId) -> Result<()> {
    cancel_with(pool, actor, id, &CancelForm::default()).await
}

/// [`cancel`] with a reason, or of one of those who attend. A client cancels as the policy
/// says under which it was booked.
pub async fn cancel_with(pool: &PgPool, actor: &Actor, id: AppointmentId, form: &CancelForm) -> Result<()> {
    let mut tries = 1;
    loop {
        match cancel_once(pool, actor, id, form).await {
            Err(error) if error.is_transient() && tries < TRIES => tries += 1,
            answer => return answer,
        }
    }
}

async fn cancel_once(pool: &PgPool, actor: &Actor, id: AppointmentId, form: &CancelForm) -> Result<()> {
    let mut tx = pool::begin(pool).await?;
    if cancel_in(&mut tx, actor, id, form).await? {
        audit::append(&mut tx, actor, "cancel", "appointment", id, &["status"]).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// [`cancel_with`] within a transaction: `false` when it was cancelled already. The audit
/// is the caller's, behind everything else.
pub(crate) async fn cancel_in(
    conn: &mut PgConnection,
    actor: &Actor,
    id: AppointmentId,
    form: &CancelForm,
) -> Result<bool> {
    let wanted = form.client.trim().parse().ok();
    // The link before the appointment: the order in which a link's removal
    // locks them.
    let parts = manageable(&mut *conn, actor, id, wanted, Permission::Cancel).await?;
    let row = sqlx::query!(
        r#"select status as "status: AppointmentStatus", starts_at <= now() as "past!", ends_at <= now() as "over!"
             from appointment where id = $1 for update"#,
        id.0
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    // Of others a client sees only what is upcoming.
    if row.over && matches!(actor, Actor::Client(me) if parts.iter().all(|part| part.client != me.id())) {
        return Err(Refusal::NotFound.into());
    }
    let ending = still_booked(&mut *conn, &parts).await?;
    if row.status == AppointmentStatus::Cancelled || ending.is_empty() {
        return Ok(false);
    }
    let (late, reason) = match actor {
        Actor::Client(_) => {
            let terms = policy::of(&mut *conn, id).await?;
            (terms.cancelling(Utc::now()).map_err(Refusal::Conflict)?, String::new())
        }
        Actor::Staff(_) => (form.late, book::reason(&form.reason)?),
    };
    end(&mut *conn, actor, id, &ending, Ending { late, reason: &reason, untold: row.past }).await?;
    Ok(true)
}

/// Those of the parts that have not ended, behind the appointment's lock.
async fn still_booked(conn: &mut PgConnection, parts: &[Part]) -> Result<Vec<Uuid>> {
    let ids: Vec<Uuid> = parts.iter().map(|part| part.id.0).collect();
    Ok(sqlx::query_scalar!(
        "select id from appointment_participant where id = any ($1) and status = 'booked' order by id",
        &ids
    )
    .fetch_all(conn)
    .await?)
}

/// Ends the parts of some of those who attend; without anyone left the appointment is
/// cancelled. The row of the appointment is locked. The audit is the caller's.
pub(crate) async fn end(
    conn: &mut PgConnection,
    actor: &Actor,
    id: AppointmentId,
    participants: &[Uuid],
    ending: Ending<'_>,
) -> Result<()> {
    sqlx::query!(
        "update appointment_participant set status = $2, cancelled_by = $3, cancelled_at = now()
          where id = any ($1) and status = 'booked'",
        participants,
        if ending.late { "late_cancelled" } else { "cancelled" },
        actor.id()
    )
    .execute(&mut *conn)
    .await?;
    // One price for a couple, family or group: those who stay owe it.
    sqlx::query!(
        "with gone as (select party_id, sum(price_cents)::bigint as price from appointment_participant
                        where id = any ($1) and party_id is not null group by party_id having sum(price_cents) > 0),
              heir as (select distinct on (p.party_id) p.id, g.price
                         from appointment_participant p join gone g on g.party_id = p.party_id
                        where p.appointment_id = $2 and p.status = 'booked'
                        order by p.party_id, p.booked_at, p.id),
              passed as (update appointment_participant p set price_cents = p.price_cents + h.price
                           from heir h where h.id = p.id returning p.party_id)
         update appointment_participant p set price_cents = 0
           from passed where passed.party_id = p.party_id and p.id = any ($1)",
        participants,
        id.0
    )
    .execute(&mut *conn)
    .await?;
    let version = sqlx::query_scalar!(
        "with left_over as (select count(*)::smallint as n from appointment_participant
                             where appointment_id = $1 and status = 'booked')
         update appointment a
            set seats_taken = l.n, version = a.version + case when l.n = 0 then 1 else 0 end,
                status = case when l.n = 0 then 'cancelled' else a.status end,
                held_until = case when l.n = 0 then null else a.held_until end,
                cancelled_by = case when l.n = 0 then $2 else a.cancelled_by end,
                cancelled_at = case when l.n = 0 then now() else a.cancelled_at end,
                cancel_reason = case when l.n = 0 then $3 else a.cancel_reason end
           from left_over l where a.id = $1 returning a.version",
        id.0,
        actor.id(),
        ending.reason
    )
    .fetch_one(&mut *conn)
    .await?;
    if !ending.untold {
        messages::queue_appointment(conn, actor, "cancellation", id, participants, version).await?;
    }
    Ok(())
}

/// Puts a cancelled appointment back, for staff: everyone whose part ended with it, while
/// its time is still free for all of them ([`Refusal::Conflict`] otherwise). Those who
/// were told are told again.
pub async fn restore(pool: &PgPool, actor: &Actor, id: AppointmentId) -> Result<()> {
    actor.staff()?;
    let mut tries = 1;
    loop {
        match restore_once(pool, actor, id).await {
            Err(error) if error.is_transient() && tries < TRIES => tries += 1,
            answer => return answer,
        }
    }
}

async fn restore_once(pool: &PgPool, actor: &Actor, id: AppointmentId) -> Result<()> {
    let mut tx = pool::begin(pool).await?;
    let ids = sqlx::query_scalar!(
        r#"select practitioner_id as "id!" from appointment where id = $1
           union select room_id from appointment where id = $1 and room_id is not null
           union select client_id from appointment_participant where appointment_id = $1"#,
        id.0
    )
    .fetch_all(&mut *tx)
    .await?;
    book::lock(&mut tx, &ids).await?;
    manageable(&mut tx, actor, id, None, Permission::Book).await?;
    let row = sqlx::query!(
        r#"select status as "status: AppointmentStatus", starts_at, ends_at, practitioner_id, cancelled_at from appointment
            where id = $1 for update"#,
        id.0
    )
    .fetch_one(&mut *tx)
    .await?;
    let Some(cancelled_at) = row.cancelled_at.filter(|_| row.status == AppointmentStatus::Cancelled) else {
        return Ok(());
    };
    // A participant who was overbooked before stays outside the constraints: nothing else may be there now.
    let taken = sqlx::query_scalar!(
        r#"select exists (
               select from appointment a
                where a.practitioner_id = $2 and a.blocks and a.id <> $1
                  and (a.held_until is null or a.held_until > now()) and a.starts_at < $4 and a.ends_at > $3) as "taken!""#,
        id.0,
        row.practitioner_id,
        row.starts_at,
        row.ends_at
    )
    .fetch_one(&mut *tx)
    .await?;
    if taken {
        return Err(Refusal::Conflict(Conflict::PractitionerBusy).into());
    }
    sqlx::query!(
        "delete from appointment where practitioner_id = $1 and status = 'held' and held_until <= now()
            and starts_at < $3 and ends_at > $2",
        row.practitioner_id,
        row.starts_at,
        row.ends_at
    )
    .execute(&mut *tx)
    .await?;
    let back = sqlx::query_scalar!(
        "update appointment_participant set status = 'booked', cancelled_by = null, cancelled_at = null
          where appointment_id = $1 and status <> 'booked' and cancelled_at >= $2 returning id",
        id.0,
        cancelled_at
    )
    .fetch_all(&mut *tx)
    .await?;
    let version = sqlx::query_scalar!(
        "update appointment
            set status = 'confirmed', timed_at = now(), cancelled_by = null, cancelled_at = null, cancel_reason = '', version = version + 1,
                practitioner_overbooked = false,
                seats_taken = (select count(*) from appointment_participant where appointment_id = $1 and status = 'booked')
          where id = $1 returning version",
        id.0
    )
    .fetch_one(&mut *tx)
    .await
    .on_constraint("appointment_practitioner_free", || Refusal::Conflict(Conflict::PractitionerBusy))
    .on_constraint("appointment_room_free", || Refusal::Conflict(Conflict::PractitionerBusy))
    .on_constraint("appointment_client_free", || Refusal::Conflict(Conflict::ClientBusy))
    .on_constraint("appointment_request_key", || Refusal::NotUndoable)?;
    if row.starts_at > Utc::now() {
        messages::queue_appointment(&mut tx, actor, "confirmation", id, &back, version).await?;
    }
    audit::append(&mut tx, actor, "restore", "appointment", id, &["status"]).await?;
    tx.commit().await?;
    Ok(())
}
