//! Filling in a form that is asked for: the person, or someone linked to them with *forms*.
//!
//! A draft is its author's alone and stays on the version that they began. What is sent on stays as
//! it is; of two who fill in one request the first counts. Who may no longer fill it in is refused,
//! and their draft is deleted.

use super::seal::{answers_hash, name_digest, signed_hash};
use crate::actor::ClientActor;
use crate::consents::{self, Consent};
use crate::requests::{Acting, acting};
use crate::{Actor, Error, PgPool, Result, audit, new_id};
use chrono::NaiveDate;
use shared::consents::ConsentSource;
use shared::forms::{Answer, Answers, Capacity, Definition, Filled, Item, ItemKind};
use shared::permissions::Permission;
use shared::requests::RequestState;
use shared::{ClientId, Conflict, FormId, FormVersionId, Refusal, RequestId, ResponseId};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

/// A form to fill in: nothing of the record, of earlier answers or of anyone else's draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenForm {
    pub request: RequestId,
    pub name: String,
    /// Whose it is, if not one's own.
    pub for_name: Option<String>,
    pub due_on: Option<NaiveDate>,
    pub version: FormVersionId,
    pub definition: Definition,
    /// What one typed before.
    pub draft: Option<Filled>,
}

/// How the one who signs was logged in, and with what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signing {
    pub logged_in_by: Vec<String>,
    pub agent: String,
}

/// Who fills it in: logged in, or by a link that was mailed to them. Each has a draft of its own.
#[derive(Clone, Copy)]
pub(super) struct Filler<'a> {
    pub me: &'a ClientActor,
    pub link: Option<Uuid>,
}

struct Asked {
    form: FormId,
    name: String,
    due_on: Option<NaiveDate>,
    acting: Acting,
    subject_name: String,
}

/// The request, if the actor may fill it in at this moment; it stays as it is until the
/// transaction ends.
///
/// # Errors
/// [`Refusal::NotFound`]; [`Conflict::RequestClosed`] once it is done or withdrawn. `writes`: the
/// clients stay as they are, too.
async fn asked(conn: &mut PgConnection, me: &ClientActor, request: RequestId, writes: bool) -> Result<Asked> {
    let subject = sqlx::query_scalar!(
        r#"select subject_id as "subject: ClientId" from request where id = $1 and kind = 'form'"#,
        request.0
    );
    let subject = subject.fetch_optional(&mut *conn).await?.ok_or(Error::Refused(Refusal::NotFound))?;
    let acting = acting(&mut *conn, me, subject, Permission::CompleteForms, writes).await?;
    let row = sqlx::query!(
        r#"select r.form_id as "form!: FormId", f.name, r.due_on, r.rule_id is not null as "by_rule!", r.state as "state: RequestState",
                  client_short_name(c) as "subject_name!"
             from request r join form f on f.id = r.form_id join client c on c.id = r.subject_id
            where r.id = $1 for update of r"#,
        request.0
    )
    .fetch_optional(conn)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    if row.state != RequestState::Open {
        return Err(Refusal::Conflict(Conflict::RequestClosed).into());
    }
    // The date of a rule is that of an appointment.
    let due_on = row.due_on.filter(|_| acting.own || !row.by_rule);
    Ok(Asked { form: row.form, name: row.name, due_on, acting, subject_name: row.subject_name })
}

struct Begun {
    version: FormVersionId,
    definition: Definition,
    filled: Option<Filled>,
}

