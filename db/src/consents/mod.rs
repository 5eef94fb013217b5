//! The log of consents: channel, given or withdrawn, when, who did it, through what, in which
//! words, for which address. It is append-only, and the database writes it with every change
//! of a client's record (`client_consent_changed`); operations say beforehand who changes it
//! and through what ([`through`]).
//!
//! `client.email_consent` is what the newest event says that is about the present address.

use crate::audit::By;
use crate::authz::ReadableClient;
use crate::{Actor, PgPool, Result, clients};
use chrono::{DateTime, Utc};
use serde_json::json;
use shared::ClientId;
use shared::consents::{Channel, ConsentSource};
use sqlx::PgConnection;
use uuid::Uuid;

/// A consent given or withdrawn.
#[derive(Debug, Clone, Copy)]
pub struct Consent<'a> {
    pub channel: Channel,
    pub given: bool,
    pub source: ConsentSource,
    /// What the person was shown.
    pub words: &'a str,
}

/// Says for the rest of the transaction who changes consents and through what; the words
/// are those beside the checkboxes of forms.
pub async fn through(conn: &mut PgConnection, by: impl Into<By<'_>>, source: ConsentSource) -> Result<()> {
    let words = match source {
        ConsentSource::Desk | ConsentSource::Portal => checkboxes(),
        _ => json!({}),
    };
    say(conn, by.into(), source, words).await
}

/// For the rest of the transaction, or until [`through`], nothing is logged: what is put back
/// brings its log with it.
pub(crate) async fn quietly(conn: &mut PgConnection) -> Result<()> {
    sqlx::query!("select set_config('kindred.consent', '{\"quiet\": true}', true)").fetch_one(conn).await?;
    Ok(())
}

/// Says that consents are carried over to a new address as they are: no one was asked.
pub(crate) async fn carried(conn: &mut PgConnection, by: impl Into<By<'_>>) -> Result<()> {
    say(conn, by.into(), ConsentSource::AddressChanged, json!({})).await
}

/// [`through`] of someone who becomes a client by a link from a mail.
pub(crate) async fn through_registration(conn: &mut PgConnection) -> Result<()> {
    say_as(conn, ("link", None), ConsentSource::Registration, checkboxes()).await
}

fn checkboxes() -> serde_json::Value {
    let words = Channel::ALL.iter().map(|channel| (channel.as_str().to_owned(), json!(channel.words())));
    serde_json::Value::Object(words.collect())
}

async fn say(conn: &mut PgConnection, by: By<'_>, source: ConsentSource, words: serde_json::Value) -> Result<()> {
    say_as(conn, by.parts(), source, words).await
}

async fn say_as(
    conn: &mut PgConnection,
    (kind, id): (&str, Option<Uuid>),
    source: ConsentSource,
    words: serde_json::Value,
) -> Result<()> {
    let said = json!({ "source": source.as_str(), "actor_kind": kind, "actor_id": id, "words": words });
    sqlx::query!("select set_config('kindred.consent', $1, true)", said.to_string()).fetch_one(conn).await?;
    Ok(())
}

/// Gives or withdraws one consent of a client and logs it, also if it was so before. The
/// caller holds the client's row, has checked who may, and tells the audit. A consent without
/// an address to use it for is not given: answers whether it is now as asked.
pub async fn record(
    conn: &mut PgConnection,
    by: impl Into<By<'_>>,
    client: ClientId,
    consent: Consent<'_>,
) -> Result<bool> {
    let Consent { channel, given, source, words } = consent;
    say(conn, by.into(), source, json!({ channel.as_str(): words })).await?;
    let changed = sqlx::query!(
        "update client
            set email_consent = case $2 when 'email' then $3 else email_consent end,
                sms_consent = case $2 when 'sms' then $3 else sms_consent end,
                voice_consent = case $2 when 'voice' then $3 else voice_consent end,
                version = version + 1, updated_at = now()
          where id = $1 and (not $3 or case $2 when 'email' then email is not null when 'sms' then mobile is not null else true end)
            and case $2 when 'email' then email_consent when 'sms' then sms_consent else voice_consent end <> $3",
        client.0,
        channel.as_str(),
        given
    )
    .execute(&mut *conn)
    .await?
    .rows_affected();
    if changed > 0 {
        return Ok(true);
    }
    // Said once more.
    let said = sqlx::query!(
        "select consent_log(c.id, n.channel, n.given, n.digest, null)::text
           from client c cross join client_consents(c) n
          where c.id = $1 and c.erased_at is null and n.channel = $2 and n.given = $3",
        client.0,
        channel.as_str(),
        given
    )
    .fetch_all(conn)
    .await?;
    Ok(!said.is_empty())
}

/// Logs what the records say where two logs were joined or parted.
pub(crate) async fn settle(conn: &mut PgConnection, clients: &[ClientId]) -> Result<()> {
    let ids: Vec<_> = clients.iter().map(|id| id.0).collect();
    sqlx::query!("select consent_settle($1)::text", &ids).fetch_one(conn).await?;
    Ok(())
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentLine {
    pub channel: Channel,
    pub given: bool,
    pub at: DateTime<Utc>,
    pub source: ConsentSource,
    /// The person, or that they used a link.
    pub by: String,
    /// Empty if none were shown.
    pub words: String,
    /// Whether it is for the address or number that is on the record now.
    pub current: bool,
}

/// The newest 50, for those who may read the record.
pub async fn of_client(conn: &mut PgConnection, client: &ReadableClient) -> Result<Vec<ConsentLine>> {
    log(conn, client.id(), true).await
}

/// The channels that are on without the client having said so themselves, for those who may read the
/// record.
pub async fn unconfirmed(conn: &mut PgConnection, client: &ReadableClient) -> Result<Vec<Channel>> {
    clients::unsaid_consents(conn, client.id()).await
}

/// One's own. Clients only.
pub async fn own(pool: &PgPool, actor: &Actor) -> Result<Vec<ConsentLine>> {
    let client = actor.client()?.id();
    log(&mut *pool.acquire().await?, client, false).await
}

/// `names`: those of the team are named; to the client it is the practice.
async fn log(conn: &mut PgConnection, client: ClientId, names: bool) -> Result<Vec<ConsentLine>> {
    Ok(sqlx::query_as!(
        ConsentLine,
        r#"select e.channel as "channel: Channel", e.given, e.at, e.source as "source: ConsentSource", e.words,
                  case when e.actor_kind in ('client', 'link') then case when $2 then 'the ' || p.client_word else 'you' end
                       when e.actor_kind = 'staff' and $2 and s.id is not null then s.first_name || ' ' || s.last_name
                       when e.actor_kind = 'staff' then p.name
                       else 'the system' end as "by!",
                  exists (select from client_consents(c) n
                           where n.channel = e.channel and n.digest is not distinct from e.address_digest) as "current!"
             from consent_event e
             join client c on c.id = e.client_id
            cross join practice p
             left join staff_member s on e.actor_kind = 'staff' and s.id = e.actor_id
            where e.client_id = $1
            order by e.id desc limit 50"#,
        client.0,
        names
    )
    .fetch_all(conn)
    .await?)
}
