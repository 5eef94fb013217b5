//! What the columns of a file become: said on a page, and remembered for the
//! next file with the same headings.

use super::targets::{Targets, targets};
use super::view::{Import, State, find};
use crate::{Actor, Result};
use sha2::{Digest, Sha256};
use shared::clients::columns::ColumnKey;
use shared::import::{DateGuess, ImportForm, Target, guess, headings_key};
use shared::{FieldId, ImportId, Problem, Refusal};
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};

/// Saves how the file is to be read, and asks for a dry run. Saved again while
/// that is waiting or under way, it is the same.
pub async fn map(pool: &PgPool, actor: &Actor, id: ImportId, form: ImportForm) -> Result<()> {
    let staff = actor.front_desk()?.staff();
    let targets = targets(pool, actor).await?;
    let mut tx = pool.begin().await?;
    let import = lock(&mut tx, id).await?;
    let details = form.parse(import.headings.len(), &targets.all())?;
    if details.new_terms && actor.administrator().is_err() {
        tracing::debug!(staff = %staff.id(), "words for lists are an administrator's");
        return Err(Refusal::field("new_terms", Problem::Unknown).into());
    }
    if form.date_format.is_empty() && form.dates(&import.looks, &date_fields(&mut tx).await?).is_open() {
        return Err(Refusal::field("date_format", Problem::Required).into());
    }
    if import.state == State::Checking && import.setup.as_ref() == Some(&form) {
        return Ok(());
    }
    if !matches!(import.state, State::Mapping | State::Checked) || details.version != Some(import.version) {
        return Err(Refusal::Stale.into());
    }
    sqlx::query!(
        "update import set state = 'checking', setup = $2, done_rows = 0, attempts = 0, stopping = false, trouble = '',
                version = version + 1
          where id = $1",
        id.0,
        Json(&form) as _
    )
    .execute(&mut *tx)
    .await?;
    forget_left_out(&mut tx, id, &form).await?;
    remember(&mut tx, &import.headings, form).await?;
    tx.commit().await?;
    Ok(())
}

/// Information fields that hold dates.
async fn date_fields(conn: &mut PgConnection) -> Result<Vec<FieldId>> {
    Ok(sqlx::query_scalar!(r#"select id as "id: FieldId" from client_field where kind = 'date'"#)
        .fetch_all(conn)
        .await?)
}

/// In which order the dates of a file probably are, as the form maps its columns.
pub async fn dates(pool: &PgPool, actor: &Actor, import: &Import, form: &ImportForm) -> Result<DateGuess> {
    actor.front_desk()?;
    let mut conn = pool.acquire().await?;
    Ok(form.dates(&import.looks, &date_fields(&mut conn).await?))
}

/// Where clients are known by code alone, what is left out is not kept.
async fn forget_left_out(conn: &mut PgConnection, id: ImportId, form: &ImportForm) -> Result<()> {
    let taken: Vec<bool> = form.columns.iter().map(|target| !target.is_empty()).collect();
    if taken.iter().all(|taken| *taken)
        || !sqlx::query_scalar!("select code_only from practice").fetch_one(&mut *conn).await?
    {
        return Ok(());
    }
    // A large file takes its time.
    sqlx::query!("select set_config('statement_timeout', '60s', true)").fetch_one(&mut *conn).await?;
    sqlx::query!(
        "update import_row
            set cells = (select coalesce(json_agg(case when ($2::bool[])[at] then cell else '' end order by at), '[]')
                           from json_array_elements_text(cells) with ordinality c (cell, at))
          where import_id = $1",
        id.0,
        &taken
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The import, held against others who change it. The clients an import under way has
/// made refer to it, and do not block it.
pub(super) async fn lock(conn: &mut PgConnection, id: ImportId) -> Result<Import> {
    sqlx::query!("select 1 as one from import where id = $1 for no key update", id.0)
        .fetch_optional(&mut *conn)
        .await?;
    find(conn, id).await
}

fn hash(key: &str) -> Vec<u8> {
    Sha256::digest(key.as_bytes()).to_vec()
}

async fn remember(conn: &mut PgConnection, headings: &[String], form: ImportForm) -> Result<()> {
    let (order, key) = headings_key(headings);
    let columns = order.iter().map(|index| form.columns.get(*index).cloned().unwrap_or_default()).collect();
    // The tag names a day, and the version this file's.
    let kept = ImportForm { columns, tag: String::new(), version: String::new(), ..form };
    sqlx::query!(
        "insert into import_memory (headings, setup) values ($1, $2)
         on conflict (headings) do update set setup = excluded.setup, used_at = now()",
        hash(&key),
        Json(&kept) as _
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What the form begins with, and whether that was remembered: as the last
/// file with these headings was mapped, or else guessed.
pub async fn remembered(
    pool: &PgPool,
    actor: &Actor,
    import: &Import,
    targets: &Targets,
) -> Result<(ImportForm, bool)> {
    actor.front_desk()?;
    let (order, key) = headings_key(&import.headings);
    let stored = sqlx::query!(
        r#"select setup as "setup: Json<ImportForm>",
                  array(select id from client_field f where f.active and f.created_at > m.used_at) as "since!: Vec<FieldId>"
             from import_memory m where headings = $1"#,
        hash(&key)
    )
    .fetch_optional(pool)
    .await?;
    let known = targets.all();
    if let Some(row) = stored {
        let stored = row.setup.0;
        let mut columns = vec![String::new(); order.len()];
        for (place, index) in order.into_iter().enumerate() {
            let word = stored.columns.get(place).cloned().unwrap_or_default();
            // What it meant then may be gone.
            if word.parse().is_ok_and(|target| known.contains(&target)) {
                columns[index] = word;
            }
        }
        // What was left out may have a field of its own name by now.
        for (target, label) in targets.labelled() {
            let Target::Client(ColumnKey::Field(id)) = target else { continue };
            let own =
                import.headings.iter().position(|heading| heading.trim().to_lowercase() == label.trim().to_lowercase());
            let free = own.filter(|_| row.since.contains(&id)).and_then(|index| columns.get_mut(index));
            if let Some(column) = free.filter(|column| column.is_empty()) {
                *column = target.to_string();
            }
        }
        let mut form = ImportForm { columns, ..stored };
        // What this file's own dates say comes before what the last one's did; that
        // is remembered where these say nothing.
        let dates = dates(pool, actor, import, &form).await?;
        if !dates.ambiguous {
            form.date_format = String::new();
        }
        return Ok((form, true));
    }
    let columns = guess(&import.headings, &targets.labelled(), &targets.word);
    let columns = columns.into_iter().map(|target| target.map(|target| target.to_string()).unwrap_or_default());
    Ok((ImportForm { columns: columns.collect(), tagged: true, ..ImportForm::default() }, false))
}
