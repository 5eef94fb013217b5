//! Imports as pages show them.

use super::Looks;
use super::plan::CHUNK;
use crate::{Actor, Error, PgPool, Result};
use chrono::{DateTime, Utc};
use shared::import::{DateLook, Duplicates, Households, ImportForm, Row};
use shared::{ImportId, Refusal};
use sqlx::types::Json;
use sqlx::{PgConnection, PgExecutor};

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Someone is saying what the columns are.
    Mapping,
    Checking,
    /// The dry run is done.
    Checked,
    Importing,
    Done,
    Undoing,
    Undone,
    Discarded,
}

impl State {
    pub const fn as_str(self) -> &'static str {
        match self {
            State::Mapping => "mapping",
            State::Checking => "checking",
            State::Checked => "checked",
            State::Importing => "importing",
            State::Done => "done",
            State::Undoing => "undoing",
            State::Undone => "undone",
            State::Discarded => "discarded",
        }
    }

    pub(super) fn stored(word: &str) -> State {
        use State::*;
        let all = [Mapping, Checking, Checked, Importing, Done, Undoing, Undone];
        all.into_iter().find(|state| state.as_str() == word).unwrap_or(Discarded)
    }

    /// A server works on it.
    pub const fn is_working(self) -> bool {
        matches!(self, State::Checking | State::Importing | State::Undoing)
    }

    /// Its rows are still here.
    pub const fn has_rows(self) -> bool {
        matches!(self, State::Mapping | State::Checking | State::Checked | State::Importing)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    pub id: ImportId,
    /// Who uploaded it.
    pub staff_name: String,
    pub file_name: String,
    pub encoding: String,
    pub headings: Vec<String>,
    pub looks: Vec<DateLook>,
    pub row_count: i32,
    pub state: State,
    /// `None` while no one has mapped its columns.
    pub setup: Option<ImportForm>,
    pub duplicates: Duplicates,
    pub families: Households,
    /// How many of the families that rows name are here already.
    pub families_here: i32,
    /// Of the work under way, or that was done last.
    pub done_rows: i32,
    pub stopping: bool,
    pub(super) attempts: i32,
    /// Why the last work ended without success: a word; else empty.
    pub failure: String,
    pub client_count: i32,
    /// After the dry run: how many the rows name, but for those of clients who are here.
    pub parent_count: i32,
    /// As [`Import::parent_count`].
    pub family_count: i32,
    pub tag: Option<shared::TagId>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

impl Import {
    /// Whether likely duplicates are imported unless they are unticked.
    pub fn takes_duplicates(&self) -> bool {
        self.duplicates == Duplicates::Import
    }
}

macro_rules! imports {
    ($tail:literal, $($argument:expr),*) => {
        sqlx::query!(
            r#"select i.id as "id: ImportId", s.first_name || ' ' || s.last_name as "staff_name!", i.file_name, i.encoding,
                      i.headings, i.looks as "looks: Looks", i.row_count, i.state, i.setup as "setup: Json<ImportForm>",
                      i.duplicates as "duplicates: Duplicates", i.families as "families: Households", i.families_here,
                      i.done_rows, i.stopping, i.attempts, i.trouble, i.client_count,
                      i.parent_count, i.family_count, i.tag_id as "tag: shared::TagId", i.version, i.created_at, i.finished_at
                 from import i join staff_member s on s.id = i.staff_id "# + $tail,
            $($argument),*
        )
    };
}

macro_rules! import {
    ($row:ident) => {
        Import {
            id: $row.id,
            staff_name: $row.staff_name,
            file_name: $row.file_name,
            encoding: $row.encoding,
            headings: $row.headings,
            looks: $row.looks.0,
            row_count: $row.row_count,
            state: State::stored(&$row.state),
            setup: $row.setup.map(|setup| setup.0),
            duplicates: $row.duplicates,
            families: $row.families,
            families_here: $row.families_here,
            done_rows: $row.done_rows,
            stopping: $row.stopping,
            attempts: $row.attempts,
            failure: $row.trouble,
            client_count: $row.client_count,
            parent_count: $row.parent_count,
            family_count: $row.family_count,
            tag: $row.tag,
            version: $row.version,
            created_at: $row.created_at,
            finished_at: $row.finished_at,
        }
    };
}

/// The newest 20 imports, no matter who began them; discarded ones are forgotten.
pub async fn list(pool: &PgPool, actor: &Actor) -> Result<Vec<Import>> {
    actor.front_desk()?;
    let rows =
        imports!("where i.state <> 'discarded' order by i.created_at desc, i.id limit 20",).fetch_all(pool).await?;
    Ok(rows.into_iter().map(|row| import!(row)).collect())
}

pub async fn one(pool: &PgPool, actor: &Actor, id: ImportId) -> Result<Import> {
    actor.front_desk()?;
    find(pool, id).await
}

pub(super) async fn find(executor: impl PgExecutor<'_>, id: ImportId) -> Result<Import> {
    let row = imports!("where i.id = $1", id.0).fetch_optional(executor).await?;
    row.map(|row| import!(row)).ok_or(Error::Refused(Refusal::NotFound))
}

/// Of each column up to `most` different values, from the first rows.
pub async fn samples(pool: &PgPool, actor: &Actor, import: &Import, most: usize) -> Result<Vec<Vec<String>>> {
    actor.front_desk()?;
    let mut samples: Vec<Vec<String>> = vec![Vec::new(); import.headings.len()];
    for row in rows(&mut *pool.acquire().await?, import.id, 0, 100).await? {
        for (sample, cell) in samples.iter_mut().zip(row.cells) {
            let cell = cell.trim().to_owned();
            if sample.len() < most && !cell.is_empty() && !sample.contains(&cell) {
                sample.push(cell);
            }
        }
    }
    Ok(samples)
}

/// Up to `most` rows after a line.
pub(super) async fn rows(conn: &mut PgConnection, id: ImportId, after: i32, most: i64) -> Result<Vec<Row>> {
    let rows = sqlx::query!(
        r#"select line, cells as "cells: Json<Vec<String>>" from import_row
            where import_id = $1 and line > $2 order by line limit $3"#,
        id.0,
        after,
        most
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| Row { line: row.line as u32, cells: row.cells.0 }).collect())
}

/// The next rows that are to be imported, with their lines.
pub(super) async fn wanted(conn: &mut PgConnection, import: &Import, after: i32) -> Result<Vec<(i32, Vec<String>)>> {
    let rows = sqlx::query!(
        r#"select line, cells as "cells: Json<Vec<String>>" from import_row
            where import_id = $1 and line > $2
              and (outcome = 'ok' and wanted is not false or outcome = 'duplicate' and coalesce(wanted, $3))
            order by line limit $4"#,
        import.id.0,
        after,
        import.takes_duplicates(),
        CHUNK
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.line, row.cells.0)).collect())
}

/// How many clients of an import are still here.
pub async fn remaining(pool: &PgPool, actor: &Actor, id: ImportId) -> Result<i64> {
    actor.front_desk()?;
    Ok(sqlx::query_scalar!(r#"select count(*) as "count!" from client where import_id = $1"#, id.0)
        .fetch_one(pool)
        .await?)
}
