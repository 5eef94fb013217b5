//! In the portal: what is asked of oneself and of those one may act for.

use super::sent::of_request;
use crate::actor::ClientActor;
use crate::files::FileInfo;
use crate::{Actor, Error, PgPool, Result, audit, permissions};
use chrono::{DateTime, NaiveDate, Utc};
use sha2::{Digest, Sha256};
use shared::permissions::Permission;
use shared::requests::{RequestKind, RequestState};
use shared::{ClientId, Conflict, Problem, Refusal, RequestId, parse};
use sqlx::PgConnection;
use uuid::Uuid;

/// Who acts in the portal, and the person they act for: themself, or someone who grants them *forms* at this
/// moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Acting {
    pub subject: ClientId,
    pub own: bool,
}

impl Acting {
    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        if self.own { "self" } else { "linked" }
    }
}

/// The link is locked against removal until the transaction ends; both must be active. `writes`:
/// the clients are locked, before anything of theirs.
///
/// # Errors
/// [`Refusal::NotFound`]: it is not theirs to do, and may not even exist; [`Refusal::Forbidden`]: the
/// portal does not open it for this person's record.
pub(crate) async fn acting(
    conn: &mut PgConnection,
    me: &ClientActor,
    subject: ClientId,
    permission: Permission,
    writes: bool,
) -> Result<Acting> {
    let own = me.id() == subject;
    if !own {
        let granted = sqlx::query_scalar!(
            "select 1 from client_link
              where (client_low = $1 and client_high = $2 and low_may_forms)
                 or (client_high = $1 and client_low = $2 and high_may_forms)
                for share",
            me.id().0,
            subject.0
        );
        granted.fetch_optional(&mut *conn).await?.ok_or(Error::Refused(Refusal::NotFound))?;
    }
    if writes {
        sqlx::query!("select id from client where id in ($1, $2) order by id for no key update", me.id().0, subject.0)
            .fetch_all(&mut *conn)
            .await?;
    }
    let active = sqlx::query_scalar!(
        r#"select count(*) = (case when $1 = $2::uuid then 1 else 2 end) as "active!"
             from client where id in ($1, $2) and status = 'active' and erased_at is null"#,
        me.id().0,
        subject.0
    );
    if !active.fetch_one(&mut *conn).await? {
        return Err(Refusal::NotFound.into());
    }
    permissions::require(conn, subject, permission).await?;
    Ok(Acting { subject, own })
}

/// A line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MyRequest {
    pub id: RequestId,
    pub kind: RequestKind,
    pub title: String,
    /// Whose it is, if not one's own.
    pub for_name: Option<String>,
    pub due_on: Option<NaiveDate>,
    pub state: RequestState,
    pub closed_at: Option<DateTime<Utc>>,
    /// Something was typed already.
    pub begun: bool,
}

/// What is open for oneself and those one may act for, and what one did oneself.
pub async fn mine(pool: &PgPool, me: &ClientActor) -> Result<Vec<MyRequest>> {
    Ok(sqlx::query_as!(
        MyRequest,
        r#"select r.id as "id: RequestId", r.kind as "kind: RequestKind",
                  case r.kind when 'form' then f.name when 'details' then 'Check your details' else r.title end as "title!",
                  case when r.subject_id <> $1 then client_short_name(c) end as "for_name?",
                  case when may.own or r.rule_id is null then r.due_on end as due_on,
                  r.state as "state: RequestState", r.closed_at,
                  exists (select from form_response d
                           where d.request_id = r.id and d.author_client_id = $1 and d.state = 'draft') as "begun!"
             from (select $1 as id, true as own
                   union all
                   select g.subject, false from client_grant g join client s on s.id = g.subject and s.status = 'active'
                    where g.holder = $1 and g.may_forms) may
             join request r on r.subject_id = may.id
             join client c on c.id = r.subject_id
             left join form f on f.id = r.form_id
            where portal_may(r.subject_id, 'see_forms') and (may.own or r.kind <> 'details')
              and (r.state = 'open' or r.state = 'done' and r.done_by_client = $1 and r.closed_at > now() - interval '1 year')
            order by r.state <> 'open', r.due_on nulls last, coalesce(r.closed_at, r.created_at) desc, r.id limit 200"#,
        me.id().0
    )
    .fetch_all(pool)
    .await?)
}

/// What there is to do, but for a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenRequest {
    pub id: RequestId,
    pub kind: RequestKind,
    pub title: String,
    pub body: String,
    pub for_name: Option<String>,
    pub due_on: Option<NaiveDate>,
    pub state: RequestState,
    /// What one sent about oneself.
    pub files: Vec<FileInfo>,
}

