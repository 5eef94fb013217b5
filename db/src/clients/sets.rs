//! A client's tags and practitioners, one at a time.

use super::write::lock;
use crate::{Actor, Result, audit, authz};
use shared::{ClientId, ClientNumber, Problem, Refusal, StaffId, TagId};
use sqlx::{PgConnection, PgPool};

/// Adds a tag to a client, or removes it: anyone who may edit the client.
pub async fn set_tag(pool: &PgPool, actor: &Actor, number: ClientNumber, tag: TagId, on: bool) -> Result<()> {
    let mut tx = pool.begin().await?;
    set_tag_in(&mut tx, actor, number, tag, on).await?;
    Ok(tx.commit().await?)
}

/// [`set_tag`] within a transaction that ends with it; `false`: it was so already.
pub(crate) async fn set_tag_in(
    conn: &mut PgConnection,
    actor: &Actor,
    number: ClientNumber,
    tag: TagId,
    on: bool,
) -> Result<bool> {
    let client = authz::editable(conn, actor, number).await?.id();
    lock(conn, client).await?;
    let changed = if on {
        let known = sqlx::query_scalar!("select 1 from tag where id = $1 for key share", tag.0);
        if known.fetch_optional(&mut *conn).await?.is_none() {
            return Err(Refusal::field("tag", Problem::Unknown).into());
        }
        sqlx::query!(
            "insert into client_tag (client_id, tag_id) values ($1, $2) on conflict do nothing",
            client.0,
            tag.0
        )
        .execute(&mut *conn)
        .await?
    } else {
        sqlx::query!("delete from client_tag where client_id = $1 and tag_id = $2", client.0, tag.0)
            .execute(&mut *conn)
            .await?
    };
    changed_in(conn, actor, client, changed.rows_affected() > 0, "tags").await
}

/// Assigns a practitioner to a client, or ends that: front desk.
pub async fn set_practitioner(
    pool: &PgPool,
    actor: &Actor,
    number: ClientNumber,
    practitioner: StaffId,
    on: bool,
) -> Result<()> {
    let mut tx = pool.begin().await?;
    set_practitioner_in(&mut tx, actor, number, practitioner, on).await?;
    Ok(tx.commit().await?)
}

/// [`set_practitioner`] within a transaction that ends with it; `false`: it was
/// so already.
pub(crate) async fn set_practitioner_in(
    conn: &mut PgConnection,
    actor: &Actor,
    number: ClientNumber,
    practitioner: StaffId,
    on: bool,
) -> Result<bool> {
    let client = authz::administrable(conn, actor, number).await?.id();
    lock(conn, client).await?;
    let changed = if on {
        let known = sqlx::query_scalar!(
            "select 1 from staff_member where id = $1 and active and 'practitioner' = any (roles) for key share",
            practitioner.0
        );
        if known.fetch_optional(&mut *conn).await?.is_none() {
            return Err(Refusal::field("practitioner", Problem::Unknown).into());
        }
        sqlx::query!(
            "insert into client_practitioner (client_id, practitioner_id) values ($1, $2) on conflict do nothing",
            client.0,
            practitioner.0
        )
        .execute(&mut *conn)
        .await?
    } else {
        sqlx::query!(
            "with ended as (
                 delete from client_practitioner where client_id = $1 and practitioner_id = $2 returning *)
             insert into client_practitioner_ended (client_id, practitioner_id)
             select client_id, practitioner_id from ended
             on conflict (client_id, practitioner_id) do update set ended_at = now()",
            client.0,
            practitioner.0
        )
        .execute(&mut *conn)
        .await?
    };
    changed_in(conn, actor, client, changed.rows_affected() > 0, "practitioners").await
}

/// Counts the version on, so that anyone who has the form open is told.
async fn changed_in(
    conn: &mut PgConnection,
    actor: &Actor,
    client: ClientId,
    changed: bool,
    field: &str,
) -> Result<bool> {
    if changed {
        sqlx::query!("update client set version = version + 1, updated_at = now() where id = $1", client.0)
            .execute(&mut *conn)
            .await?;
        audit::append(conn, actor, "update", "client", client, &[field]).await?;
    }
    Ok(changed)
}
