//! From a copy to mail that has left, or is kept for administrators.
//!
//! A copy is claimed in a transaction of its own, for a time: no lock is held
//! while SMTP talks. Should the server stop between sending and marking, the
//! copy is sent again under the same `Message-ID`; it is never lost.
//!
//! Any number of copies may be claimed at a time, but of one address only one:
//! what is told later does not arrive earlier.
//!
//! A permanent refusal fails right away; anything else is tried again after 5 s, 30 s, 2 min
//! and so on for a day.

use super::recipients::readers;
use super::retry::{ATTEMPTS_MAX, wait};
use super::text::without_secrets;
use super::{Message, family, one_line};
use crate::feeds::events;
use crate::ics::{Event, Letter, Method};
use crate::{PgPool, Result};
use chrono::{DateTime, Utc};
use shared::accounts::Secret;
use shared::messages::{MessageKind, WhyNot};
use shared::texts::{Language, TextChannel};
use shared::{AccountId, ClientId, MessageCopyId, MessageId};
use std::fmt;

/// How long a server may take to send a copy before another tries, in minutes.
const CLAIM_MINUTES: i32 = 2;
/// Longest error that is stored, in characters.
const ERROR_MAX: usize = 300;

/// A copy to be sent now.
#[derive(Clone)]
pub struct Outgoing {
    /// Stands in its `Message-ID`.
    pub id: MessageCopyId,
    pub address: String,
    pub subject: String,
    pub body: String,
    /// A mail to an address, or a text message to a number.
    pub channel: TextChannel,
    /// Of its reader.
    pub language: Language,
    /// The secret of the link that ends such mail.
    pub unsubscribe: Option<Secret>,
    /// What it tells of each appointment, for the recipient's calendar.
    pub invitations: Vec<Invitation>,
    /// Which attempt this is, from 1.
    attempt: i32,
}

/// The calendar file of a copy, but for the address that it is mailed from.
#[derive(Clone)]
pub struct Invitation {
    event: Event,
    practice: String,
    attendee: String,
    at: DateTime<Utc>,
}

impl Invitation {
    /// What the file asks of the calendar, and the file: the same at every try.
    pub fn file(&self, from: &str, host: &str) -> (Method, String) {
        let letter = Letter { organizer: (&self.practice, from), attendee: &self.attendee, at: self.at };
        (self.event.method(), self.event.invitation(&letter, host))
    }
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing").field("id", &self.id).field("attempt", &self.attempt).finish_non_exhaustive()
    }
}

