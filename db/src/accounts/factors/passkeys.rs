//! One's own passkeys: made, named and taken away. Each works without a name being typed, and asks its owner
//! for a finger, a face or a PIN: it is both factors.

use super::ceremony::{self, Kind};
use super::relying::{RelyingParty, failed};
use super::{Notice, held, one_left, recovery, tell, way_in_left};
use crate::accounts::sessions;
use crate::{Actor, Error, OnConstraint, Result, audit, new_id};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use shared::accounts::{PasskeyForm, PasskeyNameForm};
use shared::{AccountId, PasskeyId, Problem, Refusal};
use sqlx::PgPool;
use sqlx::types::Json;
use uuid::Uuid;
use webauthn_rs::prelude::{PasskeyRegistration, RegisterPublicKeyCredential};

/// A passkey as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPasskey {
    pub id: PasskeyId,
    pub name: String,
    pub since: DateTime<Utc>,
    pub last_used: Option<DateTime<Utc>>,
    /// The host it works at.
    pub rp_id: String,
}

/// One's own, the oldest first.
pub async fn passkeys(pool: &PgPool, actor: &Actor) -> Result<Vec<OwnPasskey>> {
    Ok(sqlx::query_as!(
        OwnPasskey,
        r#"select k.id as "id: PasskeyId", k.name, k.created_at as since, k.last_used_at as last_used, k.rp_id
             from account_passkey k join account a on a.id = k.account_id
            where a.staff_id = $1 or a.client_id = $1 order by k.created_at, k.id"#,
        actor.id()
    )
    .fetch_all(pool)
    .await?)
}

/// What the browser needs to make a passkey, for the session with this id alone: as JSON, with the name of the
/// ceremony. Those that are there already are left out.
pub async fn begin_passkey(pool: &PgPool, actor: &Actor, site: &RelyingParty, here: &[u8]) -> Result<Value> {
    actor.confirmed()?;
    let row = sqlx::query!(
        r#"select a.id as "id: AccountId", a.username::text as "username!", a.passkey_handle, p.name as practice,
                  array(select credential_id from account_passkey k where k.account_id = a.id) as "known!"
             from account a cross join practice p where a.staff_id = $1 or a.client_id = $1"#,
        actor.id()
    )
    .fetch_optional(pool)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    let webauthn = site.webauthn(&row.practice)?;
    let name = actor.name();
    let (options, state) = webauthn
        .start_passkey_registration(row.passkey_handle, &row.username, name, Some(row.known))
        .map_err(failed)?;
    let mut options = serde_json::to_value(options.public_key).map_err(failed)?;
    // It is found without a name being typed.
    options["authenticatorSelection"]["residentKey"] = json!("required");
    options["authenticatorSelection"]["requireResidentKey"] = json!(true);
    let ceremony = ceremony::begin(pool, Kind::Register, here, Some(row.id), &state).await?;
    Ok(json!({ "ceremony": ceremony, "publicKey": options }))
}

/// Keeps what the browser made. Gives recovery codes to someone who has none; every other session ends.
pub async fn add_passkey(
    pool: &PgPool,
    actor: &Actor,
    site: &RelyingParty,
    form: &PasskeyForm,
    here: &[u8],
) -> Result<Option<Vec<String>>> {
    actor.confirmed()?;
    let refused = || Error::from(Refusal::field("name", Problem::WrongPasskey));
    let name = form.parse()?;
    let begun = ceremony::take::<PasskeyRegistration>(pool, Kind::Register, &form.ceremony, here).await?;
    let (owner, state) = begun.ok_or(Refusal::Lapsed)?;
    let answer: RegisterPublicKeyCredential = serde_json::from_str(&form.credential).map_err(|_| refused())?;
    let made = site.webauthn("")?.finish_passkey_registration(&answer, &state);
    let passkey = made.map_err(|error| {
        tracing::warn!(%error, "a passkey was not taken");
        refused()
    })?;
    let codes = match super::factors(pool, actor).await?.codes_left {
        0 => Some(recovery::generate().await?),
        _ => None,
    };
    let mut tx = pool.begin().await?;
    let account = held(&mut tx, actor).await?;
    if owner != Some(account) {
        return Err(Refusal::Lapsed.into());
    }
    let id: &[u8] = passkey.cred_id();
    sqlx::query!(
        "insert into account_passkey (id, account_id, credential_id, passkey, name, rp_id) values ($1, $2, $3, $4, $5, $6)",
        new_id(),
        account.0,
        id,
        Json(&passkey) as _,
        name,
        site.id()
    )
    .execute(&mut *tx)
    .await
    .on_constraint("account_passkey_credential_key", || Refusal::field("name", Problem::PasskeyKnown))?;
    if let Some(codes) = &codes {
        recovery::keep(&mut tx, account, codes).await?;
    }
    sessions::end_all_but(&mut tx, account, here).await?;
    tell(&mut tx, account, Notice::PasskeyAdded).await?;
    audit::append(&mut tx, actor, "add-factor", "account", actor.id(), &["passkey"]).await?;
    tx.commit().await?;
    Ok(codes.map(recovery::shown))
}

/// Calls one of one's own something else.
pub async fn rename_passkey(pool: &PgPool, actor: &Actor, id: PasskeyId, form: &PasskeyNameForm) -> Result<()> {
    let found = sqlx::query_scalar!(
        "select k.name from account_passkey k join account a on a.id = k.account_id
          where k.id = $2 and (a.staff_id = $1 or a.client_id = $1)",
        actor.id(),
        id.0
    )
    .fetch_optional(pool)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    let name = form.parse()?;
    if found == name {
        return Ok(());
    }
    let mut tx = pool.begin().await?;
    let account = held(&mut tx, actor).await?;
    sqlx::query!("update account_passkey set name = $3 where id = $2 and account_id = $1", account.0, id.0, name)
        .execute(&mut *tx)
        .await?;
    audit::append(&mut tx, actor, "change", "account", actor.id(), &["passkey_name"]).await?;
    Ok(tx.commit().await?)
}

/// Takes one of one's own away; every other session ends. Refused for the last way into the account, and for the
/// last factor of someone who must have one.
pub async fn remove_passkey(pool: &PgPool, actor: &Actor, id: PasskeyId, here: &[u8]) -> Result<()> {
    let mut tx = pool.begin().await?;
    let account = held(&mut tx, actor).await?;
    let removed: Option<Uuid> = sqlx::query_scalar!(
        "delete from account_passkey where id = $2 and account_id = $1 returning id",
        account.0,
        id.0
    )
    .fetch_optional(&mut *tx)
    .await?;
    removed.ok_or(Error::Refused(Refusal::NotFound))?;
    actor.confirmed()?;
    way_in_left(&mut tx, account, "passkey").await?;
    one_left(&mut tx, account, "passkey").await?;
    sessions::end_all_but(&mut tx, account, here).await?;
    tell(&mut tx, account, Notice::PasskeyRemoved).await?;
    audit::append(&mut tx, actor, "remove-factor", "account", actor.id(), &["passkey"]).await?;
    Ok(tx.commit().await?)
}

/// How many passkeys were made for another host: they work no more at this one.
pub async fn passkeys_elsewhere(pool: &PgPool, host: &str) -> Result<i64> {
    Ok(sqlx::query_scalar!(r#"select count(*) as "count!" from account_passkey where rp_id <> $1"#, host)
        .fetch_one(pool)
        .await?)
}
