//! What a passkey answers is asked for first. The question is kept here for five minutes, for the browser
//! that was asked alone, and is taken by the first answer, whatever that is.

use super::relying::failed;
use crate::{Result, new_id};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};
use shared::AccountId;
use sqlx::PgPool;
use uuid::Uuid;

pub(super) const MINUTES: i32 = 5;

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Register,
    Login,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Kind::Register => "passkey_register",
            Kind::Login => "passkey_login",
        }
    }
}

/// What both must be known for: the ceremony stands in the page, the secret in the browser's session or cookie.
fn hash(kind: Kind, ceremony: &str, browser: &[u8]) -> Vec<u8> {
    let mut digest = Sha256::new();
    for part in [kind.as_str().as_bytes(), b" ", ceremony.as_bytes(), b" ", browser] {
        digest.update(part);
    }
    digest.finalize().to_vec()
}

/// Keeps the question; gives its name for the page.
pub(super) async fn begin(
    pool: &PgPool,
    kind: Kind,
    browser: &[u8],
    account: Option<AccountId>,
    state: &impl Serialize,
) -> Result<String> {
    let name = Uuid::new_v4().simple().to_string();
    sqlx::query!(
        "insert into account_ceremony (id, kind, secret_hash, account_id, state, expires_at)
         values ($1, $2, $3, $4, $5, now() + make_interval(mins => $6))",
        new_id(),
        kind.as_str(),
        hash(kind, &name, browser),
        account.map(|account| account.0),
        serde_json::to_value(state).map_err(failed)?,
        MINUTES
    )
    .execute(pool)
    .await?;
    Ok(name)
}

/// Takes the question, and whose it is. `None` for what another browser began, was taken, or is over.
pub(super) async fn take<T: DeserializeOwned>(
    pool: &PgPool,
    kind: Kind,
    name: &str,
    browser: &[u8],
) -> Result<Option<(Option<AccountId>, T)>> {
    let taken = sqlx::query!(
        r#"update account_ceremony set used_at = now()
            where secret_hash = $1 and kind = $2 and used_at is null and expires_at > now()
           returning account_id as "account: AccountId", state"#,
        hash(kind, name, browser),
        kind.as_str()
    )
    .fetch_optional(pool)
    .await?;
    let read = |state: Value| serde_json::from_value(state).map_err(failed);
    taken.map(|row| Ok((row.account, read(row.state)?))).transpose()
}
