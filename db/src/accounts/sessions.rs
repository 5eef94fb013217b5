//! Sessions, kept by the SHA-256 of the id in the cookie: the table alone lets
//! nobody in.

use super::Account;
use crate::{Actor, Result};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use sha2::{Digest, Sha256};
use shared::AccountId;
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

/// Removes what has expired; says how many.
pub async fn delete_expired(pool: &PgPool) -> Result<u64> {
    Ok(sqlx::query!("delete from session where expires_at <= now()").execute(pool).await?.rows_affected())
}

/// Ends every session of the account.
pub(super) async fn end_all(conn: &mut PgConnection, account: AccountId) -> Result<()> {
    sqlx::query!("delete from session where account_id = $1", account.0).execute(conn).await?;
    Ok(())
}
