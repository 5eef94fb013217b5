//! Advisory locks, each with a purpose. Those of one purpose have their own
//! space of keys (Postgres' form of two numbers), and a key is the hash of what
//! is locked: nothing that a browser sends meets the lock of anything else.

use crate::Result;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Practitioners and people who are being booked.
    Booking = 0x6b69_0001,
    /// The request key of a form: a second submit waits for the first.
    Form,
    /// One import at a time.
    Import,
    /// Settings that are lists: vocabularies, fields, locations.
    Settings,
    /// What one staff member keeps, such as saved views.
    Staff,
    /// An email address that links are sent to: how many is counted.
    Address,
}

impl Purpose {
    fn class(self) -> i32 {
        self as i32
    }
}

/// Waits for everyone else who locks any of these, until the transaction ends.
pub(crate) async fn lock<K: AsRef<[u8]>>(
    conn: &mut PgConnection,
    purpose: Purpose,
    keys: impl IntoIterator<Item = K>,
) -> Result<()> {
    let mut keys: Vec<i32> = keys.into_iter().map(|key| hash(key.as_ref())).collect();
    // Always in one order: of two with the same keys neither waits for the other.
    keys.sort_unstable();
    keys.dedup();
    sqlx::query!("select pg_advisory_xact_lock($1, key) from unnest($2::int[]) as key", purpose.class(), &keys)
        .execute(conn)
        .await?;
    Ok(())
}

/// As [`lock`], but beside others who share it.
pub(crate) async fn share(conn: &mut PgConnection, purpose: Purpose, key: impl AsRef<[u8]>) -> Result<()> {
    sqlx::query!("select pg_advisory_xact_lock_shared($1, $2)", purpose.class(), hash(key.as_ref()))
        .execute(conn)
        .await?;
    Ok(())
}

/// As [`lock`], without waiting; `false` when another person has it.
pub(crate) async fn try_lock(conn: &mut PgConnection, purpose: Purpose, key: impl AsRef<[u8]>) -> Result<bool> {
    let had = sqlx::query_scalar!(
        r#"select pg_try_advisory_xact_lock($1, $2) as "had!""#,
        purpose.class(),
        hash(key.as_ref())
    );
    Ok(had.fetch_one(conn).await?)
}

fn hash(key: &[u8]) -> i32 {
    let digest: [u8; 32] = Sha256::digest(key).into();
    i32::from_le_bytes([digest[0], digest[1], digest[2], digest[3]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PgPool;

    #[testkit::test]
    async fn a_request_key_that_is_a_practitioners_id_holds_no_booking_up(pool: PgPool) {
        let id = crate::new_id();
        let mut form = pool.begin().await.expect("a transaction");
        lock(&mut form, Purpose::Form, [id]).await.expect("the lock of a form");
        let mut booking = pool.begin().await.expect("another");
        for purpose in [Purpose::Booking, Purpose::Import, Purpose::Settings, Purpose::Staff, Purpose::Address] {
            assert!(try_lock(&mut booking, purpose, id).await.expect("an answer"), "{purpose:?}");
        }
        assert!(!try_lock(&mut booking, Purpose::Form, id).await.expect("an answer"), "the same form waits");
    }

    #[testkit::test]
    async fn what_waited_too_long_for_locks_is_tried_again_whichever_limit_ended_it(pool: PgPool) {
        let mut first = pool.begin().await.expect("a transaction");
        lock(&mut first, Purpose::Booking, ["practitioner", "room"]).await.expect("the locks");
        for limit in ["set local lock_timeout = '50ms'", "set local statement_timeout = '50ms'"] {
            let mut second = pool.begin().await.expect("another");
            sqlx::raw_sql(limit).execute(&mut *second).await.expect("the limit");
            let waited = lock(&mut second, Purpose::Booking, ["practitioner"]).await.expect_err("it is held");
            assert!(waited.is_transient(), "{limit}: {waited}");
            assert_eq!(waited.refusal(), shared::Refusal::Busy, "{limit}");
        }
    }
}
