//! Registering: a mail to the address typed, and a record and log-in for
//! the person who follows its link. Whether the address is known to the practice is
//! neither asked nor told; staff merge the two records of one person.
//!
//! Nothing is made until the link is followed: an address is not an identity. The link's page
//! is the create window's form without what staff alone decide; of the client information
//! fields it asks for those that clients see and that are required or in quick-add. What it
//! may set is the type `FinishForm`, not a filter.

use super::{answer_after, password, secret, taken, username_is_free};
use crate::audit::{self, By};
use crate::clients::Choices;
use crate::clients::check::{check, rules};
use crate::clients::insert::add;
use crate::locks::{self, Purpose};
use crate::{Error, OnConstraint, Result, consents, new_id, practice};
use shared::accounts::{FinishForm, PasswordDetails, RegistrationDetails, RegistrationForm, Secret, own_username};
use shared::clients::ClientFormRules;
use shared::fields::FieldDefinition;
use shared::terms::Vocabulary;
use shared::{AccountId, FieldErrors, Problem, Refusal};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// A longer path is no page's.
const NEXT_MAX: usize = 1_000;

/// The maximum number of links mailed to one address in 24 hours.
const MAILS_A_DAY: i64 = 5;

/// Sends the link, unless the address has been sent enough of them today: the
/// answer is the same, and takes as long. [`Refusal::NotFound`] where clients may
/// not register.
pub async fn register(pool: &PgPool, form: &RegistrationForm) -> Result<()> {
    register_while_booking(pool, form, None).await
}

/// As [`register`], with the secret of a browser that keeps a time: it is kept for the client
/// who follows the link, in whatever browser.
pub async fn register_while_booking(pool: &PgPool, form: &RegistrationForm, visitor: Option<&Secret>) -> Result<()> {
    open(pool).await?;
    let details = form.parse()?;
    let next = if form.next.len() <= NEXT_MAX { form.next.as_str() } else { "" };
    answer_after(queue(pool, &details, next, visitor)).await
}

async fn queue(pool: &PgPool, details: &RegistrationDetails, next: &str, visitor: Option<&Secret>) -> Result<()> {
    let mut tx = pool.begin().await?;
    // Held until the commit: names are not stored once the practice keeps codes alone.
    let open = sqlx::query_scalar!(
        r#"select client_registration and client_login and not code_only as "open!" from practice for share"#
    );
    if !open.fetch_one(&mut *tx).await? {
        return Err(Refusal::NotFound.into());
    }
    if enough(&mut tx, &details.email).await? {
        return Ok(());
    }
    let (id, secret) = (new_id(), secret::new());
    sqlx::query!(
        "insert into registration (id, secret_hash, first_name, last_name, email, next, expires_at, visitor_id)
         values ($1, $2, $3, $4, $5::text::citext, $6, now() + interval '72 hours',
                 (select v.id from visitor v where v.secret_hash = $7))",
        id,
        secret::hash(&secret),
        details.first_name,
        details.last_name,
        details.email,
        next,
        visitor.map(secret::hash)
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

/// Whether the address has been sent all the links that it gets in a day; requests
/// for one address are counted one after another.
async fn enough(conn: &mut PgConnection, email: &str) -> Result<bool> {
    locks::lock(conn, Purpose::Address, [email.to_lowercase()]).await?;
    let mailed = sqlx::query_scalar!(
        r#"select count(*) as "count!" from registration
            where email = $1::text::citext and created_at > now() - interval '24 hours'"#,
        email
    )
    .fetch_one(conn)
    .await?;
    Ok(mailed >= MAILS_A_DAY)
}

/// What the page of a registration's link shows.
#[derive(Debug, Clone)]
pub struct RegistrationView {
    pub first_name: String,
    pub last_name: String,
    pub email: String,
    /// The address, unless another account has it as username.
    pub username: String,
    /// What the form offers: nothing that is staff's to say. Of the information
    /// fields those that are asked for.
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
    /// The browser in which they chose a time before, if they did.
    pub visitor: Option<Uuid>,
}

/// Uses the link: makes the client, active, with this log-in. Of two at the same time
/// the second finds the link used, as are all that were sent to this address for
/// someone of this name.
pub async fn finish_registration(pool: &PgPool, form: FinishForm) -> Result<Registered> {
    let seen = registrable(pool, &form.token).await?;
    let (token, password) = (form.token.clone(), form.password().parse());
    let rules = ClientFormRules { fields: seen.choices.fields, ..rules(&mut *pool.acquire().await?).await? };
    let address = seen.email.clone();
    let details = check(&mut *pool.acquire().await?, &form.client(seen.email), &rules, None).await;
    let mut errors = FieldErrors::default();
    let mut password = told(password.map_err(Error::Refused), &mut errors)?;
    if let Some(password) = &mut password {
        match own_username(password.username.take(), &address) {
            // Known already: told together with what else is wrong.
            Ok(name) if name == address && seen.username.is_empty() => errors.push("username", Problem::AddressInUse),
            Ok(name) => password.username = Some(name),
            Err(problem) => errors.push("username", problem),
        }
    }
    let details = told(details, &mut errors)?;
    errors.check()?;
    let (Some(PasswordDetails { password, username }), Some(details)) = (password, details) else {
        return Err(Refusal::Internal.into());
    };
    let username = username.unwrap_or(address);
    let password = password::hash(password).await?;

    let mut tx = pool.begin().await?;
    let used = sqlx::query!(
        // The person who asked twice has registered once: their other links end as well.
        "with used as (
             delete from registration where secret_hash = $1 and expires_at > now()
             returning id, next, email, first_name, last_name, visitor_id
         ), others as (
             delete from registration o using used u
              where (o.email, o.first_name, o.last_name) = (u.email, u.first_name, u.last_name) and o.id <> u.id
         )
         select next, visitor_id from used",
        secret::hash(&token)
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Refusal::DeadLink)?;
    username_is_free(&mut tx, &username).await?;
    // They name no tags.
    consents::through_registration(&mut tx).await?;
    let (client, _) = add(&mut tx, &details).await?;
    let client = client.id.0;
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
    .on_constraint("account_username_key", || taken(&username))?;
    audit::append(&mut tx, By::Link(client), "register", "client", client, &["username", "password"]).await?;
    tx.commit().await?;
    Ok(Registered { account: AccountId(account), next: used.next, visitor: used.visitor_id })
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

/// Forgets registrations that no one finished in time.
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
