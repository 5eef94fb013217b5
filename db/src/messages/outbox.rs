//! The outbox: what administrators see of mail.

use super::text::without_secrets;
use crate::{Actor, Error, PgPool, Result, audit};
use chrono::{DateTime, Utc};
use shared::clients::Page;
use shared::messages::{CopyState, MessageKind};
use shared::{ClientNumber, MessageCopyId, Refusal};

/// Rows on a page.
const PAGE_SIZE: u32 = 50;

/// A line of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    pub id: MessageCopyId,
    pub state: CopyState,
    pub created_at: DateTime<Utc>,
    pub sent_at: Option<DateTime<Utc>>,
    /// Empty once whoever it was for has been erased.
    pub address: String,
    /// Empty once whoever it is about has been erased.
    pub subject: String,
    /// Of the last attempt; empty if there was none.
    pub error: String,
}

/// One copy, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxCopy {
    pub id: MessageCopyId,
    pub kind: MessageKind,
    pub state: CopyState,
    pub created_at: DateTime<Utc>,
    pub sent_at: Option<DateTime<Utc>>,
    pub due_at: DateTime<Utc>,
    pub attempts: i32,
    /// These as in [`OutboxRow`].
    pub address: String,
    pub subject: String,
    pub body: String,
    pub error: String,
}

/// The newest copies, of one state or all, to or about one client or all, 50 a
/// page. Administrators only.
pub async fn outbox(
    pool: &PgPool,
    actor: &Actor,
    state: Option<CopyState>,
    client: Option<ClientNumber>,
    page: u32,
) -> Result<Page<OutboxRow>> {
    actor.administrator()?;
    let page = page.clamp(1, 1_000_000);
    let state = state.map(CopyState::as_str);
    let client = match client {
        Some(number) => {
            let id =
                sqlx::query_scalar!("select id from client where number = $1", number.0).fetch_optional(pool).await?;
            Some(id.ok_or(Error::Refused(Refusal::NotFound))?)
        }
        None => None,
    };
    let rows = sqlx::query_as!(
        OutboxRow,
        r#"select id as "id: MessageCopyId", state as "state: CopyState", created_at, sent_at,
                  case when address = id::text::citext then '' else address::text end as "address!", subject, error
             from message_copy
            where ($1::text is null or state = $1)
              and ($4::uuid is null or client_id = $4 or about_id = $4)
            order by created_at desc, id
            limit $2 offset $3"#,
        state,
        i64::from(PAGE_SIZE),
        i64::from((page - 1) * PAGE_SIZE),
        client
    )
    .fetch_all(pool)
    .await?;
    let total = sqlx::query_scalar!(
        r#"select count(*) as "count!" from (
               select 1 from message_copy
                where ($1::text is null or state = $1)
                  and ($3::uuid is null or client_id = $3 or about_id = $3)
                limit $2) counted"#,
        state,
        i64::from(Page::<OutboxRow>::COUNT_MAX + 1),
        client
    )
    .fetch_one(pool)
    .await?;
    Ok(Page { rows, page, page_size: PAGE_SIZE, total: total as u32 })
}

/// One copy. Administrators only, and the reading is on record: a kept mail
/// may hold a link that lets somebody in. While it waits to be sent the link
/// does not show.
pub async fn outbox_copy(pool: &PgPool, actor: &Actor, id: MessageCopyId) -> Result<OutboxCopy> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    let mut copy = sqlx::query_as!(
        OutboxCopy,
        r#"select y.id as "id: MessageCopyId", m.kind as "kind: MessageKind", y.state as "state: CopyState",
                  y.created_at, y.sent_at, y.due_at, y.attempts,
                  case when y.address = y.id::text::citext then '' else y.address::text end as "address!",
                  y.subject, y.body, y.error
             from message_copy y join message m on m.id = y.message_id
            where y.id = $1"#,
        id.0
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    if copy.kind.is_security() && copy.state == CopyState::Queued {
        copy.body = without_secrets(&copy.body, "link hidden");
    }
    audit::append(&mut tx, actor, "read", "message_copy", id, &[]).await?;
    tx.commit().await?;
    Ok(copy)
}
