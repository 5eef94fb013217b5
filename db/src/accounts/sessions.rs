//! Sessions, kept by the SHA-256 of the id in the cookie: the table alone lets
//! no one in.

use super::Account;
use crate::{Actor, Error, Result, audit};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use sha2::{Digest, Sha256};
use shared::{AccountId, Refusal, SessionId};
use sqlx::{PgConnection, PgPool};

/// Hours without a request after which a session ends.
const IDLE_HOURS: i64 = 8;

/// When a session that is used now ends if it is not used again. In any case it ends
/// seven days after its login.
pub fn idle_end(now: DateTime<Utc>) -> DateTime<Utc> {
    now + TimeDelta::hours(IDLE_HOURS)
}

/// What is kept of a session.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    pub data: Value,
    pub expires_at: DateTime<Utc>,
}

fn hash(id: &[u8]) -> Vec<u8> {
    Sha256::digest(id).to_vec()
}

/// Keeps a new session. `false` when there is one with this id.
pub async fn create(pool: &PgPool, id: &[u8], account: Option<AccountId>, session: &Stored) -> Result<bool> {
    let created = sqlx::query!(
        "insert into session (id_hash, account_id, data, expires_at)
         values ($1, $2, $3, least($4, now() + interval '7 days')) on conflict do nothing",
        hash(id),
        account.map(|account| account.0),
        session.data,
        session.expires_at
    )
    .execute(pool)
    .await?;
    Ok(created.rows_affected() == 1)
}

/// Keeps what has changed. A session that has been ended meanwhile stays so.
pub async fn save(pool: &PgPool, id: &[u8], account: Option<AccountId>, session: &Stored) -> Result<()> {
    sqlx::query!(
        "update session
            set account_id = $2, data = $3, expires_at = least($4, created_at + interval '7 days')
          where id_hash = $1",
        hash(id),
        account.map(|account| account.0),
        session.data,
        session.expires_at
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// The session, unless it has expired, and the log-in it belongs to, if that may
/// be used: by one statement, for every request asks for both.
pub async fn load(pool: &PgPool, id: &[u8]) -> Result<Option<(Stored, Option<Account>)>> {
    let found = Actor::select(pool, None, Some(&hash(id))).await?;
    Ok(found.map(|(stored, loaded)| (stored, loaded.map(Account::of))))
}

pub async fn delete(pool: &PgPool, id: &[u8]) -> Result<()> {
    sqlx::query!("delete from session where id_hash = $1", hash(id)).execute(pool).await?;
    Ok(())
}

/// A session that is open, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSession {
    pub id: SessionId,
    /// What the browser called itself at the login.
    pub agent: String,
    pub first_seen: DateTime<Utc>,
    /// To five minutes.
    pub last_seen: DateTime<Utc>,
    /// The one that asks.
    pub here: bool,
}

/// Where one is logged in; the session that asks, with this id, first.
pub async fn open(pool: &PgPool, actor: &Actor, here: &[u8]) -> Result<Vec<OpenSession>> {
    Ok(sqlx::query_as!(
        OpenSession,
        r#"select s.id as "id: SessionId", coalesce(s.data->>'agent', '') as "agent!", s.created_at as first_seen,
                  greatest(s.created_at, to_timestamp((s.data->>'seen')::bigint)) as "last_seen!",
                  s.id_hash = $2 as "here!"
             from session s join account a on a.id = s.account_id
            where (a.staff_id = $1 or a.client_id = $1) and s.expires_at > now()
            order by s.id_hash = $2 desc, 4 desc, s.id"#,
        actor.id(),
        hash(here)
    )
    .fetch_all(pool)
    .await?)
}

/// Ends one of one's own sessions. [`Refusal::NotFound`] for what is another's, or has ended.
pub async fn end(pool: &PgPool, actor: &Actor, id: SessionId) -> Result<()> {
    let mut tx = pool.begin().await?;
    let ended = sqlx::query!(
        "delete from session s using account a
          where s.id = $2 and a.id = s.account_id and (a.staff_id = $1 or a.client_id = $1)",
        actor.id(),
        id.0
    )
    .execute(&mut *tx)
    .await?;
    if ended.rows_affected() == 0 {
        return Err(Error::Refused(Refusal::NotFound));
    }
    audit::append(&mut tx, actor, "end-session", "account", actor.id(), &[]).await?;
    Ok(tx.commit().await?)
}

/// Ends every session of one's own but the one with this id.
pub async fn end_others(pool: &PgPool, actor: &Actor, here: &[u8]) -> Result<()> {
    let mut tx = pool.begin().await?;
    let ended = sqlx::query!(
        "delete from session s using account a
          where a.id = s.account_id and (a.staff_id = $1 or a.client_id = $1) and s.id_hash <> $2",
        actor.id(),
        hash(here)
    )
    .execute(&mut *tx)
    .await?;
    if ended.rows_affected() > 0 {
        audit::append(&mut tx, actor, "end-other-sessions", "account", actor.id(), &[]).await?;
    }
    Ok(tx.commit().await?)
}

/// The password, or another factor, was given in the session with this id.
pub(super) async fn confirmed(conn: &mut PgConnection, id: &[u8]) -> Result<()> {
    sqlx::query!("update session set proved_at = now() where id_hash = $1", hash(id)).execute(conn).await?;
    Ok(())
}

/// Removes what has expired; says how many.
pub async fn delete_expired(pool: &PgPool) -> Result<u64> {
    Ok(sqlx::query!("delete from session where expires_at <= now()").execute(pool).await?.rows_affected())
}

/// Ends every session of the account but the one with this id, and every login that is half done. What the one
/// that stays knows of the account has changed: it is read again ([`super::load`]).
pub(super) async fn end_all_but(conn: &mut PgConnection, account: AccountId, here: &[u8]) -> Result<()> {
    sqlx::query!("delete from session where account_id = $1 and id_hash <> $2", account.0, hash(here))
        .execute(&mut *conn)
        .await?;
    end_halves(conn, account).await
}

/// Ends every session of the account, and every login that is half done: its password is no more.
pub(super) async fn end_all(conn: &mut PgConnection, account: AccountId) -> Result<()> {
    sqlx::query!("delete from session where account_id = $1", account.0).execute(&mut *conn).await?;
    end_halves(conn, account).await
}

/// Also of logins that are whole, and whose session is made a moment later.
async fn end_halves(conn: &mut PgConnection, account: AccountId) -> Result<()> {
    sqlx::query!("delete from account_ceremony where account_id = $1", account.0).execute(&mut *conn).await?;
    sqlx::query!("update account set logins_ended = logins_ended + 1 where id = $1", account.0).execute(conn).await?;
    Ok(())
}
