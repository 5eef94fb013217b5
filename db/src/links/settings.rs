//! What the practice decides about linked clients.

use crate::{Actor, PgPool, Result, audit, practice};
use shared::links::LinkSettingsForm;

/// The age of majority, and the version of the practice that has it.
pub async fn settings(pool: &PgPool, actor: &Actor) -> Result<(i16, i32)> {
    actor.administrator()?;
    let row = sqlx::query!("select age_of_majority, version from practice").fetch_one(pool).await?;
    Ok((row.age_of_majority, row.version))
}

/// Saves the age of majority. Administrators only.
pub async fn save_settings(pool: &PgPool, actor: &Actor, form: &LinkSettingsForm) -> Result<()> {
    actor.administrator()?;
    let (age, version) = form.parse()?;
    let mut tx = pool.begin().await?;
    let stored = sqlx::query!("select age_of_majority, version from practice for update").fetch_one(&mut *tx).await?;
    if stored.age_of_majority == age {
        return Ok(());
    }
    practice::same_version(stored.version, version)?;
    sqlx::query!("update practice set age_of_majority = $1, version = version + 1", age).execute(&mut *tx).await?;
    audit::append(&mut tx, actor, "change", "practice", uuid::Uuid::nil(), &["age_of_majority"]).await?;
    tx.commit().await?;
    Ok(())
}
