//! Wrong passwords and codes of an account, counted in the database: any number of servers count
//! together. The operation that counts holds the account's row.

use crate::Result;
use shared::{AccountId, Refusal};
use sqlx::{PgConnection, PgPool};

/// What was wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Asked of someone logged in.
    Confirm,
    /// A second factor.
    Code,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Kind::Confirm => "confirm",
            Kind::Code => "code",
        }
    }
}

/// This number in these minutes, and then a wait.
pub(super) const MAX: i64 = 5;
const MINUTES: i32 = 15;

/// [`Refusal::TooMany`] once there were enough, also for what is right. The caller holds the account.
pub(super) async fn not_too_many(conn: &mut PgConnection, account: AccountId, kind: Kind) -> Result<()> {
    if count(conn, account, kind).await? >= MAX { Err(Refusal::TooMany.into()) } else { Ok(()) }
}

async fn count(conn: &mut PgConnection, account: AccountId, kind: Kind) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "count!" from account_failure
            where account_id = $1 and kind = $2 and at > now() - make_interval(mins => $3)"#,
        account.0,
        kind.as_str(),
        MINUTES
    )
    .fetch_one(conn)
    .await?)
}

/// One more; how many there are now. The caller commits it although it refuses.
pub(super) async fn note(conn: &mut PgConnection, account: AccountId, kind: Kind) -> Result<i64> {
    sqlx::query!("insert into account_failure (account_id, kind) values ($1, $2)", account.0, kind.as_str())
        .execute(&mut *conn)
        .await?;
    count(conn, account, kind).await
}

/// The right one was given.
pub(super) async fn forget(conn: &mut PgConnection, account: AccountId, kind: Kind) -> Result<()> {
    sqlx::query!("delete from account_failure where account_id = $1 and kind = $2", account.0, kind.as_str())
        .execute(conn)
        .await?;
    Ok(())
}

/// Removes what counts no more; says how many.
pub async fn forget_old(pool: &PgPool) -> Result<u64> {
    let old = sqlx::query!("delete from account_failure where at < now() - interval '1 day'").execute(pool).await?;
    Ok(old.rows_affected())
}
