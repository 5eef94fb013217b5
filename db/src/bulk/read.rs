//! What the page of a change shows.

use crate::{Actor, Error, Result};
use chrono::{DateTime, Utc};
use shared::bulk::{BulkAction, BulkState, Outcome, Progress};
use shared::clients::{Page, Status};
use shared::{BulkId, ClientNumber, Problem, Refusal};
use sqlx::PgPool;

/// Rows on a page.
const PAGE_SIZE: u32 = 100;

/// How many rows came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub total: u32,
    pub done: u32,
    pub nothing: u32,
    pub refused: u32,
    pub undone: u32,
    /// Of those to be undone, changed since.
    pub kept: u32,
}

/// A change as its page shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkView {
    pub id: BulkId,
    pub action: BulkAction,
    pub state: BulkState,
    /// Which status, tag or practitioner.
    pub label: String,
    pub back: String,
    pub by: String,
    /// Whether the viewer started it.
    pub own: bool,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    pub counts: Counts,
    /// Of a change that waits to be confirmed: how many will be refused, as far as is known now.
    pub cannot: u32,
    pub rows: Page<BulkRow>,
}

/// One client and the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkRow {
    pub number: ClientNumber,
    /// `None` for a client who is gone, or not visible to the viewer.
    pub name: Option<String>,
    pub outcome: Option<Outcome>,
    pub reason: String,
    /// The change waits to be confirmed, and will be refused to this client.
    pub cannot: bool,
    pub undo_outcome: Option<Outcome>,
    pub undo_reason: String,
}

/// A change with a page of its rows, those refused first; `outcome`: only
/// these. To the person who started it, and administrators.
pub async fn show(pool: &PgPool, actor: &Actor, id: BulkId, outcome: Option<Outcome>, page: u32) -> Result<BulkView> {
    let staff = actor.staff()?;
    let page = page.clamp(1, 1_000);
    let head = sqlx::query!(
        r#"select b.action as "action: BulkAction", b.state as "state: BulkState", b.status as "status: Status", b.label, b.back, b.created_at, b.finished_at,
                  s.first_name || ' ' || s.last_name as "by!", b.staff_id = $2 as "own!"
             from bulk_change b join staff_member s on s.id = b.staff_id
            where b.id = $1 and (b.staff_id = $2 or $3)"#,
        id.0,
        staff.id().0,
        actor.administrator().is_ok()
    )
    .fetch_optional(pool)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    let counts = counts(pool, id).await?;
    let waits = head.state == BulkState::Draft && head.status == Some(Status::Prospect);
    let cannot = if waits { cannot(pool, id).await? } else { 0 };
    let rows = sqlx::query!(
        r#"select t.number as "number: ClientNumber", t.outcome as "outcome: Outcome", t.reason,
                  t.undo_outcome as "undo_outcome: Outcome", t.undo_reason, client_name(c) as "name?",
                  $6 and coalesce(c.status <> 'prospect' and client_was_used(c.id), false) as "cannot!"
             from bulk_target t
             left join client c on c.number = t.number and ($2::uuid is null or exists (
                 select from client_practitioner a where a.client_id = c.id and a.practitioner_id = $2))
            where t.bulk_id = $1 and ($3::text is null or t.outcome = $3)
            order by "cannot!" desc, (t.undo_outcome = 'refused') desc nulls last, (t.outcome = 'refused') desc nulls last, t.position
            limit $4 offset $5"#,
        id.0,
        staff.scope(),
        outcome.map(Outcome::as_str),
        i64::from(PAGE_SIZE),
        i64::from((page - 1) * PAGE_SIZE),
        waits
    )
    .fetch_all(pool)
    .await?;
    let rows = rows.into_iter().map(|row| BulkRow {
        number: row.number,
        name: row.name,
        outcome: row.outcome,
        reason: if row.cannot { Problem::NeverUsed.to_string() } else { row.reason },
        cannot: row.cannot,
        undo_outcome: row.undo_outcome,
        undo_reason: row.undo_reason,
    });
    let total = match outcome {
        None => counts.total,
        Some(Outcome::Done) => counts.done,
        Some(Outcome::Nothing) => counts.nothing,
        Some(Outcome::Refused) => counts.refused,
    };
    Ok(BulkView {
        id,
        action: head.action,
        state: head.state,
        label: head.label,
        back: head.back,
        by: head.by,
        own: head.own,
        created_at: head.created_at,
        finished_at: head.finished_at,
        counts,
        cannot,
        rows: Page { rows: rows.collect(), page, page_size: PAGE_SIZE, total },
    })
}

/// How far a change has come. To the person who started it, and administrators.
pub async fn progress(pool: &PgPool, actor: &Actor, id: BulkId) -> Result<Progress> {
    let staff = actor.staff()?;
    let state = sqlx::query_scalar!(
        r#"select state as "state: BulkState" from bulk_change where id = $1 and (staff_id = $2 or $3)"#,
        id.0,
        staff.id().0,
        actor.administrator().is_ok()
    )
    .fetch_optional(pool)
    .await?
    .ok_or(Error::Refused(Refusal::NotFound))?;
    Ok(counts(pool, id).await?.progress(state))
}

impl Counts {
    /// Of the rows that are to be answered: how many are.
    pub fn progress(&self, state: BulkState) -> Progress {
        let under_way = matches!(state, BulkState::Running | BulkState::Undoing);
        let (answered, total) = match state {
            BulkState::Undoing | BulkState::Undone => (self.undone + self.kept, self.done),
            _ => (self.done + self.nothing + self.refused, self.total),
        };
        Progress { answered, total, under_way }
    }
}

/// How many of a change to prospects can be no prospects any more.
async fn cannot(pool: &PgPool, id: BulkId) -> Result<u32> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from bulk_target t join client c on c.number = t.number
            where t.bulk_id = $1 and c.status <> 'prospect' and client_was_used(c.id)"#,
        id.0
    );
    Ok(count.fetch_one(pool).await? as u32)
}

async fn counts(pool: &PgPool, id: BulkId) -> Result<Counts> {
    let row = sqlx::query!(
        r#"select count(*) as "total!", count(*) filter (where outcome = 'done') as "done!",
                  count(*) filter (where outcome = 'nothing') as "nothing!",
                  count(*) filter (where outcome = 'refused') as "refused!",
                  count(*) filter (where undo_outcome = 'done') as "undone!",
                  count(*) filter (where undo_outcome = 'refused') as "kept!"
             from bulk_target where bulk_id = $1"#,
        id.0
    )
    .fetch_one(pool)
    .await?;
    Ok(Counts {
        total: row.total as u32,
        done: row.done as u32,
        nothing: row.nothing as u32,
        refused: row.refused as u32,
        undone: row.undone as u32,
        kept: row.kept as u32,
    })
}
