//! Reset links: 2 hours, used once, by choosing a new password.

use super::links::{self, Link};
use super::{answer_after, factors, owner, password, secret, sessions, typed_name};
use crate::audit::{self, By};
use crate::{Actor, Error, Result, authz};
use shared::accounts::{PasswordForm, Secret};
use shared::clients::Status;
use shared::{AccountId, ClientNumber, Problem, Refusal};
use sqlx::{PgConnection, PgPool};

/// The maximum number of links mailed for one account in an hour, unless the front desk sends more.
const MAILS_AN_HOUR: i64 = 3;

/// Mails a reset link for every account that this username or email leads to and
/// that may log in; at most three an hour for each, and none ends those before.
/// The answer never says whether there is an account, nor what was sent.
pub async fn request_reset(pool: &PgPool, username: &str) -> Result<()> {
    answer_after(async {
        if let Err(error) = request(pool, username).await {
            tracing::error!(%error, "a reset link was not sent");
        }
        Ok(())
    })
    .await
}

async fn request(pool: &PgPool, username: &str) -> Result<()> {
    // A family may share one address: all of them are reached.
    let accounts = sqlx::query_scalar!(
        r#"select id as "id!: AccountId" from account where username = $1::text::citext
           union
           select a.id from account a join staff_member s on s.id = a.staff_id where s.email = $1::text::citext
           union
           select a.id from account a join client c on c.id = a.client_id where c.email = $1::text::citext
           order by 1"#,
        typed_name(username)
    )
    .fetch_all(pool)
    .await?;
    for account in accounts {
        if Actor::load(pool, account).await?.is_some() {
            let mut tx = pool.begin().await?;
            if may_be_mailed(&mut tx, account).await? && !enough(&mut tx, account).await? {
                // Links from before live on until one is used: asking again and again ends none.
                links::send(&mut tx, Link::Reset(account)).await?;
                let (kind, owner) = owner(&mut tx, account).await?;
                audit::append(&mut tx, By::System, "request-reset", kind, owner, &[]).await?;
            }
            tx.commit().await?;
        }
    }
    Ok(())
}

/// Whether the limit of links in an hour is reached. The
/// caller holds the account's row.
async fn enough(conn: &mut PgConnection, account: AccountId) -> Result<bool> {
    let mailed = sqlx::query_scalar!(
        r#"select count(*) as "count!" from account_link
            where account_id = $1 and kind = 'reset' and created_at > now() - interval '1 hour'"#,
        account.0
    )
    .fetch_one(conn)
    .await?;
    Ok(mailed >= MAILS_AN_HOUR)
}

/// Sends a client a reset link. Front desk only, after fresh proof; they need a log-in, an
/// address, and to be active, and log-in must not be switched off.
pub async fn send_reset(pool: &PgPool, actor: &Actor, number: ClientNumber) -> Result<()> {
    let mut tx = pool.begin().await?;
    send_reset_in(&mut tx, actor, number).await?;
    Ok(tx.commit().await?)
}

/// [`send_reset`] within a transaction that ends with it.
pub(crate) async fn send_reset_in(conn: &mut PgConnection, actor: &Actor, number: ClientNumber) -> Result<()> {
    let client = authz::administrable(conn, actor, number).await?.id();
    let row = sqlx::query!(
        r#"select c.status as "status: Status", a.id as "account?: AccountId", p.client_login
             from client c cross join practice p left join account a on a.client_id = c.id where c.id = $1"#,
        client.0
    )
    .fetch_one(&mut *conn)
    .await?;
    let account = row.account.ok_or_else(|| Refusal::field("login", Problem::NeedsAccount))?;
    if !row.status.may_log_in() {
        return Err(Refusal::field("login", Problem::OnlyActive).into());
    }
    if !row.client_login {
        return Err(Refusal::field("login", Problem::LoginOff).into());
    }
    if !may_be_mailed(conn, account).await? {
        return Err(Refusal::field("email", Problem::EmailForLink).into());
    }
    actor.confirmed()?;
    links::send(conn, Link::Reset(account)).await?;
    audit::append(conn, actor, "send-reset", "client", client, &[]).await
}

/// Holds the account; whether its owner has an address.
async fn may_be_mailed(conn: &mut PgConnection, account: AccountId) -> Result<bool> {
    let has_address = sqlx::query_scalar!(
        r#"select staff_id is not null or (select email is not null from client c where c.id = client_id) as "has!"
             from account where id = $1 for no key update"#,
        account.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(has_address == Some(true))
}

/// Ends the account's reset links.
pub(super) async fn void_resets(conn: &mut PgConnection, account: AccountId) -> Result<()> {
    sqlx::query!(
        "update account_link set voided_at = now()
          where account_id = $1 and used_at is null and voided_at is null",
        account.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What the page of a reset link shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResetView {
    pub username: String,
}

/// Looks at a reset link without using it.
pub async fn resettable(pool: &PgPool, token: &Secret) -> Result<ResetView> {
    Ok(ResetView { username: live(pool, token).await?.1 })
}

async fn live(pool: &PgPool, token: &Secret) -> Result<(AccountId, String)> {
    let row = sqlx::query!(
        r#"select a.id as "id: AccountId", a.username::text as "username!"
             from account_link l join account a on a.id = l.account_id
            where l.secret_hash = $1 and l.kind = 'reset'
              and l.used_at is null and l.voided_at is null and l.expires_at > now()"#,
        secret::hash(token)
    )
    .fetch_optional(pool)
    .await?;
    match row {
        Some(row) if Actor::load(pool, row.id).await?.is_some() => Ok((row.id, row.username)),
        _ => Err(Error::Refused(Refusal::DeadLink)),
    }
}

/// Uses a reset link: sets the password, ends the account's other links and every
/// open session.
pub async fn reset(pool: &PgPool, form: &PasswordForm) -> Result<AccountId> {
    let password = form.parse()?.password;
    // Before the work of hashing; the link is asked again below, locked.
    let (account, _) = live(pool, &form.token).await?;
    let password = password::hash(password).await?;

    let mut tx = pool.begin().await?;
    // The client before the account and the link: a status that ends the link is waited for.
    sqlx::query!(
        "select 1 as one from client where id = (select client_id from account where id = $1) for share",
        account.0
    )
    .fetch_optional(&mut *tx)
    .await?;
    let changed = sqlx::query!("update account set password_hash = $2 where id = $1", account.0, password)
        .execute(&mut *tx)
        .await?;
    let used = sqlx::query!(
        "update account_link set used_at = now()
          where secret_hash = $1 and used_at is null and voided_at is null and expires_at > now()",
        secret::hash(&form.token)
    )
    .execute(&mut *tx)
    .await?;
    if changed.rows_affected() != 1 || used.rows_affected() != 1 {
        return Err(Error::Refused(Refusal::DeadLink));
    }
    void_resets(&mut tx, account).await?;
    sessions::end_all(&mut tx, account).await?;
    factors::tell(&mut tx, account, factors::Notice::PasswordReset).await?;
    let (kind, owner) = owner(&mut tx, account).await?;
    audit::append(&mut tx, By::Link(account.0), "reset-password", kind, owner, &["password"]).await?;
    tx.commit().await?;
    Ok(account)
}
