//! What a dry run found, as CSV files to be put right and uploaded again: the
//! rows with problems, the likely duplicates, those who are here already. The
//! cells are as they were, and a last column says what is wrong, or which person the
//! row looks like.

use crate::AppState;
use crate::files::{first_line, lines, refused};
use app::context::{CurrentActor, url_params};
use app::error::AppError;
use axum::body::{Body, Bytes};
use axum::extract::{Extension, Path, RawQuery, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use db::import::{FileRow, Outcome, Same};
use db::{Actor, PgPool};
use futures_util::{StreamExt, stream};
use shared::cells::{neutral, plain};
use shared::import::{CellProblem, numbered};
use shared::{ImportId, Refusal};
use std::io;
use uuid::Uuid;

/// The number of rows written at a time.
const CHUNK: i64 = 1_000;

/// `rows` is the outcome, as in the page's address.
pub async fn rows(
    State(state): State<AppState>,
    Extension(actor): Extension<CurrentActor>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let params = url_params(&query.unwrap_or_default());
    let asked = params.iter().find(|(key, _)| key == "rows").map(|(_, word)| word.as_str());
    match file(&state.app.pool, actor.0, &id, asked.unwrap_or_default()).await {
        Ok(response) => response,
        Err(error) => refused(error, &format!("{}/{id}", app::import::PAGE)),
    }
}

async fn file(pool: &PgPool, actor: Option<Actor>, id: &str, asked: &str) -> Result<Response, AppError> {
    let actor = actor.ok_or(Refusal::SignedOut)?;
    // Whether there is one is only for those who may import.
    actor.front_desk()?;
    let id = ImportId(id.parse::<Uuid>().map_err(|_| Refusal::NotFound)?);
    let (outcome, name, column) = kind(asked).ok_or(Refusal::NotFound)?;
    let import = db::import::with_rows(pool, &actor, id).await?;
    let word = db::practice::practice(pool).await?.client_word;
    let head = import.headings.iter().map(|heading| neutral(heading).into_owned()).chain([column.to_owned()]);
    let first = first_line(head).map(Bytes::from);
    let file = File { pool: pool.clone(), actor, id, outcome, headings: numbered(&import.headings), word };
    let rest = stream::try_unfold((file, 0), |(file, after)| async move {
        let found = file.after(after).await?;
        Ok(found.map(|(bytes, last)| (bytes, (file, last))))
    });
    let body = Body::from_stream(StreamExt::chain(stream::once(async move { first }), rest));
    let kind = (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned());
    let name = (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\""));
    Ok(([kind, name], body).into_response())
}

/// What can be had as a file: its name, and the heading of its last column.
fn kind(word: &str) -> Option<(Outcome, &'static str, &'static str)> {
    let outcome = Outcome::parse(word)?;
    let (name, column) = match outcome {
        Outcome::Bad => ("rows-with-problems", "Problem"),
        Outcome::Duplicate => ("likely-duplicates", "Looks like"),
        Outcome::Here => ("already-here", "Looks like"),
        Outcome::Ok => return None,
    };
    Some((outcome, name, column))
}

/// A file on its way.
struct File {
    pool: PgPool,
    actor: Actor,
    id: ImportId,
    outcome: Outcome,
    headings: Vec<String>,
    /// The practice's word for a client.
    word: String,
}

impl File {
    /// The lines of the next rows, and the last of them.
    async fn after(&self, line: i32) -> io::Result<Option<(Bytes, i32)>> {
        let rows = db::import::rows_after(&self.pool, &self.actor, self.id, self.outcome, line, CHUNK);
        let rows = rows.await.map_err(|error| {
            // The connection is broken off: half a file must not look whole.
            tracing::error!(%error, "a file of rows was broken off");
            io::Error::other("the file could not be read")
        })?;
        let Some(last) = rows.last().map(|row| row.line) else { return Ok(None) };
        Ok(Some((lines(rows.iter().map(|row| self.cells(row)))?.into(), last)))
    }

    /// The cells as they were, and the words about them.
    fn cells(&self, row: &FileRow) -> Vec<String> {
        // Cells that were marked as no formula come back with one mark.
        let mut cells: Vec<String> = row.cells.iter().map(|cell| neutral(&plain(cell)).into_owned()).collect();
        cells.resize(cells.len().max(self.headings.len()), String::new());
        cells.push(neutral(&self.words(row)).into_owned());
        cells
    }

    fn words(&self, row: &FileRow) -> String {
        let problem = |problem: &CellProblem| match problem.column.and_then(|column| self.headings.get(column)) {
            Some(heading) => format!("{heading}: {}", problem.words),
            None => problem.words.clone(),
        };
        let same = |same: &Same| match same {
            Same::Client { number, name, .. } => format!("{name} ({} no. {number}): {}.", self.word, same.reason()),
            Same::Line { line, .. } => format!("Line {line}: {}.", same.reason()),
        };
        let about: Vec<String> = match self.outcome {
            Outcome::Bad => row.problems.iter().map(problem).collect(),
            _ => row.same.iter().map(same).collect(),
        };
        format!("Line {}. {}", row.line, about.join(" "))
    }
}
