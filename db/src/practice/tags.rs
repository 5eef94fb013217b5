//! Tags: made in place by anyone who edits a client, tidied by administrators.

use crate::{Actor, Error, OnConstraint, Result, audit};
use shared::tags::TagView;
use shared::{Problem, Refusal, TagId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// All tags by name: for pickers and filters. Anyone who works here.
pub async fn names(conn: &mut PgConnection) -> Result<Vec<(TagId, String)>> {
    let rows = sqlx::query!(r#"select id as "id: TagId", name::text as "name!" from tag order by name, id"#);
    Ok(rows.fetch_all(conn).await?.into_iter().map(|row| (row.id, row.name)).collect())
}

/// The tags of these names, made where there are none: part of the caller's
/// transaction.
pub async fn ensure(conn: &mut PgConnection, names: &[String]) -> Result<Vec<TagId>> {
    let ids: Vec<Uuid> = names.iter().map(|_| crate::new_id()).collect();
    sqlx::query!(
        "insert into tag (id, name) select * from unnest($1::uuid[], $2::text[]) order by 2 on conflict do nothing",
        &ids,
        names
    )
    .execute(&mut *conn)
    .await?;
    Ok(sqlx::query_scalar!(
        r#"select id as "id: TagId" from tag where name = any ($1::text[]::citext[]) order by id"#,
        names
    )
    .fetch_all(conn)
    .await?)
}

/// Every tag by name, with how many clients have it. Administrators and staff.
pub async fn list(pool: &PgPool, actor: &Actor) -> Result<Vec<TagView>> {
    actor.front_desk()?;
    Ok(sqlx::query_as!(
        TagView,
        r#"select t.id as "id: TagId", t.name::text as "name!", coalesce(had.clients, 0) as "clients!"
             from tag t
             left join (select tag_id, count(*) as clients from client_tag group by tag_id) had on had.tag_id = t.id
            order by t.name, t.id"#
    )
    .fetch_all(pool)
    .await?)
}

/// Makes a tag. Administrators only. One of that name that exists is as good.
pub async fn create(pool: &PgPool, actor: &Actor, name: &str) -> Result<TagId> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    let id = TagId(crate::new_id());
    let made =
        sqlx::query!("insert into tag (id, name) values ($1, $2::text::citext) on conflict do nothing", id.0, name)
            .execute(&mut *tx)
            .await?;
    if made.rows_affected() == 0 {
        let found = sqlx::query_scalar!(r#"select id as "id: TagId" from tag where name = $1::text::citext"#, name);
        return found.fetch_optional(&mut *tx).await?.ok_or(Error::Refused(Refusal::Stale));
    }
    audit::append(&mut tx, actor, "create", "tag", id, &[]).await?;
    tx.commit().await?;
    Ok(id)
}

/// Gives a tag another name; `was` is the one that the form showed.
/// Administrators only. Refused at `name` when another tag has it.
pub async fn rename(pool: &PgPool, actor: &Actor, id: TagId, name: &str, was: &str) -> Result<()> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    let stored = lock(&mut tx, &[id]).await?.pop().ok_or(Error::Refused(Refusal::NotFound))?.1;
    if stored == name {
        return Ok(());
    }
    if stored != was {
        return Err(Refusal::Stale.into());
    }
    sqlx::query!("update tag set name = $2::text::citext where id = $1", id.0, name)
        .execute(&mut *tx)
        .await
        .on_constraint("tag_name_key", || Refusal::field("name", Problem::Taken))?;
    audit::append(&mut tx, actor, "change", "tag", id, &["name"]).await?;
    tx.commit().await?;
    Ok(())
}

/// Anyone who has the one tag has the other instead; the one is gone.
/// Administrators only.
pub async fn merge(pool: &PgPool, actor: &Actor, id: TagId, into: TagId) -> Result<()> {
    actor.administrator()?;
    if id == into {
        return Err(Refusal::field("into", Problem::Unknown).into());
    }
    let mut tx = pool.begin().await?;
    let found = lock(&mut tx, &[id, into]).await?;
    match (found.iter().any(|(tag, _)| *tag == id), found.iter().any(|(tag, _)| *tag == into)) {
        (true, true) => {}
        (false, true) => return Err(Refusal::NotFound.into()),
        (_, false) => return Err(Refusal::field("into", Problem::Unknown).into()),
    }
    sqlx::query!(
        "insert into client_tag (client_id, tag_id) select client_id, $2 from client_tag where tag_id = $1
         on conflict do nothing",
        id.0,
        into.0
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("delete from tag where id = $1", id.0).execute(&mut *tx).await?;
    audit::append(&mut tx, actor, "merge", "tag", id, &[]).await?;
    tx.commit().await?;
    Ok(())
}

/// A tag that can still be put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemovedTag {
    pub id: TagId,
    pub name: String,
    /// How many clients had it.
    pub clients: i64,
}

/// The tags removed within a day, the newest first. Administrators only.
pub async fn removed(pool: &PgPool, actor: &Actor) -> Result<Vec<RemovedTag>> {
    actor.administrator()?;
    Ok(sqlx::query_as!(
        RemovedTag,
        r#"select id as "id: TagId", name::text as "name!", cardinality(clients)::bigint as "clients!"
             from tag_removal where removed_at > now() - interval '1 day' order by removed_at desc, id"#
    )
    .fetch_all(pool)
    .await?)
}

/// Takes a tag from everyone who has it. For a day it can be put back.
/// Administrators only; one that is gone already is as good as removed.
pub async fn remove(pool: &PgPool, actor: &Actor, id: TagId) -> Result<()> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    if lock(&mut tx, &[id]).await?.is_empty() {
        let gone = sqlx::query_scalar!(r#"select exists (select from tag_removal where id = $1) as "gone!""#, id.0);
        return if gone.fetch_one(&mut *tx).await? { Ok(()) } else { Err(Refusal::NotFound.into()) };
    }
    sqlx::query!("delete from tag_removal where removed_at <= now() - interval '1 day'").execute(&mut *tx).await?;
    sqlx::query!(
        "insert into tag_removal (id, name, clients)
         select id, name, array(select client_id from client_tag where tag_id = tag.id) from tag where id = $1",
        id.0
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("delete from tag where id = $1", id.0).execute(&mut *tx).await?;
    audit::append(&mut tx, actor, "remove", "tag", id, &[]).await?;
    tx.commit().await?;
    Ok(())
}

/// Puts a removed tag back on every client who had it and is still here. A tag
/// of that name made meanwhile is given to them instead. Administrators only.
pub async fn restore(pool: &PgPool, actor: &Actor, id: TagId) -> Result<()> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    let removal = sqlx::query!(
        r#"delete from tag_removal where id = $1 and removed_at > now() - interval '1 day'
           returning name::text as "name!", clients"#,
        id.0
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(removal) = removal else {
        let there = sqlx::query_scalar!(r#"select exists (select from tag where id = $1) as "there!""#, id.0);
        return if there.fetch_one(&mut *tx).await? { Ok(()) } else { Err(Refusal::NotFound.into()) };
    };
    sqlx::query!("insert into tag (id, name) values ($1, $2::text::citext) on conflict do nothing", id.0, removal.name)
        .execute(&mut *tx)
        .await?;
    sqlx::query!(
        "insert into client_tag (client_id, tag_id)
         select c.id, t.id from client c, tag t
          where c.id = any ($1) and c.erased_at is null and t.name = $2::text::citext
         on conflict do nothing",
        &removal.clients,
        removal.name
    )
    .execute(&mut *tx)
    .await?;
    audit::append(&mut tx, actor, "restore", "tag", id, &[]).await?;
    tx.commit().await?;
    Ok(())
}

/// Those of the tags that exist; no one else can give them to a client, rename
/// or remove them until the transaction ends.
async fn lock(conn: &mut PgConnection, ids: &[TagId]) -> Result<Vec<(TagId, String)>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select id as "id: TagId", name::text as "name!" from tag where id = any ($1) order by id for update"#,
        &ids
    );
    Ok(rows.fetch_all(conn).await?.into_iter().map(|row| (row.id, row.name)).collect())
}
