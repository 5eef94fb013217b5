//! Cancelling.

use crate::authz;
use crate::{Actor, Error, Result, audit, messages};
use shared::appointments::AppointmentStatus;
use shared::{AppointmentId, ClientId, Refusal};
use sqlx::PgPool;

/// Cancels a future appointment: whoever may book the person may also cancel
/// for them. Cancelling twice changes nothing the second time. A past
/// appointment is history; staff alone may still cancel it, and nobody is told.
pub async fn cancel(pool: &PgPool, actor: &Actor, id: AppointmentId) -> Result<()> {
    let mut tx = pool.begin().await?;
    let client = sqlx::query_scalar!(r#"select client_id as "client: ClientId" from appointment where id = $1"#, id.0)
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(Error::Refused(Refusal::NotFound))?;
    // The link before the appointment: the order in which a link's removal
    // locks them.
    authz::bookable(&mut tx, actor, client).await?;
    let row = sqlx::query!(
        r#"select status as "status: AppointmentStatus", starts_at <= now() as "past!", ends_at <= now() as "over!"
             from appointment where id = $1 for update"#,
        id.0
    )
    .fetch_one(&mut *tx)
    .await?;
    // Of others a client sees only what is upcoming.
    if row.over && matches!(actor, Actor::Client(me) if me.id != client) {
        return Err(Refusal::NotFound.into());
    }
    if row.status == AppointmentStatus::Cancelled {
        return Ok(());
    }
    if row.past && matches!(actor, Actor::Client(_)) {
        return Err(Refusal::Conflict(shared::Conflict::Past).into());
    }
    let version = sqlx::query_scalar!(
        "update appointment set status = 'cancelled', cancelled_by = $2, cancelled_at = now(), version = version + 1
          where id = $1 returning version",
        id.0,
        actor.id()
    )
    .fetch_one(&mut *tx)
    .await?;
    if !row.past {
        messages::queue_appointment(&mut tx, "cancellation", id, version).await?;
    }
    audit::append(&mut tx, actor, "cancel", "appointment", id, &["status"]).await?;
    tx.commit().await?;
    Ok(())
}
