//! Text messages: answers to them, and what their sender reports of the delivery.

use super::compose::{self, Sender};
use crate::audit::{self, By};
use crate::consents::{self, Consent};
use crate::{PgPool, Result, clients, new_id};
use shared::ClientId;
use shared::consents::{Channel, ConsentSource};
use shared::sms::{Keyword, dialled, keyword, segments};
use shared::texts::Language;
use sqlx::PgConnection;

/// An answer that came to the number that text messages are sent from.
#[derive(Debug, Clone, Copy)]
pub struct Inbound<'a> {
    pub from: &'a str,
    pub text: &'a str,
    /// What the sender calls it: reported twice, it counts once.
    pub reference: &'a str,
}

/// STOP withdraws the consent to text messages of every client with the number, also of one who
/// gets it later, and answers once; START gives back what STOP withdrew. Anything else changes nothing, and its words are
/// not kept.
pub async fn answered(pool: &PgPool, inbound: Inbound<'_>) -> Result<()> {
    let (asks, mut tx) = (keyword(inbound.text), pool.begin().await?);
    let word = match asks {
        Some(Keyword::Stop) => "stop",
        Some(Keyword::Start) => "start",
        None => "",
    };
    let first = sqlx::query!(
        "insert into sms_answer (reference, keyword) values ($1, $2) on conflict do nothing",
        inbound.reference,
        word
    )
    .execute(&mut *tx)
    .await?;
    let (Some(asks), Some(number), 1) = (asks, dialled(inbound.from), first.rows_affected()) else {
        return Ok(tx.commit().await?);
    };
    let (given, source) = match asks {
        Keyword::Stop => (false, ConsentSource::Stop),
        Keyword::Start => (true, ConsentSource::Start),
    };
    match asks {
        Keyword::Stop => {
            sqlx::query!(
                "insert into sms_stopped (digest) values (consent_digest('sms', $1)) on conflict do nothing",
                number
            )
            .execute(&mut *tx)
            .await?
        }
        Keyword::Start => {
            sqlx::query!("delete from sms_stopped where digest = consent_digest('sms', $1)", number)
                .execute(&mut *tx)
                .await?
        }
    };
    let found = sqlx::query!(
        r#"select c.id as "id: ClientId", c.language
             from client c
            where sms_number(c.mobile) = $1 and c.erased_at is null and c.sms_consent <> $2
              and (not $2 or 'stop_reply' = (select e.source from consent_event e
                                              where e.client_id = c.id and e.channel = 'sms' order by e.id desc limit 1))
            order by c.id"#,
        number,
        given
    )
    .fetch_all(&mut *tx)
    .await?;
    for client in &found {
        clients::lock(&mut tx, client.id).await?;
        let consent = Consent { channel: Channel::Sms, given, source, words: word };
        consents::record(&mut tx, By::Link(client.id.0), client.id, consent).await?;
    }
    if let Some(client) = found.first() {
        let usual = sqlx::query_scalar!("select mail_language from practice").fetch_one(&mut *tx).await?;
        answer(&mut tx, &number, asks, Language::first_of([client.language.as_str(), usual.as_str()])).await?;
    }
    for client in &found {
        audit::append(&mut tx, By::Link(client.id.0), "update", "client", client.id, &["sms_consent"]).await?;
    }
    Ok(tx.commit().await?)
}

async fn answer(conn: &mut PgConnection, number: &str, asks: Keyword, language: Language) -> Result<()> {
    let practice = Sender::load(&mut *conn).await?;
    let body = compose::sms_answer(&practice.name, asks, language);
    let id = new_id();
    sqlx::query!(
        "insert into message (id, kind, channel, subject_kind, subject_id, state, finished_at)
         values ($1, 'answer', 'sms', 'answer', $1, 'done', now())",
        id
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into message_copy (id, message_id, address, subject, body, channel, parts)
         values ($1, $2, $3::text::citext, '', $4, 'sms', $5)",
        new_id(),
        id,
        number,
        body,
        segments(&body).parts as i16
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What became of a text message, by what its sender calls it. A delivery that was reported
/// stays; one that is not ours is passed over.
pub async fn reported(pool: &PgPool, reference: &str, delivered: bool, error: &str) -> Result<()> {
    sqlx::query!(
        "update message_copy set report = case when $2 then 'delivered' else 'undelivered' end,
                error = case when $2 then '' else left($3, 300) end
          where reference = $1 and channel = 'sms' and report <> 'delivered'",
        reference,
        delivered,
        super::one_line(error)
    )
    .execute(pool)
    .await?;
    Ok(())
}
