//! Fresh proof: before what matters, someone who is logged in gives their password again, or a code of
//! their authenticator app.

use super::{factors, failures, own::check_password, sessions};
use crate::sealing::Sealer;
use crate::{Actor, Error, Result};
use chrono::Utc;
use shared::accounts::Secret;
use shared::{AccountId, Problem, Refusal};
use sqlx::PgPool;

/// Confirms that the owner of the account is at the session with this id. [`Problem::WrongPassword`] at
/// `confirm` for another password or code; after five of them in fifteen minutes [`Refusal::TooMany`].
pub async fn confirm(pool: &PgPool, sealer: &Sealer, actor: &Actor, session: &[u8], typed: &Secret) -> Result<Actor> {
    // Before the work of hashing; counted again below, with the account held.
    let account = sqlx::query_scalar!(
        r#"select id as "id: AccountId" from account where staff_id = $1 or client_id = $1"#,
        actor.id()
    )
    .fetch_optional(pool)
    .await?
    .ok_or(Refusal::SignedOut)?;
    failures::not_too_many(&mut *pool.acquire().await?, account, failures::Kind::Confirm).await?;
    let fits = match check_password(pool, actor.id(), typed).await {
        Ok(hash) => Some(hash),
        Err(Error::Refused(Refusal::Invalid(_))) => None,
        Err(error) => return Err(error),
    };
    let mut tx = pool.begin().await?;
    let account = sqlx::query!(
        r#"select id as "id: AccountId", password_hash from account
            where staff_id = $1 or client_id = $1 for no key update"#,
        actor.id()
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Refusal::SignedOut)?;
    failures::not_too_many(&mut tx, account.id, failures::Kind::Confirm).await?;
    let fits = fits.is_some() && fits == account.password_hash;
    if !fits && !factors::check_totp(&mut tx, account.id, sealer, &typed.0, Utc::now()).await? {
        failures::note(&mut tx, account.id, failures::Kind::Confirm).await?;
        tx.commit().await?;
        return Err(Refusal::field("confirm", Problem::WrongPassword).into());
    }
    failures::forget(&mut tx, account.id, failures::Kind::Confirm).await?;
    sessions::confirmed(&mut tx, session).await?;
    tx.commit().await?;
    Ok(actor.clone().confirmed_now(true))
}
