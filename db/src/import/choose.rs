//! What someone decides after the dry run.

use super::setup::lock;
use super::view::{Import, State};
use crate::{Actor, Result};
use serde::{Deserialize, Serialize};
use shared::import::{Duplicates, Households};
use shared::{ImportId, Problem, Refusal};
use sqlx::PgPool;

/// The rows that a page showed, and those of them that are ticked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TickForm {
    pub duplicates: String,
    /// Lines of the file.
    pub shown: Vec<i32>,
    pub ticked: Vec<i32>,
}

/// What becomes of likely duplicates, and of the rows of one page. Rows that
/// are wrong, or here already, cannot be ticked.
pub async fn choose(pool: &PgPool, actor: &Actor, id: ImportId, form: &TickForm) -> Result<()> {
    actor.front_desk()?;
    let mut tx = pool.begin().await?;
    let import = lock(&mut tx, id).await?;
    if import.state != State::Checked {
        return Err(Refusal::Stale.into());
    }
    let duplicates = match form.duplicates.as_str() {
        "" => import.duplicates,
        word => word.parse::<Duplicates>().map_err(|problem| Refusal::field("duplicates", problem))?,
    };
    let changes = duplicates != import.duplicates;
    sqlx::query!("update import set duplicates = $2 where id = $1", id.0, duplicates.as_str())
        .execute(&mut *tx)
        .await?;
    // A choice for all duplicates takes back what was ticked of them one by one.
    if changes {
        sqlx::query!("update import_row set wanted = null where import_id = $1 and outcome = 'duplicate'", id.0)
            .execute(&mut *tx)
            .await?;
    }
    sqlx::query!(
        "update import_row set wanted = (line = any ($3))
          where import_id = $1 and line = any ($2) and outcome in ('ok', 'duplicate')
            and not ($4 and outcome = 'duplicate')",
        id.0,
        &form.shown,
        &form.ticked,
        changes
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Asks for the import. `without_bad`: rows with problems are left out; while
/// there are any, that must be said. Submitted twice it is the same.
/// `families`: what becomes of households that are here already, if there are any.
pub async fn start(pool: &PgPool, actor: &Actor, id: ImportId, without_bad: bool, families: &str) -> Result<()> {
    let staff = actor.front_desk()?.staff().id();
    let mut tx = pool.begin().await?;
    let import = lock(&mut tx, id).await?;
    if matches!(import.state, State::Importing | State::Done) {
        return Ok(());
    }
    if import.state != State::Checked {
        return Err(Refusal::Stale.into());
    }
    // Words for the lists are an administrator's, no matter who mapped the columns.
    if import.setup.as_ref().is_some_and(|setup| setup.new_terms) {
        actor.administrator()?;
    }
    let counts = counts(&mut tx, &import).await?;
    if counts.bad > 0 && !without_bad {
        return Err(Refusal::field("without_bad", Problem::Required).into());
    }
    if counts.wanted == 0 {
        return Err(Refusal::field("without_bad", Problem::NobodyToImport).into());
    }
    let families: Households = match families {
        "" if import.families_here == 0 => Households::Join,
        "" => return Err(Refusal::field("families", Problem::Required).into()),
        word => word.parse().map_err(|problem| Refusal::field("families", problem))?,
    };
    sqlx::query!("update import set families = $2 where id = $1", id.0, families.as_str()).execute(&mut *tx).await?;
    work(&mut tx, &import, State::Importing, staff.0).await?;
    tx.commit().await?;
    Ok(())
}

/// Stops what a server is doing; nothing of it is kept.
pub async fn stop(pool: &PgPool, actor: &Actor, id: ImportId) -> Result<()> {
    actor.front_desk()?;
    let mut tx = pool.begin().await?;
    let import = lock(&mut tx, id).await?;
    if import.state.is_working() {
        sqlx::query!("update import set stopping = true where id = $1", id.0).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Back to the columns, after a dry run.
pub async fn remap(pool: &PgPool, actor: &Actor, id: ImportId) -> Result<()> {
    actor.front_desk()?;
    let mut tx = pool.begin().await?;
    let import = lock(&mut tx, id).await?;
    match import.state {
        State::Mapping => return Ok(()),
        State::Checked => {}
        _ => return Err(Refusal::Stale.into()),
    }
    sqlx::query!("update import set state = 'mapping', trouble = '', version = version + 1 where id = $1", id.0)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Forgets the file and its rows right away.
pub async fn discard(pool: &PgPool, actor: &Actor, id: ImportId) -> Result<()> {
    actor.front_desk()?;
    let mut tx = pool.begin().await?;
    let import = lock(&mut tx, id).await?;
    match import.state {
        State::Discarded => return Ok(()),
        State::Mapping | State::Checked => {}
        _ => return Err(Refusal::Stale.into()),
    }
    sqlx::query!("delete from import_row where import_id = $1", id.0).execute(&mut *tx).await?;
    sqlx::query!(
        "update import set state = 'discarded', headings = '{}', looks = '[]', setup = null, file_name = '', trouble = '',
                version = version + 1
          where id = $1",
        id.0
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Asks for an import to be undone; a server finds out whether it can be.
pub async fn undo(pool: &PgPool, actor: &Actor, id: ImportId) -> Result<()> {
    let staff = actor.front_desk()?.staff().id();
    let mut tx = pool.begin().await?;
    let import = lock(&mut tx, id).await?;
    match import.state {
        State::Undoing | State::Undone => return Ok(()),
        State::Done => {}
        _ => return Err(Refusal::Stale.into()),
    }
    work(&mut tx, &import, State::Undoing, staff.0).await?;
    tx.commit().await?;
    Ok(())
}

async fn work(conn: &mut sqlx::PgConnection, import: &Import, state: State, by: uuid::Uuid) -> Result<()> {
    sqlx::query!(
        "update import
            set state = $2, started_by = $3, done_rows = 0, attempts = 0, stopping = false, trouble = '', version = version + 1
          where id = $1",
        import.id.0,
        state.as_str(),
        by
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// How many rows have which outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub ok: i64,
    pub bad: i64,
    /// Their codes are clients' already.
    pub here: i64,
    pub duplicate: i64,
    /// Those that an import would take.
    pub wanted: i64,
}

pub(super) async fn counts(conn: &mut sqlx::PgConnection, import: &Import) -> Result<Counts> {
    Ok(sqlx::query_as!(
        Counts,
        r#"select count(*) filter (where outcome = 'ok') as "ok!", count(*) filter (where outcome = 'bad') as "bad!",
                  count(*) filter (where outcome = 'here') as "here!",
                  count(*) filter (where outcome = 'duplicate') as "duplicate!",
                  count(*) filter (where outcome = 'ok' and wanted is not false
                                      or outcome = 'duplicate' and coalesce(wanted, $2)) as "wanted!"
             from import_row where import_id = $1"#,
        import.id.0,
        import.takes_duplicates()
    )
    .fetch_one(conn)
    .await?)
}
