//! Reading forms, for administrators and the front desk.

use crate::{Actor, Error, PgPool, Result};
use chrono::{DateTime, Utc};
use shared::forms::Definition;
use shared::{FormId, FormVersionId, Refusal};
use sqlx::types::Json;

/// A line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormRow {
    pub id: FormId,
    pub name: String,
    pub active: bool,
    /// The number of the newest published version, and when that was.
    pub published: Option<(i32, DateTime<Utc>)>,
    pub has_draft: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormView {
    pub id: FormId,
    pub name: String,
    pub active: bool,
    /// Of the draft, or else of what is published.
    pub definition: Definition,
    /// Counts every change.
    pub version: i32,
    pub has_draft: bool,
    pub can_undo: bool,
    /// The newest published version.
    pub published: Option<Published>,
    /// The published ones, the newest first.
    pub versions: Vec<VersionRow>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    pub id: FormVersionId,
    pub number: i32,
    pub definition: Definition,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRow {
    pub number: i32,
    pub at: DateTime<Utc>,
    pub by: String,
}

/// Every form by its name, archived ones last.
pub async fn list(pool: &PgPool, actor: &Actor) -> Result<Vec<FormRow>> {
    actor.staff()?;
    let rows = sqlx::query!(
        r#"select f.id as "id: FormId", f.name, f.active, p.number as "number?", p.published_at as "published_at?",
                  exists (select from form_version d where d.form_id = f.id and d.published_at is null) as "has_draft!"
             from form f
             left join lateral (select number, published_at from form_version v
                                 where v.form_id = f.id and v.published_at is not null order by number desc limit 1) p on true
            order by not f.active, lower(f.name)"#
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| FormRow {
            id: row.id,
            name: row.name,
            active: row.active,
            published: row.number.zip(row.published_at),
            has_draft: row.has_draft,
        })
        .collect())
}

pub async fn one(pool: &PgPool, actor: &Actor, id: FormId) -> Result<FormView> {
    actor.front_desk()?;
    let form = sqlx::query!("select name, active from form where id = $1", id.0)
        .fetch_optional(pool)
        .await?
        .ok_or(Error::Refused(Refusal::NotFound))?;
    let rows = sqlx::query!(
        r#"select v.id as "id: FormVersionId", v.number, v.definition as "definition: Json<Definition>",
                  v.previous is not null as "can_undo!", v.version, v.published_at,
                  coalesce(s.first_name || ' ' || s.last_name, '') as "by!"
             from form_version v left join staff_member s on s.id = v.published_by
            where v.form_id = $1 order by v.number desc"#,
        id.0
    )
    .fetch_all(pool)
    .await?;
    let newest = rows.first().ok_or(Error::Refused(Refusal::NotFound))?;
    let draft = newest.published_at.is_none();
    let (definition, version) = (newest.definition.0.clone(), newest.version);
    let can_undo = draft && newest.can_undo;
    let published = rows.iter().find(|row| row.published_at.is_some());
    let published =
        published.map(|row| Published { id: row.id, number: row.number, definition: row.definition.0.clone() });
    let versions =
        rows.into_iter().filter_map(|row| Some(VersionRow { number: row.number, at: row.published_at?, by: row.by }));
    let versions = versions.collect();
    Ok(FormView {
        id,
        name: form.name,
        active: form.active,
        definition,
        version,
        has_draft: draft,
        can_undo,
        published,
        versions,
    })
}

/// What a published version asks.
pub async fn version(pool: &PgPool, actor: &Actor, id: FormId, number: i32) -> Result<Definition> {
    actor.front_desk()?;
    let found = sqlx::query_scalar!(
        r#"select definition as "definition: Json<Definition>" from form_version
            where form_id = $1 and number = $2 and published_at is not null"#,
        id.0,
        number
    );
    let Json(definition) = found.fetch_optional(pool).await?.ok_or(Error::Refused(Refusal::NotFound))?;
    Ok(definition)
}
