//! What was just booked or cancelled, and who is told of it.

use super::lists::{mine_one, one};
use crate::messages::{Reach, reach, reach_of, reaches};
use crate::{Actor, Result};
use chrono::{DateTime, Utc};
use shared::appointments::AppointmentStatus;
use shared::{AppointmentId, ClientId};
use sqlx::PgPool;

/// An appointment as a notice names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub service: String,
    /// Who attends; `None`: the viewer.
    pub name: Option<String>,
    pub starts_at: DateTime<Utc>,
    pub zone: String,
    pub status: AppointmentStatus,
    /// Mail about this was queued: not of what is past.
    pub is_mailed: bool,
    pub audience: Audience,
}

/// Who is told. A client learns of themself alone, not who else gets mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// For staff. `scoped`: there may be linked clients that they do not see.
    Staff { reach: Reach, scoped: bool },
    /// For a client: whether it is mailed to them, and how they are reached.
    Client { is_me: bool, reach: Option<Reach> },
}

/// For those who may see the appointment. Who is told is asked as when mail is sent.
pub async fn notice(pool: &PgPool, actor: &Actor, id: AppointmentId) -> Result<Notice> {
    match actor {
        Actor::Staff(staff) => {
            let shown = one(pool, actor, id).await?;
            let mut conn = pool.acquire().await?;
            let is_mailed = is_mailed(&mut conn, id, shown.status).await?;
            let reach = reach(&mut conn, shown.client_id, None, staff.scope(), Some(id)).await?;
            Ok(Notice {
                service: shown.service_name,
                name: Some(shown.client_name),
                starts_at: shown.starts_at,
                zone: shown.zone,
                status: shown.status,
                is_mailed,
                audience: Audience::Staff { reach, scoped: staff.scope().is_some() },
            })
        }
        Actor::Client(me) => {
            let shown = mine_one(pool, me, id).await?;
            let mut conn = pool.acquire().await?;
            let is_mailed = is_mailed(&mut conn, id, shown.status).await?;
            let is_me = reaches(&mut conn, shown.client_id, me.id()).await?;
            let own = match shown.for_name {
                None => Some(reach(&mut conn, me.id(), None, None, None).await?),
                Some(_) => None,
            };
            Ok(Notice {
                service: shown.service_name,
                name: shown.for_name,
                starts_at: shown.starts_at,
                zone: shown.zone,
                status: shown.status,
                is_mailed,
                audience: Audience::Client { is_me, reach: own },
            })
        }
    }
}

/// Who would hear of a change, and who would not and why: for each who attends and is known to the viewer
/// sees. Staff only.
pub async fn audience(pool: &PgPool, actor: &Actor, id: AppointmentId) -> Result<Vec<Reach>> {
    let scope = actor.staff()?.scope();
    one(pool, actor, id).await?;
    let mut conn = pool.acquire().await?;
    let clients = sqlx::query_scalar!(
        r#"select v.client_id as "id: ClientId"
             from appointment_participant v
            where v.appointment_id = $1 and v.status = 'booked' and exists (select from client_in_scope(v.client_id, $2))
            order by v.booked_at, v.id"#,
        id.0,
        scope
    )
    .fetch_all(&mut *conn)
    .await?;
    reach_of(&mut conn, &clients, None, scope, Some(id)).await
}

async fn is_mailed(conn: &mut sqlx::PgConnection, id: AppointmentId, status: AppointmentStatus) -> Result<bool> {
    let kind = match status {
        AppointmentStatus::Held | AppointmentStatus::Requested | AppointmentStatus::Confirmed => "confirmation",
        AppointmentStatus::Cancelled => "cancellation",
    };
    Ok(sqlx::query_scalar!(
        r#"select exists (select from message where appointment_id = $1 and kind = $2) as "mailed!""#,
        id.0,
        kind
    )
    .fetch_one(conn)
    .await?)
}
