//! Clearing what keeps a client from being deleted, one kind at a time.

use super::{hindrances, lock};
use crate::{Actor, Result, accounts, audit, authz, links, messages};
use shared::deletion::{Hindrance, clearable};
use shared::{AppointmentId, ClientId, ClientNumber, Refusal};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Clears what can be cleared of one kind; what cannot is [`Refusal::InUse`].
/// Records are destroyed only where that leads to a deletion. Front desk only.
pub async fn clear(pool: &PgPool, actor: &Actor, number: ClientNumber, what: Hindrance) -> Result<()> {
    match what {
        Hindrance::Links => return unlink(pool, actor, number).await,
        Hindrance::Login => return accounts::remove_login(pool, actor, number).await.map(drop),
        _ => {}
    }
    let mut tx = pool.begin().await?;
    let client = authz::removable(&mut tx, actor, number).await?;
    lock(&mut tx, client).await?;
    if what.clearing().is_none() || what.destroys() && !clearable(&hindrances(&mut tx, client).await?) {
        return Err(Refusal::InUse.into());
    }
    match what {
        Hindrance::Upcoming => cancel(&mut tx, actor, client).await?,
        Hindrance::Cancelled => forget_cancelled(&mut tx, actor, client).await?,
        Hindrance::Memberships | Hindrance::Members => leave(&mut tx, actor, client, what).await?,
        Hindrance::Mail => forget_mail(&mut tx, actor, client).await?,
        Hindrance::Merges => {
            sqlx::query!("update client_merge set journal = null where kept_id = $1", client.0)
                .execute(&mut *tx)
                .await?;
            audit::append(&mut tx, actor, "finish-merges", "client", client, &[]).await?;
        }
        Hindrance::Links | Hindrance::Login | Hindrance::Past | Hindrance::Managed | Hindrance::Activities => {}
    }
    tx.commit().await?;
    Ok(())
}

/// Link by link, each with all that its removal ends.
async fn unlink(pool: &PgPool, actor: &Actor, number: ClientNumber) -> Result<()> {
    authz::removable(&mut *pool.acquire().await?, actor, number).await?;
    for link in links::of_client(pool, actor, number).await? {
        links::remove(pool, actor, number, link.other_number, Vec::new()).await?;
    }
    Ok(())
}

async fn cancel(conn: &mut PgConnection, actor: &Actor, client: ClientId) -> Result<()> {
    let cancelled = sqlx::query!(
        r#"update appointment set status = 'cancelled', cancelled_by = $2, cancelled_at = now(), version = version + 1
            where client_id = $1 and status = 'confirmed' and starts_at > now()
        returning id as "id: AppointmentId", version"#,
        client.0,
        actor.id()
    )
    .fetch_all(&mut *conn)
    .await?;
    for row in &cancelled {
        messages::queue_appointment(conn, "cancellation", row.id, row.version).await?;
    }
    for row in cancelled {
        audit::append(conn, actor, "cancel", "appointment", row.id, &["status"]).await?;
    }
    Ok(())
}

/// Those that never took place and of which nobody is still to be told.
async fn forget_cancelled(conn: &mut PgConnection, actor: &Actor, client: ClientId) -> Result<()> {
    let gone = sqlx::query_scalar!(
        "delete from appointment a
          where a.client_id = $1 and a.status = 'cancelled' and a.cancelled_at < a.starts_at
            and not exists (
                select from message m left join message_copy y on y.message_id = m.id
                 where m.appointment_id = a.id and (m.state = 'queued' or y.state = 'queued'))
        returning a.id",
        client.0
    )
    .fetch_all(&mut *conn)
    .await?;
    for id in gone {
        audit::append(conn, actor, "delete", "appointment", id, &[]).await?;
    }
    Ok(())
}

async fn leave(conn: &mut PgConnection, actor: &Actor, client: ClientId, what: Hindrance) -> Result<()> {
    let others: Vec<Uuid> = sqlx::query_scalar!(
        r#"delete from client_membership
            where case when $2 then member_id else group_id end = $1
        returning case when $2 then group_id else member_id end as "other!""#,
        client.0,
        what == Hindrance::Memberships
    )
    .fetch_all(&mut *conn)
    .await?;
    for other in others.into_iter().chain([client.0]) {
        audit::append(conn, actor, "update", "client", other, &["members"]).await?;
    }
    Ok(())
}

async fn forget_mail(conn: &mut PgConnection, actor: &Actor, client: ClientId) -> Result<()> {
    sqlx::query!("delete from message_copy where client_id = $1 and state <> 'queued'", client.0)
        .execute(&mut *conn)
        .await?;
    sqlx::query!(
        "delete from message m
          where m.client_id = $1 and m.state <> 'queued'
            and not exists (select from message_copy y where y.message_id = m.id and y.state = 'queued')",
        client.0
    )
    .execute(&mut *conn)
    .await?;
    audit::append(conn, actor, "delete-mail", "client", client, &[]).await
}
