//! Logging in with a passkey: in place of name and password, or after the password. Its owner was verified by
//! the authenticator, so that it is both factors.

use super::ceremony::{self, Kind};
use super::held;
use super::relying::{RelyingParty, failed};
use super::second::half_of;
use crate::accounts::{Account, load, owner, secret, sessions};
use crate::audit::{self, By};
use crate::{Actor, Error, PgPool, Result};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use serde_json::{Value, json};
use shared::accounts::{PasskeyLoginForm, Secret};
use shared::{AccountId, Problem, Refusal};
use sqlx::PgTransaction;
use sqlx::types::Json;
use uuid::Uuid;
use webauthn_rs::prelude::{DiscoverableAuthentication, Passkey, PublicKeyCredential};

/// What the browser needs to ask for any passkey of this site: as JSON, with the name of the ceremony; and
/// the secret that the browser keeps meanwhile, which is the one it has, if it has one.
pub async fn begin_passkey_login(pool: &PgPool, site: &RelyingParty, kept: Option<Secret>) -> Result<(Value, Secret)> {
    let browser = match kept {
        Some(secret) if secret.0.len() == 43 => secret,
        _ => secret::new(),
    };
    Ok((begin(pool, site, browser.0.as_bytes(), None).await?, browser))
}

/// The same after the password: only those of the account are asked for.
pub async fn begin_passkey_step(pool: &PgPool, site: &RelyingParty, half: &Secret) -> Result<Value> {
    let account = half_of(pool, half).await?.ok_or(Refusal::SignedOut)?;
    begin(pool, site, half.0.as_bytes(), Some(account)).await
}

async fn begin(pool: &PgPool, site: &RelyingParty, browser: &[u8], account: Option<AccountId>) -> Result<Value> {
    let (options, state) = site.webauthn("")?.start_discoverable_authentication().map_err(failed)?;
    let mut options = serde_json::to_value(options.public_key).map_err(failed)?;
    if let Some(account) = account {
        let known = sqlx::query_scalar!(
            "select credential_id from account_passkey where account_id = $1 and rp_id = $2 order by created_at",
            account.0,
            site.id()
        )
        .fetch_all(pool)
        .await?;
        let one = |id: Vec<u8>| json!({ "type": "public-key", "id": BASE64_URL_SAFE_NO_PAD.encode(id) });
        options["allowCredentials"] = known.into_iter().map(one).collect();
    }
    let ceremony = ceremony::begin(pool, Kind::Login, browser, account, &state).await?;
    Ok(json!({ "ceremony": ceremony, "publicKey": options }))
}

/// Logs in with what the authenticator answered. [`Refusal::Lapsed`] for what this browser did not begin within
/// five minutes, or has finished; [`Problem::WrongPasskey`] for all else, whatever it is.
pub async fn passkey_login(
    pool: &PgPool,
    site: &RelyingParty,
    browser: &Secret,
    form: &PasskeyLoginForm,
) -> Result<Account> {
    give(pool, site, browser, form, false).await
}

/// Completes a login whose password was given. [`Refusal::SignedOut`] for a browser that is not half way through one.
pub async fn passkey_step(
    pool: &PgPool,
    site: &RelyingParty,
    half: &Secret,
    form: &PasskeyLoginForm,
) -> Result<Account> {
    half_of(pool, half).await?.ok_or(Refusal::SignedOut)?;
    give(pool, site, half, form, true).await
}

/// The same for the session with this id, before what matters: only those of its owner are asked for.
pub async fn begin_passkey_proof(pool: &PgPool, site: &RelyingParty, actor: &Actor, here: &[u8]) -> Result<Value> {
    let account = sqlx::query_scalar!(
        r#"select id as "id: AccountId" from account where staff_id = $1 or client_id = $1"#,
        actor.id()
    );
    let account = account.fetch_optional(pool).await?.ok_or(Refusal::SignedOut)?;
    begin(pool, site, here, Some(account)).await
}

