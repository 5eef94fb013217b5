//! Undoing a merge: exactly as it was, or not at all.

use super::journal::Journal;
use crate::{Actor, Error, Result, appointments, audit, authz, clients};
use chrono::{DateTime, Utc};
use shared::clients::Status;
use shared::{ClientId, ClientNumber, MergeId, Refusal};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// A merge into a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    pub id: MergeId,
    pub number: ClientNumber,
    pub code: String,
    pub at: DateTime<Utc>,
    pub by: String,
    /// Why it cannot be undone any more; empty when it can.
    pub reasons: Vec<&'static str>,
}

/// The merges into a client, the newest first, for those who may undo them.
pub async fn merges_of(pool: &PgPool, actor: &Actor, number: ClientNumber) -> Result<Vec<Merged>> {
    let mut conn = pool.acquire().await?;
    let client = authz::administrable(&mut conn, actor, number).await?.id();
    let rows = sqlx::query!(
        r#"select m.id as "id: MergeId", m.dropped_number as "number: ClientNumber", m.dropped_code::text as "code!",
                  m.merged_at, coalesce(s.first_name || ' ' || s.last_name, '') as "by!", m.journal
             from client_merge m left join staff_member s on s.id = m.merged_by
            where m.kept_id = $1 order by m.merged_at desc, m.id desc limit 50"#,
        client.0
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut merges = Vec::new();
    for row in rows {
        let reasons = match row.journal {
            None => vec!["The merge was made final."],
            Some(journal) => reasons(&mut conn, &Journal::read(journal)?).await?,
        };
        merges.push(Merged { id: row.id, number: row.number, code: row.code, at: row.merged_at, by: row.by, reasons });
    }
    Ok(merges)
}

/// Restores both records as they were before the merge; [`Refusal::NotUndoable`] when
/// something that it touched has changed since. What came later stays with the
/// record that was kept. Front desk only.
pub async fn undo(pool: &PgPool, actor: &Actor, number: ClientNumber, id: MergeId) -> Result<()> {
    let mut tx = pool.begin().await?;
    let client = authz::administrable(&mut tx, actor, number).await?.id();
    let dropped = sqlx::query_scalar!(
        r#"select dropped_id as "id: ClientId" from client_merge where id = $1 and kept_id = $2"#,
        id.0,
        client.0
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    appointments::lock(&mut tx, &[client.0, dropped.0]).await?;
    sqlx::query_scalar!(
        "select 1 from client_link where client_low = $1 or client_high = $1 order by id for update",
        client.0
    )
    .fetch_all(&mut *tx)
    .await?;
    crate::deletion::lock(&mut tx, client).await?;
    let row =
        sqlx::query!(r#"delete from client_merge where id = $1 and kept_id = $2 returning journal"#, id.0, client.0)
            .fetch_optional(&mut *tx)
            .await?
            .ok_or(Error::Refused(Refusal::NotFound))?;
    let Some(journal) = row.journal else { return Err(Refusal::NotUndoable.into()) };
    let journal = Journal::read(journal)?;
    if !journal.overtaken(&mut tx).await?.is_empty() {
        return Err(Refusal::NotUndoable.into());
    }
    journal.put_back(&mut tx).await.map_err(Error::or_not_undoable)?;
    earlier_follow(&mut tx, client, &journal).await?;
    let restored = sqlx::query!(
        r#"select id as "id: ClientId", status as "status: Status" from client where id in ($1, $2)"#,
        client.0,
        dropped.0
    )
    .fetch_all(&mut *tx)
    .await?;
    for one in restored {
        match clients::never_used(&mut tx, one.id, one.status).await {
            Err(Error::Refused(_)) => return Err(Refusal::NotUndoable.into()),
            checked => checked?,
        }
        clients::rest(&mut tx, one.id, one.status).await?;
    }
    audit::append(&mut tx, actor, "merge-undone", "client", client, &[]).await?;
    audit::append(&mut tx, actor, "restored", "client", dropped, &[]).await?;
    tx.commit().await?;
    Ok(())
}

/// Merges of before can be undone still: their journals know the new versions.
async fn earlier_follow(conn: &mut PgConnection, client: ClientId, undone: &Journal) -> Result<()> {
    let earlier = sqlx::query!(
        r#"select id, journal as "journal!" from client_merge where kept_id = $1 and journal is not null"#,
        client.0
    );
    for row in earlier.fetch_all(&mut *conn).await? {
        let mut journal = Journal::read(row.journal)?;
        journal.follow(undone);
        sqlx::query!("update client_merge set journal = $2 where id = $1", row.id, journal.write()?)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// Whom a number leads to that was merged away: for those who may see them.
pub async fn kept_for(pool: &PgPool, actor: &Actor, number: ClientNumber) -> Result<Option<ClientNumber>> {
    let scope = actor.staff()?.scope();
    Ok(sqlx::query_scalar!(
        r#"select c.number as "number: ClientNumber"
             from client_merge m join client c on c.id = m.kept_id
            where m.dropped_number = $1
              and ($2::uuid is null or exists (
                  select from client_practitioner a where a.client_id = c.id and a.practitioner_id = $2))"#,
        number.0,
        scope as Option<Uuid>
    )
    .fetch_optional(pool)
    .await?)
}

async fn reasons(conn: &mut PgConnection, journal: &Journal) -> Result<Vec<&'static str>> {
    let mut reasons: Vec<_> = journal.overtaken(conn).await?.iter().map(|table| words(table)).collect();
    reasons.dedup();
    Ok(reasons)
}

fn words(table: &str) -> &'static str {
    match table {
        "client" => "The record has been edited or merged again since.",
        "account" | "account_link" => "The log-in has changed since.",
        "client_link" | "client_link_event" => "A relationship has changed since.",
        "client_membership" => "A membership has changed since.",
        "appointment" => "An appointment has been moved to somebody else or removed since.",
        "activity_client" | "activity_attendee" => "An activity has changed since.",
        "client_practitioner" => "Somebody has been assigned or unassigned since.",
        "client_tag" => "The tags have changed since.",
        "message" | "message_copy" => "E-mails have been removed since.",
        _ => "Something that followed has been changed or removed since.",
    }
}
