//! What a dry run found, for the page and the file of problems.

use super::choose::{Counts, counts};
use super::view::{Import, find};
use crate::{Actor, Error, PgPool, Result};
use shared::clients::Page;
use shared::import::CellProblem;
use shared::{ClientNumber, ImportId, Refusal};
use sqlx::types::Json;
use std::collections::HashMap;

/// Rows on a page.
const PAGE_SIZE: u32 = 50;

/// Which rows are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Ok,
    Bad,
    Here,
    Duplicate,
}

impl Outcome {
    pub const ALL: [Outcome; 4] = [Outcome::Bad, Outcome::Duplicate, Outcome::Here, Outcome::Ok];

    pub const fn as_str(self) -> &'static str {
        match self {
            Outcome::Ok => "ok",
            Outcome::Bad => "bad",
            Outcome::Here => "here",
            Outcome::Duplicate => "duplicate",
        }
    }
}

/// Somebody who is probably the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Same {
    Client {
        why: String,
        number: ClientNumber,
        name: String,
    },
    /// In the same file, further up.
    Line {
        why: String,
        line: i32,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewRow {
    pub line: i32,
    pub cells: Vec<String>,
    /// Whether an import would take it.
    pub wanted: bool,
    pub problems: Vec<CellProblem>,
    pub same: Vec<Same>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Review {
    pub counts: Counts,
    pub rows: Page<ReviewRow>,
}

type Match = (String, Option<i64>, Option<i32>);
/// Column and words.
type Stored = Vec<(Option<usize>, String)>;

/// One page of the rows with an outcome.
pub async fn review(pool: &PgPool, actor: &Actor, import: &Import, outcome: Outcome, page: u32) -> Result<Review> {
    actor.front_desk()?;
    let mut conn = pool.acquire().await?;
    let counts = counts(&mut conn, import).await?;
    let total = match outcome {
        Outcome::Ok => counts.ok,
        Outcome::Bad => counts.bad,
        Outcome::Here => counts.here,
        Outcome::Duplicate => counts.duplicate,
    };
    let page = page.clamp(1, 100_000);
    let rows = sqlx::query!(
        r#"select line, cells as "cells: Json<Vec<String>>", problems as "problems: Json<Vec<(Option<usize>, String)>>",
                  matches as "matches: Json<Vec<Match>>",
                  (outcome = 'ok' and wanted is not false or outcome = 'duplicate' and coalesce(wanted, $3)) as "wanted!"
             from import_row where import_id = $1 and outcome = $2
            order by line limit $4 offset $5"#,
        import.id.0,
        outcome.as_str(),
        import.takes_duplicates(),
        i64::from(PAGE_SIZE),
        i64::from(page - 1) * i64::from(PAGE_SIZE)
    )
    .fetch_all(&mut *conn)
    .await?;
    let numbers: Vec<i64> = rows
        .iter()
        .filter_map(|row| row.matches.as_ref())
        .flat_map(|all| &all.0)
        .filter_map(|(_, number, _)| *number)
        .collect();
    let names =
        sqlx::query!(r#"select c.number, client_name(c) as "name!" from client c where c.number = any ($1)"#, &numbers)
            .fetch_all(&mut *conn)
            .await?;
    let names: HashMap<i64, String> = names.into_iter().map(|row| (row.number, row.name)).collect();
    let rows = rows.into_iter().map(|row| ReviewRow {
        line: row.line,
        cells: row.cells.0,
        wanted: row.wanted,
        problems: problems(row.problems),
        same: row
            .matches
            .map(|all| all.0)
            .unwrap_or_default()
            .into_iter()
            .filter_map(|found| same(found, &names))
            .collect(),
    });
    let rows = Page { rows: rows.collect(), page, page_size: PAGE_SIZE, total: total as u32 };
    Ok(Review { counts, rows })
}

fn problems(stored: Option<Json<Stored>>) -> Vec<CellProblem> {
    let stored = stored.map(|stored| stored.0).unwrap_or_default();
    stored.into_iter().map(|(column, words)| CellProblem { column, words }).collect()
}

/// Whoever has been deleted since is nobody's double.
fn same((why, number, line): Match, names: &HashMap<i64, String>) -> Option<Same> {
    match (number, line) {
        (Some(number), _) => {
            let name = names.get(&number)?.clone();
            Some(Same::Client { why, number: ClientNumber(number), name })
        }
        (None, Some(line)) => Some(Same::Line { why, line }),
        (None, None) => None,
    }
}

/// The import, if the file of its problems can be had.
pub async fn with_problems(pool: &PgPool, actor: &Actor, id: ImportId) -> Result<Import> {
    actor.front_desk()?;
    let import = find(pool, id).await?;
    if import.headings.is_empty() { Err(Error::Refused(Refusal::NotFound)) } else { Ok(import) }
}

/// A row with problems, for the file of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    pub line: i32,
    pub cells: Vec<String>,
    pub problems: Vec<CellProblem>,
}

/// Up to so many rows with problems after a line.
pub async fn bad_rows(pool: &PgPool, id: ImportId, after: i32, most: i64) -> Result<Vec<BadRow>> {
    let rows = sqlx::query!(
        r#"select line, cells as "cells: Json<Vec<String>>", problems as "problems: Json<Stored>"
             from import_row where import_id = $1 and outcome = 'bad' and line > $2 order by line limit $3"#,
        id.0,
        after,
        most
    )
    .fetch_all(pool)
    .await?;
    let row = |line, cells: Json<Vec<String>>, stored| BadRow { line, cells: cells.0, problems: problems(stored) };
    Ok(rows.into_iter().map(|found| row(found.line, found.cells, found.problems)).collect())
}
