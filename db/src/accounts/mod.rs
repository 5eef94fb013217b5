//! Logging in: passwords, sessions, and the links in mail that lead to a password.
//!
//! Rows are locked in the order client, account, link.

mod address;
mod claims;
mod confirm;
mod factors;
mod failures;
mod links;
mod not_me;
mod own;
mod own_address;
mod password;
mod registration;
mod resets;
pub(crate) mod secret;
pub mod sessions;
mod setup;
mod team;

pub(crate) use address::{Owner, address_changed, ask_proof, reach};
pub use claims::{ClaimView, claim, claimable, invite};
pub(crate) use claims::{invite_in, send_claim};
pub use confirm::confirm;
pub(crate) use factors::Notice;
pub use factors::{
    FactorPolicy, FactorRemoval, Factors, Half, NoPasskeys, OwnPasskey, RelyingParty, TotpSetup, add_passkey,
    begin_passkey, begin_passkey_login, begin_passkey_proof, begin_passkey_step, begin_second_factor, begin_totp,
    codes_are_own, confirm_passkey, confirm_totp, factor_policy, factors, forget_ceremonies, give_second_factor, half,
    last_removal, new_codes, passkey_login, passkey_step, passkeys, passkeys_elsewhere, remove_client_factors,
    remove_member_factors, remove_passkey, remove_totp, rename_passkey, reset_factor, save_factor_policy, totp_setup,
    unopened_secrets,
};
pub use failures::forget_old as forget_failures;
pub(crate) use links::void_links;
pub use not_me::{forget_address_undos, undo_address, undoable_address};
pub use own::{change_password, own, save_mail, save_own, save_preferences};
pub use own_address::{AddressView, OwnAddress, confirm_address, confirmable_address, own_address, request_address};
pub use password::hash_password;
pub use registration::{
    Registered, RegistrationView, finish_registration, forget_registrations, register, register_while_booking,
    registrable,
};
pub(crate) use resets::send_reset_in;
pub use resets::{ResetView, request_reset, reset, resettable, send_reset};
pub use setup::{needs_admin, new_setup_link, set_up, setup_open};
pub(crate) use team::{invite_staff_in, send_staff_reset_in};

use crate::actor::Loaded;
use crate::audit::{self, By};
use crate::{Actor, OnConstraint, Result, authz, new_id};
use password::Fits;
use sha2::{Digest, Sha256};
use shared::accounts::{Secret, new_password};
use shared::parse::{self, Fields};
use shared::practice::Practice;
use shared::{AccountId, ClientNumber, Problem, Refusal};
use sqlx::{PgConnection, PgPool};
use std::fmt;
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

/// A log-in that may be used at this moment, and the person it stands for.
#[derive(Clone)]
pub struct Account {
    pub id: AccountId,
    /// Changes with the password and the second factor: a session that holds another one has ended.
    pub auth_hash: Vec<u8>,
    pub actor: Actor,
    /// Their role needs a second factor, and the time to set one up is over: until then they do nothing else.
    pub overdue: bool,
    pub practice: Practice,
    /// The colours they chose: `system`, `light` or `dark`.
    pub theme: String,
    /// Shortcuts of a single key work.
    pub single_keys: bool,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Account({})", self.id)
    }
}

/// The log-in with this username (or staff member's e-mail) and password.
/// `None`, after the same time, when there is none, the password is another,
/// or its owner may not log in.
pub async fn authenticate(pool: &PgPool, username: &str, password: &Secret) -> Result<Option<Account>> {
    let found = sqlx::query!(
        r#"select id as "id!: AccountId", password_hash from (
               select id, password_hash, 0 as rank from account where username = $1::text::citext
               union all
               select a.id, a.password_hash, 1 from account a join staff_member s on s.id = a.staff_id
                where s.email = $1::text::citext) found
            order by rank limit 1"#,
        typed_name(username)
    )
    .fetch_optional(pool)
    .await?;
    let (id, hash) = found.map_or((None, None), |row| (Some(row.id), row.password_hash));
    let fits = password::verify(password.clone(), hash.clone()).await?;
    match (id, fits) {
        (None, _) | (_, Fits::No) => Ok(None),
        (Some(id), Fits::Normalized) => load(pool, id).await,
        (Some(id), Fits::AsTyped) => {
            renew_hash(pool, id, password, hash).await?;
            load(pool, id).await
        }
    }
}

