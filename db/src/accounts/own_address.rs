//! A client's own email address. The new one counts once a link that went there
//! was used: 2 hours, used once.
//!
//! The client asks for the link with their password; the old address is notified of the
//! change.

use super::links::{self, Link};
use super::{
    Owner, address_changed, not_me, own::check_password, own::wrong_password, reach, secret, taken, username_is_free,
};
use crate::audit::{self, By};
use crate::locks::{self, Purpose};
use crate::{Actor, Error, OnConstraint, Result, consents, permissions};
use shared::accounts::{ConfirmAddressForm, OwnAddressForm, Secret, own_username, same_address};
use shared::clients::Status;
use shared::permissions::Detail;
use shared::{AccountId, ClientId, Problem, Refusal};
use sqlx::{PgConnection, PgPool};

/// Links that are mailed for one account in an hour.
const MAILS_AN_HOUR: i64 = 3;

/// Links that are mailed to one address in 24 hours, whichever accounts ask.
const MAILS_A_DAY: i64 = 5;

/// What a client's own account page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnAddress {
    /// Empty if there is none on the record, or the practice does not show it.
    pub email: String,
    pub is_shown: bool,
    pub may_change: bool,
    pub username: String,
    /// The newest address that is still to be confirmed.
    pub pending: Option<String>,
}

/// One's own address. Clients only.
pub async fn own_address(pool: &PgPool, actor: &Actor) -> Result<OwnAddress> {
    let client = actor.client()?.id();
    sqlx::query_as!(
        OwnAddress,
        r#"select case when d.setting = 'hidden' then '' else coalesce(c.email::text, '') end as "email!",
                  d.setting <> 'hidden' as "is_shown!", portal_edits(c.id, 'email') as "may_change!", a.username::text as "username!",
                  (select l.new_email::text from account_link l
                    where l.account_id = a.id and l.kind = 'address' and l.new_email is not null
                      and l.used_at is null and l.voided_at is null and l.expires_at > now()
                    order by l.created_at desc limit 1) as pending
             from client c join account a on a.client_id = c.id
             join portal_detail d on d.detail = 'email' where c.id = $1"#,
        client.0
    )
    .fetch_optional(pool)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))
}

/// Mails a link to the new address and ends earlier ones; nothing else changes. It
/// needs the current password. An address that was sent enough links today gets no other, and the
/// answer is the same. Clients only.
pub async fn request_address(pool: &PgPool, actor: &Actor, form: &OwnAddressForm) -> Result<()> {
    let client = actor.client()?.id();
    let email = form.parse()?;
    let now = own_address(pool, actor).await?;
    if !now.may_change {
        return Err(Refusal::Forbidden.into());
    }
    if now.email == email {
        return Err(Refusal::field("email", Problem::SameAddress).into());
    }
    let hash = check_password(pool, client.0, &form.current).await?;
    let mut tx = pool.begin().await?;
    let account = sqlx::query_scalar!(
        r#"select id as "id: AccountId" from account where client_id = $1 and password_hash = $2 for no key update"#,
        client.0,
        hash
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or_else(wrong_password)?;
    permissions::require_edits(&mut tx, client, Detail::Email).await?;
    locks::lock(&mut tx, Purpose::Address, [email.to_lowercase()]).await?;
    let sent = sqlx::query!(
        r#"select count(*) filter (where account_id = $1 and created_at > now() - interval '1 hour') as "own!",
                  count(*) filter (where new_email = $2::text::citext) as "there!"
             from account_link
            where kind = 'address' and (account_id = $1 or new_email = $2::text::citext)
              and created_at > now() - interval '24 hours'"#,
        account.0,
        email
    )
    .fetch_one(&mut *tx)
    .await?;
    if sent.own >= MAILS_AN_HOUR {
        return Err(Refusal::TooMany.into());
    }
    if sent.there >= MAILS_A_DAY {
        return Ok(());
    }
    // The mail to a mistyped address confirms nothing any more.
    sqlx::query!(
        "update account_link set voided_at = now()
          where account_id = $1 and kind = 'address' and used_at is null and voided_at is null",
        account.0
    )
    .execute(&mut *tx)
    .await?;
    links::send(&mut tx, Link::Address { account, email: &email }).await?;
    audit::append(&mut tx, actor, "request-address", "client", client, &["email"]).await?;
    Ok(tx.commit().await?)
}

/// What the page of such a link shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressView {
    /// The new address.
    pub email: String,
    /// Another account has the new address as username, and this one has the old: it
    /// needs another. The page says nothing else of the account, for its reader may be a
    /// stranger.
    pub needs_username: bool,
}

