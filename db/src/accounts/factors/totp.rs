//! An authenticator app: codes of six digits that change every 30 seconds (RFC 6238), of which each works
//! once. The secret is sealed at rest.

use super::{Notice, held, one_left, recovery, tell};
use crate::accounts::{failures, sessions};
use crate::sealing::Sealer;
use crate::{Actor, Error, Result, audit};
use chrono::{DateTime, Utc};
use shared::{AccountId, Problem, Refusal};
use sqlx::{PgConnection, PgPool};
use totp_rs::{Builder, Secret, Totp};

/// Minutes to give the first code in.
const MINUTES: i32 = 30;

/// What the app is given.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpSetup {
    /// `otpauth://…`, for the picture.
    pub url: String,
    /// To be typed: base32.
    pub secret: String,
}

/// Makes a secret, which counts once a code of it was given.
pub async fn begin_totp(pool: &PgPool, actor: &Actor, sealer: &Sealer) -> Result<()> {
    actor.confirmed()?;
    let mut tx = pool.begin().await?;
    let account = held(&mut tx, actor).await?;
    let sealed = sealer.seal(account.0, Secret::generate().as_bytes())?;
    sqlx::query!(
        "insert into account_totp (account_id, pending_secret, pending_at) values ($1, $2, now())
         on conflict (account_id) do update set pending_secret = excluded.pending_secret, pending_at = now()",
        account.0,
        sealed
    )
    .execute(&mut *tx)
    .await?;
    Ok(tx.commit().await?)
}

/// The app that is being set up, if one is.
pub async fn totp_setup(pool: &PgPool, actor: &Actor, sealer: &Sealer) -> Result<Option<TotpSetup>> {
    actor.confirmed()?;
    let row = sqlx::query!(
        r#"select a.id as "id: AccountId", a.username::text as "username!", t.pending_secret as "secret!", p.name
             from account a join account_totp t on t.account_id = a.id cross join practice p
            where (a.staff_id = $1 or a.client_id = $1) and t.pending_at > now() - make_interval(mins => $2)"#,
        actor.id(),
        MINUTES
    )
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    // Neither may hold a colon.
    let [name, practice] = [&row.username, &row.name].map(|text| text.replace(':', " "));
    let totp = totp(&sealer.open(row.id.0, &row.secret)?)?;
    let named = Builder::new().with_secret(totp.secret().clone()).with_account_name(name).with_issuer(Some(practice));
    let url = named.build().map_err(failed)?.to_url().map_err(failed)?;
    Ok(Some(TotpSetup { url, secret: totp.secret().to_base32() }))
}

/// Sets the app up with a code of it. Gives recovery codes to someone who has none; every other session ends.
pub async fn confirm_totp(
    pool: &PgPool,
    actor: &Actor,
    sealer: &Sealer,
    code: &str,
    here: &[u8],
    now: DateTime<Utc>,
) -> Result<Option<Vec<String>>> {
    actor.confirmed()?;
    let codes = match super::factors(pool, actor).await?.codes_left {
        0 => Some(recovery::generate().await?),
        _ => None,
    };
    let mut tx = pool.begin().await?;
    let account = held(&mut tx, actor).await?;
    failures::not_too_many(&mut tx, account, failures::Kind::Code).await?;
    let pending = sqlx::query_scalar!(
        r#"select pending_secret as "secret!" from account_totp
            where account_id = $1 and pending_at > now() - make_interval(mins => $2)"#,
        account.0,
        MINUTES
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::Refused(Refusal::DeadLink))?;
    let Some(step) = step(&totp(&sealer.open(account.0, &pending)?)?, code, now) else {
        failures::note(&mut tx, account, failures::Kind::Code).await?;
        tx.commit().await?;
        return Err(Refusal::field("code", Problem::WrongFactor).into());
    };
    sqlx::query!(
        "update account_totp
            set sealed_secret = pending_secret, confirmed_at = now(), last_step = $2, pending_secret = null, pending_at = null
          where account_id = $1",
        account.0,
        step
    )
    .execute(&mut *tx)
    .await?;
    if let Some(codes) = &codes {
        recovery::keep(&mut tx, account, codes).await?;
    }
    sessions::end_all_but(&mut tx, account, here).await?;
    tell(&mut tx, account, Notice::AppAdded).await?;
    audit::append(&mut tx, actor, "add-factor", "account", actor.id(), &["authenticator"]).await?;
    tx.commit().await?;
    Ok(codes.map(recovery::shown))
}

