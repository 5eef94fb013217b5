//! The outbox: what administrators see of mail, also of what was not written and why.

use super::reach::Unwritten;
use super::text::without_secrets;
use crate::{Actor, Error, PgPool, Result, audit};
use chrono::{DateTime, Utc};
use shared::clients::Page;
use shared::messages::{CopyState, MessageKind, WhyNot};
use shared::texts::TextChannel;
use shared::{AppointmentId, ClientNumber, MessageCopyId, Refusal};

/// Rows on a page.
const PAGE_SIZE: u32 = 50;

/// A line of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// `None` of what was never written.
    pub id: Option<MessageCopyId>,
    pub kind: MessageKind,
    pub state: CopyState,
    /// What it is about; `None` of a copy.
    pub appointment: Option<AppointmentId>,
    /// Who was to get it; `None` of a copy.
    pub client: Option<ClientNumber>,
    /// Why no mail goes to them, or no longer.
    pub withheld: Option<WhyNot>,
    /// Why no text message does.
    pub no_text: Option<WhyNot>,
    pub created_at: DateTime<Utc>,
    pub sent_at: Option<DateTime<Utc>>,
    /// Empty once its recipient has been erased; of what was not written their name.
    pub address: String,
    /// Empty of what was not written, and once the person it is about has been erased.
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
    pub channel: TextChannel,
    /// What the sender of text messages reported; empty if nothing.
    pub report: String,
    /// Of one that was withdrawn: why.
    pub withheld: Option<WhyNot>,
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
            let id = sqlx::query_scalar!("select id from client where number = $1", number.get())
                .fetch_optional(pool)
                .await?;
            Some(id.ok_or(Error::Refused(Refusal::NotFound))?)
        }
        None => None,
    };
    let rows = sqlx::query_as!(
        OutboxRow,
        r#"select id as "id?: MessageCopyId", kind as "kind!: MessageKind", state as "state!: CopyState",
                  appointment_id as "appointment?: AppointmentId", number as "client?: ClientNumber",
                  withheld as "withheld?: WhyNot", no_text as "no_text?: WhyNot",
                  created_at as "created_at!", sent_at, address as "address!", subject as "subject!", error as "error!"
             from ((select y.id, m.kind, y.state, null::uuid as appointment_id, null::bigint as number, y.withheld, null::text as no_text,
                           y.created_at, y.sent_at,
                           case when y.address = y.id::text::citext then '' else y.address::text end as address,
                           case when y.channel = 'sms' and y.body <> '' then 'Text message' else y.subject end as subject, y.error
                      from message_copy y join message m on m.id = y.message_id
                     where ($1::text is null or y.state = $1) and y.joined_to is null
                       and ($4::uuid is null or y.client_id = $4 or y.about_id = $4)
                     order by y.created_at desc, y.id
                     limit $2::bigint + $3::bigint)
                   union all
                   (select null, m.kind, 'withheld', m.appointment_id, c.number, w.email, w.text, m.finished_at, null,
                           client_name(c), '', ''
                      from message m
                     cross join lateral jsonb_to_recordset(m.withheld) w (client uuid, email text, text text)
                      join client c on c.id = w.client
                     where m.withheld <> '[]' and m.finished_at is not null and ($1::text is null or $1 = 'withheld')
                       and ($4::uuid is null or c.id = $4)
                     order by m.finished_at desc, m.id
                     limit $2::bigint + $3::bigint)) line
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
               (select 1 from message_copy
                 where ($1::text is null or state = $1) and joined_to is null
                   and ($3::uuid is null or client_id = $3 or about_id = $3)
                 limit $2)
               union all
               (select 1 from message m
                 cross join lateral jsonb_to_recordset(m.withheld) w (client uuid)
                  join client c on c.id = w.client
                 where m.withheld <> '[]' and m.finished_at is not null and ($1::text is null or $1 = 'withheld')
                   and ($3::uuid is null or c.id = $3)
                 limit $2)
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
/// may hold a link that lets someone in. While it waits to be sent the link
/// does not show.
pub async fn outbox_copy(pool: &PgPool, actor: &Actor, id: MessageCopyId) -> Result<OutboxCopy> {
    actor.administrator()?;
    let mut tx = pool.begin().await?;
    let mut copy = sqlx::query_as!(
        OutboxCopy,
        r#"select y.id as "id: MessageCopyId", m.kind as "kind: MessageKind", y.state as "state: CopyState",
                  y.created_at, y.sent_at, y.due_at, y.attempts,
                  case when y.address = y.id::text::citext then '' else y.address::text end as "address!",
                  case when y.channel = 'sms' and y.body <> '' then 'Text message' else y.subject end as "subject!", y.body, y.error,
                  y.channel as "channel: TextChannel", y.report, y.withheld as "withheld: WhyNot"
             from message_copy y join message m on m.id = y.message_id
            where y.id = $1"#,
        id.0
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    if copy.state == CopyState::Queued {
        copy.body = without_secrets(&copy.body, "link hidden");
    }
    audit::append(&mut tx, actor, "read", "message_copy", id, &[]).await?;
    tx.commit().await?;
    Ok(copy)
}

/// Those who were to hear of what this copy tells, and got none. Administrators only.
pub async fn outbox_withheld(pool: &PgPool, actor: &Actor, id: MessageCopyId) -> Result<Vec<Unwritten>> {
    actor.administrator()?;
    Ok(sqlx::query_as!(
        Unwritten,
        r#"select c.number as "number: ClientNumber", client_name(c) as "name!", w.email as "email!: WhyNot", w.text as "text?: WhyNot"
             from message_copy y
             join message m on m.id = y.message_id
            cross join lateral jsonb_to_recordset(m.withheld) w (client uuid, email text, text text)
             join client c on c.id = w.client
            where y.id = $1
            order by c.sort_name, c.id"#,
        id.0
    )
    .fetch_all(pool)
    .await?)
}
