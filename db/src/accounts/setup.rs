//! The first administrator: made with the set-up link that the server prints at its start, which
//! works until there is one; or by the command line.
//!
//! Each start prints a new link, which ends the one before.

use super::{insert_admin, password, secret};
use crate::{Error, Result};
use shared::accounts::Secret;
use shared::parse::{self, Fields};
use shared::practice::SetupForm;
use shared::{AccountId, Problem, Refusal};
use sqlx::{PgConnection, PgPool};

/// Whether no one can log in as an administrator.
pub async fn needs_admin(pool: &PgPool) -> Result<bool> {
    needs_admin_in(&mut *pool.acquire().await?).await
}

async fn needs_admin_in(conn: &mut PgConnection) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select not exists (
               select from staff_member s join account a on a.staff_id = s.id
                where s.active and 'administrator' = any(s.roles) and a.password_hash is not null) as "needs!""#
    )
    .fetch_one(conn)
    .await?)
}

/// A new set-up link, which ends the one before; `None` where there is an administrator.
pub async fn new_setup_link(pool: &PgPool) -> Result<Option<Secret>> {
    let mut tx = pool.begin().await?;
    if !needs_admin_in(&mut tx).await? {
        return Ok(None);
    }
    let secret = secret::new();
    sqlx::query!(
        "insert into setup_link (secret_hash) values ($1)
         on conflict (only_row) do update set secret_hash = excluded.secret_hash, created_at = now()",
        secret::hash(&secret)
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(Some(secret))
}

/// Looks at a set-up link; [`Refusal::DeadLink`] for one that does not work, or no more.
pub async fn setup_open(pool: &PgPool, token: &Secret) -> Result<()> {
    let known = sqlx::query_scalar!(
        r#"select exists (select from setup_link where secret_hash = $1) as "known!""#,
        secret::hash(token)
    )
    .fetch_one(pool)
    .await?;
    if known && needs_admin(pool).await? { Ok(()) } else { Err(Error::Refused(Refusal::DeadLink)) }
}

/// Uses the set-up link: makes the first administrator. Of two at the same time one is made.
pub async fn set_up(pool: &PgPool, form: &SetupForm) -> Result<AccountId> {
    setup_open(pool, &form.token).await?;
    let mut fields = Fields::default();
    fields.take("first_name", parse::required(&form.first_name, 80));
    if form.password.normalized() != form.again.normalized() {
        fields.note("again", Problem::PasswordsDiffer);
    }
    let admin = super::admin_details(fields, &form.first_name, &form.last_name, &form.email, &form.password)?;
    let hash = password::hash(admin.password.clone()).await?;

    let mut tx = pool.begin().await?;
    let link = sqlx::query_scalar!(
        "select only_row from setup_link where secret_hash = $1 for update",
        secret::hash(&form.token)
    )
    .fetch_optional(&mut *tx)
    .await?;
    if link.is_none() || !needs_admin_in(&mut tx).await? {
        return Err(Error::Refused(Refusal::DeadLink));
    }
    sqlx::query!("delete from setup_link").execute(&mut *tx).await?;
    let account = insert_admin(&mut tx, &admin, hash, "set-up").await?;
    tx.commit().await?;
    Ok(account)
}
