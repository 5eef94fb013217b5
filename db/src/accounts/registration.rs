//! Registering (B8): a mail to the address typed, and a record and log-in for
//! whoever follows its link. Whether the address is known to the practice is
//! neither asked nor told; staff merge the two records of one person.

use super::{password, secret};
use crate::audit::{self, By};
use crate::clients::{free_code, save_fields};
use crate::{Error, OnConstraint, Result, new_id, practice};
use shared::accounts::{PasswordDetails, PasswordForm, RegistrationForm, Secret};
use shared::fields::FieldDefinition;
use shared::{AccountId, ClientId, Problem, Refusal};
use sqlx::PgPool;

/// A longer path is no page's.
const NEXT_MAX: usize = 1_000;

/// Sends the link. [`Refusal::NotFound`] where clients may not register.
pub async fn register(pool: &PgPool, form: &RegistrationForm) -> Result<()> {
    open(pool).await?;
    let details = form.parse()?;
    let (id, secret) = (new_id(), secret::new());
    let mut tx = pool.begin().await?;
    sqlx::query!(
        "insert into registration (id, secret_hash, first_name, last_name, email, next, expires_at)
         values ($1, $2, $3, $4, $5::text::citext, $6, now() + interval '72 hours')",
        id,
        secret::hash(&secret),
        details.first_name,
        details.last_name,
        details.email,
        if form.next.len() <= NEXT_MAX { form.next.as_str() } else { "" }
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into message (id, kind, registration_id, secret) values ($1, 'registration', $2, $3)",
        new_id(),
        id,
        secret.0
    )
    .execute(&mut *tx)
    .await?;
    audit::append(&mut tx, By::System, "register", "registration", id, &[]).await?;
    Ok(tx.commit().await?)
}

/// What the page of a registration's link shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationView {
    pub first_name: String,
    /// The address, unless it is somebody's username already.
    pub username: String,
    /// The information fields that are asked for (B13).
    pub fields: Vec<FieldDefinition>,
}

/// Looks at a link without using it.
pub async fn registrable(pool: &PgPool, token: &Secret) -> Result<RegistrationView> {
    open(pool).await.map_err(|_| Refusal::DeadLink)?;
    let mut conn = pool.acquire().await?;
    let row = sqlx::query!(
        r#"select r.first_name,
                  case when exists (select from account a where a.username = r.email)
                         or exists (select from staff_member s where s.email = r.email)
                       then '' else r.email::text end as "username!"
             from registration r where r.secret_hash = $1 and r.expires_at > now()"#,
        secret::hash(token)
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or(Error::Refused(Refusal::DeadLink))?;
    let mut fields = practice::fields::active(&mut conn).await?;
    fields.retain(FieldDefinition::asked_at_registration);
    Ok(RegistrationView { first_name: row.first_name, username: row.username, fields })
}

/// Who has finished registering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    pub account: AccountId,
    /// Where they were going, as they sent it.
    pub next: String,
}

/// Uses the link: makes the client, active, with this log-in. Of two at once
/// the second finds the link used.
pub async fn finish_registration(pool: &PgPool, form: &PasswordForm) -> Result<Registered> {
    let seen = registrable(pool, &form.token).await?;
    let PasswordDetails { password, username, fields } = form.parse(&seen.fields)?;
    let username = username
        .or_else(|| (!seen.username.is_empty()).then_some(seen.username))
        .ok_or_else(|| Refusal::field("username", Problem::Required))?;
    let password = password::hash(password).await?;
    let zone = practice::practice(pool).await?.zone;

    let mut tx = pool.begin().await?;
    let row = sqlx::query!(
        r#"delete from registration where secret_hash = $1 and expires_at > now()
           returning first_name, last_name, email::text as "email!", next"#,
        secret::hash(&form.token)
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Refusal::DeadLink)?;
    let taken = || Refusal::field("username", Problem::Taken);
    let is_staffs = sqlx::query_scalar!(
        r#"select exists (select from staff_member where email = $1::text::citext) as "is_staffs!""#,
        username
    )
    .fetch_one(&mut *tx)
    .await?;
    if is_staffs {
        return Err(taken().into());
    }
    let client = new_id();
    loop {
        let code = free_code(&mut tx, &row.first_name, &row.last_name).await?;
        let made = sqlx::query!(
            "insert into client (id, kind, code, first_name, last_name, email, zone, email_consent)
             values ($1, 'individual', $2::text::citext, $3, $4, $5::text::citext, $6, $7)
             on conflict on constraint client_code_key do nothing",
            client,
            code,
            row.first_name,
            row.last_name,
            row.email,
            zone,
            form.email_consent
        )
        .execute(&mut *tx)
        .await?;
        // Taken between the suggestion and now: the next round suggests another.
        if made.rows_affected() == 1 {
            break;
        }
    }
    save_fields(&mut tx, ClientId(client), &fields).await?;
    let account = new_id();
    sqlx::query!(
        "insert into account (id, username, password_hash, client_id) values ($1, $2::text::citext, $3, $4)",
        account,
        username,
        password,
        client
    )
    .execute(&mut *tx)
    .await
    .on_constraint("account_username_key", taken)?;
    audit::append(&mut tx, By::Link(client), "register", "client", client, &["username", "password"]).await?;
    tx.commit().await?;
    Ok(Registered { account: AccountId(account), next: row.next })
}

/// Forgets registrations that nobody finished in time.
pub async fn forget_registrations(pool: &PgPool) -> Result<()> {
    sqlx::query!("delete from registration where expires_at < now()").execute(pool).await?;
    Ok(())
}

async fn open(pool: &PgPool) -> Result<()> {
    let practice = practice::practice(pool).await?;
    match practice.client_registration && practice.client_login && !practice.code_only {
        true => Ok(()),
        false => Err(Error::Refused(Refusal::NotFound)),
    }
}
