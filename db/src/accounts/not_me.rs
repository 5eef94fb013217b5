//! *This was not me*: a link in the mail to the address from before a client's own change of it. For a
//! week it brings the old address back. Who made the change knew the password, so that it counts no
//! more, every session ends, and the old address gets a link to choose another.

use super::links::{self, Link};
use super::{Owner, address_changed, reach, secret, sessions, void_links};
use crate::audit::{self, By};
use crate::{Error, PgPool, Result, new_id};
use shared::accounts::Secret;
use shared::{AccountId, ClientId, Refusal};
use sqlx::PgConnection;
use uuid::Uuid;

/// Puts such a link into the mail that tells the old address.
pub(super) async fn offer(conn: &mut PgConnection, account: AccountId, message: Uuid) -> Result<()> {
    let secret = secret::new();
    sqlx::query!(
        "insert into address_undo (id, account_id, secret_hash, old_email)
         select $1, $2, $3, old_address from message where id = $4",
        new_id(),
        account.0,
        secret::hash(&secret),
        message
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("update message set secret = $2 where id = $1", message, secret.0).execute(conn).await?;
    Ok(())
}

/// Looks at such a link without using it.
pub async fn undoable_address(pool: &PgPool, token: &Secret) -> Result<()> {
    let live = sqlx::query_scalar!(
        r#"select exists (select from address_undo
                           where secret_hash = $1 and used_at is null and expires_at > now()) as "live!""#,
        secret::hash(token)
    );
    if live.fetch_one(pool).await? { Ok(()) } else { Err(Refusal::DeadLink.into()) }
}

/// Uses it. Of two at the same time the second finds it used.
pub async fn undo_address(pool: &PgPool, token: &Secret) -> Result<()> {
    let dead = || Error::Refused(Refusal::DeadLink);
    let hash = secret::hash(token);
    let mut tx = pool.begin().await?;
    // The client before the account and the link.
    let client = sqlx::query_scalar!(
        r#"select c.id as "id: ClientId" from client c
            where c.id = (select a.client_id from address_undo u join account a on a.id = u.account_id
                           where u.secret_hash = $1)
              for no key update"#,
        hash
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or_else(dead)?;
    let account = sqlx::query!(
        r#"select id as "id: AccountId", username::text as "username!" from account where client_id = $1 for update"#,
        client.0
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or_else(dead)?;
    let old = sqlx::query_scalar!(
        r#"update address_undo set used_at = now()
            where secret_hash = $1 and account_id = $2 and used_at is null and expires_at > now()
           returning old_email::text as "old!""#,
        hash,
        account.id.0
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or_else(dead)?;
    let owner = Owner::Client(client);
    let before = reach(&mut tx, owner).await?;
    sqlx::query!(
        "update client set email = $2::text::citext, version = version + 1, updated_at = now() where id = $1",
        client.0,
        old
    )
    .execute(&mut *tx)
    .await?;
    // An address that is the username comes back with it, unless someone else has it by now.
    sqlx::query!(
        "update account a set password_hash = null,
                username = case when a.username like '%@%'
                                 and not exists (select from account o where o.username = $2::text::citext and o.id <> a.id)
                                 and not exists (select from staff_member s where s.email = $2::text::citext)
                                then $2::text::citext else a.username end
          where id = $1",
        account.id.0,
        old
    )
    .execute(&mut *tx)
    .await?;
    address_changed(&mut tx, before, owner).await?;
    void_links(&mut tx, owner).await?;
    sessions::end_all(&mut tx, account.id).await?;
    links::send(&mut tx, Link::Reset(account.id)).await?;
    audit::append(&mut tx, By::Link(client.0), "undo-address", "client", client, &["email", "password"]).await?;
    Ok(tx.commit().await?)
}

/// Forgets old addresses once nothing can be undone with them any more.
pub async fn forget_address_undos(pool: &PgPool) -> Result<()> {
    sqlx::query!("delete from address_undo where expires_at < now()").execute(pool).await?;
    Ok(())
}
