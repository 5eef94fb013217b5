//! The three ways to part with a client: deactivate, which is a status;
//! delete, while nothing refers to them; erase, which blanks the person and
//! leaves the row to the history of others.

mod clear;
mod erase;
mod references;
mod searches;

pub use clear::clear;
pub use erase::erase;
pub use references::{OnDelete, OnErase, OnMerge, REFERENCES, Reference};

use crate::{Actor, Result, appointments, audit, authz};
use chrono::{DateTime, Utc};
use shared::clients::{Kind, Status};
use shared::deletion::{Blocker, BlockerCount};
use shared::{AppointmentId, ClientId, ClientNumber, Refusal};
use sqlx::{AssertSqlSafe, PgConnection, PgPool};

/// What the page needs to know about a client who may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletionSummary {
    pub number: ClientNumber,
    pub name: String,
    pub code: String,
    pub kind: Kind,
    pub status: Status,
    pub erased: bool,
    pub blockers: Vec<BlockerCount>,
    /// The newest appointments that they booked for others, with their beginnings.
    pub managed: Vec<(AppointmentId, DateTime<Utc>)>,
}

/// The number of [`DeletionSummary::managed`] that are named.
const MANAGED_SHOWN: i64 = 10;

/// A client, and all that refers to them. Front desk only.
pub async fn deletion_summary(pool: &PgPool, actor: &Actor, number: ClientNumber) -> Result<DeletionSummary> {
    let mut conn = pool.acquire().await?;
    let client = authz::removable(&mut conn, actor, number).await?;
    let row = sqlx::query!(
        r#"select client_name(c) as "name!", code::text as "code!", kind as "kind: Kind",
                  status as "status: Status", erased_at is not null as "erased!"
             from client c where id = $1"#,
        client.0
    )
    .fetch_one(&mut *conn)
    .await?;
    Ok(DeletionSummary {
        number,
        name: row.name,
        code: row.code,
        kind: row.kind,
        status: row.status,
        erased: row.erased,
        blockers: count_blockers(&mut conn, client).await?,
        managed: managed(&mut conn, client).await?,
    })
}

/// The newest appointments that the client booked for others.
async fn managed(conn: &mut PgConnection, client: ClientId) -> Result<Vec<(AppointmentId, DateTime<Utc>)>> {
    let rows = sqlx::query!(
        r#"select appointment_id as "id: AppointmentId", starts_at from appointment_participant where proxy_id = $1
            order by starts_at desc, appointment_id limit $2"#,
        client.0,
        MANAGED_SHOWN
    );
    Ok(rows.fetch_all(conn).await?.into_iter().map(|row| (row.id, row.starts_at)).collect())
}

/// What refers to the client, by kind; nothing, when they can be deleted.
/// Front desk only.
pub async fn blockers(pool: &PgPool, actor: &Actor, number: ClientNumber) -> Result<Vec<BlockerCount>> {
    let mut conn = pool.acquire().await?;
    let client = authz::removable(&mut conn, actor, number).await?;
    count_blockers(&mut conn, client).await
}

/// Deletes a client that nothing refers to, with what is their own; else
/// [`Refusal::InUse`]. It cannot be undone. Front desk only.
pub async fn delete(pool: &PgPool, actor: &Actor, number: ClientNumber) -> Result<()> {
    let mut tx = pool.begin().await?;
    if !delete_in(&mut tx, actor, number).await?.is_empty() {
        return Err(Refusal::InUse.into());
    }
    tx.commit().await?;
    Ok(())
}

/// [`delete`] within a transaction that ends with it; answers what refers to
/// the client, who then stays.
pub(crate) async fn delete_in(
    conn: &mut PgConnection,
    actor: &Actor,
    number: ClientNumber,
) -> Result<Vec<BlockerCount>> {
    let client = authz::removable(conn, actor, number).await?;
    appointments::lock(conn, &[client.0]).await?;
    lock(conn, client).await?;
    let blockers = count_blockers(conn, client).await?;
    if blockers.is_empty() {
        sqlx::query!("delete from form_response where author_client_id = $1 and state = 'draft'", client.0)
            .execute(&mut *conn)
            .await?;
        sqlx::query!("delete from client where id = $1", client.0).execute(&mut *conn).await?;
        audit::append(conn, actor, "delete", "client", client, &[]).await?;
    }
    Ok(blockers)
}

/// Waits for anyone who is about to refer to the client, and keeps others from it
/// until commit. Of two who delete the second finds no one.
pub(crate) async fn lock(conn: &mut PgConnection, client: ClientId) -> Result<()> {
    sqlx::query_scalar!("select 1 from client where id = $1 for update", client.0)
        .fetch_optional(conn)
        .await?
        .ok_or(Refusal::NotFound)?;
    Ok(())
}

/// Counts by [`REFERENCES`], in one statement.
async fn count_blockers(conn: &mut PgConnection, client: ClientId) -> Result<Vec<BlockerCount>> {
    let counts = REFERENCES.iter().flat_map(|reference| {
        let Reference { table, column, .. } = reference;
        let kinds = match reference.delete {
            OnDelete::Goes => [].as_slice(),
            OnDelete::Blocks(kinds) => kinds,
        };
        kinds.iter().map(move |(what, when)| {
            format!("select '{}' as what, count(*) as n from {table} where {column} = $1 and ({when})", what.as_str())
        })
    });
    let sql = counts.collect::<Vec<_>>().join(" union all ");
    let rows: Vec<(Blocker, i64)> = sqlx::query_as(AssertSqlSafe(format!(
        "select what, sum(n)::bigint from ({sql}) counted group by what having sum(n) > 0"
    )))
    .bind(client.0)
    .fetch_all(conn)
    .await?;
    let mut blockers: Vec<_> = rows.into_iter().map(|(what, count)| BlockerCount { what, count }).collect();
    blockers.sort_by_key(|blocker| blocker.what);
    Ok(blockers)
}
