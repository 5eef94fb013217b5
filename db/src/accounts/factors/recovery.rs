//! Recovery codes: ten, each of which works once. They are shown when they are made and kept as argon2id:
//! a digit that says which of the ten, so that a try costs one hash, and 16 letters.

use super::{Notice, held, tell};
use crate::accounts::{failures, password};
use crate::{Actor, Result, audit};
use shared::AccountId;
use shared::accounts::Secret;
use sqlx::{PgConnection, PgPool};

/// Letters that are not taken for one another.
const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";
const LENGTH: usize = 16;
const COUNT: usize = 10;

/// A code with its hash.
pub(super) struct Code {
    slot: i16,
    text: String,
    hash: String,
}

/// Ten of them.
pub(super) async fn generate() -> Result<Vec<Code>> {
    let mut codes = Vec::with_capacity(COUNT);
    for slot in 0..COUNT as i16 {
        let letters = (0..LENGTH).map(|_| char::from(LETTERS[rand::random_range(0..LETTERS.len())]));
        let text = format!("{slot}{}", letters.collect::<String>());
        let hash = password::hash(Secret(text.clone())).await?;
        codes.push(Code { slot, text, hash });
    }
    Ok(codes)
}

/// Makes them the account's; those of before work no more.
pub(super) async fn keep(conn: &mut PgConnection, account: AccountId, codes: &[Code]) -> Result<()> {
    sqlx::query!("delete from account_recovery_code where account_id = $1", account.0).execute(&mut *conn).await?;
    let (slots, hashes): (Vec<i16>, Vec<String>) = codes.iter().map(|code| (code.slot, code.hash.clone())).unzip();
    sqlx::query!(
        "insert into account_recovery_code (account_id, slot, code_hash)
         select $1, slot, hash from unnest($2::smallint[], $3::text[]) made (slot, hash)",
        account.0,
        &slots,
        &hashes
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// As they are shown: `3 ABCD EFGH JKLM NPQR`.
pub(super) fn shown(codes: Vec<Code>) -> Vec<String> {
    let group = |code: Code| {
        let (slot, letters) = code.text.split_at(1);
        let groups: Vec<String> =
            letters.as_bytes().chunks(4).map(|part| String::from_utf8_lossy(part).into_owned()).collect();
        format!("{slot}-{}", groups.join("-"))
    };
    codes.into_iter().map(group).collect()
}

/// New codes in place of those of before, for someone with a second factor.
pub async fn new_codes(pool: &PgPool, actor: &Actor) -> Result<Vec<String>> {
    actor.confirmed()?;
    let codes = generate().await?;
    let mut tx = pool.begin().await?;
    let account = held(&mut tx, actor).await?;
    let has_factor = sqlx::query_scalar!(r#"select account_has_factor($1) as "has!""#, account.0);
    if !has_factor.fetch_one(&mut *tx).await? {
        return Err(shared::Refusal::NotFound.into());
    }
    keep(&mut tx, account, &codes).await?;
    tell(&mut tx, account, Notice::CodesMade).await?;
    audit::append(&mut tx, actor, "renew-recovery-codes", "account", actor.id(), &["recovery_codes"]).await?;
    tx.commit().await?;
    Ok(shown(codes))
}

/// Whether the code is one of one's own that was not used: what a browser holds may be another's.
pub async fn codes_are_own(pool: &PgPool, actor: &Actor, code: &str) -> Result<bool> {
    let Some((slot, text)) = read(code) else { return Ok(false) };
    let hash = sqlx::query_scalar!(
        "select c.code_hash from account_recovery_code c join account a on a.id = c.account_id
          where (a.staff_id = $1 or a.client_id = $1) and c.slot = $2 and c.used_at is null",
        actor.id(),
        slot
    )
    .fetch_optional(pool)
    .await?;
    Ok(password::verify(Secret(text), hash).await? != password::Fits::No)
}

/// A code that was compared with its hash.
#[derive(Debug)]
pub(super) struct Fitting {
    slot: i16,
    hash: String,
}

/// The account's code that this one is. `None` for what is none, or was used. Hashing waits for its turn: the
/// caller holds nothing meanwhile, and takes the code with [`take`].
pub(super) async fn fitting(pool: &PgPool, account: AccountId, typed: &str) -> Result<Option<Fitting>> {
    let Some((slot, text)) = read(typed) else { return Ok(None) };
    let hash = sqlx::query_scalar!(
        "select code_hash from account_recovery_code where account_id = $1 and slot = $2 and used_at is null",
        account.0,
        slot
    )
    .fetch_optional(pool)
    .await?;
    let fits = password::verify(Secret(text), hash.clone()).await? != password::Fits::No;
    Ok(hash.filter(|_| fits).map(|hash| Fitting { slot, hash }))
}

/// Uses a code; how many are left. `None` for one that was used or replaced meanwhile. The caller holds the account.
pub(super) async fn take(conn: &mut PgConnection, account: AccountId, code: Fitting) -> Result<Option<i64>> {
    let used = sqlx::query!(
        "update account_recovery_code set used_at = now()
          where account_id = $1 and slot = $2 and code_hash = $3 and used_at is null",
        account.0,
        code.slot,
        code.hash
    )
    .execute(&mut *conn)
    .await?;
    if used.rows_affected() == 0 {
        return Ok(None);
    }
    let left = sqlx::query_scalar!(
        r#"select count(*) as "left!" from account_recovery_code where account_id = $1 and used_at is null"#,
        account.0
    )
    .fetch_one(&mut *conn)
    .await?;
    tell(conn, account, Notice::CodeUsed { left }).await?;
    failures::forget(conn, account, failures::Kind::Code).await?;
    Ok(Some(left))
}

/// Whether it looks like one; an app's does not.
pub(super) fn is_code(typed: &str) -> bool {
    read(typed).is_some()
}

/// The slot and the code as it was hashed, of a code as people type it.
fn read(typed: &str) -> Option<(i16, String)> {
    let text: String =
        typed.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_uppercase()).collect();
    let slot = text.chars().next()?.to_digit(10)?;
    let is_code = text.len() == LENGTH + 1 && text.bytes().skip(1).all(|letter| letter.is_ascii_uppercase());
    is_code.then_some((slot as i16, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let whole = Some((3, "3ABCDEFGHJKLMNPQR".to_owned()));
        for typed in ["3-ABCD-EFGH-JKLM-NPQR", " 3abcdefghjklmnpqr", "3 ABCD EFGH JKLM NPQR "] {
            assert_eq!(read(typed), whole, "{typed}");
        }
        for other in ["", "123456", "X-ABCD-EFGH-JKLM-NPQR", "3-ABCD-EFGH-JKLM-NPQ", "3-ABCD-EFGH-JKLM-NPQ9", "é"] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
