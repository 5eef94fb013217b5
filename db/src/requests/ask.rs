//! Asking, reminding and withdrawing, for those who see the client.

use crate::clients::content_key;
use crate::practice::practice_zone;
use crate::{Actor, Error, PgPool, Result, audit, authz, new_id};
use chrono::{NaiveDate, Utc};
use shared::requests::{Asks, NewRequest, PEOPLE_MAX, RequestForm, RequestState, next_reminder};
use shared::{ClientId, Conflict, FormId, Problem, Refusal, RequestId};
use sqlx::PgConnection;
use uuid::Uuid;

/// What became of asking.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Asked {
    pub asked: usize,
    /// The people who are asked for the same form already.
    pub open_already: usize,
}

/// Asks each of the people; the same form sent twice asks once. Those who are asked for the form
/// already, nothing more is.
pub async fn ask(pool: &PgPool, actor: &Actor, form: &RequestForm) -> Result<Asked> {
    let by = actor.staff()?.id();
    let mut tx = pool.begin().await?;
    // What is wrong in the form is not said of a client that the actor may not see.
    let mut people: Vec<ClientId> = Vec::new();
    for number in form.people.split(',').filter_map(|number| number.trim().parse().ok()).take(PEOPLE_MAX + 1) {
        let client = authz::editable(&mut tx, actor, number).await?.id();
        if !people.contains(&client) {
            people.push(client);
        }
    }
    let today = practice_zone(&mut tx).await?.date(Utc::now());
    let request = form.parse(today)?;
    if let Asks::Form(form) = request.asks {
        published(&mut tx, form).await?;
    }
    // Always in one order.
    people.sort_unstable();
    let known = sqlx::query_scalar!(
        r#"select count(*) as "count!" from (
               select 1 from client where id = any ($1) and kind = 'individual' and erased_at is null
                order by id for no key update) one"#,
        &people.iter().map(|id| id.0).collect::<Vec<_>>()
    );
    if known.fetch_one(&mut *tx).await? != people.len() as i64 {
        return Err(Refusal::field("people", Problem::OnlyPeople).into());
    }
    let key = content_key(request.key, &(actor.id(), &request));
    let remind_on = next_reminder(today, request.due_on, request.reminders, 0);
    let (mut done, mut asked) = (Asked::default(), Vec::new());
    for client in people {
        match insert(&mut tx, &request, client, by.0, key, remind_on).await? {
            Made::New(id) => {
                queue(&mut tx, id, "form_request").await?;
                asked.push(client);
                done.asked += 1;
            }
            Made::Same => done.asked += 1,
            Made::OpenAlready => done.open_already += 1,
        }
    }
    for client in asked {
        audit::append(&mut tx, actor, "request", "client", client, &[]).await?;
    }
    tx.commit().await?;
    Ok(done)
}

/// # Errors
/// At `form`: it is archived, or has no version yet.
pub(super) async fn published(conn: &mut PgConnection, form: FormId) -> Result<()> {
    let row = sqlx::query!(
        r#"select active, exists (select from form_version where form_id = form.id and published_at is not null) as "published!"
             from form where id = $1 for share"#,
        form.0
    )
    .fetch_optional(conn)
    .await?;
    match row {
        Some(row) if row.active && row.published => Ok(()),
        Some(row) if row.active => Err(Refusal::field("form", Problem::NotPublished).into()),
        _ => Err(Refusal::field("form", Problem::Unknown).into()),
    }
}

enum Made {
    New(RequestId),
    /// By the same form, sent before.
    Same,
    OpenAlready,
}

async fn insert(
    conn: &mut PgConnection,
    request: &NewRequest,
    client: ClientId,
    by: Uuid,
    key: Uuid,
    remind_on: Option<NaiveDate>,
) -> Result<Made> {
    let (form, title, body) = match &request.asks {
        Asks::Form(form) => (Some(form.0), "", ""),
        Asks::Details => (None, "", ""),
        Asks::Document { title, body } | Asks::Other { title, body } | Asks::File { title, body } => {
            (None, title.as_str(), body.as_str())
        }
    };
    let known = sqlx::query_scalar!(
        r#"select exists (select from request where request_key = $1 and subject_id = $2) as "known!""#,
        key,
        client.0
    );
    if known.fetch_one(&mut *conn).await? {
        return Ok(Made::Same);
    }
    let made = sqlx::query_scalar!(
        r#"insert into request (id, kind, subject_id, form_id, title, body, due_on, reminders, requested_by, request_key, remind_on)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
           on conflict do nothing returning id as "id: RequestId""#,
        new_id(),
        request.asks.kind().as_str(),
        client.0,
        form,
        title,
        body,
        request.due_on,
        request.reminders,
        by,
        key,
        remind_on
    )
    .fetch_optional(conn)
    .await?;
    Ok(made.map_or(Made::OpenAlready, Made::New))
}

