//! Clearing what keeps a client from being deleted, one kind at a time.

use super::{count_blockers, lock};
use crate::appointments::{self, Ending};
use crate::{Actor, Result, accounts, audit, authz, links};
use shared::deletion::{Blocker, clearable};
use shared::links::RemovalForm;
use shared::{AppointmentId, ClientId, ClientNumber, Refusal};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Clears what can be cleared of one kind; what cannot is [`Refusal::InUse`].
/// Records are destroyed only where that leads to a deletion. Front desk only.
pub async fn clear(pool: &PgPool, actor: &Actor, number: ClientNumber, what: Blocker) -> Result<()> {
    match what {
        Blocker::Links => return unlink(pool, actor, number).await,
        Blocker::Login => return accounts::remove_login(pool, actor, number).await.map(drop),
        _ => {}
    }
    let mut tx = pool.begin().await?;
    let client = authz::removable(&mut tx, actor, number).await?;
    lock(&mut tx, client).await?;
    if what.clearing().is_none() || what.destroys() && !clearable(&count_blockers(&mut tx, client).await?) {
        return Err(Refusal::InUse.into());
    }
    match what {
        Blocker::Upcoming => cancel(&mut tx, actor, client).await?,
        Blocker::Cancelled => forget_cancelled(&mut tx, actor, client).await?,
        Blocker::Memberships | Blocker::Members => leave(&mut tx, actor, client, what).await?,
        Blocker::Mail => forget_mail(&mut tx, actor, client).await?,
        Blocker::Merges => {
            sqlx::query!("update client_merge set journal = null where kept_id = $1", client.0)
                .execute(&mut *tx)
                .await?;
            audit::append(&mut tx, actor, "finish-merges", "client", client, &[]).await?;
        }
        Blocker::Links | Blocker::Login | Blocker::Past | Blocker::Managed | Blocker::Activities | Blocker::Forms => {}
    }
    tx.commit().await?;
    Ok(())
}

/// Link by link, each with all that its removal ends.
async fn unlink(pool: &PgPool, actor: &Actor, number: ClientNumber) -> Result<()> {
    let linked = {
        let mut conn = pool.acquire().await?;
        let client = authz::readable(&mut conn, actor, number).await?;
        actor.front_desk()?;
        links::of_client(&mut conn, actor, &client).await?
    };
    for link in linked {
        links::remove(pool, actor, number, link.other_number, &RemovalForm::default()).await?;
    }
    Ok(())
}

async fn cancel(conn: &mut PgConnection, actor: &Actor, client: ClientId) -> Result<()> {
    let upcoming = sqlx::query!(
        r#"select a.id as "id: AppointmentId", p.id as participant
             from appointment a join appointment_participant p on p.appointment_id = a.id
            where $1 in (p.client_id, p.party_id) and p.blocks and p.status = 'booked' and p.starts_at > now()
            order by a.id, p.id for update of a"#,
        client.0
    )
    .fetch_all(&mut *conn)
    .await?;
    for row in &upcoming {
        appointments::end(conn, actor, row.id, &[row.participant], Ending::default()).await?;
    }
    for row in upcoming {
        audit::append(conn, actor, "cancel", "appointment", row.id, &["status"]).await?;
    }
    Ok(())
}

/// Those that never took place and of which no one is still to be told.
async fn forget_cancelled(conn: &mut PgConnection, actor: &Actor, client: ClientId) -> Result<()> {
    let gone = sqlx::query_scalar!(
        r#"delete from appointment_participant p using visit v
          where v.participant_id = p.id and $1 in (p.client_id, p.party_id)
            and v.status = 'cancelled' and v.cancelled_at < v.starts_at
            and not exists (
                select from message m left join message_copy y on y.message_id = m.id
                 where m.participant_id = p.id and (m.state = 'queued' or y.state = 'queued'))
        returning p.appointment_id"#,
        client.0
    )
    .fetch_all(&mut *conn)
    .await?;
    sqlx::query!(
        "delete from appointment a
          where a.id = any ($1) and not exists (select from appointment_participant p where p.appointment_id = a.id)",
        &gone
    )
    .execute(&mut *conn)
    .await?;
    for id in gone {
        audit::append(conn, actor, "delete", "appointment", id, &[]).await?;
    }
    Ok(())
}

async fn leave(conn: &mut PgConnection, actor: &Actor, client: ClientId, what: Blocker) -> Result<()> {
    let others: Vec<Uuid> = sqlx::query_scalar!(
        r#"delete from client_membership
            where case when $2 then member_id else group_id end = $1
        returning case when $2 then group_id else member_id end as "other!""#,
        client.0,
        what == Blocker::Memberships
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
