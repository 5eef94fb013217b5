//! Removing a link, and what is open between the two when it goes (D10).

use super::sides::Pair;
use super::{both, lock, record};
use crate::{Actor, Error, Result, audit, messages};
use shared::links::OpenAppointment;
use shared::{AppointmentId, ClientNumber, Refusal};
use sqlx::PgPool;
use std::collections::BTreeSet;
use uuid::Uuid;

/// The appointments that a removal decides on, soonest first: still to come,
/// of either one, booked or managed by the other.
pub async fn open_matters(
    pool: &PgPool,
    actor: &Actor,
    number: ClientNumber,
    other: ClientNumber,
) -> Result<Vec<OpenAppointment>> {
    let mut conn = pool.acquire().await?;
    let (own, other) = both(&mut conn, actor, number, other).await?;
    let rows = sqlx::query!(
        r#"select a.id as "id: AppointmentId", a.starts_at, a.zone, s.name as service,
                  m.first_name || ' ' || m.last_name as "practitioner!",
                  client_name(c) as "attendee!", client_name(p) as "proxy!"
             from appointment a
             join service s on s.id = a.service_id
             join staff_member m on m.id = a.practitioner_id
             join client c on c.id = a.client_id
             join client p on p.id = a.proxy_id
            where ((a.client_id = $1 and a.proxy_id = $2) or (a.client_id = $2 and a.proxy_id = $1))
              and a.status = 'confirmed' and a.starts_at > now()
            order by a.starts_at, a.id"#,
        own.id().0,
        other.id().0
    )
    .fetch_all(&mut *conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| OpenAppointment {
            id: row.id,
            starts_at: row.starts_at,
            zone: row.zone,
            service: row.service,
            practitioner: row.practitioner,
            attendee: row.attendee,
            proxy: row.proxy,
        })
        .collect())
}

/// Ends, at once, what either may do for the other. Of the appointments open
/// between them those named in `cancel` are cancelled, the others stay the
/// person's own. An appointment that is not open between them is
/// [`Refusal::NotFound`], and nothing is done.
///
/// Past appointments keep who booked them: lists ask the grant each time, so
/// the former linked client sees none of them.
pub async fn remove(
    pool: &PgPool,
    actor: &Actor,
    number: ClientNumber,
    other: ClientNumber,
    cancel: Vec<AppointmentId>,
) -> Result<()> {
    let mut tx = pool.begin().await?;
    let (own, other) = both(&mut tx, actor, number, other).await?;
    let pair = Pair::of(own.id(), other.id()).ok_or(Error::Refused(Refusal::NotFound))?;
    // Bookings by way of this link share this lock: none slips in behind.
    let (link, _, _) = lock(&mut tx, pair).await?;
    let open = sqlx::query_scalar!(
        "select id from appointment
          where ((client_id = $1 and proxy_id = $2) or (client_id = $2 and proxy_id = $1))
            and status = 'confirmed' and starts_at > now()
          order by id for update",
        pair.low.0,
        pair.high.0
    )
    .fetch_all(&mut *tx)
    .await?;
    let cancel: BTreeSet<Uuid> = cancel.into_iter().map(Uuid::from).collect();
    let (cancelled, kept): (Vec<Uuid>, Vec<Uuid>) = open.into_iter().partition(|id| cancel.contains(id));
    if cancelled.len() != cancel.len() {
        return Err(Refusal::NotFound.into());
    }

    // The notices read the link's grants when they are sent: they go to the
    // person alone.
    let versions = sqlx::query!(
        r#"update appointment set status = 'cancelled', cancelled_by = $2, cancelled_at = now(), version = version + 1
            where id = any($1) returning id as "id: AppointmentId", version"#,
        &cancelled,
        actor.id()
    )
    .fetch_all(&mut *tx)
    .await?;
    for row in versions {
        messages::queue_appointment(&mut tx, "cancellation", row.id, row.version).await?;
    }
    sqlx::query!("update appointment set proxy_id = null where id = any($1)", &kept).execute(&mut *tx).await?;
    record(&mut tx, actor, link, "removed").await?;
    sqlx::query!("delete from client_link where id = $1", link.0).execute(&mut *tx).await?;

    for id in cancelled {
        audit::append(&mut tx, actor, "cancel", "appointment", id, &["status"]).await?;
    }
    for id in kept {
        audit::append(&mut tx, actor, "update", "appointment", id, &["proxy_id"]).await?;
    }
    audit::append(&mut tx, actor, "remove", "link", link, &[]).await?;
    tx.commit().await?;
    Ok(())
}