/// One's own draft with its version, or else the version given if it was the newest at any time
/// since the request was made, or the newest.
async fn begun(
    conn: &mut PgConnection,
    who: Filler<'_>,
    request: RequestId,
    form: FormId,
    version: Option<FormVersionId>,
) -> Result<Begun> {
    let draft = sqlx::query!(
        r#"select d.form_version_id as "version: FormVersionId", v.definition as "definition: Json<Definition>",
                  d.answers as "filled: Json<Filled>"
             from form_response d join form_version v on v.id = d.form_version_id
            where d.request_id = $1 and d.author_client_id = $2 and d.link_id is not distinct from $3 and d.state = 'draft'"#,
        request.0,
        who.me.id().0,
        who.link
    );
    if let Some(row) = draft.fetch_optional(&mut *conn).await? {
        return Ok(Begun { version: row.version, definition: row.definition.0, filled: Some(row.filled.0) });
    }
    let row = sqlx::query!(
        r#"select id as "version: FormVersionId", definition as "definition: Json<Definition>" from form_version
            where form_id = $1 and published_at is not null
            order by id is not distinct from $2
                     and number >= (select coalesce(max(number), 0) from form_version o join request r on r.id = $3
                                     where o.form_id = $1 and o.published_at <= r.created_at) desc,
                     number desc limit 1"#,
        form.0,
        version.map(|id| id.0),
        request.0
    )
    .fetch_optional(conn)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    Ok(Begun { version: row.version, definition: row.definition.0, filled: None })
}

/// What there is to fill in: one's own draft, or else the version given, or the newest.
pub async fn open(
    pool: &PgPool,
    me: &ClientActor,
    request: RequestId,
    version: Option<FormVersionId>,
) -> Result<OpenForm> {
    open_as(pool, Filler { me, link: None }, request, version).await
}

pub(super) async fn open_as(
    pool: &PgPool,
    who: Filler<'_>,
    request: RequestId,
    version: Option<FormVersionId>,
) -> Result<OpenForm> {
    let mut tx = pool.begin().await?;
    let asked = asked(&mut tx, who.me, request, false).await?;
    let begun = begun(&mut tx, who, request, asked.form, version).await?;
    Ok(OpenForm {
        request,
        name: asked.name,
        for_name: (!asked.acting.own).then_some(asked.subject_name),
        due_on: asked.due_on,
        version: begun.version,
        definition: begun.definition,
        draft: begun.filled,
    })
}

/// Keeps what was typed, whatever it is. `version` is the one that the page showed.
pub async fn save_draft(
    pool: &PgPool,
    actor: &Actor,
    request: RequestId,
    version: FormVersionId,
    filled: &Filled,
) -> Result<()> {
    save_draft_as(pool, Filler { me: actor.client()?, link: None }, request, version, filled).await
}

pub(super) async fn save_draft_as(
    pool: &PgPool,
    who: Filler<'_>,
    request: RequestId,
    version: FormVersionId,
    filled: &Filled,
) -> Result<()> {
    let saved = write_draft(pool, who, request, version, filled).await;
    or_forget(pool, who, request, saved).await
}

async fn write_draft(
    pool: &PgPool,
    who: Filler<'_>,
    request: RequestId,
    version: FormVersionId,
    filled: &Filled,
) -> Result<()> {
    let mut tx = pool.begin().await?;
    let asked = asked(&mut tx, who.me, request, true).await?;
    let begun = begun(&mut tx, who, request, asked.form, Some(version)).await?;
    keep(&mut tx, who, request, &asked, &begun, filled).await?;
    tx.commit().await?;
    Ok(())
}

