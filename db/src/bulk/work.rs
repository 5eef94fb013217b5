//! Working through changes. A row is claimed, changed and answered in one
//! transaction: any number of servers may work at the same time, and one that stops
//! half-way leaves no row half done.
//!
//! Rows are claimed with `SKIP LOCKED`, and changed by the operation that changes one client,
//! with what the person who started it may do at that moment.

use crate::{Actor, Error, Result, accounts, authz, clients, deletion};
use chrono::{DateTime, Utc};
use shared::bulk::{BulkAction, Outcome};
use shared::clients::Status;
use shared::deletion::BlockerCount;
use shared::{AccountId, BulkId, ClientNumber, Refusal, StaffId, TagId};
use sqlx::{Connection, PgConnection, PgPool};
use std::time::{Duration, Instant};

/// A row that fails for the server's own reasons is tried so often.
const ATTEMPTS_MAX: i16 = 3;

/// Answers the next row of any change; `false` when none waits.
pub async fn work_next(pool: &PgPool) -> Result<bool> {
    let worked = step(pool, None).await?;
    if !worked {
        finish(pool, None).await?;
    }
    Ok(worked)
}

/// Works on one change for a while, so that a change of few rows is answered right away.
pub async fn work_on(pool: &PgPool, id: BulkId, at_most: Duration) -> Result<()> {
    let until = Instant::now() + at_most;
    while Instant::now() < until {
        if !step(pool, Some(id)).await? {
            return finish(pool, Some(id)).await;
        }
    }
    Ok(())
}