/// Takes the app away; every other session ends. Refused for the last factor of someone who must have one.
pub async fn remove_totp(pool: &PgPool, actor: &Actor, here: &[u8]) -> Result<()> {
    actor.confirmed()?;
    let mut tx = pool.begin().await?;
    let account = held(&mut tx, actor).await?;
    let had = sqlx::query_scalar!(
        r#"delete from account_totp where account_id = $1 returning confirmed_at is not null as "had!""#,
        account.0
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    if had {
        one_left(&mut tx, account, "authenticator").await?;
        sessions::end_all_but(&mut tx, account, here).await?;
        tell(&mut tx, account, Notice::AppRemoved).await?;
        audit::append(&mut tx, actor, "remove-factor", "account", actor.id(), &["authenticator"]).await?;
    }
    Ok(tx.commit().await?)
}

/// How many secrets were sealed with keys that this server does not have.
pub async fn unopened_secrets(pool: &PgPool, sealer: &Sealer) -> Result<usize> {
    let all =
        sqlx::query_scalar!(r#"select sealed_secret as "sealed!" from account_totp where sealed_secret is not null"#)
            .fetch_all(pool)
            .await?;
    Ok(all.iter().filter(|sealed| !sealer.knows(sealed)).count())
}

/// Whether the code is one of the account's app, and was not taken before. The caller holds the account.
pub(crate) async fn check(
    conn: &mut PgConnection,
    account: AccountId,
    sealer: &Sealer,
    code: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let sealed = sqlx::query_scalar!("select sealed_secret from account_totp where account_id = $1", account.0)
        .fetch_optional(&mut *conn)
        .await?
        .flatten();
    let Some(sealed) = sealed else { return Ok(false) };
    let Some(step) = step(&totp(&sealer.open(account.0, &sealed)?)?, code, now) else { return Ok(false) };
    let taken = sqlx::query!(
        "update account_totp set last_step = $2 where account_id = $1 and last_step < $2",
        account.0,
        step
    )
    .execute(conn)
    .await?;
    Ok(taken.rows_affected() == 1)
}

/// The step of a code that fits now, or one step early or late.
fn step(totp: &Totp, code: &str, now: DateTime<Utc>) -> Option<i64> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let step = totp.check(&code, u64::try_from(now.timestamp()).ok()?)?;
    i64::try_from(step).ok()
}

fn totp(secret: &[u8]) -> Result<Totp> {
    Builder::new().with_secret(secret).build().map_err(failed)
}

fn failed(error: impl std::fmt::Display) -> Error {
    tracing::error!(%error, "an authenticator's secret");
    Refusal::Internal.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, of which an app shows the last six digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let totp = totp(b"12345678901234567890").unwrap();
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let at = |seconds: i64| DateTime::from_timestamp(seconds, 0).unwrap();
            assert_eq!(step(&totp, code, at(seconds)), Some(seconds / 30), "{seconds}");
            for near in [-30, 30] {
                assert_eq!(step(&totp, code, at(seconds + near)), Some(seconds / 30), "{seconds} {near}");
            }
            for far in [-60, 60] {
                assert_eq!(step(&totp, code, at(seconds + far)), None, "{seconds} {far}");
            }
        }
        let typed = DateTime::from_timestamp(59, 0).unwrap();
        assert_eq!(step(&totp, " 287 082 ", typed), Some(1));
        for wrong in ["", "28708", "2870822", "+87082", "２８７０８２"] {
            assert_eq!(step(&totp, wrong, typed), None, "{wrong}");
        }
    }
}
