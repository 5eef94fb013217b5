//! Links in mail with which a form is filled in without a login, where the practice wants that.
//!
//! A link is for one request and one reader, kept as SHA-256, for 14 days. It asks for the date of
//! birth of the person that the form is about, if that is known, and a browser that gave it keeps
//! a pass. It shows the form and what was typed with it, and nothing else; whether its reader may
//! fill in the form is asked each time, as if they were logged in.

use super::respond::{self, Filler, OpenForm, Signing};
use crate::accounts::secret;
use crate::actor::ClientActor;
use crate::requests::acting;
use crate::{Actor, Error, PgPool, Result, new_id};
use chrono::NaiveDate;
use shared::accounts::Secret;
use shared::forms::Filled;
use shared::permissions::Permission;
use shared::{ClientId, FormVersionId, Problem, Refusal, RequestId, ResponseId, parse};
use sqlx::PgConnection;
use uuid::Uuid;

/// Wrong dates after which a link opens nothing any more.
const FAILURES_MAX: i16 = 5;

/// What a link asks for before it opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkStep {
    /// The date of birth of the person that the form is about.
    BirthDate,
    /// That the button is pressed: the date is not known.
    Button,
    /// Nothing more: this browser has the pass.
    Open,
}

struct Found {
    id: Uuid,
    request: RequestId,
    reader: ClientActor,
    birth_date: Option<NaiveDate>,
    pass_hash: Option<Vec<u8>>,
}

impl Found {
    fn filler(&self) -> Filler<'_> {
        Filler { me: &self.reader, link: Some(self.id) }
    }
}

/// The secret of a link for one reader of a mail about this request; `None` where there is to be none.
pub(crate) async fn make(
    conn: &mut PgConnection,
    request: Uuid,
    reader: ClientId,
    address: &str,
) -> Result<Option<Secret>> {
    let secret = secret::new();
    let made = sqlx::query!(
        "insert into form_link (id, request_id, client_id, address, secret_hash)
         select $1, r.id, $3, $4, $5 from request r
          where r.id = $2 and r.kind = 'form' and r.state = 'open' and (select form_links from practice)
            and portal_may(r.subject_id, 'complete_forms')",
        new_id(),
        request,
        reader.0,
        address as _,
        secret::hash(&secret)
    );
    Ok((made.execute(conn).await?.rows_affected() == 1).then_some(secret))
}

