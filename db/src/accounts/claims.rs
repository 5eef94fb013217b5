//! The welcome e-mail's claim link: 72 hours, used once, by choosing a password.

use super::links::{self, Link};
use super::{Owner, password, secret, sessions, taken, team, username_is_free, void_links};
use crate::actor::FrontDesk;
use crate::audit::{self, By};
use crate::{Actor, Error, OnConstraint, Result, authz, new_id};
use shared::accounts::{PasswordDetails, PasswordForm, Secret, own_username, same_address};
use shared::clients::Status;
use shared::{AccountId, ClientId, ClientNumber, Problem, Refusal};
use sqlx::{PgConnection, PgPool};

/// Sends a client the welcome e-mail. Front desk only, active clients only,
/// and not while log-in is switched off for the practice.
pub async fn invite(pool: &PgPool, actor: &Actor, number: ClientNumber) -> Result<()> {
    let mut tx = pool.begin().await?;
    let client = authz::administrable(&mut tx, actor, number).await?.id();
    invite_in(&mut tx, actor.front_desk()?, client).await?;
    audit::append(&mut tx, actor, "invite", "client", client, &[]).await?;
    Ok(tx.commit().await?)
}

/// Sends someone who comes of age the welcome e-mail, if they have no login and can have one, and the
/// address is theirs alone as far as the practice knows: a child's record often has a parent's.
pub(crate) async fn send_claim(conn: &mut PgConnection, client: ClientId) -> Result<()> {
    let own = sqlx::query_scalar!(
        r#"select not exists (select from account where client_id = c.id and password_hash is not null)
              and not exists (select from client o where o.email = c.email and o.id <> c.id)
              and not exists (select from staff_member s where s.email = c.email)
              and not exists (select from client_contact k where k.client_id = c.id and k.email::citext = c.email)
              and not exists (select from account a where a.username = c.email and a.client_id is distinct from c.id) as "own!"
             from client c where c.id = $1"#,
        client.0
    );
    if !own.fetch_one(&mut *conn).await? {
        return Ok(());
    }
    match welcome(conn, client).await {
        Err(Error::Refused(_)) => Ok(()),
        answer => answer,
    }
}

/// [`invite`] within a transaction under way, without the audit.
pub(crate) async fn invite_in(conn: &mut PgConnection, _: FrontDesk<'_>, client: ClientId) -> Result<()> {
    welcome(conn, client).await
}

async fn welcome(conn: &mut PgConnection, client: ClientId) -> Result<()> {
    let row = sqlx::query!(
        r#"select c.status as "status: Status", c.email is not null as "has_address!", p.client_login
             from client c cross join practice p where c.id = $1 for no key update of c"#,
        client.0
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or(Refusal::NotFound)?;
    if !row.status.may_log_in() {
        return Err(Refusal::field("invite", Problem::OnlyActive).into());
    }
    if !row.client_login {
        return Err(Refusal::field("invite", Problem::LoginOff).into());
    }
    if !row.has_address {
        return Err(Refusal::field("email", Problem::EmailForLink).into());
    }
    let owner = Owner::Client(client);
    void_links(conn, owner).await?;
    links::send(conn, Link::Claim(owner)).await
}

/// What the page of a claim link shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimView {
    /// As the client is called; may be empty.
    pub first_name: String,
    /// The username to suggest: their present one, or their email if it is free.
    pub username: String,
    /// Another account, perhaps of the family, has the email as username.
    pub address_taken: bool,
    /// The link is a staff member's: the username is their work email.
    pub team: bool,
}

