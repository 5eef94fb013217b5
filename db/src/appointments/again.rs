//! What was booked last: to be offered again.

use crate::{Actor, Result, authz};
use shared::{ClientId, ClientNumber, ServiceId, StaffId};
use sqlx::PgPool;

/// How many clients are remembered.
const LAST_MAX: i64 = 5;

/// The service and practitioner of a client's last appointment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latest {
    pub service: ServiceId,
    pub service_name: String,
    pub practitioner: StaffId,
    pub practitioner_name: String,
}

/// The latest appointment of a client that stands, if its service and practitioner are
/// still there.
pub async fn booked_for(pool: &PgPool, actor: &Actor, client: ClientId) -> Result<Option<Latest>> {
    let mut conn = pool.acquire().await?;
    authz::readable_by_id(&mut conn, actor, client).await?;
    Ok(sqlx::query_as!(
        Latest,
        r#"select s.id as "service: ServiceId", s.name as service_name, m.id as "practitioner: StaffId",
                  m.first_name || ' ' || m.last_name as "practitioner_name!"
             from (select service_id, practitioner_id from visit
                    where client_id = $1 and status in ('requested', 'confirmed')
                    order by starts_at desc limit 1) a
             join service s on s.id = a.service_id
             join staff_member m on m.id = a.practitioner_id
            where s.active and m.active"#,
        client.0
    )
    .fetch_optional(&mut *conn)
    .await?)
}

/// The clients that the actor booked last and may see, newest first.
pub async fn booked_last(pool: &PgPool, actor: &Actor) -> Result<Vec<(ClientNumber, String)>> {
    let staff = actor.staff()?;
    let rows = sqlx::query!(
        r#"select c.number as "number: ClientNumber", client_name(c) as "name!"
             from (select client_id, max(booked_at) as booked_at
                     from (select client_id, booked_at from appointment_participant
                            where booked_by = $1 order by booked_at desc limit 50) newest
                    group by client_id) last
             join client c on c.id = last.client_id
            where c.erased_at is null and c.status = 'active' and exists (select from client_in_scope(c.id, $2))
            order by last.booked_at desc, c.number
            limit $3"#,
        staff.id().0,
        staff.scope(),
        LAST_MAX
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|row| (row.number, row.name)).collect())
}
