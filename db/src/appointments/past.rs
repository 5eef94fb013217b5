//! A client's own past appointments, in the portal: never anyone else's, whatever is granted.

use crate::actor::ClientActor;
use crate::{PgPool, Result, permissions};
use chrono::{DateTime, Utc};
use shared::AppointmentId;
use shared::appointments::{Modality, Outcome};
use shared::permissions::Permission;

/// How many are shown at most.
pub const PAST_MAX: i64 = 500;

/// An appointment that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastAppointment {
    pub id: AppointmentId,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub zone: String,
    pub service: String,
    pub practitioner: String,
    pub modality: Modality,
    pub location: String,
    /// What it costs the client.
    pub price_cents: i64,
    pub outcome: Outcome,
}

/// What is over, newest first: of one year by the clocks of its place, or the newest `limit` of all.
/// [`shared::Refusal::Forbidden`] without the permission to see them.
pub async fn past_of_own(
    pool: &PgPool,
    me: &ClientActor,
    year: Option<i32>,
    limit: i64,
) -> Result<Vec<PastAppointment>> {
    let mut conn = pool.acquire().await?;
    permissions::require(&mut conn, me.id(), Permission::SeeHistory).await?;
    Ok(sqlx::query_as!(
        PastAppointment,
        r#"select a.id as "id: AppointmentId", a.starts_at, a.ends_at, a.zone, s.name as service,
                  m.first_name || ' ' || m.last_name as "practitioner!", a.modality as "modality: Modality", l.name as location,
                  p.price_cents,
                  case when p.status = 'late_cancelled' then 'late_cancelled'
                       when p.status = 'cancelled' or a.status = 'cancelled' then 'cancelled'
                       when p.attendance = 'no_show' then 'missed'
                       when p.attendance = 'expected' then 'not_recorded'
                       else 'attended' end as "outcome!: Outcome"
             from appointment_participant p
            cross join lateral (select * from appointment where appointment.id = p.appointment_id limit 1) a
             join service s on s.id = a.service_id
             join staff_member m on m.id = a.practitioner_id
             join location l on l.id = a.location_id
            where p.client_id = $1 and a.status <> 'held' and a.ends_at <= now()
              and ($2::int is null or extract(year from a.starts_local) = $2)
            order by a.starts_at desc, a.id limit $3"#,
        me.id().0,
        year,
        limit
    )
    .fetch_all(&mut *conn)
    .await?)
}

/// The years in which there is something to see, newest first; none without the permission.
pub async fn past_years(pool: &PgPool, me: &ClientActor) -> Result<Vec<i32>> {
    Ok(sqlx::query_scalar!(
        r#"select distinct extract(year from a.starts_local)::int as "year!"
             from appointment_participant p
            cross join lateral (select * from appointment where appointment.id = p.appointment_id limit 1) a
            where p.client_id = $1 and a.status <> 'held' and a.ends_at <= now() and portal_may($1, 'see_history')
            order by 1 desc"#,
        me.id().0
    )
    .fetch_all(pool)
    .await?)
}
