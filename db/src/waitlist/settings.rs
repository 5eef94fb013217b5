//! How offers are made.

use crate::{Actor, PgPool, Result, audit};
use shared::waitlist::{OfferSettings, OfferSettingsForm};
use sqlx::PgConnection;

pub async fn settings(pool: &PgPool, actor: &Actor) -> Result<OfferSettings> {
    actor.front_desk()?;
    read(&mut *pool.acquire().await?).await
}

pub(super) async fn read(conn: &mut PgConnection) -> Result<OfferSettings> {
    Ok(sqlx::query_as!(OfferSettings, "select offer_minutes as minutes, offers_by_itself as by_itself from practice")
        .fetch_one(conn)
        .await?)
}

/// Administrators only.
pub async fn save_settings(pool: &PgPool, actor: &Actor, form: &OfferSettingsForm) -> Result<()> {
    actor.administrator()?;
    let wanted = form.parse()?;
    let mut tx = pool.begin().await?;
    let changed = sqlx::query_scalar!(
        "update practice set offer_minutes = $1, offers_by_itself = $2
          where (offer_minutes, offers_by_itself) is distinct from ($1, $2) returning 1",
        wanted.minutes,
        wanted.by_itself
    )
    .fetch_optional(&mut *tx)
    .await?;
    if changed.is_some() {
        let practice = uuid::Uuid::nil();
        audit::append(&mut tx, actor, "change", "practice", practice, &["offer_minutes", "offers_by_itself"]).await?;
        tx.commit().await?;
    }
    Ok(())
}
