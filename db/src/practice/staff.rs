//! What administrators and the front desk note about a team member: no one
//! else reads that, the team member neither.

use super::same_version;
use crate::{Actor, Error, Result, audit};
use shared::practice::StaffNotesForm;
use shared::{Refusal, StaffId};
use sqlx::PgPool;

/// The notes. The front desk only.
pub async fn staff_notes(pool: &PgPool, actor: &Actor, id: StaffId) -> Result<String> {
    actor.front_desk()?;
    sqlx::query_scalar!("select notes from staff_member where id = $1", id.0)
        .fetch_optional(pool)
        .await?
        .ok_or(Error::Refused(Refusal::NotFound))
}

/// Replaces them; [`Refusal::Stale`] when another person saved in between. The
/// front desk only.
pub async fn save_staff_notes(pool: &PgPool, actor: &Actor, id: StaffId, form: &StaffNotesForm) -> Result<()> {
    actor.front_desk()?;
    let (notes, version) = form.parse()?;
    let mut tx = pool.begin().await?;
    let stored = sqlx::query!("select notes, version from staff_member where id = $1 for update", id.0)
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(Error::Refused(Refusal::NotFound))?;
    if stored.notes == notes {
        return Ok(());
    }
    same_version(stored.version, version)?;
    sqlx::query!("update staff_member set notes = $2, version = version + 1 where id = $1", id.0, notes)
        .execute(&mut *tx)
        .await?;
    audit::append(&mut tx, actor, "change", "staff_member", id, &["notes"]).await?;
    tx.commit().await?;
    Ok(())
}
