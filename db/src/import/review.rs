//! What a dry run found, for the page and the files of rows.

use super::choose::{Counts, counts};
use super::validator::RowValidator;
use super::view::{Import, find};
use crate::{Actor, Error, PgPool, Result};
use shared::clients::{Kind, Page};
use shared::import::CellProblem;
use shared::{ClientNumber, ImportId, Refusal};
use sqlx::PgConnection;
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

    pub fn parse(word: &str) -> Option<Outcome> {
        Outcome::ALL.into_iter().find(|outcome| outcome.as_str() == word)
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Outcome::Ok => "ok",
            Outcome::Bad => "bad",
            Outcome::Here => "here",
            Outcome::Duplicate => "duplicate",
        }
    }
}

/// A person who is probably the same.
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

impl Same {
    /// In what they are alike, to go after a colon.
    pub fn reason(&self) -> &'static str {
        let (Same::Client { why, .. } | Same::Line { why, .. }) = self;
        match why.as_str() {
            "made" => "fixed by hand, from this row",
            "code" => "the same code",
            "email" => "the same email address",
            "phone" => "the same phone number",
            "card" => "the same health card",
            "birth" => "the same name and date of birth",
            _ => "the same name",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewRow {
    pub line: i32,
    pub cells: Vec<String>,
    /// Whether an import would take it.
    pub wanted: bool,
    /// It can be put right in the create window: see [`super::fix_row`].
    pub is_fixable: bool,
    pub problems: Vec<CellProblem>,
    pub same: Vec<Same>,
}

/// A row for the file of all with one outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRow {
    pub line: i32,
    pub cells: Vec<String>,
    pub problems: Vec<CellProblem>,
    pub same: Vec<Same>,
}

/// A couple, family or group that is here already, which rows name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FamilyHere {
    pub kind: Kind,
    /// What the file says.
    pub words: String,
    pub rows: i64,
    pub number: ClientNumber,
    /// Its name, or its code.
    pub name: String,
    /// How many belong to it today.
    pub members: i64,
}

/// The number of them that are named.
const FAMILIES_SHOWN: i64 = 500;

/// The couples, families and groups that are here already and that rows name, the first 500.
pub async fn families_here(pool: &PgPool, actor: &Actor, import: &Import) -> Result<Vec<FamilyHere>> {
    actor.front_desk()?;
    Ok(sqlx::query_as!(
        FamilyHere,
        r#"select f.said ->> 0 as "words!", (f.said ->> 2)::bigint as "rows!", c.number as "number: ClientNumber",
                  client_name(c) as "name!",
                  c.kind as "kind: Kind",
                  (select count(*) from client_membership m where m.group_id = c.id and m.left_on is null) as "members!"
             from import i cross join jsonb_array_elements(i.families_found) with ordinality as f (said, place)
             join client c on c.id = (f.said ->> 1)::uuid
            where i.id = $1 order by f.place limit $2"#,
        import.id.0,
        FAMILIES_SHOWN
    )
    .fetch_all(pool)
    .await?)
}

/// A parent who would be made, and is called as a client is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParentLike {
    /// Of the row that names the parent first.
    pub line: i32,
    pub number: ClientNumber,
    pub name: String,
}

/// Those of the dry run, the first 500; no one who was erased since.
pub async fn parents_like(pool: &PgPool, actor: &Actor, import: &Import) -> Result<Vec<ParentLike>> {
    actor.front_desk()?;
    Ok(sqlx::query_as!(
        ParentLike,
        r#"select (p.said ->> 0)::int as "line!", c.number as "number: ClientNumber", client_name(c) as "name!"
             from import i cross join jsonb_array_elements(i.parents_like) with ordinality as p (said, place)
             join client c on c.number = (p.said ->> 1)::bigint and c.erased_at is null
            where i.id = $1 order by p.place"#,
        import.id.0
    )
    .fetch_all(pool)
    .await?)
}

#[derive(Debug, Clone, PartialEq)]
pub struct Review {
    pub counts: Counts,
    pub rows: Page<ReviewRow>,
}