/// Changes whose last row has been answered are over.
async fn finish(pool: &PgPool, only: Option<BulkId>) -> Result<()> {
    sqlx::query!(
        "update bulk_change b set state = case b.state when 'running' then 'done' else 'undone' end, finished_at = now()
          where (b.state = 'running' and not exists (
                     select from bulk_target t where t.bulk_id = b.id and t.outcome is null)
              or b.state = 'undoing' and not exists (
                     select from bulk_target t where t.bulk_id = b.id and t.outcome = 'done' and t.undo_outcome is null))
            and ($1::uuid is null or b.id = $1)",
        only.map(|id| id.0)
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// A row that waits, and what is to be done to it.
struct Task {
    bulk: BulkId,
    position: i32,
    number: ClientNumber,
    before: String,
    /// When it was done; `None` of changes made before this was kept.
    done_at: Option<DateTime<Utc>>,
    attempts: i16,
    action: BulkAction,
    status: Option<Status>,
    tag: Option<TagId>,
    practitioner: Option<StaffId>,
    undoing: bool,
    /// Of the person who answers for it: who started it, or who undoes it.
    account: Option<AccountId>,
}

async fn claim(conn: &mut PgConnection, only: Option<BulkId>) -> Result<Option<Task>> {
    Ok(sqlx::query_as!(
        Task,
        r#"select t.bulk_id as "bulk: BulkId", t.position, t.number as "number: ClientNumber", t.before, t.done_at, t.attempts,
                  b.action as "action: BulkAction", b.status as "status: Status", b.tag_id as "tag: TagId",
                  b.practitioner_id as "practitioner: StaffId", b.state = 'undoing' as "undoing!",
                  (select a.id from account a where a.staff_id = case b.state when 'undoing' then b.undo_by else b.staff_id end)
                      as "account: AccountId"
             from bulk_change b join bulk_target t on t.bulk_id = b.id
            where (b.state = 'running' and t.outcome is null
                or b.state = 'undoing' and t.outcome = 'done' and t.undo_outcome is null)
              and ($1::uuid is null or b.id = $1)
            order by b.created_at, b.id, t.position limit 1
              for update of t skip locked"#,
        only.map(|id| id.0)
    )
    .fetch_optional(conn)
    .await?)
}

/// What became of a row: the outcome, why, and what was before.
type Answer = (Outcome, String, String);

async fn step(pool: &PgPool, only: Option<BulkId>) -> Result<bool> {
    let mut tx = pool.begin().await?;
    let Some(task) = claim(&mut tx, only).await? else { return Ok(false) };
    let refused = |words: String| (Outcome::Refused, words, task.before.clone());
    let answer = match acting(&mut tx, &task).await? {
        None => refused("The person who started this can’t log in any more.".to_owned()),
        Some(actor) => {
            // What a refused operation wrote is taken back; the claim stays.
            let mut attempt = tx.begin().await?;
            let done = if task.undoing {
                take_back(&mut attempt, &actor, &task).await
            } else {
                change(&mut attempt, &actor, &task).await
            };
            match done {
                Ok(answer) => {
                    attempt.commit().await?;
                    answer
                }
                Err(Error::Refused(refusal)) => {
                    attempt.rollback().await?;
                    refused(words(&refusal))
                }
                Err(error) if task.attempts + 1 < ATTEMPTS_MAX => {
                    drop(attempt);
                    tx.rollback().await?;
                    return again(pool, &task, error).await;
                }
                Err(error) => {
                    drop(attempt);
                    tx.rollback().await?;
                    tracing::error!(%error, bulk = %task.bulk, "a row was given up");
                    let mut tx = pool.begin().await?;
                    note(&mut tx, &task, &refused(Refusal::Internal.to_string())).await?;
                    tx.commit().await?;
                    return Ok(true);
                }
            }
        }
    };
    note(&mut tx, &task, &answer).await?;
    tx.commit().await?;
    Ok(true)
}

/// Counts a failed attempt; the row is tried again.
async fn again(pool: &PgPool, task: &Task, error: Error) -> Result<bool> {
    if !error.is_transient() {
        tracing::error!(%error, bulk = %task.bulk, "a row failed");
    }
    sqlx::query!(
        "update bulk_target set attempts = attempts + 1 where bulk_id = $1 and position = $2",
        task.bulk.0,
        task.position
    )
    .execute(pool)
    .await?;
    Ok(true)
}

/// Who answers for it, with what they may do now; `None`: they may do nothing. Asked
/// over the connection that holds the claim: several workers that each waited for
/// a second one would use up the pool.
async fn acting(conn: &mut PgConnection, task: &Task) -> Result<Option<Actor>> {
    match task.account {
        // Who began it gave their password where that is asked for.
        Some(account) => Ok(Actor::load(conn, account).await?.map(|actor| actor.confirmed_now(true))),
        None => Ok(None),
    }
}

async fn change(conn: &mut PgConnection, actor: &Actor, task: &Task) -> Result<Answer> {
    let gone = || Refusal::field("tag", shared::Problem::Unknown);
    let outcome = |changed| if changed { Outcome::Done } else { Outcome::Nothing };
    let number = task.number;
    let mut before = String::new();
    let outcome = match task.action {
        BulkAction::Status => {
            let status = task.status.ok_or_else(gone)?;
            let was = clients::set_status_in(conn, actor, number, status).await?;
            before = was.as_str().to_owned();
            outcome(was != status)
        }
        BulkAction::AddTag | BulkAction::RemoveTag => {
            let tag = task.tag.ok_or_else(gone)?;
            outcome(clients::set_tag_in(conn, actor, number, tag, task.action == BulkAction::AddTag).await?)
        }
        BulkAction::Assign | BulkAction::Unassign => {
            let practitioner = task.practitioner.ok_or_else(gone)?;
            let on = task.action == BulkAction::Assign;
            outcome(clients::set_practitioner_in(conn, actor, number, practitioner, on).await?)
        }
        BulkAction::SendReset => {
            accounts::send_reset_in(conn, actor, number).await?;
            Outcome::Done
        }
        BulkAction::Delete => {
            let blockers = deletion::delete_in(conn, actor, number).await?;
            if !blockers.is_empty() {
                let listed = blockers.iter().map(BlockerCount::to_string).collect::<Vec<_>>().join(", ");
                return Ok((Outcome::Refused, format!("Referred to by: {listed}."), before));
            }
            Outcome::Done
        }
    };
    Ok((outcome, String::new(), before))
}

/// Puts a row back as it was, unless someone has changed it since.
async fn take_back(conn: &mut PgConnection, actor: &Actor, task: &Task) -> Result<Answer> {
    let since = || (Outcome::Refused, "Changed since; left as it is.".to_owned(), String::new());
    let done = || (Outcome::Done, String::new(), String::new());
    let gone = || Refusal::NotFound;
    if decided_since(conn, task).await? {
        return Ok(since());
    }
    let back = match task.action {
        BulkAction::Status => {
            let (set, before) = (task.status.ok_or_else(gone)?, task.before.parse().map_err(|_| Refusal::NotFound)?);
            let client = authz::administrable(conn, actor, task.number).await?.id();
            let is = clients::lock_to_become(conn, client, Some(before)).await?;
            is == set && clients::set_status_in(conn, actor, task.number, before).await? == set
        }
        BulkAction::AddTag | BulkAction::RemoveTag => {
            let tag = task.tag.ok_or_else(gone)?;
            clients::set_tag_in(conn, actor, task.number, tag, task.action == BulkAction::RemoveTag).await?
        }
        BulkAction::Assign | BulkAction::Unassign => {
            let practitioner = task.practitioner.ok_or_else(gone)?;
            let on = task.action == BulkAction::Unassign;
            clients::set_practitioner_in(conn, actor, task.number, practitioner, on).await?
        }
        BulkAction::SendReset | BulkAction::Delete => return Err(Refusal::Forbidden.into()),
    };
    Ok(if back { done() } else { since() })
}

/// Whether someone has decided on the same since, even the same. A tag or a
/// practitioner that is still the one this change gave is beyond doubt. Else every
/// line of the audit since must be this change's own, or that of another change of
/// many: on something else, or taken back.
async fn decided_since(conn: &mut PgConnection, task: &Task) -> Result<bool> {
    let Some(done_at) = task.done_at else { return Ok(false) };
    let (field, actions) = match task.action {
        BulkAction::Status => ("status", [BulkAction::Status, BulkAction::Status]),
        BulkAction::AddTag | BulkAction::RemoveTag => ("tags", [BulkAction::AddTag, BulkAction::RemoveTag]),
        BulkAction::Assign | BulkAction::Unassign => ("practitioners", [BulkAction::Assign, BulkAction::Unassign]),
        BulkAction::SendReset | BulkAction::Delete => return Ok(false),
    };
    Ok(sqlx::query_scalar!(
        r#"with here as (select id from client where number = $1),
           others as (
               select o.done_at, o.undone_at, o.undo_outcome is distinct from 'done' and o.done_at > $3
                          and b.tag_id is not distinct from $6 and b.practitioner_id is not distinct from $7 as decides
                 from bulk_target o join bulk_change b on b.id = o.bulk_id
                where o.number = $1 and o.bulk_id <> $2 and o.outcome = 'done' and b.action = any ($5))
           select not exists (select from client_tag t join here on here.id = t.client_id
                               where $8 = 'add_tag' and t.tag_id = $6 and t.added_at = $3)
              and not exists (select from client_practitioner a join here on here.id = a.client_id
                               where $8 = 'assign' and a.practitioner_id = $7 and a.assigned_at = $3)
              and (exists (select from others where decides)
                   or (select count(*) from audit a join here on here.id = a.record_id
                        where a.at >= $3 and $4 = any (a.fields))
                      > 1 + (select count(*) filter (where done_at > $3) + count(*) filter (where undone_at > $3) from others))
                  as "decided!""#,
        task.number.get(),
        task.bulk.0,
        done_at,
        field,
        &actions.map(|action| action.as_str().to_owned()),
        task.tag.map(|tag| tag.0),
        task.practitioner.map(|practitioner| practitioner.0),
        task.action.as_str()
    )
    .fetch_one(conn)
    .await?)
}

/// The refusal in words for one client; a field's problem says more than that
/// there is one.
fn words(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Invalid(errors) => {
            errors.0.iter().map(|(_, problem)| problem.to_string()).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    }
}

async fn note(conn: &mut PgConnection, task: &Task, (outcome, reason, before): &Answer) -> Result<()> {
    if task.undoing {
        sqlx::query!(
            "update bulk_target set undo_outcome = $3, undo_reason = $4, undone_at = now() where bulk_id = $1 and position = $2",
            task.bulk.0,
            task.position,
            outcome.as_str(),
            reason
        )
        .execute(conn)
        .await?;
    } else {
        sqlx::query!(
            "update bulk_target set outcome = $3, reason = $4, before = $5, done_at = now() where bulk_id = $1 and position = $2",
            task.bulk.0,
            task.position,
            outcome.as_str(),
            reason,
            before
        )
        .execute(conn)
        .await?;
    }
    Ok(())
}
