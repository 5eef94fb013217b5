//! The practice's settings, services, practitioners and their weekly hours.
//!
//! Every save tells which version it was made from. Saving again what is
//! stored changes nothing, so a double submit is answered as the first.

pub(crate) mod fields;
mod hours;
mod order;
mod services;
pub mod tags;
pub mod terms;

pub(crate) use hours::apart;
pub use hours::{practitioner_hours, practitioners, save_hours};
pub use services::{active_services, practitioners_of, save_service, service, services};

use crate::{Actor, Result, audit};
use shared::practice::Practice;
use shared::{LocationId, Refusal};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// The settings; there is always one row.
pub async fn practice(pool: &PgPool) -> Result<Practice> {
    Ok(sqlx::query_as!(
        Practice,
        "select name, zone, currency, client_word, client_word_plural, client_login, code_only, client_registration,
                slot_step_minutes, welcome_subject, welcome_body, version
           from practice"
    )
    .fetch_one(pool)
    .await?)
}

/// Saves the text of the welcome e-mail (B17). Administrators only.
pub async fn save_welcome(pool: &PgPool, actor: &Actor, subject: &str, body: &str, version: Option<i32>) -> Result<()> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    let stored = sqlx::query!("select welcome_subject, welcome_body, version from practice for update")
        .fetch_one(&mut *tx)
        .await?;
    let changed = changed(&[
        ("welcome_subject", stored.welcome_subject != subject),
        ("welcome_body", stored.welcome_body != body),
    ]);
    if changed.is_empty() {
        return Ok(());
    }
    same_version(stored.version, version)?;
    sqlx::query!("update practice set welcome_subject = $1, welcome_body = $2, version = version + 1", subject, body)
        .execute(&mut *tx)
        .await?;
    audit::append(&mut tx, actor, "change", "practice", Uuid::nil(), &changed).await?;
    tx.commit().await?;
    Ok(())
}

/// A place where the practice works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    pub id: LocationId,
    pub name: String,
    pub address: String,
    /// IANA zone.
    pub zone: String,
}

/// The places in use, by name; nothing in them is private.
pub async fn locations(pool: &PgPool) -> Result<Vec<Location>> {
    Ok(sqlx::query_as!(
        Location,
        r#"select id as "id: LocationId", name, address, zone from location where active order by name, id"#
    )
    .fetch_all(pool)
    .await?)
}

/// The one place where people work. A new practice gets one of its own name.
async fn workplace(conn: &mut PgConnection) -> Result<LocationId> {
    let first = sqlx::query_scalar!(
        r#"select id as "id: LocationId" from location where active order by name, id limit 1 for share"#
    )
    .fetch_optional(&mut *conn)
    .await?;
    if let Some(first) = first {
        return Ok(first);
    }
    // Two at once make one place: the second waits here, then finds the first's.
    sqlx::query!("select 1 as one from practice for update").fetch_one(&mut *conn).await?;
    sqlx::query!(
        "insert into location (id, name, zone)
         select $1, name, zone from practice where not exists (select 1 from location where active)",
        crate::new_id()
    )
    .execute(&mut *conn)
    .await?;
    Ok(sqlx::query_scalar!(r#"select id as "id: LocationId" from location where active order by name, id limit 1"#)
        .fetch_one(conn)
        .await?)
}

/// The names of the fields that differ.
fn changed(fields: &[(&'static str, bool)]) -> Vec<&'static str> {
    fields.iter().filter(|(_, differs)| *differs).map(|(name, _)| *name).collect()
}

/// [`Refusal::Stale`] unless the save was made from what is stored.
pub(crate) fn same_version(stored: i32, seen: Option<i32>) -> Result<()> {
    if seen == Some(stored) { Ok(()) } else { Err(Refusal::Stale.into()) }
}
