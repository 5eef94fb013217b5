//! Finding a client from anywhere: what the search in the top bar shows, and the
//! records that a staff member opened last.

use super::find::search_numbers;
use crate::authz::ReadableClient;
use crate::time::Zone;
use crate::{Actor, Result};
use chrono::{DateTime, NaiveDate, Utc};
use shared::ClientNumber;
use shared::clients::{Kind, Status};
use sqlx::{PgConnection, PgPool};

/// How many records are remembered for each staff member.
pub const RECENT_MAX: i64 = 8;

/// A client in the search of the top bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundClient {
    pub number: ClientNumber,
    pub name: String,
    pub code: String,
    pub kind: Kind,
    pub status: Status,
    pub birth_date: Option<NaiveDate>,
    pub mobile: Option<String>,
    /// The start of the next appointment, at its venue: `Tue 1 Dec, 9:30 am`.
    pub next_appointment: Option<String>,
}

/// Clients of every kind the viewer may see and `q` finds; without `q`, those
/// whose records they opened last.
pub async fn quick_find(pool: &PgPool, actor: &Actor, q: &str, limit: u32) -> Result<Vec<FoundClient>> {
    let mut conn = pool.acquire().await?;
    let numbers = match q.trim().is_empty() {
        true => recent(&mut conn, actor).await?,
        false => search_numbers(&mut conn, actor, q, limit).await?,
    };
    found(&mut conn, actor, &numbers).await
}

/// Notes that the viewer opened a record; older ones than [`RECENT_MAX`] are
/// forgotten. Of someone who was erased nothing is noted. A record that is being
/// changed at this moment is left out rather than waited for.
pub async fn note_opened(conn: &mut PgConnection, actor: &Actor, client: &ReadableClient) -> Result<()> {
    sqlx::query!(
        "with opened as (
            insert into recent_client (staff_id, client_id, opened_at)
            select $1, c.id, clock_timestamp()
              from (select id from client where id = $2 and erased_at is null for key share skip locked) c
            on conflict (staff_id, client_id) do update set opened_at = excluded.opened_at)
         delete from recent_client
          where staff_id = $1 and client_id in (
                select client_id from recent_client
                 where staff_id = $1 and client_id <> $2 order by opened_at desc offset $3)",
        actor.staff()?.id().0,
        client.id().0,
        RECENT_MAX - 1
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn recent(conn: &mut PgConnection, actor: &Actor) -> Result<Vec<i64>> {
    Ok(sqlx::query_scalar!(
        "select c.number from recent_client r join client c on c.id = r.client_id
          where r.staff_id = $1 order by r.opened_at desc limit $2",
        actor.staff()?.id().0,
        RECENT_MAX
    )
    .fetch_all(conn)
    .await?)
}

/// These clients in this order, as far as the viewer may see them.
async fn found(conn: &mut PgConnection, actor: &Actor, numbers: &[i64]) -> Result<Vec<FoundClient>> {
    let rows = sqlx::query!(
        r#"select c.number as "number: ClientNumber", client_name(c) as "name!", c.code::text as "code!",
                  c.kind as "kind: Kind", c.status as "status: Status", c.birth_date, c.mobile,
                  next.starts_at as "starts_at?: DateTime<Utc>", next.zone as "zone?"
             from unnest((select $1::bigint[])) with ordinality as wanted (number, place)
             join client c on c.number = wanted.number
             left join lateral (
                  select a.starts_at, a.zone from visit a
                   where a.client_id = c.id and a.status = 'confirmed' and a.starts_at > now()
                   order by a.starts_at limit 1) next on true
            where (select $2::uuid) is null or exists (
                  select from client_practitioner a where a.client_id = c.id and a.practitioner_id = (select $2::uuid))
            order by wanted.place"#,
        numbers,
        actor.staff()?.scope()
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| FoundClient {
            number: row.number,
            name: row.name,
            code: row.code,
            kind: row.kind,
            status: row.status,
            birth_date: row.birth_date,
            mobile: row.mobile,
            next_appointment: row.starts_at.zip(row.zone).map(|(at, zone)| {
                let zone = Zone::stored(&zone);
                format!("{}, {}", zone.short_date(at), zone.exact_clock(at))
            }),
        })
        .collect())
}