/// The next copy that is due, for two minutes, unless another copy to its address
/// is claimed. Whether its address may still get it is asked again here; copies
/// that may not go are withdrawn.
pub async fn claim_copy(pool: &PgPool) -> Result<Option<Outgoing>> {
    loop {
        let mut tx = pool.begin().await?;
        // One claim at a time, of all servers: two could not see each other's address.
        sqlx::query!("select pg_advisory_xact_lock(hashtextextended('message_copy', 0))").execute(&mut *tx).await?;
        let Some(row) = sqlx::query!(
            r#"select y.id as "id: MessageCopyId", y.address::text as "address!", y.subject, y.body, y.attempts, y.error,
                      y.client_id as "to: ClientId", y.about_id as "about: ClientId", y.created_at, p.name as practice,
                      m.id as "message: MessageId", m.kind as "kind: MessageKind", m.subject_version, m.about_starts_at, m.participant_id,
                      m.client_id as "client: ClientId",
                      m.account_id as "account: AccountId", m.link_id, m.registration_id, m.staff_id, m.subject_id,
                      y.channel as "channel: TextChannel", y.unsubscribe,
                      p.mail_language, (select c.language from client c where c.id = y.client_id) as language
                 from message_copy y join message m on m.id = y.message_id cross join practice p
                where y.state = 'queued' and y.due_at <= now()
                  -- What is above the cap of a day waits.
                  and (y.channel <> 'sms' or y.parts + (select coalesce(sum(s.parts), 0) from message_copy s
                                                         where s.channel = 'sms' and s.state = 'sent' and s.sent_at > now() - interval '24 hours')
                                             <= (select daily_cap from sms_setting))
                  and not exists (select from message_copy o
                                   where o.address = y.address and o.state = 'queued' and o.id <> y.id
                                     and o.claimed_until > now())
                order by y.due_at, y.created_at, y.id limit 1
                  for update of y skip locked"#
        )
        .fetch_optional(&mut *tx)
        .await?
        else {
            return Ok(None);
        };
        let message = Message {
            id: row.message,
            kind: row.kind,
            participant: row.participant_id,
            version: row.subject_version,
            starts_at: row.about_starts_at,
            client: row.client,
            account: row.account,
            link: row.link_id,
            registration: row.registration_id,
            staff: row.staff_id,
            subject: row.subject_id,
        };
        let of_it = readers(&mut tx, row.channel, &message).await?;
        let why = of_it.why_not(&mut tx, row.to, &row.address, row.about).await?;
        let joined = family::joined(&mut tx, row.id).await?;
        let mut all = why.is_none();
        for (message, to, _) in &joined {
            let of_it = readers(&mut tx, row.channel, message).await?;
            all &= of_it.why_not(&mut tx, *to, &row.address, None).await?.is_none();
        }
        if !joined.is_empty() && !all {
            family::split(&mut tx, row.id).await?;
            tx.commit().await?;
            continue;
        }
        let refused = match why {
            Some(_) => Some(("withdrawn", "")),
            // A text message has no mark by which a second one would show once.
            None if row.channel == TextChannel::Sms && row.attempts > 0 && row.error.is_empty() => {
                Some(("failed", "The server stopped while this was sent. It may have arrived, so it isn’t sent again."))
            }
            // The server stopped in the middle of the last attempt.
            None if row.attempts >= ATTEMPTS_MAX => Some(("failed", "No answer from the server.")),
            None => None,
        };
        if let Some((state, error)) = refused {
            let body = if state == "withdrawn" { without_secrets(&row.body, "link removed") } else { row.body };
            sqlx::query!(
                "update message_copy set state = $2, error = $3, body = $4, withheld = $5 where id = $1",
                row.id.0,
                state,
                error,
                body,
                why.map(WhyNot::as_str)
            )
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
            continue;
        }
        // As it stands now: a confirmation of what has changed since was withdrawn above.
        let changes_calendars = row.channel == TextChannel::Email
            && matches!(message.kind, MessageKind::Confirmation | MessageKind::Change | MessageKind::Cancellation);
        let language = Language::first_of(row.language.as_deref().into_iter().chain([row.mail_language.as_str()]));
        let mut invitations = Vec::new();
        let of =
            [(&message, row.about.is_some())].into_iter().chain(joined.iter().map(|(of, _, linked)| (of, *linked)));
        for (of, linked) in of.filter(|_| changes_calendars) {
            let Some(participant) = of.participant else { continue };
            if let Some(event) = events::of_participant(&mut tx, participant, linked, &row.practice, language).await? {
                let (practice, attendee, at) = (row.practice.clone(), row.address.clone(), row.created_at);
                invitations.push(Invitation { event, practice, attendee, at });
            }
        }
        sqlx::query!(
            "update message_copy
                set attempts = attempts + 1, due_at = now() + make_interval(mins => $2),
                    claimed_until = now() + make_interval(mins => $2),
                    error = case channel when 'sms' then '' else error end
              where id = $1",
            row.id.0,
            CLAIM_MINUTES
        )
        .execute(&mut *tx)
        .await?;
        let subject = crate::safe_contact::subject(&mut tx, &row.address, row.subject).await?;
        tx.commit().await?;
        return Ok(Some(Outgoing {
            id: row.id,
            address: row.address,
            subject,
            body: row.body,
            channel: row.channel,
            language,
            unsubscribe: row.unsubscribe.map(Secret),
            invitations,
            attempt: row.attempts + 1,
        }));
    }
}

/// It has left. A link that its reader acts by is removed from what is stored.
pub async fn sent(pool: &PgPool, copy: &Outgoing) -> Result<()> {
    sent_as(pool, copy, None).await
}

/// [`sent`] of a text message, with what its sender calls it in reports of its delivery.
pub async fn sent_as(pool: &PgPool, copy: &Outgoing, reference: Option<&str>) -> Result<()> {
    let body = without_secrets(&copy.body, "link removed after sending");
    sqlx::query!(
        "update message_copy set state = 'sent', sent_at = now(), error = '', body = $2, reference = $3, unsubscribe = null
          where id = $1 and state in ('queued', 'failed')",
        copy.id.0,
        body,
        reference
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// There is no SMTP: administrators read it, link and all, and hand it over.
pub async fn kept(pool: &PgPool, copy: &Outgoing) -> Result<()> {
    sqlx::query!("update message_copy set state = 'kept' where id = $1 and state = 'queued'", copy.id.0)
        .execute(pool)
        .await?;
    Ok(())
}

/// It could not be sent: tried again later, unless the mail server refused for
/// good or this was the last attempt. Administrators see `error`.
pub async fn failed(pool: &PgPool, copy: &Outgoing, for_good: bool, error: &str) -> Result<()> {
    let last = for_good || copy.attempt >= ATTEMPTS_MAX;
    let error: String = one_line(error).chars().take(ERROR_MAX).collect();
    sqlx::query!(
        "update message_copy
            set error = $2, state = case when $3 then 'failed' else state end, due_at = now() + make_interval(secs => $4),
                claimed_until = null
          where id = $1 and state = 'queued' and attempts = $5",
        copy.id.0,
        error,
        last,
        f64::from(wait(copy.attempt)),
        copy.attempt
    )
    .execute(pool)
    .await?;
    Ok(())
}