/// Looks at a claim link without using it.
pub async fn claimable(pool: &PgPool, token: &Secret) -> Result<ClaimView> {
    if let Some(view) = team::claimable(pool, token).await? {
        return Ok(view);
    }
    let row = sqlx::query!(
        r#"select c.status as "status: Status", p.client_login, a.username::text as "username?",
                  client_short_name(c) as "first_name!",
                  coalesce(c.email::text, '') as "email!",
                  exists (select from account o where o.username = c.email and o.client_id is distinct from c.id)
                      or exists (select from staff_member s where s.email = c.email) as "address_taken!"
             from account_link l
             join client c on c.id = l.client_id
             left join account a on a.client_id = c.id
            cross join practice p
            where l.secret_hash = $1 and l.kind = 'claim'
              and l.used_at is null and l.voided_at is null and l.expires_at > now()"#,
        secret::hash(token)
    )
    .fetch_optional(pool)
    .await?
    .filter(|row| row.status.may_log_in() && row.client_login)
    .ok_or(Refusal::DeadLink)?;
    let kept = row.username.filter(|name| !name.contains('@') || same_address(name, &row.email));
    let username = kept.unwrap_or(if row.address_taken { String::new() } else { row.email });
    Ok(ClaimView { first_name: row.first_name, username, address_taken: row.address_taken, team: false })
}

/// Uses a claim link: the client gets a login with this password, under the
/// username typed or else their email. Sessions that were open end. Whether an
/// address is known is told of the client's own alone.
pub async fn claim(pool: &PgPool, form: &PasswordForm) -> Result<AccountId> {
    if let Some(account) = team::claim(pool, form).await? {
        return Ok(account);
    }
    let PasswordDetails { password, username, .. } = form.parse()?;
    // Before the work of hashing; asked again below, with the rows locked.
    claimable(pool, &form.token).await?;
    let password = password::hash(password).await?;

    let mut tx = pool.begin().await?;
    let (link, client) = lock_claim(&mut tx, &form.token).await?;
    let row = sqlx::query!(
        r#"select c.email::text, a.username::text as "username?"
             from client c left join account a on a.client_id = c.id where c.id = $1"#,
        client.0
    )
    .fetch_one(&mut *tx)
    .await?;
    let address = row.email.ok_or_else(|| Refusal::field("username", Problem::Required))?;
    let kept = row.username.filter(|name| !name.contains('@'));
    let username = own_username(username.or(kept), &address).map_err(|problem| Refusal::field("username", problem))?;
    username_is_free(&mut tx, &username).await?;
    let account = sqlx::query_scalar!(
        r#"insert into account (id, username, password_hash, client_id) values ($1, $2::text::citext, $3, $4)
           on conflict on constraint account_client_key
           do update set username = excluded.username, password_hash = excluded.password_hash
           returning id as "id: AccountId""#,
        new_id(),
        username,
        password,
        client.0
    )
    .fetch_one(&mut *tx)
    .await
    .on_constraint("account_username_key", || taken(&username))?;
    sqlx::query!("update account_link set used_at = now() where id = $1", link).execute(&mut *tx).await?;
    super::resets::void_resets(&mut tx, account).await?;
    sessions::end_all(&mut tx, account).await?;
    audit::append(&mut tx, By::Link(client.0), "claim", "client", client, &["username", "password"]).await?;
    tx.commit().await?;
    Ok(account)
}

/// Locks a live claim link, its client and their account first. Of two at the same time the
/// second waits and then finds it used.
async fn lock_claim(conn: &mut PgConnection, token: &Secret) -> Result<(uuid::Uuid, ClientId)> {
    let hash = secret::hash(token);
    let dead = || Error::Refused(Refusal::DeadLink);
    let client = sqlx::query!(
        r#"select c.id as "id: ClientId", c.status as "status: Status" from client c
            where c.id = (select client_id from account_link where secret_hash = $1 and kind = 'claim')
              for share"#,
        hash
    )
    .fetch_optional(&mut *conn)
    .await?
    .filter(|client| client.status.may_log_in())
    .ok_or_else(dead)?;
    sqlx::query!("select 1 as one from account where client_id = $1 for no key update", client.id.0)
        .fetch_optional(&mut *conn)
        .await?;
    let link = sqlx::query_scalar!(
        "select id from account_link
          where secret_hash = $1 and used_at is null and voided_at is null and expires_at > now()
            for update",
        hash
    )
    .fetch_optional(conn)
    .await?
    .ok_or_else(dead)?;
    Ok((link, client.id))
}