/// # Errors
/// [`Refusal::DeadLink`], for whatever reason it opens nothing.
async fn found(conn: &mut PgConnection, secret: &Secret) -> Result<Found> {
    let row = sqlx::query!(
        r#"select k.id, k.request_id as "request: RequestId", r.subject_id as "subject: ClientId", c.id as "reader: ClientId",
                  client_name(c) as "name!", s.birth_date as "birth_date?", k.pass_hash
             from form_link k
             join request r on r.id = k.request_id and r.state = 'open' and r.kind = 'form'
             join client c on c.id = k.client_id and c.email = k.address
             join client s on s.id = r.subject_id
            where k.secret_hash = $1 and k.expires_at > now() and k.failures < $2 and (select form_links from practice)"#,
        secret::hash(secret),
        FAILURES_MAX
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or(Error::Refused(Refusal::DeadLink))?;
    let reader = ClientActor::new(row.reader, row.name);
    dead(acting(conn, &reader, row.subject, Permission::CompleteForms, false).await)?;
    Ok(Found { id: row.id, request: row.request, reader, birth_date: row.birth_date, pass_hash: row.pass_hash })
}

/// That someone may not do it any more is not told apart from a link that there is not.
fn dead<T>(answer: Result<T>) -> Result<T> {
    answer.map_err(|error| match error {
        Error::Refused(Refusal::NotFound | Refusal::Forbidden | Refusal::Conflict(shared::Conflict::RequestClosed)) => {
            Refusal::DeadLink.into()
        }
        other => other,
    })
}

/// What it asks for at this moment. Looking changes nothing.
pub async fn look_at_link(pool: &PgPool, secret: &Secret, pass: Option<&Secret>) -> Result<LinkStep> {
    let found = found(&mut *pool.begin().await?, secret).await?;
    Ok(match found.birth_date {
        _ if fits(&found, pass) => LinkStep::Open,
        Some(_) => LinkStep::BirthDate,
        None => LinkStep::Button,
    })
}

fn fits(found: &Found, pass: Option<&Secret>) -> bool {
    found.pass_hash.is_some() && found.pass_hash == pass.map(secret::hash)
}

/// Takes the date of birth, and gives the pass that this browser keeps. After five wrong ones the
/// link opens nothing any more.
pub async fn unlock_link(pool: &PgPool, secret: &Secret, birth_date: &str) -> Result<Secret> {
    let mut tx = pool.begin().await?;
    // Tries of the same moment come one after the other.
    sqlx::query!("select id from form_link where secret_hash = $1 for update", secret::hash(secret))
        .fetch_optional(&mut *tx)
        .await?;
    let found = found(&mut tx, secret).await?;
    if let Some(known) = found.birth_date {
        let typed = parse::required(birth_date, 20).and_then(|text| parse::date(&text));
        let typed = typed.map_err(|problem| Refusal::field("birth_date", problem))?;
        if typed != known {
            sqlx::query!("update form_link set failures = failures + 1 where id = $1", found.id)
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
            return Err(Refusal::field("birth_date", Problem::OtherBirthDate).into());
        }
    }
    let pass = secret::new();
    sqlx::query!("update form_link set pass_hash = $2 where id = $1", found.id, secret::hash(&pass))
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(pass)
}

async fn passed(pool: &PgPool, secret: &Secret, pass: Option<&Secret>) -> Result<Found> {
    let found = found(&mut *pool.begin().await?, secret).await?;
    if fits(&found, pass) { Ok(found) } else { Err(Refusal::Forbidden.into()) }
}

/// The form, with what was typed with this link. Neither the person nor a date is named.
pub async fn open_by_link(
    pool: &PgPool,
    secret: &Secret,
    pass: Option<&Secret>,
    version: Option<FormVersionId>,
) -> Result<OpenForm> {
    let found = passed(pool, secret, pass).await?;
    let open = dead(respond::open_as(pool, found.filler(), found.request, version).await)?;
    Ok(OpenForm { for_name: open.for_name.map(|_| String::new()), due_on: None, ..open })
}

pub async fn save_draft_by_link(
    pool: &PgPool,
    secret: &Secret,
    pass: Option<&Secret>,
    version: FormVersionId,
    filled: &Filled,
) -> Result<()> {
    let found = passed(pool, secret, pass).await?;
    dead(respond::save_draft_as(pool, found.filler(), found.request, version, filled).await)
}

/// As [`super::submit`]; the signature says that it was made with a link.
pub async fn submit_by_link(
    pool: &PgPool,
    secret: &Secret,
    pass: Option<&Secret>,
    version: FormVersionId,
    filled: &Filled,
    agent: String,
) -> Result<ResponseId> {
    let found = passed(pool, secret, pass).await?;
    let mut logged_in_by = vec!["emailed link".to_owned()];
    logged_in_by.extend(found.birth_date.map(|_| "date of birth".to_owned()));
    let (actor, signing) = (Actor::Client(found.reader.clone()), Signing { logged_in_by, agent });
    dead(respond::submit_as(pool, &actor, found.filler(), found.request, version, filled, &signing).await)
}

/// Whether mail carries such links.
pub async fn links_are_sent(pool: &PgPool) -> Result<bool> {
    Ok(sqlx::query_scalar!("select form_links from practice").fetch_one(pool).await?)
}

/// Links of before open nothing while this is off. Administrators only.
pub async fn set_links_sent(pool: &PgPool, actor: &Actor, on: bool) -> Result<()> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    let changed = sqlx::query!("update practice set form_links = $1 where form_links <> $1", on);
    if changed.execute(&mut *tx).await?.rows_affected() > 0 {
        crate::audit::append(&mut tx, actor, "change", "practice", Uuid::nil(), &["form_links"]).await?;
        tx.commit().await?;
    }
    Ok(())
}
