//! A form that was left for a moment, to make a client or to look for one.
//! Only the person who typed it reads it again.
//!
//! It is kept for 14 days.

use super::editable;
use crate::{Actor, Error, Result, practice};
use shared::activities::ActivityForm;
use shared::practice::Section;
use shared::{ActivityId, Refusal};
use sqlx::PgPool;
use sqlx::types::Json;
use uuid::Uuid;

/// What was typed, and what was typed into the picker and not chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    pub form: ActivityForm,
    pub q: String,
}

/// Keeps the form of an activity, or of a new one, under its request key, for
/// 14 days. Another person's key is not found.
pub async fn keep(pool: &PgPool, actor: &Actor, activity: Option<ActivityId>, draft: &Draft) -> Result<Uuid> {
    let me = actor.staff()?;
    let mut tx = pool.begin().await?;
    practice::needs(&mut tx, Section::Activities).await?;
    if let Some(activity) = activity {
        editable(&mut tx, actor, activity).await?;
    }
    let id: Uuid = draft.form.request_key.parse().map_err(|_| Refusal::NotFound)?;
    sqlx::query!("delete from activity_draft where kept_at < now() - interval '14 days'").execute(&mut *tx).await?;
    sqlx::query_scalar!(
        // Where there are codes alone, what was searched for may be a name.
        "insert into activity_draft (id, staff_id, form, q)
         select $1, $2, $3, case when code_only then '' else $4 end from practice
         on conflict (id) do update set form = excluded.form, q = excluded.q, kept_at = now()
          where activity_draft.staff_id = excluded.staff_id
         returning id",
        id,
        me.id().0,
        Json(&draft.form) as _,
        draft.q
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    tx.commit().await?;
    Ok(id)
}

/// What was kept; `None` once it is saved, or when it is another person's.
pub async fn kept(pool: &PgPool, actor: &Actor, id: Uuid) -> Result<Option<Draft>> {
    let row = sqlx::query!(
        r#"select form as "form: Json<ActivityForm>", q from activity_draft where id = $1 and staff_id = $2"#,
        id,
        actor.staff()?.id().0
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| Draft { form: row.form.0, q: row.q }))
}
