//! Registering (B8): a mail to the address typed, and a record and log-in for
//! whoever follows its link. Whether the address is known to the practice is
//! neither asked nor told; staff merge the two records of one person.

use super::{password, secret};
use crate::audit::{self, By};
use crate::clients::Choices;
use crate::clients::check::{asked, check};
use crate::clients::insert::add;
use crate::{Error, OnConstraint, Result, new_id, practice};
use shared::accounts::{FinishForm, PasswordDetails, RegistrationForm, Secret};
use shared::clients::Asked;
use shared::fields::FieldDefinition;
use shared::terms::Vocabulary;
use shared::{AccountId, FieldErrors, Problem, Refusal};
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
#[derive(Debug, Clone)]
pub struct RegistrationView {
    pub first_name: String,
    pub last_name: String,
    pub email: String,
    /// The address, unless it is somebody's username already.
    pub username: String,
    /// What the form offers: nothing that is staff's to say. Of the information
    /// fields those that are asked for (B13).
    pub choices: Choices,
}

/// The vocabularies that the form asks from.
const ASKED: [Vocabulary; 5] =
    [Vocabulary::Salutation, Vocabulary::Pronouns, Vocabulary::Gender, Vocabulary::SexAtBirth, Vocabulary::Language];

/// Looks at a link without using it.
pub async fn registrable(pool: &PgPool, token: &Secret) -> Result<RegistrationView> {
    open(pool).await.map_err(|_| Refusal::DeadLink)?;
    let mut conn = pool.acquire().await?;
    let row = sqlx::query!(
        r#"select r.first_name, r.last_name, r.email::text as "email!",
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
    let terms = practice::terms::active(&mut conn, &ASKED).await?;
    let choices = Choices { zones: crate::time::zones(), terms, fields, ..Choices::default() };
    let (first_name, last_name, email, username) = (row.first_name, row.last_name, row.email, row.username);
    Ok(RegistrationView { first_name, last_name, email, username, choices })
}

/// Who has finished registering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    pub account: AccountId,
    /// Where they were going, as they sent it.
    pub next: String,
}

/// Uses the link: makes the client, active, with this log-in. Of two at once
/// the second finds the link used, as are all that were sent to this address for
/// somebody of this name.
pub async fn finish_registration(pool: &PgPool, form: FinishForm) -> Result<Registered> {
    let seen = registrable(pool, &form.token).await?;
    let (token, password) = (form.token.clone(), form.password().parse());
    let asked = Asked { fields: seen.choices.fields, ..asked(&mut *pool.acquire().await?).await? };
    let details = check(&mut *pool.acquire().await?, &form.client(seen.email), &asked, None).await;
    let mut errors = FieldErrors::default();
    let password = told(password.map_err(Error::Refused), &mut errors)?;
    if password.as_ref().is_some_and(|password| password.username.is_none()) && seen.username.is_empty() {
        errors.push("username", Problem::Required);
    }
    let details = told(details, &mut errors)?;
    errors.check()?;
    let (Some(PasswordDetails { password, username }), Some(details)) = (password, details) else {
        return Err(Refusal::Internal.into());
    };
    let username = username.unwrap_or(seen.username);
    let password = password::hash(password).await?;

    let mut tx = pool.begin().await?;
    let next = sqlx::query_scalar!(
        // Whoever asked twice has registered once: their other links end as well.
        "with used as (
             delete from registration where secret_hash = $1 and expires_at > now()
             returning id, next, email, first_name, last_name
         ), others as (
             delete from registration o using used u
              where (o.email, o.first_name, o.last_name) = (u.email, u.first_name, u.last_name) and o.id <> u.id
         )
         select next from used",
        secret::hash(&token)
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
    let client = add(&mut tx, By::System, &details).await?.id.0;
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
    Ok(Registered { account: AccountId(account), next })
}

/// What went well; the problems of fields are told of together.
fn told<T>(result: Result<T>, errors: &mut FieldErrors) -> Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(Error::Refused(Refusal::Invalid(problems))) => {
            problems.0.into_iter().for_each(|(field, problem)| errors.push(&field, problem));
            Ok(None)
        }
        Err(error) => Err(error),
    }
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
