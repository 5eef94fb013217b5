//! Requests: bookings in hours that clients ask for, and of services by request. Staff
//! accept or decline; the time is kept until they do.

use super::cancel::{Ending, end};
use super::conflicts::choose;
use super::moving::{Stands, booking_of, facts, keys, people, stands};
use super::participants::manageable;
use super::{book, lists};
use crate::actor::StaffActor;
use crate::{Actor, Result, audit, messages};
use chrono::{DateTime, Utc};
use shared::appointments::{AnswerForm, AppointmentStatus, StaffAppointment};
use shared::permissions::Permission;
use shared::{AppointmentId, Conflict, Refusal};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// The requests that are upcoming and that the viewer sees, soonest first; at most a hundred.
pub async fn requests(pool: &PgPool, actor: &Actor, now: DateTime<Utc>) -> Result<Vec<StaffAppointment>> {
    lists::requested(pool, actor, now).await
}

/// How many there are.
pub async fn requests_count(pool: &PgPool, staff: &StaffActor, now: DateTime<Utc>) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "count!" from appointment a
            where a.status = 'requested' and a.starts_at > $2
              and ($1::uuid is null or exists (select from appointment_participant p
                                                where p.appointment_id = a.id and exists (select from client_in_scope(p.client_id, $1))))"#,
        staff.scope(),
        now
    )
    .fetch_one(pool)
    .await?)
}

/// Accepts a request, for staff who may book. Its time is checked again: what came in its way
/// since, like time off, is shown, and may be passed over as in a booking. Accepting twice
/// is once.
pub async fn accept(pool: &PgPool, actor: &Actor, id: AppointmentId, form: &AnswerForm) -> Result<()> {
    let mut tx = pool.begin().await?;
    let Some((stands, people)) = requested(&mut tx, actor, id, form, true).await? else { return Ok(()) };
    let reason = book::reason(&form.reason)?;
    let facts = facts(&mut tx, &stands, stands.practitioner, people, None).await?;
    let booking = booking_of(&stands, id, form.over())?;
    let chosen = choose(&mut tx, actor, booking, &facts, Some(id)).await?;
    let busy: Vec<Uuid> = chosen.busy.iter().map(|id| id.0).collect();
    let overbooked = chosen.practitioner_overbooked || chosen.room_overbooked || !busy.is_empty();
    let version = sqlx::query_scalar!(
        "update appointment set status = 'confirmed', answered_at = now(), version = version + 1, room_id = $2,
                practitioner_overbooked = $3, room_overbooked = $4, overbook_reason = case when $5 then $6 else '' end,
                location_id = $7, zone = $8, starts_local = $9, tzdb = $10
          where id = $1 returning version",
        id.0,
        chosen.room.map(|id| id.0),
        chosen.practitioner_overbooked,
        chosen.room_overbooked,
        overbooked,
        reason,
        chosen.place.0,
        chosen.zone.name(),
        chosen.zone.local(stands.starts_at),
        crate::time::version()
    )
    .fetch_one(&mut *tx)
    .await?;
    let participants = sqlx::query_scalar!(
        "select id from appointment_participant where appointment_id = $1 and status = 'booked'",
        id.0
    )
    .fetch_all(&mut *tx)
    .await?;
    if stands.starts_at > Utc::now() {
        messages::queue_appointment(&mut tx, actor, "confirmation", id, &participants, version).await?;
    }
    audit::append(&mut tx, actor, "accept", "appointment", id, &["status"]).await?;
    tx.commit().await?;
    Ok(())
}

/// Declines a request: its time is free again, and those who asked are told. Declining
/// twice is once.
pub async fn decline(pool: &PgPool, actor: &Actor, id: AppointmentId, form: &AnswerForm) -> Result<()> {
    let mut tx = pool.begin().await?;
    let Some((stands, _)) = requested(&mut tx, actor, id, form, false).await? else { return Ok(()) };
    let reason = book::reason(&form.reason)?;
    let participants = sqlx::query_scalar!(
        "select id from appointment_participant where appointment_id = $1 and status = 'booked' order by id",
        id.0
    )
    .fetch_all(&mut *tx)
    .await?;
    let ending = Ending { late: false, reason: &reason, untold: stands.starts_at <= Utc::now() };
    end(&mut tx, actor, id, &participants, ending).await?;
    sqlx::query!("update appointment set declined = true, answered_at = now() where id = $1", id.0)
        .execute(&mut *tx)
        .await?;
    audit::append(&mut tx, actor, "decline", "appointment", id, &["status"]).await?;
    tx.commit().await?;
    Ok(())
}

/// A request as it was shown, with all that it takes locked; `None` of one that was answered
/// like that already.
async fn requested(
    conn: &mut PgConnection,
    actor: &Actor,
    id: AppointmentId,
    form: &AnswerForm,
    accepting: bool,
) -> Result<Option<(Stands, Vec<super::facts::Person>)>> {
    actor.staff()?;
    manageable(&mut *conn, actor, id, None, Permission::Book).await?;
    let shown = form.version()?;
    let before = stands(&mut *conn, id, false).await?;
    let locked = keys(&mut *conn, &before, before.at_its_place(id)).await?;
    book::lock(&mut *conn, &locked).await?;
    let people = people(&mut *conn, actor, &before).await?;
    let stands = stands(&mut *conn, id, true).await?;
    if stands.status != AppointmentStatus::Requested {
        let answered = sqlx::query!(
            "select answered_at is not null as \"answered!\", declined from appointment where id = $1",
            id.0
        )
        .fetch_one(conn)
        .await?;
        let accepted = stands.status == AppointmentStatus::Confirmed && answered.answered;
        let is_so = if accepting { accepted } else { answered.declined };
        return if is_so { Ok(None) } else { Err(Refusal::Conflict(Conflict::NotRequested).into()) };
    }
    if stands.version != shown || keys(conn, &stands, stands.at_its_place(id)).await? != locked {
        return Err(Refusal::Stale.into());
    }
    Ok(Some((stands, people)))
}
