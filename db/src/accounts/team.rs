//! A staff member's invitation: a claim link of 72 hours, used once, by choosing a password.

use super::links::{self, Link};
use super::{ClaimView, Owner, password, secret, sessions, void_links};
use crate::actor::Administrator;
use crate::audit::{self, By};
use crate::{Error, OnConstraint, Result, new_id};
use shared::accounts::{PasswordForm, Secret};
use shared::{AccountId, Problem, Refusal, StaffId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Makes a link, ends the earlier ones, and queues its mail. The transaction holds the staff
/// member's row.
pub(crate) async fn invite_staff_in(conn: &mut PgConnection, _: Administrator<'_>, staff: StaffId) -> Result<()> {
    let has_account = sqlx::query_scalar!(
        r#"select exists (select from account where staff_id = $1 and password_hash is not null) as "has!""#,
        staff.0
    )
    .fetch_one(&mut *conn)
    .await?;
    if has_account {
        return Err(Refusal::field("invite", Problem::HasAccount).into());
    }
    let owner = Owner::Staff(staff);
    void_links(conn, owner).await?;
    links::send(conn, Link::Claim(owner)).await
}

/// Mails a reset link to a staff member.
pub(crate) async fn send_staff_reset_in(conn: &mut PgConnection, _: Administrator<'_>, staff: StaffId) -> Result<()> {
    let account = sqlx::query_scalar!(
        r#"select id as "id: AccountId" from account where staff_id = $1 and password_hash is not null"#,
        staff.0
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(|| Refusal::field("login", Problem::NeedsAccount))?;
    links::send(conn, Link::Reset(account)).await
}

/// What the page of a staff member's claim link shows; `None` for a link that is none.
pub(super) async fn claimable(pool: &PgPool, token: &Secret) -> Result<Option<ClaimView>> {
    let row = sqlx::query!(
        r#"select s.first_name, s.email::text as "email!"
             from account_link l join staff_member s on s.id = l.staff_id
            where l.secret_hash = $1 and l.kind = 'claim' and s.active
              and l.used_at is null and l.voided_at is null and l.expires_at > now()"#,
        secret::hash(token)
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| ClaimView { first_name: row.first_name, username: row.email, address_taken: false, team: true }))
}

/// Uses a staff member's claim link: their username is their work email. `None` for a link that is none.
pub(super) async fn claim(pool: &PgPool, form: &PasswordForm) -> Result<Option<AccountId>> {
    if claimable(pool, &form.token).await?.is_none() {
        return Ok(None);
    }
    // They do not choose their username: what a form holds of one is not read.
    let details = PasswordForm { username: String::new(), ..form.clone() }.parse()?;
    let password = password::hash(details.password).await?;

    let mut tx = pool.begin().await?;
    let (link, staff, email) = lock(&mut tx, &form.token).await?;
    let taken = || Refusal::field("password", Problem::Taken);
    let account = sqlx::query_scalar!(
        r#"insert into account (id, username, password_hash, staff_id) values ($1, $2::text::citext, $3, $4)
           on conflict on constraint account_staff_key
           do update set username = excluded.username, password_hash = excluded.password_hash
           returning id as "id: AccountId""#,
        new_id(),
        email,
        password,
        staff.0
    )
    .fetch_one(&mut *tx)
    .await
    .on_constraint("account_username_key", taken)?;
    sqlx::query!("update account_link set used_at = now() where id = $1", link).execute(&mut *tx).await?;
    void_links(&mut tx, Owner::Staff(staff)).await?;
    sessions::end_all(&mut tx, account).await?;
    audit::append(&mut tx, By::Link(staff.0), "claim", "staff_member", staff, &["username", "password"]).await?;
    tx.commit().await?;
    Ok(Some(account))
}

/// Locks a live claim link, its staff member first. Of two at the same time the second waits and then finds it used.
async fn lock(conn: &mut PgConnection, token: &Secret) -> Result<(Uuid, StaffId, String)> {
    let (hash, dead) = (secret::hash(token), || Error::Refused(Refusal::DeadLink));
    let staff = sqlx::query!(
        r#"select id as "id: StaffId", email::text as "email!" from staff_member
            where id = (select staff_id from account_link where secret_hash = $1 and kind = 'claim') and active
              for share"#,
        hash
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(dead)?;
    let link = sqlx::query_scalar!(
        "select id from account_link
          where secret_hash = $1 and used_at is null and voided_at is null and expires_at > now()
            for update",
        hash
    )
    .fetch_optional(conn)
    .await?
    .ok_or_else(dead)?;
    Ok((link, staff.id, staff.email))
}
