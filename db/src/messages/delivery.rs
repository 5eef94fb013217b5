//! From a copy to mail that has left, or is kept for administrators.
//!
//! A copy is claimed in a transaction of its own, for a time: no lock is held
//! while SMTP talks. Should the server stop between sending and marking, the
//! copy is sent again under the same `Message-ID`; it is never lost.
//!
//! Any number of copies may be claimed at a time, but of one address only one:
//! what is told later does not arrive earlier.

use super::recipients::permitted;
use super::retry::{ATTEMPTS_MAX, wait};
use super::text::without_secrets;
use super::{Message, one_line};
use crate::{PgPool, Result};
use shared::messages::MessageKind;
use shared::{AccountId, AppointmentId, ClientId, MessageCopyId, MessageId};
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
    /// Holds a link that lets somebody in.
    secret: bool,
    /// Which attempt this is, from 1.
    attempt: i32,
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
            r#"select y.id as "id: MessageCopyId", y.address::text as "address!", y.subject, y.body, y.attempts,
                      y.client_id as "to: ClientId",
                      m.id as "message: MessageId", m.kind as "kind: MessageKind", m.subject_version,
                      m.appointment_id as "appointment: AppointmentId", m.client_id as "client: ClientId",
                      m.account_id as "account: AccountId", m.link_id, m.registration_id, m.staff_id
                 from message_copy y join message m on m.id = y.message_id
                where y.state = 'queued' and y.due_at <= now()
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
            appointment: row.appointment,
            version: row.subject_version,
            client: row.client,
            account: row.account,
            link: row.link_id,
            registration: row.registration_id,
            staff: row.staff_id,
        };
        let permitted = permitted(&mut tx, &message).await?;
        let still = permitted.iter().any(|to| to.address == row.address && to.client == row.to);
        let refused = match still {
            false => Some(("withdrawn", "")),
            // The server stopped in the middle of the last attempt.
            true if row.attempts >= ATTEMPTS_MAX => Some(("failed", "No answer from the mail server.")),
            true => None,
        };
        if let Some((state, error)) = refused {
            let body = if state == "withdrawn" { without_secrets(&row.body, "link removed") } else { row.body };
            sqlx::query!(
                "update message_copy set state = $2, error = $3, body = $4 where id = $1",
                row.id.0,
                state,
                error,
                body
            )
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
            continue;
        }
        sqlx::query!(
            "update message_copy
                set attempts = attempts + 1, due_at = now() + make_interval(mins => $2),
                    claimed_until = now() + make_interval(mins => $2)
              where id = $1",
            row.id.0,
            CLAIM_MINUTES
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        return Ok(Some(Outgoing {
            id: row.id,
            address: row.address,
            subject: row.subject,
            body: row.body,
            secret: row.kind.is_security(),
            attempt: row.attempts + 1,
        }));
    }
}

/// It has left. A link that lets somebody in is removed from what is stored.
pub async fn sent(pool: &PgPool, copy: &Outgoing) -> Result<()> {
    let body = if copy.secret { without_secrets(&copy.body, "link removed after sending") } else { copy.body.clone() };
    sqlx::query!(
        "update message_copy set state = 'sent', sent_at = now(), error = '', body = $2
          where id = $1 and state in ('queued', 'failed')",
        copy.id.0,
        body
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
