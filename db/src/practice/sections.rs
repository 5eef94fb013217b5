//! The sections that the practice has.

use super::{changed, same_version};
use crate::{Actor, Result, audit};
use shared::Refusal;
use shared::practice::{Section, SectionsForm};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Turns sections on and off. Administrators only. What a section holds stays stored.
pub async fn save_sections(pool: &PgPool, actor: &Actor, form: &SectionsForm) -> Result<()> {
    actor.administrator()?;
    let (off, version) = form.parse()?;
    let off: Vec<String> = off.into_iter().map(|section| section.as_str().to_owned()).collect();
    let mut tx = pool.begin().await?;
    let stored = sqlx::query!(
        r#"select array(select unnest(sections_off) order by 1) as "sections_off!", version from practice for update"#
    )
    .fetch_one(&mut *tx)
    .await?;
    let mut sorted = off.clone();
    sorted.sort();
    let fields = changed(&[("sections_off", stored.sections_off != sorted)]);
    if fields.is_empty() {
        return Ok(());
    }
    same_version(stored.version, version)?;
    sqlx::query!("update practice set sections_off = $1, version = version + 1", &off).execute(&mut *tx).await?;
    audit::append(&mut tx, actor, "change", "practice", Uuid::nil(), &fields).await?;
    tx.commit().await?;
    Ok(())
}

/// [`Refusal::NotFound`] where the practice does without the section.
pub(crate) async fn needs(conn: &mut PgConnection, section: Section) -> Result<()> {
    let is_on =
        sqlx::query_scalar!(r#"select not ($1 = any (sections_off)) as "is_on!" from practice"#, section.as_str());
    if is_on.fetch_one(conn).await? { Ok(()) } else { Err(Refusal::NotFound.into()) }
}