async fn keep(
    conn: &mut PgConnection,
    who: Filler<'_>,
    request: RequestId,
    asked: &Asked,
    begun: &Begun,
    filled: &Filled,
) -> Result<()> {
    let kept = filled.kept(&begun.definition);
    sqlx::query!(
        "insert into form_response (id, request_id, form_version_id, subject_id, author_client_id, acted_as, answers, link_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (request_id, author_client_id, link_id) where state = 'draft'
            do update set answers = excluded.answers, saved_at = now()",
        new_id(),
        request.0,
        begun.version.0,
        asked.acting.subject.0,
        who.me.id().0,
        asked.acting.as_str(),
        Json(&kept) as _,
        who.link
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A person who may no longer fill it in has no draft of it any more.
async fn or_forget<T>(pool: &PgPool, who: Filler<'_>, request: RequestId, answer: Result<T>) -> Result<T> {
    if matches!(
        &answer,
        Err(Error::Refused(Refusal::NotFound | Refusal::Forbidden | Refusal::Conflict(Conflict::RequestClosed)))
    ) {
        sqlx::query!(
            "delete from form_response where request_id = $1 and author_client_id = $2 and state = 'draft'",
            request.0,
            who.me.id().0
        )
        .execute(pool)
        .await?;
    }
    answer
}

/// Sends the form on. Refused for what is wrong in it, it is kept as a draft with what was typed.
/// The same form sent twice is one.
pub async fn submit(
    pool: &PgPool,
    actor: &Actor,
    request: RequestId,
    version: FormVersionId,
    filled: &Filled,
    signing: &Signing,
) -> Result<ResponseId> {
    submit_as(pool, actor, Filler { me: actor.client()?, link: None }, request, version, filled, signing).await
}

pub(super) async fn submit_as(
    pool: &PgPool,
    actor: &Actor,
    who: Filler<'_>,
    request: RequestId,
    version: FormVersionId,
    filled: &Filled,
    signing: &Signing,
) -> Result<ResponseId> {
    let me = who.me;
    if let Some(sent) = sent_already(pool, me, request, filled).await? {
        return Ok(sent);
    }
    let sent = send(pool, actor, who, request, version, filled, signing).await;
    if matches!(&sent, Err(Error::Refused(Refusal::Conflict(Conflict::RequestClosed))))
        && let Some(sent) = sent_already(pool, me, request, filled).await?
    {
        // The same form, under way at the same time.
        return Ok(sent);
    }
    or_forget(pool, who, request, sent).await
}

async fn send(
    pool: &PgPool,
    actor: &Actor,
    who: Filler<'_>,
    request: RequestId,
    version: FormVersionId,
    filled: &Filled,
    signing: &Signing,
) -> Result<ResponseId> {
    let (me, mut tx) = (who.me, pool.begin().await?);
    let asked = asked(&mut tx, me, request, true).await?;
    let begun = begun(&mut tx, who, request, asked.form, Some(version)).await?;
    // What was read and signed is what the page showed.
    let parsed = match begun.version == version {
        true => begun.definition.parse(filled, Capacity::offered(asked.acting.own)),
        false => Err(Refusal::Conflict(Conflict::OtherVersion)),
    };
    let mut answers = match parsed {
        Ok(answers) => answers,
        Err(refusal) => {
            keep(&mut tx, who, request, &asked, &begun, filled).await?;
            tx.commit().await?;
            return Err(refusal.into());
        }
    };
    let signatures = begun.definition.take_signatures(&mut answers);
    let id = ResponseId(new_id());
    sqlx::query!("delete from form_response where request_id = $1 and state = 'draft'", request.0)
        .execute(&mut *tx)
        .await?;
    let hash = insert(
        &mut tx,
        id,
        &New {
            request: Some(request),
            version: begun.version,
            subject: asked.acting.subject,
            author: Author::Client(me.id()),
            acted_as: asked.acting.as_str(),
            amends: None,
            answers: &answers,
        },
    )
    .await?;
    sign(&mut tx, id, &signatures, &answers, &hash, me, signing).await?;
    sqlx::query!(
        "update request set state = 'done', closed_at = now(), done_by_client = $2, done_as = $3 where id = $1",
        request.0,
        me.id().0,
        asked.acting.as_str()
    )
    .execute(&mut *tx)
    .await?;
    if asked.acting.own {
        consent(&mut tx, actor, me, &begun.definition, &answers).await?;
    }
    audit::append(&mut tx, actor, "submit-form", "client", asked.acting.subject, &[]).await?;
    tx.commit().await?;
    Ok(id)
}

/// Logs the consents that someone gives for themself, in the words that they read. What is left
/// unticked withdraws nothing.
async fn consent(
    conn: &mut PgConnection,
    actor: &Actor,
    me: &ClientActor,
    definition: &Definition,
    answers: &Answers,
) -> Result<()> {
    for item in definition.items.iter().filter(|item| item.kind == ItemKind::Consent) {
        let given = answers.get(&item.link_id).is_some_and(|answer| answer.values == ["yes"]);
        if let Some(channel) = item.channel.filter(|_| given) {
            let consent = Consent { channel, given, source: ConsentSource::Form, words: &item.text };
            consents::record(&mut *conn, actor, me.id(), consent).await?;
        }
    }
    Ok(())
}

/// What the same person sent on for this request with the same answers.
async fn sent_already(
    pool: &PgPool,
    me: &ClientActor,
    request: RequestId,
    filled: &Filled,
) -> Result<Option<ResponseId>> {
    let row = sqlx::query!(
        r#"select s.id as "id: ResponseId", s.answers as "answers: Json<Answers>", s.acted_as,
                  v.definition as "definition: Json<Definition>"
             from form_response s join form_version v on v.id = s.form_version_id
            where s.request_id = $1 and s.author_client_id = $2 and s.state = 'submitted'"#,
        request.0,
        me.id().0
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.and_then(|row| {
        let mut again = row.definition.0.parse(filled, Capacity::offered(row.acted_as == "self")).ok()?;
        row.definition.0.take_signatures(&mut again);
        (again == row.answers.0).then_some(row.id)
    }))
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Author {
    Client(ClientId),
    Staff(shared::StaffId),
}

impl Author {
    fn ids(self) -> (Option<Uuid>, Option<Uuid>) {
        match self {
            Author::Client(id) => (Some(id.0), None),
            Author::Staff(id) => (None, Some(id.0)),
        }
    }
}

pub(super) struct New<'a> {
    pub request: Option<RequestId>,
    pub version: FormVersionId,
    pub subject: ClientId,
    pub author: Author,
    pub acted_as: &'static str,
    pub amends: Option<ResponseId>,
    pub answers: &'a Answers,
}

/// Answers with the hash of the version, which signatures are over too.
pub(super) async fn insert(conn: &mut PgConnection, id: ResponseId, new: &New<'_>) -> Result<Vec<u8>> {
    let version = sqlx::query_scalar!(
        r#"select content_hash as "hash!" from form_version where id = $1 and published_at is not null"#,
        new.version.0
    );
    let version = version.fetch_one(&mut *conn).await?;
    let (client, staff) = new.author.ids();
    sqlx::query!(
        "insert into form_response (id, request_id, form_version_id, subject_id, state, answers, author_client_id,
                author_staff_id, acted_as, amends_id, submitted_at, content_hash)
         values ($1, $2, $3, $4, 'submitted', $5, $6, $7, $8, $9, now(), $10)",
        id.0,
        new.request.map(|id| id.0),
        new.version.0,
        new.subject.0,
        Json(new.answers) as _,
        client,
        staff,
        new.acted_as,
        new.amends.map(|id| id.0),
        answers_hash(&version, new.answers)?
    )
    .execute(conn)
    .await?;
    Ok(version)
}

async fn sign(
    conn: &mut PgConnection,
    id: ResponseId,
    signatures: &[(&Item, Answer)],
    answers: &Answers,
    version: &[u8],
    me: &ClientActor,
    signing: &Signing,
) -> Result<()> {
    for (item, answer) in signatures {
        let name = answer.values.first().map(String::as_str).unwrap_or_default();
        let digest = name_digest(name);
        sqlx::query!(
            "insert into form_signature (id, response_id, item, signer_client_id, signer_name, capacity, statement,
                    name_digest, signed_hash, logged_in_by, agent)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            new_id(),
            id.0,
            item.link_id,
            me.id().0,
            name,
            answer.other,
            item.text,
            digest,
            signed_hash(version, answers, &item.text, &digest, &answer.other)?,
            &signing.logged_in_by,
            signing.agent.chars().take(300).collect::<String>()
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}