/// Looks at a link without using it.
pub async fn confirmable_address(pool: &PgPool, token: &Secret) -> Result<AddressView> {
    let row = sqlx::query!(
        r#"select a.id as "id: AccountId", a.username::text as "username!", l.new_email::text as "email!",
                  exists (select from account o where o.username = l.new_email and o.id <> a.id)
                      or exists (select from staff_member s where s.email = l.new_email) as "address_taken!"
             from account_link l join account a on a.id = l.account_id
            where l.secret_hash = $1 and l.kind = 'address' and l.new_email is not null
              and l.used_at is null and l.voided_at is null and l.expires_at > now()"#,
        secret::hash(token)
    )
    .fetch_optional(pool)
    .await?
    .ok_or(Refusal::DeadLink)?;
    if Actor::load(pool, row.id).await?.is_none() {
        return Err(Refusal::DeadLink.into());
    }
    let kept = !row.username.contains('@') || same_address(&row.username, &row.email);
    Ok(AddressView { email: row.email, needs_username: row.address_taken && !kept })
}

/// Uses a link, with the account's password: the new address is the client's, and their
/// username if that was an address. The old one is told, and what was mailed there opens
/// nothing any more.
pub async fn confirm_address(pool: &PgPool, form: &ConfirmAddressForm) -> Result<()> {
    confirmable_address(pool, &form.token).await?;
    let typed = form.parse()?;
    let owner = sqlx::query_scalar!(
        r#"select a.client_id from account_link l join account a on a.id = l.account_id
            where l.secret_hash = $1 and l.kind = 'address'"#,
        secret::hash(&form.token)
    )
    .fetch_optional(pool)
    .await?
    .flatten()
    .ok_or(Refusal::DeadLink)?;
    let hash = check_password(pool, owner, &form.current).await?;
    let mut tx = pool.begin().await?;
    let locked = lock(&mut tx, &form.token).await?;
    if locked.password_hash.as_ref() != Some(&hash) {
        return Err(wrong_password());
    }
    permissions::require_edits(&mut tx, locked.client, Detail::Email).await?;
    let kept = Some(locked.username.clone()).filter(|name| !name.contains('@'));
    let username =
        own_username(typed.or(kept), &locked.email).map_err(|problem| Refusal::field("username", problem))?;
    username_is_free(&mut tx, &username).await?;
    let owner = Owner::Client(locked.client);
    let before = reach(&mut tx, owner).await?;
    consents::carried(&mut tx, By::Link(locked.client.0)).await?;
    sqlx::query!(
        "update client set email = $2::text::citext, version = version + 1, updated_at = now() where id = $1",
        locked.client.0,
        locked.email
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("update account set username = $2::text::citext where id = $1", locked.account.0, username)
        .execute(&mut *tx)
        .await
        .on_constraint("account_username_key", || taken(&username))?;
    sqlx::query!("update account_link set used_at = now(), new_email = null where id = $1", locked.link)
        .execute(&mut *tx)
        .await?;
    sqlx::query!(
        "update account_link set voided_at = coalesce(voided_at, now()), new_email = null
          where account_id = $1 and kind = 'address' and used_at is null",
        locked.account.0
    )
    .execute(&mut *tx)
    .await?;
    if let Some(message) = address_changed(&mut tx, before, owner).await? {
        not_me::offer(&mut tx, locked.account, message).await?;
    }
    let fields: &[&str] = if same_name(&username, &locked.username) { &["email"] } else { &["email", "username"] };
    audit::append(&mut tx, By::Link(locked.client.0), "update", "client", locked.client, fields).await?;
    Ok(tx.commit().await?)
}

fn same_name(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// A live link and whose it is, all of it held until the transaction ends.
struct Locked {
    client: ClientId,
    account: AccountId,
    username: String,
    password_hash: Option<String>,
    link: uuid::Uuid,
    email: String,
}

/// Of two at the same time the second waits and then finds the link used.
async fn lock(conn: &mut PgConnection, token: &Secret) -> Result<Locked> {
    let (hash, dead) = (secret::hash(token), || Error::Refused(Refusal::DeadLink));
    let client = sqlx::query!(
        r#"select c.id as "id: ClientId", c.status as "status: Status" from client c
            where c.id = (select a.client_id from account_link l join account a on a.id = l.account_id
                           where l.secret_hash = $1 and l.kind = 'address')
              for no key update"#,
        hash
    )
    .fetch_optional(&mut *conn)
    .await?
    .filter(|client| client.status.may_log_in())
    .ok_or_else(dead)?;
    let account = sqlx::query!(
        r#"select id as "id: AccountId", username::text as "username!", password_hash
             from account where client_id = $1 for update"#,
        client.id.0
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(dead)?;
    let link = sqlx::query!(
        r#"select id, new_email::text as "email!" from account_link
            where secret_hash = $1 and account_id = $2 and new_email is not null
              and used_at is null and voided_at is null and expires_at > now()
              for update"#,
        hash,
        account.id.0
    )
    .fetch_optional(conn)
    .await?
    .ok_or_else(dead)?;
    Ok(Locked {
        client: client.id,
        account: account.id,
        username: account.username,
        password_hash: account.password_hash,
        link: link.id,
        email: link.email,
    })
}
