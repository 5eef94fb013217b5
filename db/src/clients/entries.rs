//! What was noted of, said to and written to a prospect: kept with date and author.

use crate::authz::ReadableClient;
use crate::messages;
use crate::practice;
use crate::{Actor, Error, OnConstraint, Result, audit, authz, new_id};
use chrono::{DateTime, NaiveDate, Utc};
use shared::clients::{EntryForm, EntryKind, Status};
use shared::practice::Section;
use shared::{ClientNumber, Problem, Refusal};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// The number shown of each prospect.
const SHOWN: i64 = 5;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub client: ClientNumber,
    pub kind: EntryKind,
    /// Of an email.
    pub subject: String,
    pub words: String,
    pub author: String,
    pub at: DateTime<Utc>,
}

/// The newest of each of these prospects that the actor may see.
pub async fn entries(pool: &PgPool, actor: &Actor, of: &[ClientNumber]) -> Result<Vec<Entry>> {
    let scope = actor.staff()?.scope();
    Ok(sqlx::query_as!(
        Entry,
        r#"select c.number as "client: ClientNumber", e.kind as "kind: EntryKind", e.subject, e.words,
                  s.first_name || ' ' || s.last_name as "author!", e.at
             from unnest($3::bigint[]) shown (number)
            cross join lateral (select * from client where client.number = shown.number limit 1) c
            cross join lateral (select * from prospect_entry e where e.client_id = c.id order by e.at desc, e.id desc limit $2) e
             join staff_member s on s.id = e.author_id
            where c.status = 'prospect'
              and ($1::uuid is null or exists (
                  select 1 from client_practitioner a where a.client_id = c.id and a.practitioner_id = $1))
            order by c.number, e.at desc, e.id desc"#,
        scope as Option<Uuid>,
        SHOWN,
        &of.iter().map(|number| number.get()).collect::<Vec<_>>()
    )
    .fetch_all(pool)
    .await?)
}

/// All of one client, the newest first, whatever they are now: for those who may read the record.
pub async fn entries_of(conn: &mut PgConnection, client: &ReadableClient) -> Result<Vec<Entry>> {
    Ok(sqlx::query_as!(
        Entry,
        r#"select c.number as "client: ClientNumber", e.kind as "kind: EntryKind", e.subject, e.words,
                  s.first_name || ' ' || s.last_name as "author!", e.at
             from prospect_entry e join client c on c.id = e.client_id join staff_member s on s.id = e.author_id
            where e.client_id = $1
            order by e.at desc, e.id desc limit 200"#,
        client.id().0
    )
    .fetch_all(conn)
    .await?)
}

/// Keeps a note or a call, or writes an email, which needs an address and consent. A call and
/// an email are the last contact. Sent twice it is one. Who may change the card; anyone who is
/// no prospect any more has none: [`Refusal::NotFound`].
pub async fn add_entry(
    pool: &PgPool,
    actor: &Actor,
    number: ClientNumber,
    form: &EntryForm,
    today: NaiveDate,
) -> Result<()> {
    let mut tx = pool.begin().await?;
    let client = authz::editable(&mut tx, actor, number).await?.id();
    practice::needs(&mut tx, Section::Prospects).await?;
    let entry = form.parse()?;
    let author = actor.staff()?.id();
    let stored = sqlx::query!(
        r#"select status as "status: Status", email is not null as "has_email!", email_consent
             from client where id = $1 for no key update"#,
        client.0
    )
    .fetch_one(&mut *tx)
    .await?;
    if stored.status != Status::Prospect {
        return Err(Error::Refused(Refusal::NotFound));
    }
    let known = sqlx::query_scalar!("select client_id from prospect_entry where request_key = $1", entry.request_key)
        .fetch_optional(&mut *tx)
        .await?;
    if let Some(of) = known {
        return if of == client.0 { Ok(()) } else { Err(Refusal::NotFound.into()) };
    }
    if entry.kind == EntryKind::Email && !(stored.has_email && stored.email_consent) {
        return Err(Refusal::field("kind", Problem::NoConsentToEmail).into());
    }
    sqlx::query!(
        "insert into prospect_entry (id, client_id, kind, subject, words, author_id, request_key)
         values ($1, $2, $3, $4, $5, $6, $7)",
        new_id(),
        client.0,
        entry.kind.as_str(),
        entry.subject,
        entry.words,
        author.0,
        entry.request_key
    )
    .execute(&mut *tx)
    .await
    .on_constraint("prospect_entry_once", || Refusal::NotUndoable)?;
    if entry.kind == EntryKind::Email {
        messages::write_letter(&mut tx, client, &entry.subject, &entry.words).await?;
    }
    if entry.kind != EntryKind::Note {
        sqlx::query!(
            "update client set last_contact = greatest(last_contact, $2), updated_at = now()
              where id = $1 and last_contact is distinct from greatest(last_contact, $2)",
            client.0,
            today
        )
        .execute(&mut *tx)
        .await?;
    }
    audit::append(&mut tx, actor, "note", "client", client, &[entry.kind.as_str()]).await?;
    Ok(tx.commit().await?)
}
