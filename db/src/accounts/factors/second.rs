//! Half a login: the password was given, and the account has a second factor. Until that is given the
//! browser is a stranger's; what it has is the secret of a ceremony, for ten minutes.

use super::relying::RelyingParty;
use super::{Notice, check_totp, recovery, tell};
use crate::accounts::{Account, failures, load, owner, secret};
use crate::audit::{self, By};
use crate::sealing::Sealer;
use crate::{PgPool, Result, new_id};
use chrono::{DateTime, Utc};
use shared::accounts::Secret;
use shared::{AccountId, Problem, Refusal};

const MINUTES: i32 = 10;

/// Notes that the password was given; the secret is for the browser that gave it. `None` for an account without
/// a second factor, whose login is complete.
pub async fn begin_second_factor(pool: &PgPool, account: AccountId) -> Result<Option<Secret>> {
    let secret = secret::new();
    let begun = sqlx::query!(
        "insert into account_ceremony (id, kind, secret_hash, account_id, expires_at)
         select $1, 'second_factor', $2, $3, now() + make_interval(mins => $4) where account_has_factor($3)",
        new_id(),
        secret::hash(&secret),
        account.0,
        MINUTES
    )
    .execute(pool)
    .await?;
    Ok((begun.rows_affected() == 1).then_some(secret))
}

/// What completes half a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Half {
    /// A code of the app.
    pub app: bool,
    /// A passkey that works at this site's host.
    pub passkey: bool,
}

/// What the browser with this secret, which is half way through a login, may give. `None` for any other.
pub async fn half(pool: &PgPool, half: &Secret, site: Option<&RelyingParty>) -> Result<Option<Half>> {
    let Some(account) = half_of(pool, half).await? else { return Ok(None) };
    Ok(Some(
        sqlx::query_as!(
            Half,
            r#"select exists (select from account_totp where account_id = $1 and confirmed_at is not null) as "app!",
                      exists (select from account_passkey where account_id = $1 and rp_id = $2) as "passkey!""#,
            account.0,
            site.map(RelyingParty::id)
        )
        .fetch_one(pool)
        .await?,
    ))
}

/// Whose login it is half of.
pub(super) async fn half_of(pool: &PgPool, half: &Secret) -> Result<Option<AccountId>> {
    let account = sqlx::query_scalar!(
        r#"select account_id as "id: AccountId" from account_ceremony
            where secret_hash = $1 and kind = 'second_factor' and used_at is null and expires_at > now()"#,
        secret::hash(half)
    )
    .fetch_optional(pool)
    .await?;
    Ok(account.flatten())
}

/// Completes a login with a code of the app or a recovery code. [`Problem::WrongFactor`] at `code`; after five
/// of those in fifteen minutes [`Refusal::TooMany`], whatever is typed, and the owner is told: someone has the
/// password. [`Refusal::SignedOut`] for a browser that is not half way through a login.
pub async fn give_second_factor(
    pool: &PgPool,
    sealer: &Sealer,
    half: &Secret,
    code: &str,
    now: DateTime<Utc>,
) -> Result<Account> {
    // A recovery code counts also where the secret of the app cannot be opened. It is compared before anything
    // is held: hashing takes its time.
    let is_recovery = recovery::is_code(code);
    let mut fitting = None;
    if is_recovery {
        let account = half_of(pool, half).await?.ok_or(Refusal::SignedOut)?;
        failures::not_too_many(&mut *pool.acquire().await?, account, failures::Kind::Code).await?;
        fitting = recovery::fitting(pool, account, code).await?;
    }
    let mut tx = pool.begin().await?;
    // The account before the ceremony, as everywhere.
    let account = sqlx::query_scalar!(
        r#"select id as "id: AccountId" from account
            where id = (select account_id from account_ceremony where secret_hash = $1 and kind = 'second_factor')
              for no key update"#,
        secret::hash(half)
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Refusal::SignedOut)?;
    let ceremony = sqlx::query_scalar!(
        "select id from account_ceremony
          where secret_hash = $1 and kind = 'second_factor' and used_at is null and expires_at > now() for update",
        secret::hash(half)
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Refusal::SignedOut)?;
    failures::not_too_many(&mut tx, account, failures::Kind::Code).await?;
    let factor = match (is_recovery, fitting) {
        (true, Some(fitting)) => recovery::take(&mut tx, account, fitting).await?.map(|_| "recovery_code"),
        (true, None) => None,
        (false, _) => check_totp(&mut tx, account, sealer, code, now).await?.then_some("authenticator"),
    };
    let Some(factor) = factor else {
        if failures::note(&mut tx, account, failures::Kind::Code).await? >= failures::MAX {
            tell(&mut tx, account, Notice::WrongCodes).await?;
        }
        tx.commit().await?;
        return Err(Refusal::field("code", Problem::WrongFactor).into());
    };
    sqlx::query!("update account_ceremony set used_at = now() where id = $1", ceremony).execute(&mut *tx).await?;
    failures::forget(&mut tx, account, failures::Kind::Code).await?;
    let (kind, owner) = owner(&mut tx, account).await?;
    audit::append(&mut tx, By::System, "second-factor", kind, owner, &[factor]).await?;
    tx.commit().await?;
    Ok(load(pool, account).await?.ok_or(Refusal::SignedOut)?)
}

/// Removes what was left half way; says how many. Half a login without a second factor was begun with the
/// password: the owner is told, unless a login of theirs was completed meanwhile.
pub async fn forget_ceremonies(pool: &PgPool) -> Result<u64> {
    let mut tx = pool.begin().await?;
    let old = sqlx::query!(
        r#"with gone as (delete from account_ceremony where expires_at < now()
                          returning account_id, kind, created_at, expires_at, used_at)
           select account_id as "account: AccountId",
                  kind = 'second_factor' and used_at is null
                  and not exists (select from session s where s.account_id = gone.account_id
                                     and s.created_at between gone.created_at and gone.expires_at) as "lapsed!"
             from gone"#
    )
    .fetch_all(&mut *tx)
    .await?;
    for account in old.iter().filter(|row| row.lapsed).filter_map(|row| row.account) {
        tell(&mut tx, account, Notice::HalfLogin).await?;
    }
    tx.commit().await?;
    Ok(old.len() as u64)
}
