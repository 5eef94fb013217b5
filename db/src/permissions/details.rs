//! What clients see and edit of their own record: the practice's answer for each part of it.

use crate::{Actor, Result, audit};
use shared::Refusal;
use shared::permissions::{Detail, DetailSetting, WantedDetails};
use sqlx::PgPool;
use uuid::Uuid;

/// The practice's answers, in the order of the list. For the front desk.
pub async fn details(pool: &PgPool, actor: &Actor) -> Result<Vec<(Detail, DetailSetting)>> {
    actor.front_desk()?;
    let rows =
        sqlx::query!(r#"select detail as "detail: Detail", setting as "setting: DetailSetting" from portal_detail"#)
            .fetch_all(pool)
            .await?;
    let mut rows: Vec<_> = rows.into_iter().map(|row| (row.detail, row.setting)).collect();
    rows.sort_by_key(|(detail, _)| *detail);
    Ok(rows)
}

/// Saves the practice's answers. [`Refusal::Stale`] if one of them is no longer what was seen. For
/// administrators.
pub async fn save_details(pool: &PgPool, actor: &Actor, wanted: &WantedDetails) -> Result<()> {
    actor.administrator()?;
    actor.confirmed()?;
    let mut tx = pool.begin().await?;
    let stored = sqlx::query!(
        r#"select detail as "detail: Detail", setting as "setting: DetailSetting" from portal_detail
            order by detail for update"#
    )
    .fetch_all(&mut *tx)
    .await?;
    let of = |pairs: &[(Detail, DetailSetting)], wanted: Detail| {
        pairs.iter().find(|(detail, _)| *detail == wanted).map(|(_, setting)| *setting)
    };
    let mut changed = Vec::new();
    for row in stored {
        let Some(new) = of(&wanted.details, row.detail) else { continue };
        if of(&wanted.seen, row.detail).is_some_and(|seen| seen != row.setting) {
            return Err(Refusal::Stale.into());
        }
        if new == row.setting {
            continue;
        }
        sqlx::query!("update portal_detail set setting = $2 where detail = $1", row.detail.as_str(), new.as_str())
            .execute(&mut *tx)
            .await?;
        changed.push(row.detail.as_str());
    }
    if !changed.is_empty() {
        audit::append(&mut tx, actor, "change", "portal_detail", Uuid::nil(), &changed).await?;
    }
    tx.commit().await?;
    Ok(())
}
