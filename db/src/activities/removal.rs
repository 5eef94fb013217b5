//! Deleting an activity, and putting it back within a day.

use super::editable;
use super::write::has_prospects;
use crate::{Actor, Error, Result, audit, practice};
use chrono::{DateTime, Utc};
use shared::accounts::Role;
use shared::practice::Section;
use shared::{ActivityId, Refusal};
use sqlx::{PgConnection, PgPool};

/// Deletes an activity: its owner or an administrator. An appointment that it
/// recorded can be recorded again. For a day it can be put back.
pub async fn delete(pool: &PgPool, actor: &Actor, id: ActivityId) -> Result<()> {
    actor.staff()?;
    let mut tx = pool.begin().await?;
    practice::needs(&mut tx, Section::Activities).await?;
    let activity = match editable(&mut tx, actor, id).await {
        Err(Error::Refused(Refusal::NotFound)) if is_deleted(&mut tx, actor, id).await? => return Ok(()),
        answer => answer?,
    };
    sqlx::query!(
        "insert into activity_removal (id, staff_id, record)
         select a.id, a.staff_id, jsonb_build_object(
                    'activity', to_jsonb(a),
                    'clients', array(select client_id from activity_client where activity_id = a.id),
                    'attendees', (select coalesce(jsonb_agg(jsonb_build_array(group_id, member_id)), '[]')
                                    from activity_attendee where activity_id = a.id),
                    'ages', (select coalesce(jsonb_agg(jsonb_build_array(client_id, age_range_id)), '[]')
                               from erased_age where activity_id = a.id))
           from activity a where a.id = $1",
        activity.id.0
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("delete from activity where id = $1", activity.id.0).execute(&mut *tx).await?;
    audit::append(&mut tx, actor, "delete", "activity", id, &[]).await?;
    tx.commit().await?;
    Ok(())
}

/// Deleted twice is deleted.
async fn is_deleted(conn: &mut PgConnection, actor: &Actor, id: ActivityId) -> Result<bool> {
    let me = actor.staff()?;
    let removed = sqlx::query_scalar!(
        r#"select exists (select from activity_removal where id = $1 and (staff_id = $2 or $3)) as "there!""#,
        id.0,
        me.id().0,
        me.is(Role::Administrator)
    );
    Ok(removed.fetch_one(conn).await?)
}

/// Puts a deleted activity back, with those of its clients who are still here:
/// its owner or an administrator, within a day. One that is back already is as
/// good as put back. [`Refusal::NotUndoable`] when its appointment was recorded
/// again.
pub async fn restore(pool: &PgPool, actor: &Actor, id: ActivityId) -> Result<()> {
    let me = actor.staff()?;
    let mut tx = pool.begin().await?;
    practice::needs(&mut tx, Section::Activities).await?;
    let removed = sqlx::query!(
        "delete from activity_removal
          where id = $1 and removed_at > now() - interval '1 day' and (staff_id = $2 or $3)
         returning record, removed_at",
        id.0,
        me.id().0,
        me.is(Role::Administrator)
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(removed) = removed else {
        return editable(&mut tx, actor, id).await.map(drop);
    };
    put_back(&mut tx, id, &removed.record).await.map_err(Error::or_not_undoable)?;
    // Its appointment was cancelled meanwhile, or someone became a prospect.
    if is_cancelled_since(&mut tx, id, removed.removed_at).await? || has_prospects(&mut tx, id).await? {
        return Err(Refusal::NotUndoable.into());
    }
    audit::append(&mut tx, actor, "restore", "activity", id, &[]).await?;
    tx.commit().await?;
    Ok(())
}

/// Forgets those that cannot be put back any more.
pub async fn tidy(pool: &PgPool) -> Result<()> {
    sqlx::query!("delete from activity_removal where removed_at <= now() - interval '1 day'").execute(pool).await?;
    Ok(())
}

async fn is_cancelled_since(conn: &mut PgConnection, activity: ActivityId, at: DateTime<Utc>) -> Result<bool> {
    let found = sqlx::query_scalar!(
        r#"select exists (select from activity a join appointment p on p.id = a.appointment_id
                         where a.id = $1 and p.cancelled_at > $2) as "found!""#,
        activity.0,
        at
    );
    Ok(found.fetch_one(conn).await?)
}

/// A client who was merged meanwhile is replaced by the record that stayed.
async fn put_back(conn: &mut PgConnection, id: ActivityId, record: &serde_json::Value) -> Result<()> {
    sqlx::query!(
        "insert into activity select (jsonb_populate_record(null::activity, $1::jsonb -> 'activity')).*",
        record
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into activity_client (activity_id, client_id)
         select $1, c.id
           from jsonb_array_elements_text($2::jsonb -> 'clients') was (id)
           left join client_merge m on m.dropped_id = was.id::uuid
           join client c on c.id = coalesce(m.kept_id, was.id::uuid)
         on conflict do nothing",
        id.0,
        record
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into activity_attendee (activity_id, group_id, member_id)
         select $1, g.client_id, c.id
           from jsonb_array_elements($2::jsonb -> 'attendees') was (pair)
           join activity_client g on g.activity_id = $1 and g.client_id = (pair ->> 0)::uuid
           left join client_merge m on m.dropped_id = (pair ->> 1)::uuid
           join client c on c.id = coalesce(m.kept_id, (pair ->> 1)::uuid)
         on conflict do nothing",
        id.0,
        record
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into erased_age (client_id, activity_id, age_range_id)
         select c.id, $1, (pair ->> 1)::uuid
           from jsonb_array_elements($2::jsonb -> 'ages') was (pair) join client c on c.id = (pair ->> 0)::uuid",
        id.0,
        record
    )
    .execute(conn)
    .await?;
    Ok(())
}
