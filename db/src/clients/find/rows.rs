//! What lists and pickers show of clients.

use crate::Result;
use shared::clients::{ClientRow, ClientSummary, Kind, Status};
use shared::{ClientId, ClientNumber};
use sqlx::PgConnection;
use uuid::Uuid;

pub async fn rows(conn: &mut PgConnection, ids: &[ClientId]) -> Result<Vec<ClientRow>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select c.id as "id: ClientId", c.number as "number: ClientNumber", c.code::text as "code!", c.kind as "kind: Kind",
                  c.status as "status: Status", client_name(c) as "name!",
                  c.email::text as email, c.mobile, c.birth_date, c.alert <> '' as "has_alert!",
                  exists (select from account a where a.client_id = c.id) as "has_login!",
                  (select min(p.starts_at) from appointment p
                    where p.client_id = c.id and p.status = 'confirmed' and p.starts_at > now()) as next_appointment
             from unnest($1::uuid[]) with ordinality as wanted (id, place)
             join client c on c.id = wanted.id
            order by wanted.place"#,
        &ids
    )
    .fetch_all(conn)
    .await?;
    let rows = rows.into_iter().map(|row| ClientRow {
        id: row.id,
        number: row.number,
        code: row.code,
        kind: row.kind,
        status: row.status,
        name: row.name,
        email: row.email,
        mobile: row.mobile,
        birth_date: row.birth_date,
        has_login: row.has_login,
        has_alert: row.has_alert,
        next_appointment: row.next_appointment,
    });
    Ok(rows.collect())
}

pub async fn summaries(conn: &mut PgConnection, ids: &[ClientId]) -> Result<Vec<ClientSummary>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select c.id as "id: ClientId", c.number as "number: ClientNumber", c.code::text as "code!", c.kind as "kind: Kind",
                  c.status as "status: Status", client_name(c) as "name!",
                  c.email::text as email, c.birth_date
             from unnest($1::uuid[]) with ordinality as wanted (id, place)
             join client c on c.id = wanted.id
            order by wanted.place"#,
        &ids
    )
    .fetch_all(conn)
    .await?;
    let rows = rows.into_iter().map(|row| ClientSummary {
        id: row.id,
        number: row.number,
        kind: row.kind,
        name: row.name,
        code: row.code,
        status: row.status,
        birth_date: row.birth_date,
        email: row.email,
    });
    Ok(rows.collect())
}
