//! Answers, for those who may read the client's record.

use super::respond::{Author, New, insert};
use super::seal::{answers_hash, content_hash, name_digest, signed_hash};
use crate::actor::ClientActor;
use crate::authz::{self, ReadableClient};
use crate::{Actor, Error, PgPool, Result, audit, new_id};
use chrono::{DateTime, Utc};
use shared::forms::{Answers, Capacity, Definition, Filled, ItemKind, ResponseState};
use shared::{ClientId, ClientNumber, FormId, FormVersionId, Refusal, RequestId, ResponseId};
use sqlx::PgConnection;
use sqlx::types::Json;

/// A line of a client's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseRow {
    pub id: ResponseId,
    pub form: String,
    pub version: i32,
    pub submitted_at: DateTime<Utc>,
    pub state: ResponseState,
    pub author: String,
    /// `self`, `linked` or `desk`.
    pub acted_as: String,
}

/// One form as it was filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub id: ResponseId,
    pub form: FormId,
    pub form_name: String,
    pub version_id: FormVersionId,
    pub version: i32,
    pub number: ClientNumber,
    pub client: String,
    pub definition: Definition,
    pub answers: Answers,
    pub state: ResponseState,
    pub submitted_at: DateTime<Utc>,
    pub author: String,
    pub acted_as: String,
    pub amends: Option<ResponseId>,
    pub amended_by: Option<ResponseId>,
    pub signatures: Vec<Signature>,
    /// The answers to the same form before, and when.
    pub previous: Option<(DateTime<Utc>, Answers)>,
    /// Whether the hashes come out as they are stored.
    pub intact: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    pub item: String,
    pub name: String,
    pub capacity: Capacity,
    pub statement: String,
    pub logged_in_by: Vec<String>,
    pub agent: String,
    pub at: DateTime<Utc>,
    pub hash: Vec<u8>,
    pub name_digest: Vec<u8>,
    /// The account that signed.
    pub account: String,
}

/// A client's answers, the newest first.
pub async fn responses(conn: &mut PgConnection, client: &ReadableClient) -> Result<Vec<ResponseRow>> {
    Ok(sqlx::query_as!(
        ResponseRow,
        r#"select r.id as "id: ResponseId", f.name as form, v.number as version, r.submitted_at as "submitted_at!",
                  r.state as "state: ResponseState", r.acted_as,
                  coalesce(client_name(c), s.first_name || ' ' || s.last_name, '') as "author!"
             from form_response r join form_version v on v.id = r.form_version_id join form f on f.id = v.form_id
             left join client c on c.id = r.author_client_id left join staff_member s on s.id = r.author_staff_id
            where r.subject_id = $1 and r.state <> 'draft'
            order by r.submitted_at desc, r.id limit 200"#,
        client.id().0
    )
    .fetch_all(conn)
    .await?)
}