/// Replaces a hash of before passwords were normalised, so that the password opens
/// the account from every keyboard. Sessions that are open end, as with a new password.
async fn renew_hash(pool: &PgPool, account: AccountId, password: &Secret, old: Option<String>) -> Result<()> {
    let new = password::hash(password.clone()).await?;
    let mut tx = pool.begin().await?;
    let renewed =
        sqlx::query!("update account set password_hash = $2 where id = $1 and password_hash = $3", account.0, new, old)
            .execute(&mut *tx)
            .await?;
    if renewed.rows_affected() == 1 {
        let (kind, owner) = owner(&mut tx, account).await?;
        audit::append(&mut tx, By::System, "renew-password-hash", kind, owner, &["password"]).await?;
    }
    Ok(tx.commit().await?)
}

/// The owner of the account, as the audit names it.
async fn owner(conn: &mut PgConnection, account: AccountId) -> Result<(&'static str, Uuid)> {
    let row = sqlx::query!("select staff_id, client_id from account where id = $1", account.0).fetch_one(conn).await?;
    Ok(match row.staff_id {
        Some(staff) => ("staff", staff),
        None => ("client", row.client_id.unwrap_or_default()),
    })
}

/// A question that must not tell what is known is answered after this time,
/// however much there was to do.
const ANSWERED_AFTER: Duration = Duration::from_millis(300);

/// The answer of `work`, not before [`ANSWERED_AFTER`].
async fn answer_after<T>(work: impl Future<Output = T>) -> T {
    let answer_at = Instant::now() + ANSWERED_AFTER;
    let answer = work.await;
    tokio::time::sleep_until(answer_at).await;
    answer
}

/// Refused if the username is an address that a staff member logs in with.
async fn username_is_free(conn: &mut PgConnection, username: &str) -> Result<()> {
    let is_staffs = sqlx::query_scalar!(
        r#"select exists (select from staff_member where email = $1::text::citext) as "is_staffs!""#,
        username
    )
    .fetch_one(conn)
    .await?;
    if is_staffs { Err(taken(username).into()) } else { Ok(()) }
}

/// The username is another account's. One with an @ is the owner's own address
/// ([`shared::accounts::own_username`]), so that this tells no one of others.
fn taken(username: &str) -> Refusal {
    let problem = if username.contains('@') { Problem::AddressInUse } else { Problem::Taken };
    Refusal::field("username", problem)
}

/// A username or address as it was typed, without invisible marks; `None` for what
/// cannot be one.
fn typed_name(text: &str) -> Option<String> {
    let text = parse::visible(text);
    (!text.is_empty() && text.len() <= 254 && !text.contains(char::is_control)).then_some(text)
}

/// The log-in a session belongs to; `None` once it may not be used any more.
pub async fn load(pool: &PgPool, id: AccountId) -> Result<Option<Account>> {
    Ok(Actor::load_with_practice(pool, id).await?.map(Account::of))
}

impl Account {
    /// The same in a session of which it is not known when the password was given.
    pub fn unconfirmed(self) -> Account {
        Account { actor: self.actor.confirmed_now(false), ..self }
    }

    fn of(loaded: Loaded) -> Account {
        let Loaded { account, actor, password_hash, logins_ended, overdue, practice, theme, single_keys } = loaded;
        let mut auth_hash = Sha256::new_with_prefix(password_hash.unwrap_or_default());
        auth_hash.update(logins_ended.to_be_bytes());
        let auth_hash = auth_hash.finalize().to_vec();
        Account { id: account, auth_hash, actor, overdue, practice, theme, single_keys }
    }
}