type Match = (String, Option<i64>, Option<i32>);
/// Column and words.
pub(super) type Stored = Vec<(Option<usize>, String)>;

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
    let names = names(&mut conn, rows.iter().filter_map(|row| row.matches.as_ref())).await?;
    drop(conn);
    let mut validator = match outcome {
        Outcome::Bad => Some(RowValidator::load(pool, import).await?),
        _ => None,
    };
    let mut is_fixable =
        |cells: &[String]| validator.as_mut().is_some_and(|validator| validator.read(cells).into_form().is_some());
    let rows = rows.into_iter().map(|row| ReviewRow {
        line: row.line,
        is_fixable: is_fixable(&row.cells.0),
        cells: row.cells.0,
        wanted: row.wanted,
        problems: problems(row.problems),
        same: all_same(row.matches, &names),
    });
    let rows = Page { rows: rows.collect(), page, page_size: PAGE_SIZE, total: total as u32 };
    Ok(Review { counts, rows })
}

pub(super) fn problems(stored: Option<Json<Stored>>) -> Vec<CellProblem> {
    let stored = stored.map(|stored| stored.0).unwrap_or_default();
    stored.into_iter().map(|(column, words)| CellProblem { column, words }).collect()
}

/// The names of the people rows are like, by number.
async fn names<'a>(
    conn: &mut PgConnection,
    matches: impl Iterator<Item = &'a Json<Vec<Match>>>,
) -> Result<HashMap<i64, String>> {
    let numbers: Vec<i64> = matches.flat_map(|all| &all.0).filter_map(|(_, number, _)| *number).collect();
    let rows =
        sqlx::query!(r#"select c.number, client_name(c) as "name!" from client c where c.number = any ($1)"#, &numbers)
            .fetch_all(conn)
            .await?;
    Ok(rows.into_iter().map(|row| (row.number, row.name)).collect())
}

fn all_same(stored: Option<Json<Vec<Match>>>, names: &HashMap<i64, String>) -> Vec<Same> {
    stored.map(|all| all.0).unwrap_or_default().into_iter().filter_map(|found| same(found, names)).collect()
}

/// Anyone who has been deleted since is no one's double.
fn same((why, number, line): Match, names: &HashMap<i64, String>) -> Option<Same> {
    match (number, line) {
        (Some(number), _) => {
            let name = names.get(&number)?.clone();
            Some(Same::Client { why, number: ClientNumber::new(number), name })
        }
        (None, Some(line)) => Some(Same::Line { why, line }),
        (None, None) => None,
    }
}

/// The import, if its rows can be had as files.
pub async fn with_rows(pool: &PgPool, actor: &Actor, id: ImportId) -> Result<Import> {
    actor.front_desk()?;
    let import = find(pool, id).await?;
    if import.headings.is_empty() { Err(Error::Refused(Refusal::NotFound)) } else { Ok(import) }
}

/// Up to the given number of rows with an outcome after a line, for the file of them.
pub async fn rows_after(
    pool: &PgPool,
    actor: &Actor,
    id: ImportId,
    outcome: Outcome,
    after: i32,
    most: i64,
) -> Result<Vec<FileRow>> {
    actor.front_desk()?;
    let mut conn = pool.acquire().await?;
    let rows = sqlx::query!(
        r#"select line, cells as "cells: Json<Vec<String>>", problems as "problems: Json<Stored>",
                  matches as "matches: Json<Vec<Match>>"
             from import_row where import_id = $1 and outcome = $2 and line > $3 order by line limit $4"#,
        id.0,
        outcome.as_str(),
        after,
        most
    )
    .fetch_all(&mut *conn)
    .await?;
    let names = names(&mut conn, rows.iter().filter_map(|row| row.matches.as_ref())).await?;
    let row = |line, cells: Json<Vec<String>>, stored, matches| FileRow {
        line,
        cells: cells.0,
        problems: problems(stored),
        same: all_same(matches, &names),
    };
    Ok(rows.into_iter().map(|found| row(found.line, found.cells, found.problems, found.matches)).collect())
}
