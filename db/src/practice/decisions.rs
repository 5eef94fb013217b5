//! The practice itself: name, zone, its word for a client, who may log in.

use super::{changed, same_version};
use crate::time::Zone;
use crate::{Actor, Result, audit};
use shared::practice::PracticeDetails;
use shared::{Problem, Refusal};
use sqlx::PgPool;
use uuid::Uuid;

/// Saves the practice's settings. Administrators only. Where client log-in is
/// switched off, every client's open session ends with it.
pub async fn save_practice(pool: &PgPool, actor: &Actor, details: &PracticeDetails) -> Result<()> {
    actor.administrator()?;
    Zone::parse(&details.zone).map_err(|problem| Refusal::field("zone", problem))?;
    let mut tx = pool.begin().await?;
    let stored = sqlx::query!(
        "select name, zone, currency, client_word, client_word_plural, client_login, client_registration, code_only,
                portal_bookings_max, phone, email, website, address, version
           from practice for update"
    )
    .fetch_one(&mut *tx)
    .await?;
    let fields = changed(&[
        ("name", stored.name != details.name),
        ("zone", stored.zone != details.zone),
        ("currency", stored.currency != details.currency),
        ("client_word", stored.client_word != details.client_word),
        ("client_word_plural", stored.client_word_plural != details.client_word_plural),
        ("client_login", stored.client_login != details.client_login),
        ("client_registration", stored.client_registration != details.client_registration),
        ("portal_bookings_max", stored.portal_bookings_max != details.portal_bookings_max),
        ("phone", stored.phone != details.phone),
        ("email", stored.email != details.email),
        ("website", stored.website != details.website),
        ("address", stored.address != details.address),
    ]);
    if fields.is_empty() {
        return Ok(());
    }
    same_version(stored.version, details.version)?;
    if stored.code_only && details.client_registration {
        return Err(Refusal::field("client_registration", Problem::NotByCode).into());
    }
    sqlx::query!(
        "update practice
            set name = $1, zone = $2, currency = $3, client_word = $4, client_word_plural = $5, client_login = $6,
                client_registration = $7, phone = $8, email = $9, website = $10, address = $11,
                portal_bookings_max = $12, version = version + 1",
        details.name,
        details.zone,
        details.currency,
        details.client_word,
        details.client_word_plural,
        details.client_login,
        details.client_registration,
        details.phone,
        details.email,
        details.website,
        details.address,
        details.portal_bookings_max
    )
    .execute(&mut *tx)
    .await?;
    if stored.client_login && !details.client_login {
        sqlx::query!("delete from session s using account a where a.id = s.account_id and a.client_id is not null")
            .execute(&mut *tx)
            .await?;
    }
    audit::append(&mut tx, actor, "change", "practice", Uuid::nil(), &fields).await?;
    tx.commit().await?;
    Ok(())
}
