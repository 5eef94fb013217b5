//! The practice's settings, services, practitioners and their weekly hours.
//!
//! Every save tells which version it was made from. Saving again what is
//! stored changes nothing, so a double submit is answered as the first.

mod code_only;
mod decisions;
pub mod fields;
mod first_run;
mod hours;
mod locations;
mod order;
pub mod providers;
pub mod rooms;
mod sections;
mod service_rules;
mod services;
mod staff;
pub mod tags;
mod team;
pub mod terms;

pub use code_only::{Named, named, set_code_only};
pub use decisions::save_practice;
pub use first_run::{begin, checklist, dismiss_checklist, first_run_pending, skip_first_run};
pub use hours::{practitioner_hours, practitioners, save_may_book, save_week};
pub use locations::{
    Location, LocationUse, list_locations, locations, save_location, set_location_active, set_main_location,
};
pub(crate) use sections::needs;
pub use sections::save_sections;
pub use service_rules::service_rules;
pub use services::{active_services, modalities, practitioners_of, save_service, service, services};
pub use staff::{save_staff_notes, staff_notes};
pub use team::{add_member, invite_member, save_member, send_member_reset, set_member_active, team, team_member};

use crate::clients::content_key;
use crate::time::Zone;
use crate::{Actor, Result, audit};
use chrono::{NaiveDate, Utc};
use serde::Serialize;
use shared::Refusal;
use shared::practice::Practice;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// The settings; there is always one row.
pub async fn practice(pool: &PgPool) -> Result<Practice> {
    Ok(sqlx::query_as!(
        Practice,
        "select name, zone, currency, client_word, client_word_plural, client_login, code_only, client_registration,
                slot_step_minutes, portal_bookings_max, welcome_subject, welcome_body, phone, email, website, address, sections_off, demo, version
           from practice"
    )
    .fetch_one(pool)
    .await?)
}

/// Saves the text of the welcome e-mail. Administrators only.
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

/// The practice's date.
pub async fn today(pool: &PgPool) -> Result<NaiveDate> {
    Ok(practice_zone(&mut *pool.acquire().await?).await?.date(Utc::now()))
}

/// The zone of the practice.
pub(crate) async fn practice_zone(conn: &mut PgConnection) -> Result<Zone> {
    Ok(Zone::stored(&sqlx::query_scalar!("select zone from practice").fetch_one(conn).await?))
}

/// The names of the fields that differ.
fn changed(fields: &[(&'static str, bool)]) -> Vec<&'static str> {
    fields.iter().filter(|(_, differs)| *differs).map(|(name, _)| *name).collect()
}

/// [`Refusal::Stale`] unless the save was made from what is stored.
pub(crate) fn same_version(stored: i32, seen: Option<i32>) -> Result<()> {
    if seen == Some(stored) { Ok(()) } else { Err(Refusal::Stale.into()) }
}

/// The id of what a form makes, from the key that it carries and all that it holds: sent
/// twice it is one; with anything else in it, or from another account, it is another.
fn id_of(key: Option<Uuid>, actor: &Actor, details: &impl Serialize) -> Option<Uuid> {
    key.map(|key| content_key(key, &(actor.id(), details)))
}