/// One form as it was filled in, for those who may read the record of the person it is about.
pub async fn response(pool: &PgPool, actor: &Actor, id: ResponseId) -> Result<Response> {
    let mut conn = pool.acquire().await?;
    let row = sqlx::query!(
        r#"select r.subject_id as "subject: ClientId", f.id as "form: FormId", f.name as form_name,
                  v.id as "version_id: FormVersionId", v.number as version, v.content_hash as "version_hash!",
                  v.definition as "definition: Json<Definition>", r.answers as "answers: Json<serde_json::Value>",
                  r.state as "state: ResponseState", r.submitted_at, r.acted_as, r.content_hash, r.amends_id as "amends: ResponseId",
                  (select a.id from form_response a where a.amends_id = r.id) as "amended_by?: ResponseId",
                  coalesce(client_name(w), s.first_name || ' ' || s.last_name, '') as "author!",
                  c.number as "number: ClientNumber", client_name(c) as "client!"
             from form_response r join form_version v on v.id = r.form_version_id join form f on f.id = v.form_id
             join client c on c.id = r.subject_id
             left join client w on w.id = r.author_client_id left join staff_member s on s.id = r.author_staff_id
            where r.id = $1 and r.state <> 'draft'"#,
        id.0
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    authz::readable_by_id(&mut conn, actor, row.subject).await?;
    let answers: Answers = read(row.answers.0)?;
    let submitted_at = row.submitted_at.ok_or(Error::Refused(Refusal::NotFound))?;
    let signatures = signatures(&mut conn, id).await?;
    let definition = row.definition.0;
    let mut intact = row.version_hash == content_hash(&definition)?
        && row.content_hash == Some(answers_hash(&row.version_hash, &answers)?);
    for one in &signatures {
        let digest = &one.name_digest;
        // Of an erased signer the digest is left.
        intact &= one.name.is_empty() || name_digest(&one.name) == *digest;
        intact &= definition.item(&one.item).is_some_and(|item| item.text == one.statement);
        intact &= one.hash == signed_hash(&row.version_hash, &answers, &one.statement, digest, one.capacity.as_str())?;
    }
    // Staff who correct answers sign for no one.
    let needed =
        definition.visible(&answers).into_iter().filter(|item| item.required && item.kind == ItemKind::Signature);
    intact &= row.acted_as == "desk"
        || needed.map(|item| &item.link_id).all(|name| signatures.iter().any(|one| one.item == *name));
    let previous = sqlx::query!(
        r#"select r.submitted_at as "at!", r.answers as "answers: Json<Answers>"
             from form_response r join form_version v on v.id = r.form_version_id
            where r.subject_id = $1 and v.form_id = $2 and r.id <> $3 and r.state in ('submitted', 'amended')
              and (r.submitted_at, r.id) < ($4, $3)
            order by r.submitted_at desc, r.id desc limit 1"#,
        row.subject.0,
        row.form.0,
        id.0,
        submitted_at
    )
    .fetch_optional(&mut *conn)
    .await?;
    Ok(Response {
        id,
        form: row.form,
        form_name: row.form_name,
        version_id: row.version_id,
        version: row.version,
        number: row.number,
        client: row.client,
        definition,
        answers,
        state: row.state,
        submitted_at,
        author: row.author,
        acted_as: row.acted_as,
        amends: row.amends,
        amended_by: row.amended_by,
        signatures,
        previous: previous.map(|row| (row.at, row.answers.0)),
        intact,
    })
}

fn read(value: serde_json::Value) -> Result<Answers> {
    serde_json::from_value(value).map_err(|error| Error::Database(sqlx::Error::Decode(error.into())))
}

async fn signatures(conn: &mut PgConnection, id: ResponseId) -> Result<Vec<Signature>> {
    Ok(sqlx::query_as!(
        Signature,
        r#"select g.item, g.signer_name as name, g.capacity as "capacity: Capacity", g.statement, g.logged_in_by, g.agent,
                  g.signed_at as at, g.signed_hash as hash, g.name_digest,
                  coalesce(client_name(c), s.first_name || ' ' || s.last_name, '') as "account!"
             from form_signature g left join client c on c.id = g.signer_client_id
             left join staff_member s on s.id = g.signer_staff_id
            where g.response_id = $1 order by g.signed_at, g.id"#,
        id.0
    )
    .fetch_all(conn)
    .await?)
}

/// Hides answers that are not this person's, or wrong as a whole, from everything but the history;
/// for the front desk and practitioners who see the client. Twice is as once.
pub async fn entered_in_error(pool: &PgPool, actor: &Actor, id: ResponseId) -> Result<ClientNumber> {
    let mut tx = pool.begin().await?;
    let row = sqlx::query!(
        r#"select r.subject_id as "subject: ClientId", r.state as "state: ResponseState", c.number as "number: ClientNumber"
             from form_response r join client c on c.id = r.subject_id where r.id = $1 and r.state <> 'draft' for update of r"#,
        id.0
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    authz::readable_by_id(&mut tx, actor, row.subject).await?;
    if row.state != ResponseState::EnteredInError {
        sqlx::query!("update form_response set state = 'entered_in_error' where id = $1", id.0)
            .execute(&mut *tx)
            .await?;
        audit::append(&mut tx, actor, "form-entered-in-error", "client", row.subject, &[]).await?;
        tx.commit().await?;
    }
    Ok(row.number)
}

/// A new response in place of the one that it names, which stays as it was: staff correct answers
/// with the client. Signatures stay with what was signed; staff sign for no one.
pub async fn amend(pool: &PgPool, actor: &Actor, id: ResponseId, filled: &Filled) -> Result<ResponseId> {
    let by = actor.staff()?.id();
    let was = response(pool, actor, id).await?;
    let mut tx = pool.begin().await?;
    let row = sqlx::query!(
        r#"select subject_id as "subject: ClientId", state as "state: ResponseState", request_id as "request: RequestId"
             from form_response where id = $1 for update"#,
        id.0
    )
    .fetch_one(&mut *tx)
    .await?;
    if row.state != ResponseState::Submitted {
        return Err(Refusal::Stale.into());
    }
    let answers = was.definition.unsigned().parse(filled, &[])?;
    sqlx::query!("update form_response set state = 'amended' where id = $1", id.0).execute(&mut *tx).await?;
    let made = ResponseId(new_id());
    let author = Author::Staff(by);
    insert(
        &mut tx,
        made,
        &New {
            request: row.request,
            version: was.version_id,
            subject: row.subject,
            author,
            acted_as: "desk",
            amends: Some(id),
            answers: &answers,
        },
    )
    .await?;
    audit::append(&mut tx, actor, "amend-form", "client", row.subject, &[]).await?;
    tx.commit().await?;
    Ok(made)
}

/// What someone sent about themself, to read again; not what was entered in error, and nothing to
/// anyone who acts for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnCopy {
    pub form: String,
    pub definition: Definition,
    pub answers: Answers,
    pub submitted_at: DateTime<Utc>,
}

pub async fn own_copy(pool: &PgPool, me: &ClientActor, request: RequestId) -> Result<Option<OwnCopy>> {
    let row = sqlx::query!(
        r#"select f.name, v.definition as "definition: Json<Definition>", r.answers as "answers: Json<Answers>",
                  r.submitted_at as "submitted_at!"
             from form_response r join form_version v on v.id = r.form_version_id join form f on f.id = v.form_id
            where r.request_id = $1 and r.subject_id = $2 and r.author_client_id = $2 and r.state = 'submitted'
              and portal_may($2, 'see_forms')"#,
        request.0,
        me.id().0
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| OwnCopy {
        form: row.name,
        definition: row.definition.0,
        answers: row.answers.0,
        submitted_at: row.submitted_at,
    }))
}
