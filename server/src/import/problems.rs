//! The rows with problems, as a CSV file to be put right: the cells as they
//! were, and a column that says what is wrong.

use crate::AppState;
use crate::files::{first_line, lines, refused};
use app::context::CurrentActor;
use app::error::AppError;
use axum::body::{Body, Bytes};
use axum::extract::{Extension, Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use db::PgPool;
use futures_util::stream;
use shared::cells::{neutral, plain};
use shared::import::{CellProblem, numbered};
use shared::{ImportId, Refusal};
use std::io;
use uuid::Uuid;

/// So many rows are written at a time.
const CHUNK: i64 = 1_000;

pub async fn problems(
    State(state): State<AppState>,
    Extension(actor): Extension<CurrentActor>,
    Path(id): Path<String>,
) -> Response {
    let refused = |error: AppError| refused(error, &format!("{}/{id}", app::import::PAGE));
    let Some(actor) = actor.0 else { return refused(Refusal::SignedOut.into()) };
    let pool = state.app.pool.clone();
    // Whether there is one is only for those who may import.
    if let Err(error) = actor.front_desk() {
        return refused(error.into());
    }
    let Ok(id) = id.parse::<Uuid>() else { return refused(Refusal::NotFound.into()) };
    let import = match db::import::with_problems(&pool, &actor, ImportId(id)).await {
        Ok(import) => import,
        Err(error) => return refused(error.into()),
    };
    let headings = numbered(&import.headings);
    let kind = (CONTENT_TYPE, "text/csv; charset=utf-8");
    let name = (CONTENT_DISPOSITION, "attachment; filename=\"rows-with-problems.csv\"");
    ([kind, name], body(pool, import.id, import.headings, headings)).into_response()
}

fn body(pool: PgPool, id: ImportId, original: Vec<String>, headings: Vec<String>) -> Body {
    let head = original.iter().map(|heading| neutral(heading).into_owned()).chain(["Problem".to_owned()]);
    let first = first_line(head).map(Bytes::from);
    let rest = stream::try_unfold((pool, 0), move |(pool, after)| {
        let headings = headings.clone();
        async move {
            let rows = db::import::bad_rows(&pool, id, after, CHUNK).await.map_err(|error| {
                // The connection is broken off: half a file must not look whole.
                tracing::error!(%error, "a file of problems was broken off");
                io::Error::other("the file could not be read")
            })?;
            let Some(last) = rows.last().map(|row| row.line) else { return Ok(None) };
            let mut bytes = Vec::new();
            for row in rows {
                let words = words(row.line, &row.problems, &headings);
                // Cells that were marked as no formula come back with one mark.
                let mut cells: Vec<String> = row.cells.iter().map(|cell| neutral(plain(cell)).into_owned()).collect();
                cells.resize(cells.len().max(headings.len()), String::new());
                bytes.extend(lines([cells.into_iter().chain([neutral(&words).into_owned()])])?);
            }
            Ok(Some((Bytes::from(bytes), (pool, last))))
        }
    });
    Body::from_stream(futures_util::StreamExt::chain(stream::once(async move { first }), rest))
}

fn words(line: i32, problems: &[CellProblem], headings: &[String]) -> String {
    let one = |problem: &CellProblem| match problem.column.and_then(|column| headings.get(column)) {
        Some(heading) => format!("{heading}: {}", problem.words),
        None => problem.words.clone(),
    };
    format!("Line {line}. {}", problems.iter().map(one).collect::<Vec<_>>().join(" "))
}
