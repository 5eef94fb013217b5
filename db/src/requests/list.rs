//! Who has not done what, for those who see the clients.

use super::sent::of_request;
use crate::files::FileInfo;
use crate::{Actor, Error, PgPool, Result, authz};
use chrono::{DateTime, NaiveDate, Utc};
use shared::messages::WhyNot;
use shared::requests::{RequestKind, RequestState};
use shared::{ClientId, ClientNumber, FormId, Refusal, RequestId, ResponseId};
use sqlx::PgConnection;

/// No list has more; the rest come by [`Filter::skip`].
pub const ROWS_MAX: i64 = 200;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    pub client: Option<ClientId>,
    pub form: Option<FormId>,
    pub kind: Option<RequestKind>,
    /// Also those that are done or withdrawn.
    pub closed: bool,
    /// Only open ones whose date is before this.
    pub due_before: Option<NaiveDate>,
    /// How many come before those that are shown.
    pub skip: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRow {
    pub id: RequestId,
    pub kind: RequestKind,
    pub client: ClientId,
    pub number: ClientNumber,
    pub name: String,
    /// The form, the document, or what else is asked.
    pub title: String,
    pub due_on: Option<NaiveDate>,
    pub state: RequestState,
    pub created_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
    /// Who asked; empty: a rule.
    pub by: String,
    pub reminded_at: Option<DateTime<Utc>>,
    /// The name under which a document was accepted.
    pub accepted_name: Option<String>,
    pub response: Option<ResponseId>,
    /// Neither the person nor anyone who may do it can be mailed.
    pub reaches_no_one: bool,
    /// Why not the person themself.
    pub no_email: Option<WhyNot>,
    /// No one who may do it can log in.
    pub needs_login: bool,
}

/// One request with what was asked and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestView {
    pub id: RequestId,
    pub kind: RequestKind,
    pub number: ClientNumber,
    pub name: String,
    pub title: String,
    pub body: String,
    pub due_on: Option<NaiveDate>,
    pub state: RequestState,
    pub created_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
    /// Who did it, by their account; empty: no one yet.
    pub done_by: String,
    /// `self`, `linked` or `desk`.
    pub done_as: Option<String>,
    /// The name under which a document was accepted; empty once that person is erased.
    pub accepted_name: Option<String>,
    pub accepted_hash: Option<Vec<u8>>,
    pub response: Option<ResponseId>,
    /// Whether the document is as it was accepted.
    pub intact: bool,
}

/// For those who may read the record of the person it is about.
pub async fn one(pool: &PgPool, actor: &Actor, id: RequestId) -> Result<RequestView> {
    let mut conn = pool.acquire().await?;
    readable(&mut conn, actor, id).await?;
    Ok(sqlx::query_as!(
        RequestView,
        r#"select r.id as "id: RequestId", r.kind as "kind: RequestKind", c.number as "number: ClientNumber", client_name(c) as "name!",
                  case r.kind when 'form' then f.name when 'details' then 'Check your details' else r.title end as "title!",
                  r.body, r.due_on, r.state as "state: RequestState", r.created_at, r.closed_at,
                  coalesce(client_name(d), s.first_name || ' ' || s.last_name, '') as "done_by!", r.done_as,
                  r.accepted_name, r.accepted_hash,
                  (select a.id from form_response a where a.request_id = r.id and a.state = 'submitted' limit 1) as "response?: ResponseId",
                  r.accepted_hash is null
                      or r.accepted_hash = sha256(convert_to(r.title, 'UTF8') || '\x00'::bytea || convert_to(r.body, 'UTF8')) as "intact!"
             from request r join client c on c.id = r.subject_id
             left join form f on f.id = r.form_id
             left join client d on d.id = r.done_by_client
             left join staff_member s on s.id = r.done_by_staff
            where r.id = $1"#,
        id.0
    )
    .fetch_one(&mut *conn)
    .await?)
}

/// The files that were sent, for those who may read the record of the person it is about.
pub async fn files(pool: &PgPool, actor: &Actor, id: RequestId) -> Result<Vec<FileInfo>> {
    let mut conn = pool.acquire().await?;
    readable(&mut conn, actor, id).await?;
    Ok(of_request(&mut conn, id).await?.into_iter().map(|sent| sent.info).collect())
}

async fn readable(conn: &mut PgConnection, actor: &Actor, id: RequestId) -> Result<()> {
    actor.staff()?;
    let client = sqlx::query_scalar!(r#"select subject_id as "id: ClientId" from request where id = $1"#, id.0)
        .fetch_optional(&mut *conn)
        .await?
        .ok_or(Error::Refused(Refusal::NotFound))?;
    authz::readable_by_id(conn, actor, client).await?;
    Ok(())
}

/// Open ones first, those that are due soonest before the others.
pub async fn list(conn: &mut PgConnection, actor: &Actor, filter: Filter) -> Result<Vec<RequestRow>> {
    let scope = actor.staff()?.scope();
    Ok(sqlx::query_as!(
        RequestRow,
        r#"select r.id as "id: RequestId", r.kind as "kind: RequestKind", r.subject_id as "client: ClientId",
                  c.number as "number: ClientNumber", client_name(c) as "name!",
                  case r.kind when 'form' then f.name when 'details' then 'Check your details' else r.title end as "title!",
                  r.due_on, r.state as "state: RequestState", r.created_at, r.closed_at,
                  coalesce(s.first_name || ' ' || s.last_name, '') as "by!", r.reminded_at, r.accepted_name,
                  (select a.id from form_response a where a.request_id = r.id and a.state = 'submitted' limit 1) as "response?: ResponseId",
                  r.state = 'open' and not exists (select from request_recipient(r.id)) as "reaches_no_one!",
                  (select q.no_email from request_reader(r.id) q where not q.linked) as "no_email?: WhyNot",
                  r.state = 'open' and not request_can_be_done(r.id) as "needs_login!"
             from request r
             join client c on c.id = r.subject_id
             left join form f on f.id = r.form_id
             left join staff_member s on s.id = r.requested_by
            where ($1::uuid is null or r.subject_id = $1) and ($2::uuid is null or r.form_id = $2)
              and ($3::text is null or r.kind = $3) and (r.state = 'open' or $4)
              and ($5::date is null or r.state = 'open' and r.due_on < $5)
              and exists (select from client_in_scope(c.id, $6))
            order by r.state <> 'open', r.due_on nulls last, r.created_at desc, r.id limit $7 offset $8"#,
        filter.client.map(|id| id.0),
        filter.form.map(|id| id.0),
        filter.kind.map(|kind| kind.as_str()),
        filter.closed,
        filter.due_before,
        scope,
        ROWS_MAX,
        filter.skip.max(0)
    )
    .fetch_all(conn)
    .await?)
}