/// Confirms that the owner of the account is at the session with this id. [`Problem::WrongPasskey`] at `confirm`.
pub async fn confirm_passkey(
    pool: &PgPool,
    site: &RelyingParty,
    actor: &Actor,
    here: &[u8],
    form: &PasskeyLoginForm,
) -> Result<Actor> {
    let wrong = || Error::from(Refusal::field("confirm", Problem::WrongPasskey));
    let (mut tx, account) = checked(pool, site, here, form, true).await.map_err(|error| match error {
        Error::Refused(Refusal::Invalid(_)) => wrong(),
        error => error,
    })?;
    if held(&mut tx, actor).await? != account {
        return Err(wrong());
    }
    sessions::confirmed(&mut tx, here).await?;
    tx.commit().await?;
    Ok(actor.clone().confirmed_now(true))
}

fn wrong() -> Error {
    Refusal::field("credential", Problem::WrongPasskey).into()
}

async fn give(
    pool: &PgPool,
    site: &RelyingParty,
    browser: &Secret,
    form: &PasskeyLoginForm,
    is_step: bool,
) -> Result<Account> {
    let (mut tx, account) = checked(pool, site, browser.0.as_bytes(), form, is_step).await?;
    if is_step {
        let done = sqlx::query!(
            "update account_ceremony set used_at = now()
              where secret_hash = $1 and kind = 'second_factor' and used_at is null and expires_at > now()",
            secret::hash(browser)
        )
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() == 0 {
            return Err(Refusal::SignedOut.into());
        }
    }
    let (kind, owner) = owner(&mut tx, account).await?;
    audit::append(&mut tx, By::System, "passkey-login", kind, owner, &["passkey"]).await?;
    tx.commit().await?;
    load(pool, account).await?.ok_or_else(wrong)
}

/// The account whose passkey answered what this browser was asked (`known`: for that account alone), held by the
/// transaction in which that is noted.
async fn checked<'a>(
    pool: &PgPool,
    site: &RelyingParty,
    browser: &[u8],
    form: &PasskeyLoginForm,
    known: bool,
) -> Result<(PgTransaction<'a>, AccountId)> {
    let begun = ceremony::take::<DiscoverableAuthentication>(pool, Kind::Login, &form.ceremony, browser).await?;
    let (of, state) = begun.filter(|(of, _)| of.is_some() == known).ok_or(Refusal::Lapsed)?;
    let answer: PublicKeyCredential = serde_json::from_str(&form.credential).map_err(|_| wrong())?;
    let handle = match answer.get_user_unique_id() {
        Some(bytes) => Some(Uuid::from_slice(bytes).map_err(|_| wrong())?),
        None => None,
    };
    let mut tx = pool.begin().await?;
    // Of two answers at the same time the second meets the counter of the first.
    let account = sqlx::query_scalar!(
        r#"select id as "id: AccountId" from account
            where $1::uuid is null and passkey_handle = $2
               or id = $1 and passkey_handle = coalesce($2, passkey_handle)
              for no key update"#,
        of.map(|account| account.0),
        handle
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or_else(wrong)?;
    let row = sqlx::query!(
        r#"select id, passkey as "passkey: Json<Passkey>" from account_passkey
            where account_id = $1 and credential_id = $2 and rp_id = $3"#,
        account.0,
        answer.get_credential_id(),
        site.id()
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or_else(wrong)?;
    let Json(mut passkey) = row.passkey;
    let result = site.webauthn("")?.finish_discoverable_authentication_v2(&answer, state, &passkey);
    let result = result.map_err(|error| {
        tracing::warn!(%error, %account, "a passkey was refused");
        wrong()
    })?;
    if !result.user_verified() {
        return Err(wrong());
    }
    // Someone inactive has no more to hear than that.
    Actor::load(&mut *tx, account).await?.ok_or_else(wrong)?;
    passkey.update_credential(&result);
    sqlx::query!(
        "update account_passkey set passkey = $2, last_used_at = now() where id = $1",
        row.id,
        Json(&passkey) as _
    )
    .execute(&mut *tx)
    .await?;
    Ok((tx, account))
}