/// One request that is open, or that the actor did.
pub async fn open(pool: &PgPool, me: &ClientActor, id: RequestId) -> Result<OpenRequest> {
    let mut tx = pool.begin().await?;
    let (subject, kind, _) = found(&mut tx, id).await?;
    let acting = acting(&mut tx, me, subject, Permission::SeeForms, false).await?;
    if !acting.own && !kind.for_linked() {
        return Err(Refusal::NotFound.into());
    }
    let row = sqlx::query!(
        r#"select r.id as "id: RequestId", r.title, r.body, client_short_name(c) as "name!", r.due_on, r.rule_id is not null as "by_rule!",
                  r.state as "state: RequestState", f.name as "form?"
             from request r join client c on c.id = r.subject_id left join form f on f.id = r.form_id where r.id = $1"#,
        id.0
    )
    .fetch_one(&mut *tx)
    .await?;
    // Once it is done, no one who acts for them reads it again.
    if row.state == RequestState::Withdrawn || !acting.own && row.state != RequestState::Open {
        return Err(Refusal::Conflict(Conflict::RequestClosed).into());
    }
    let mut files = of_request(&mut tx, id).await?;
    files.retain(|file| acting.own && file.by == Some(me.id()));
    let title = match kind {
        RequestKind::Form => row.form.unwrap_or_default(),
        RequestKind::Details => "Check your details".to_owned(),
        RequestKind::Document | RequestKind::Other | RequestKind::File => row.title,
    };
    Ok(OpenRequest {
        id: row.id,
        kind,
        title,
        body: row.body,
        for_name: (!acting.own).then_some(row.name),
        due_on: row.due_on.filter(|_| acting.own || !row.by_rule),
        state: row.state,
        files: files.into_iter().map(|file| file.info).collect(),
    })
}

pub(super) async fn found(conn: &mut PgConnection, id: RequestId) -> Result<(ClientId, RequestKind, RequestState)> {
    let row = sqlx::query!(
        r#"select subject_id as "subject: ClientId", kind as "kind: RequestKind", state as "state: RequestState"
             from request where id = $1"#,
        id.0
    )
    .fetch_optional(conn)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    Ok((row.subject, row.kind, row.state))
}

/// Did the actor do it before? Twice is as once. Refused where someone else did it, or it was
/// withdrawn.
pub(super) fn done_before(state: RequestState, done_by: Option<Uuid>, actor: &Actor) -> Result<bool> {
    match state {
        RequestState::Open => Ok(false),
        RequestState::Done if done_by == Some(actor.id()) => Ok(true),
        RequestState::Done | RequestState::Withdrawn => Err(Refusal::Conflict(Conflict::RequestClosed).into()),
    }
}

/// Ticks it as done; a document is accepted under the name that is typed. Twice is as once.
pub async fn complete(pool: &PgPool, actor: &Actor, id: RequestId, name: &str) -> Result<()> {
    let me = actor.client()?;
    let mut tx = pool.begin().await?;
    let (subject, kind, _) = found(&mut tx, id).await?;
    let acting = acting(&mut tx, me, subject, Permission::CompleteForms, true).await?;
    if !acting.own && !kind.for_linked() || matches!(kind, RequestKind::Form | RequestKind::File) {
        return Err(Refusal::NotFound.into());
    }
    let row = sqlx::query!(
        r#"select state as "state: RequestState", title, body, done_by_client from request where id = $1 for update"#,
        id.0
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    if done_before(row.state, row.done_by_client, actor)? {
        return Ok(());
    }
    let accepted = match kind {
        RequestKind::Document => {
            let name = parse::required(name, 120).map_err(|problem| Refusal::field("name", problem))?;
            if name.chars().filter(|c| c.is_alphabetic()).count() < 2 {
                return Err(Refusal::field("name", Problem::TooShort { min: 2 }).into());
            }
            let text = format!("{}\0{}", row.title, row.body);
            Some((name, Sha256::digest(text.as_bytes()).to_vec()))
        }
        _ => None,
    };
    let (name, hash) = accepted.unzip();
    sqlx::query!(
        "update request set state = 'done', closed_at = now(), done_by_client = $2, done_as = $3, accepted_name = $4, accepted_hash = $5
          where id = $1",
        id.0,
        actor.id(),
        acting.as_str(),
        name,
        hash
    )
    .execute(&mut *tx)
    .await?;
    audit::append(&mut tx, actor, "request-done", "client", subject, &[]).await?;
    tx.commit().await?;
    Ok(())
}
