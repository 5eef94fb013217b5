//! What a server does for imports beside answering: dry runs, imports and
//! undoing, one at a time in the whole database; and clearing old files.
//!
//! The work holds an advisory lock in a transaction of its own for as long as
//! it takes. Should the server stop, the lock is gone with its connection, and
//! the work is begun again by whichever server looks next: nothing of an import
//! was committed, and a dry run is the same twice.
//!
//! Progress is written by another connection, and so are the codes that the import takes.

use super::view::{Import, State, find};
use super::{check, run, undo};
use crate::locks::{self, Purpose};
use crate::{Error, PgPool, Result};
use shared::ImportId;
use sqlx::{PgConnection, Postgres, Transaction};

/// So often a work is begun before it is given up.
const ATTEMPTS_MAX: i32 = 3;

/// How a work ended.
pub(super) enum End {
    Done,
    /// Someone asked to stop.
    Stopped,
    /// What the dry run found is not so any more.
    Changed,
}

/// Does the next piece of work; `false` when there is none, or another server
/// is at work.
pub async fn work(pool: &PgPool) -> Result<bool> {
    let mut guard = pool.begin().await?;
    patient(&mut guard).await?;
    if !locks::try_lock(&mut guard, Purpose::Import, "import").await? {
        return Ok(false);
    }
    let next = sqlx::query_scalar!(
        r#"update import set attempts = attempts + 1
            where id = (select id from import where state in ('checking', 'importing', 'undoing') order by created_at, id limit 1)
        returning id as "id: ImportId""#
    )
    .fetch_optional(pool)
    .await?;
    let Some(id) = next else {
        guard.rollback().await?;
        return Ok(false);
    };
    let import = find(pool, id).await?;
    if import.attempts > ATTEMPTS_MAX {
        guard.rollback().await?;
        give_up(pool, &import, "failed").await?;
        return Ok(true);
    }
    match begin(pool, guard, &import).await {
        Ok(End::Done) => {}
        Ok(End::Stopped) => give_up(pool, &import, "stopped").await?,
        Ok(End::Changed) => give_up(pool, &import, "changed").await?,
        // The connection may be back when it is tried again.
        Err(Error::Database(error)) if is_passing(&error) => return Err(error.into()),
        Err(error) => {
            tracing::error!(%error, import = %id, "an import failed");
            give_up(pool, &import, "failed").await?;
        }
    }
    Ok(true)
}

async fn begin(pool: &PgPool, mut guard: Transaction<'static, Postgres>, import: &Import) -> Result<End> {
    let end = match import.state {
        _ if import.stopping => Ok(End::Stopped),
        // The guard stands idle until the end.
        State::Checking => check::run(pool, import).await,
        State::Importing => run::run(pool, &mut guard, import).await,
        State::Undoing => undo::run(pool, &mut guard, import).await,
        _ => Ok(End::Done),
    };
    // Right away, not when the pool gets to it: the next worker finds the lock free.
    match end {
        Ok(End::Done) => guard.commit().await?,
        _ => guard.rollback().await?,
    }
    end
}

fn is_passing(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => true,
        // Deadlock, serialisation, a lock not had; the server is going down.
        sqlx::Error::Database(error) => {
            matches!(error.code().as_deref(), Some("40P01" | "40001" | "55P03" | "57P01" | "57P02" | "57P03"))
        }
        _ => false,
    }
}

/// Back to where someone can decide, saying why.
async fn give_up(pool: &PgPool, import: &Import, failure: &str) -> Result<()> {
    let back = match import.state {
        State::Checking => State::Mapping,
        State::Importing => State::Checked,
        _ => State::Done,
    };
    sqlx::query!(
        "update import set state = $2, trouble = $3, stopping = false, attempts = 0, version = version + 1
          where id = $1 and state = $4",
        import.id.0,
        back.as_str(),
        failure,
        import.state.as_str()
    )
    .execute(pool)
    .await?;
    sqlx::query!("delete from import_code where import_id = $1", import.id.0).execute(pool).await?;
    Ok(())
}

/// Without the limits that web traffic has; for this transaction only.
async fn patient(conn: &mut PgConnection) -> Result<()> {
    sqlx::query!(
        "select set_config('statement_timeout', '0', true) as one, set_config('lock_timeout', '30s', true) as two,
                set_config('idle_in_transaction_session_timeout', '0', true) as three"
    )
    .fetch_one(conn)
    .await?;
    Ok(())
}

/// Says how far the work is, outside of its transaction; `true`: it is to stop.
pub(super) async fn progress(pool: &PgPool, id: ImportId, rows: i32) -> Result<bool> {
    let stopping = sqlx::query_scalar!("update import set done_rows = $2 where id = $1 returning stopping", id.0, rows);
    Ok(stopping.fetch_optional(pool).await?.unwrap_or(true))
}

/// Deletes the rows of files that no one has dealt with for seven days, and
/// what names people of those that were imported then.
pub async fn tidy(pool: &PgPool) -> Result<()> {
    sqlx::query!(
        "delete from import
          where state in ('mapping', 'checked', 'discarded', 'undone') and created_at < now() - interval '7 days'
            and not exists (select from client c where c.import_id = import.id)"
    )
    .execute(pool)
    .await?;
    sqlx::query!(
        "update import set file_name = '' where state = 'done' and file_name <> '' and created_at < now() - interval '7 days'"
    )
    .execute(pool)
    .await?;
    sqlx::query!("delete from import_memory where used_at < now() - interval '2 years'").execute(pool).await?;
    Ok(())
}
