//! Changing forms. Administrators only.

use super::seal::content_hash;
use crate::clients::content_key;
use crate::locks::{self, Purpose};
use crate::practice::same_version;
use crate::{Actor, Error, OnConstraint, PgPool, Result, audit, new_id};
use shared::forms::{Definition, Edit, FormForm};
use shared::{FormId, Problem, Refusal};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

/// Makes a form, with the draft of its first version. The same form sent twice is one.
pub async fn create(pool: &PgPool, actor: &Actor, form: &FormForm) -> Result<FormId> {
    actor.administrator()?;
    let (name, starter, key) = form.parse()?;
    let id = key.map_or_else(new_id, |key| content_key(key, &(actor.id(), &name, starter.map(|one| one.as_str()))));
    let mut tx = pool.begin().await?;
    locks::lock(&mut tx, Purpose::Form, [id]).await?;
    let known = sqlx::query_scalar!(r#"select exists (select from form where id = $1) as "known!""#, id);
    if known.fetch_one(&mut *tx).await? {
        return Ok(FormId(id));
    }
    sqlx::query!("insert into form (id, name) values ($1, $2)", id, name)
        .execute(&mut *tx)
        .await
        .on_constraint("form_name_key", taken)?;
    let definition = starter.map(|starter| starter.definition()).unwrap_or_default();
    sqlx::query!(
        "insert into form_version (id, form_id, number, definition) values ($1, $2, 1, $3)",
        new_id(),
        id,
        Json(&definition) as _
    )
    .execute(&mut *tx)
    .await?;
    audit::append(&mut tx, actor, "create", "form", id, &[]).await?;
    tx.commit().await?;
    Ok(FormId(id))
}

fn taken() -> Refusal {
    Refusal::field("name", Problem::Taken)
}

pub async fn rename(pool: &PgPool, actor: &Actor, id: FormId, form: &FormForm) -> Result<()> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    let was = locked(&mut tx, id).await?;
    let (name, ..) = form.parse()?;
    if was == name {
        return Ok(());
    }
    sqlx::query!("update form set name = $2 where id = $1", id.0, name)
        .execute(&mut *tx)
        .await
        .on_constraint("form_name_key", taken)?;
    audit::append(&mut tx, actor, "change", "form", id, &["name"]).await?;
    tx.commit().await?;
    Ok(())
}

/// Archives a form, which is then asked for no more, or restores it.
pub async fn set_active(pool: &PgPool, actor: &Actor, id: FormId, active: bool) -> Result<()> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    locked(&mut tx, id).await?;
    let changed = sqlx::query!("update form set active = $2 where id = $1 and active <> $2", id.0, active);
    if changed.execute(&mut *tx).await?.rows_affected() == 0 {
        return Ok(());
    }
    audit::append(&mut tx, actor, if active { "bring-back" } else { "retire" }, "form", id, &[]).await?;
    tx.commit().await?;
    Ok(())
}

/// The name of a form that no one else changes until the transaction ends.
async fn locked(conn: &mut PgConnection, id: FormId) -> Result<String> {
    sqlx::query_scalar!("select name from form where id = $1 for update", id.0)
        .fetch_optional(conn)
        .await?
        .ok_or(Error::Refused(Refusal::NotFound))
}

struct Draft {
    id: Uuid,
    definition: Definition,
    previous: Option<Definition>,
    /// Counts every change of the form: no number comes twice.
    version: i32,
    /// There is none yet; the definition is that of the published version.
    published: bool,
}

async fn draft(conn: &mut PgConnection, id: FormId) -> Result<Draft> {
    let row = sqlx::query!(
        r#"select id, definition as "definition: Json<Definition>", previous as "previous: Json<Definition>", version,
                  published_at is not null as "published!"
             from form_version where form_id = $1 order by number desc limit 1"#,
        id.0
    )
    .fetch_one(conn)
    .await?;
    Ok(Draft {
        id: row.id,
        definition: row.definition.0,
        previous: row.previous.map(|Json(previous)| previous),
        version: row.version,
        published: row.published,
    })
}

/// Changes the draft, which begins with what is published. `seen` is the version that
/// the form was made from; [`Refusal::Stale`] when it was changed since.
/// Answers with the name of the item that was made or changed.
pub async fn edit(pool: &PgPool, actor: &Actor, id: FormId, seen: Option<i32>, edit: &Edit) -> Result<String> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    locked(&mut tx, id).await?;
    let draft = draft(&mut tx, id).await?;
    let mut definition = draft.definition.clone();
    let item = definition.apply(edit)?;
    if definition == draft.definition {
        return Ok(item);
    }
    same_version(draft.version, seen)?;
    write(&mut tx, id, &draft, &definition).await?;
    audit::append(&mut tx, actor, "change", "form", id, &["definition"]).await?;
    tx.commit().await?;
    Ok(item)
}

async fn write(conn: &mut PgConnection, form: FormId, draft: &Draft, definition: &Definition) -> Result<()> {
    if draft.published {
        sqlx::query!(
            "insert into form_version (id, form_id, number, definition, previous, version)
             select $1, $2, max(number) + 1, $3, $4, max(version) + 1 from form_version where form_id = $2",
            new_id(),
            form.0,
            Json(definition) as _,
            Json(&draft.definition) as _
        )
        .execute(conn)
        .await?;
    } else {
        sqlx::query!(
            "update form_version set definition = $2, previous = $3, version = version + 1 where id = $1",
            draft.id,
            Json(definition) as _,
            Json(&draft.definition) as _
        )
        .execute(conn)
        .await?;
    }
    Ok(())
}

/// Takes the last change of the draft back; once more brings it back.
pub async fn undo(pool: &PgPool, actor: &Actor, id: FormId, seen: Option<i32>) -> Result<()> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    locked(&mut tx, id).await?;
    let draft = draft(&mut tx, id).await?;
    same_version(draft.version, seen)?;
    let Some(mut previous) = draft.previous.clone() else { return Err(Refusal::NotUndoable.into()) };
    // Names that were given meanwhile stay given.
    previous.last = previous.last.max(draft.definition.last);
    write(&mut tx, id, &draft, &previous).await?;
    audit::append(&mut tx, actor, "change", "form", id, &["definition"]).await?;
    tx.commit().await?;
    Ok(())
}

/// Makes the draft a version. A person who fills in an earlier one goes on with that.
pub async fn publish(pool: &PgPool, actor: &Actor, id: FormId, seen: Option<i32>) -> Result<()> {
    let by = actor.administrator()?.staff().id();
    let mut tx = pool.begin().await?;
    locked(&mut tx, id).await?;
    let draft = draft(&mut tx, id).await?;
    same_version(draft.version, seen)?;
    if draft.published {
        return Ok(());
    }
    draft.definition.check()?;
    sqlx::query!(
        "update form_version set published_at = now(), published_by = $2, content_hash = $3, previous = null, version = version + 1
          where id = $1",
        draft.id,
        by.0,
        content_hash(&draft.definition)?
    )
    .execute(&mut *tx)
    .await?;
    audit::append(&mut tx, actor, "publish", "form", id, &["definition"]).await?;
    tx.commit().await?;
    Ok(())
}