/// Takes a client's log-in away, with its open sessions and every link that
/// leads to one. Front desk only, after fresh proof. Whether there was one: else only the links end. Refused for one with a
/// second factor: an invitation would lead past it. That is taken away first, after a check of who asks.
pub async fn remove_login(pool: &PgPool, actor: &Actor, number: ClientNumber) -> Result<bool> {
    let mut tx = pool.begin().await?;
    let client = authz::administrable(&mut tx, actor, number).await?.id();
    sqlx::query_scalar!("select 1 from client where id = $1 for no key update", client.0).fetch_all(&mut *tx).await?;
    let has_factor = sqlx::query_scalar!(
        r#"select account_has_factor(id) as "has!" from account where client_id = $1 for no key update"#,
        client.0
    )
    .fetch_optional(&mut *tx)
    .await?;
    if has_factor.is_some() {
        actor.confirmed()?;
    }
    if has_factor == Some(true) {
        return Err(Refusal::field("login", Problem::HasFactor).into());
    }
    let removed = sqlx::query!("delete from account where client_id = $1", client.0).execute(&mut *tx).await?;
    let had_one = removed.rows_affected() > 0;
    let ended = void_links(&mut tx, Owner::Client(client)).await?;
    if had_one {
        audit::append(&mut tx, actor, "remove-login", "client", client, &["username"]).await?;
    } else if ended {
        audit::append(&mut tx, actor, "withdraw-invitation", "client", client, &[]).await?;
    }
    tx.commit().await?;
    Ok(had_one)
}

/// What an administrator is made of, checked.
struct Admin {
    first_name: String,
    last_name: String,
    email: String,
    password: Secret,
}

fn admin_details(
    mut fields: Fields,
    first_name: &str,
    last_name: &str,
    email: &str,
    password: &Secret,
) -> Result<Admin> {
    let first_name = fields.take("first_name", parse::line(first_name, 80));
    let last_name = fields.take("last_name", parse::required(last_name, 80));
    let email = fields.take("email", parse::email(email));
    let password = fields.take("password", new_password(password));
    fields.finish()?;
    Ok(Admin { first_name, last_name, email, password })
}

/// A staff member who is administrator, with the email as username: for the
/// command line, which is one way the first one comes to be.
pub async fn create_admin(
    pool: &PgPool,
    first_name: &str,
    last_name: &str,
    email: &str,
    password: &Secret,
) -> Result<AccountId> {
    let admin = admin_details(Fields::default(), first_name, last_name, email, password)?;
    let hash = password::hash(admin.password.clone()).await?;
    let mut tx = pool.begin().await?;
    let account = insert_admin(&mut tx, &admin, hash, "create-admin").await?;
    tx.commit().await?;
    Ok(account)
}

/// Appends its own audit row: call it last before commit.
async fn insert_admin(conn: &mut PgConnection, admin: &Admin, hash: String, action: &str) -> Result<AccountId> {
    let taken = || Refusal::field("email", Problem::Taken);
    let (staff, account) = (new_id(), new_id());
    sqlx::query!(
        "insert into staff_member (id, first_name, last_name, email, roles)
         values ($1, $2, $3, $4::text::citext, '{administrator}')",
        staff,
        admin.first_name,
        admin.last_name,
        admin.email
    )
    .execute(&mut *conn)
    .await
    .on_constraint("staff_member_email_key", taken)?;
    sqlx::query!(
        "insert into account (id, username, password_hash, staff_id) values ($1, $2::text::citext, $3, $4)",
        account,
        admin.email,
        hash,
        staff
    )
    .execute(&mut *conn)
    .await
    .on_constraint("account_username_key", taken)?;
    audit::append(conn, By::System, action, "staff", staff, &[]).await?;
    Ok(AccountId(account))
}