/// Queues mail about a request: who gets it is decided when it is sent.
pub(super) async fn queue(conn: &mut PgConnection, id: RequestId, kind: &str) -> Result<()> {
    sqlx::query!(
        "insert into message (id, kind, subject_kind, subject_id, subject_version)
         values ($1, $2, 'request', $3, nextval('request_mail_number')::integer)",
        new_id(),
        kind,
        id.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Whose request it is, if the actor may change their record, and its state; it stays as it is
/// until the transaction ends.
async fn locked(conn: &mut PgConnection, actor: &Actor, id: RequestId) -> Result<(ClientId, RequestState)> {
    actor.staff()?;
    let client = sqlx::query_scalar!(r#"select subject_id as "id: ClientId" from request where id = $1"#, id.0)
        .fetch_optional(&mut *conn)
        .await?
        .ok_or(Error::Refused(Refusal::NotFound))?;
    authz::readable_by_id(&mut *conn, actor, client).await?;
    let state =
        sqlx::query_scalar!(r#"select state as "state: RequestState" from request where id = $1 for update"#, id.0)
            .fetch_one(conn)
            .await?;
    Ok((client, state))
}

/// Mails a reminder now; at most one in a quarter of an hour, so that a press too many mails
/// nothing.
pub async fn remind(pool: &PgPool, actor: &Actor, id: RequestId) -> Result<()> {
    let mut tx = pool.begin().await?;
    let (client, state) = locked(&mut tx, actor, id).await?;
    if state != RequestState::Open {
        return Err(Refusal::Conflict(Conflict::RequestClosed).into());
    }
    let reminded = sqlx::query!(
        "update request set reminded_at = now()
          where id = $1 and (reminded_at is null or reminded_at < now() - interval '15 minutes')",
        id.0
    );
    if reminded.execute(&mut *tx).await?.rows_affected() == 0 {
        return Ok(());
    }
    queue(&mut tx, id, "request_reminder").await?;
    audit::append(&mut tx, actor, "remind", "client", client, &[]).await?;
    tx.commit().await?;
    Ok(())
}

/// Asks no more; what was begun is deleted. Twice is as once.
pub async fn withdraw(pool: &PgPool, actor: &Actor, id: RequestId) -> Result<()> {
    let mut tx = pool.begin().await?;
    let (client, state) = locked(&mut tx, actor, id).await?;
    match state {
        RequestState::Withdrawn => return Ok(()),
        RequestState::Done => return Err(Refusal::Conflict(Conflict::RequestClosed).into()),
        RequestState::Open => {}
    }
    withdraw_in(&mut tx, id).await?;
    audit::append(&mut tx, actor, "withdraw-request", "client", client, &[]).await?;
    tx.commit().await?;
    Ok(())
}

/// Withdraws what is still open, with what was begun; one that is closed stays so. The audit is the caller's.
pub(crate) async fn withdraw_in(conn: &mut PgConnection, id: RequestId) -> Result<()> {
    let withdrawn = sqlx::query!(
        "update request set state = 'withdrawn', closed_at = now() where id = $1 and state = 'open'",
        id.0
    );
    if withdrawn.execute(&mut *conn).await?.rows_affected() > 0 {
        sqlx::query!("delete from form_response where request_id = $1 and state = 'draft'", id.0).execute(conn).await?;
    }
    Ok(())
}

/// What one of the two began for the other.
pub(crate) async fn forget_drafts_between(conn: &mut PgConnection, one: ClientId, other: ClientId) -> Result<()> {
    sqlx::query!(
        "delete from form_response
          where state = 'draft' and (author_client_id = $1 and subject_id = $2 or author_client_id = $2 and subject_id = $1)",
        one.0,
        other.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Staff tick what was done at the desk: anything but a form, which has answers.
pub async fn mark_done(pool: &PgPool, actor: &Actor, id: RequestId) -> Result<()> {
    let mut tx = pool.begin().await?;
    let (client, state) = locked(&mut tx, actor, id).await?;
    match state {
        RequestState::Done => return Ok(()),
        RequestState::Withdrawn => return Err(Refusal::Conflict(Conflict::RequestClosed).into()),
        RequestState::Open => {}
    }
    let done = sqlx::query!(
        "update request set state = 'done', closed_at = now(), done_by_staff = $2, done_as = 'desk' where id = $1 and kind <> 'form'",
        id.0,
        actor.id()
    );
    if done.execute(&mut *tx).await?.rows_affected() == 0 {
        return Err(Refusal::Forbidden.into());
    }
    audit::append(&mut tx, actor, "request-done", "client", client, &[]).await?;
    tx.commit().await?;
    Ok(())
}
