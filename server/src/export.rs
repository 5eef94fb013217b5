//! Clients as a file: CSV and XLSX of the list's query, or of a selection.
//!
//! CSV is sent while it is read, a piece at a time, with cells marked that a
//! spreadsheet would calculate (see [`shared::cells`]). XLSX is put
//! together on disk first; its cells are text whatever they begin with.
//!
//! CSV is UTF-8 with a byte order mark, without which Excel takes it for an old code page;
//! lines end in CR LF, dates are ISO. Several texts in one cell stand between semicolons,
//! with a backslash before one of their own. XLSX cells carry Excel's own apostrophe where it
//! would calculate; it does not show.

use crate::files::{first_line, lines, refused};
use app::context::{AppContext, CurrentActor, file_name, url_params};
use app::error::AppError;
use axum::body::{Body, Bytes};
use axum::extract::{Extension, Form, RawQuery, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::Utc;
use db::export::Export;
use db::time::Zone;
use futures_util::stream;
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use shared::Refusal;
use shared::bulk::{BulkForm, Selection};
use shared::cells::{begins_formula, neutral};
use shared::clients::ClientQuery;
use shared::clients::columns::ClientRecord;
use std::fs::File;
use std::io;
use tokio::sync::mpsc;
use tokio_util::io::ReaderStream;

/// The addresses of the files.
pub const CSV: &str = "/clients/export.csv";
pub const XLSX: &str = "/clients/export.xlsx";

/// Excel's own limits.
const SHEET_ROWS: u32 = 1_048_576;
const CELL_CHARS: usize = 32_767;

/// Of the list at this address: the same parameters, and `mine` for the list
/// of one's own clients.
pub async fn list(
    State(app): State<AppContext>,
    Extension(actor): Extension<CurrentActor>,
    uri: Uri,
    RawQuery(query): RawQuery,
) -> Response {
    let pairs = url_params(query.as_deref().unwrap_or_default());
    let mine = pairs.iter().any(|(name, _)| name == "mine");
    let query = ClientQuery::from_pairs(pairs).first_page();
    let columns = query.columns.clone();
    answer(&app, &actor, &uri, Selection::Matching { query: Box::new(query), mine }, &columns).await
}

/// The number of people who go on to a couple, family or group.
const GATHERED_MAX: u32 = 500;

/// Takes a selection in the list to the page that makes a couple, family or
/// group of it.
pub async fn gather(
    State(app): State<AppContext>,
    Extension(actor): Extension<CurrentActor>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Response {
    let form = selected(&pairs);
    let numbers = async {
        let actor = actor.0.as_ref().ok_or(Refusal::SignedOut)?;
        let selection = form.selection().map_err(|problem| Refusal::field("numbers", problem))?;
        db::clients::list::numbers(&app.pool, actor, &selection, GATHERED_MAX).await
    };
    match numbers.await.map_err(AppError::from) {
        Ok(numbers) => {
            let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
            Redirect::to(&format!("/clients/groups/new?clients={}", numbers.join(","))).into_response()
        }
        Err(AppError::Refused(Refusal::Invalid(_))) => Redirect::to(&form.back()).into_response(),
        Err(error) => refused(error, &form.back()),
    }
}

/// Of a selection in the list: its form, with the columns.
pub async fn selection(
    State(app): State<AppContext>,
    Extension(actor): Extension<CurrentActor>,
    uri: Uri,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Response {
    let form = selected(&pairs);
    let columns = value(&pairs, "columns");
    match form.selection() {
        Ok(selection) => answer(&app, &actor, &uri, selection, &columns).await,
        // No one ticked: back to the list.
        Err(_) => Redirect::to(&form.back()).into_response(),
    }
}

fn value(pairs: &[(String, String)], wanted: &str) -> String {
    let found = pairs.iter().find(|(name, _)| name == wanted);
    found.map(|(_, value)| value.clone()).unwrap_or_default()
}

/// The selection that the list's form sends.
fn selected(pairs: &[(String, String)]) -> BulkForm {
    let ticked = pairs.iter().filter(|(name, _)| name == "form[numbers][]").map(|(_, value)| value.clone());
    BulkForm {
        numbers: ticked.collect(),
        all: value(pairs, "form[all]") == "true",
        query: value(pairs, "form[query]"),
        mine: value(pairs, "form[mine]") == "true",
        ..BulkForm::default()
    }
}

async fn answer(app: &AppContext, actor: &CurrentActor, uri: &Uri, selection: Selection, columns: &str) -> Response {
    match file(app, actor, uri, selection, columns).await {
        Ok(response) => response,
        Err(error) => refused(error, &uri.path_and_query().map(ToString::to_string).unwrap_or_default()),
    }
}

async fn file(
    app: &AppContext,
    actor: &CurrentActor,
    uri: &Uri,
    selection: Selection,
    columns: &str,
) -> Result<Response, AppError> {
    let actor = actor.0.as_ref().ok_or(AppError::Refused(Refusal::SignedOut))?;
    let is_csv = uri.path() == CSV;
    let format = if is_csv { "csv" } else { "xlsx" };
    let export = db::export::begin(&app.pool, actor, &selection, columns, format).await?;
    let (kind, body) = if is_csv {
        ("text/csv; charset=utf-8", csv_body(export))
    } else {
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx_body(export).await?)
    };
    // The practice's own word in any script, and for old programs (RFC 6266) ours.
    let practice = db::practice::practice(&app.pool).await?;
    let day = Zone::stored(&practice.zone).local(Utc::now()).format("%Y-%m-%d");
    let named = file_name(&format!("{}-{day}.{format}", practice.client_word_plural.replace([' ', '/'], "-")));
    let name = format!("attachment; filename=\"clients-{day}.{format}\"; filename*=UTF-8''{named}");
    let mut response = body.into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(name) = HeaderValue::from_str(&name) {
        response.headers_mut().insert(CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

fn csv_body(export: Export) -> Body {
    let headings = export.heads.iter().map(|head| neutral(&head.heading).into_owned()).collect::<Vec<_>>();
    let first = first_line(&headings);
    let rest = stream::try_unfold(export, |mut export| async move {
        let records = match export.next().await {
            Ok(Some(records)) => records,
            Ok(None) => return Ok(None),
            Err(error) => {
                // The connection is broken off: half a file must not look whole.
                tracing::error!(%error, "an export was broken off");
                return Err(io::Error::other("the export failed"));
            }
        };
        let cells = |record| export.cells(record).map(|cell| neutral(&cell).into_owned()).collect::<Vec<_>>();
        let bytes = lines(records.iter().map(cells))?;
        Ok(Some((Bytes::from(bytes), export)))
    });
    let first = stream::once(async move { first.map(Bytes::from) });
    Body::from_stream(futures_util::StreamExt::chain(first, rest))
}

/// Pieces that wait to be written.
const PIECES_WAITING: usize = 2;

async fn xlsx_body(mut export: Export) -> Result<Body, AppError> {
    let failed = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "an export failed");
        AppError::Refused(Refusal::Internal)
    };
    let headings = export.heads.iter().map(|head| head.heading.clone()).collect();
    let (pieces, waiting) = mpsc::channel::<Vec<Vec<String>>>(PIECES_WAITING);
    let written = tokio::task::spawn_blocking(move || write_xlsx(headings, waiting));
    while let Some(records) = export.next().await? {
        let cells = |record: &ClientRecord| export.cells(record).map(|cell| cell.into_owned()).collect();
        if pieces.send(records.iter().map(cells).collect()).await.is_err() {
            break;
        }
    }
    drop(pieces);
    let file = written.await.map_err(|error| failed(&error))?.map_err(|error| failed(&error))?;
    Ok(Body::from_stream(ReaderStream::new(tokio::fs::File::from_std(file))))
}

/// Writes what comes, row by row, into a file that goes when it is closed.
fn write_xlsx(headings: Vec<String>, mut pieces: mpsc::Receiver<Vec<Vec<String>>>) -> Result<File, XlsxError> {
    let mut workbook = Workbook::new();
    let (bold, marked) = (Format::new().set_bold(), Format::new().set_quote_prefix());
    let mut next = pieces.blocking_recv();
    loop {
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        begin_sheet(sheet, &headings, &bold)?;
        let mut row = 1;
        while let Some(piece) = next.take() {
            let left = (SHEET_ROWS - row) as usize;
            let mut cells = piece.into_iter();
            for texts in cells.by_ref().take(left) {
                write_row(sheet, row, &texts, &marked)?;
                row += 1;
            }
            let rest: Vec<_> = cells.collect();
            if !rest.is_empty() {
                next = Some(rest);
                break;
            }
            next = pieces.blocking_recv();
        }
        if next.is_none() {
            break;
        }
    }
    let mut file = tempfile::tempfile()?;
    workbook.save_to_writer(&mut file)?;
    io::Seek::rewind(&mut file)?;
    Ok(file)
}

fn begin_sheet(sheet: &mut Worksheet, headings: &[String], bold: &Format) -> Result<(), XlsxError> {
    sheet.set_freeze_panes(1, 0)?;
    for (column, heading) in headings.iter().enumerate() {
        let width = heading.chars().count().clamp(12, 32) as f64;
        sheet.set_column_width(column as u16, width)?;
        sheet.write_string_with_format(0, column as u16, heading, bold)?;
    }
    Ok(())
}

fn write_row(sheet: &mut Worksheet, row: u32, texts: &[String], marked: &Format) -> Result<(), XlsxError> {
    for (column, text) in texts.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
        let text: String = text.chars().take(CELL_CHARS).collect();
        // Excel's own apostrophe, that does not show: text stays text when the
        // cell is edited.
        if begins_formula(&text) {
            sheet.write_string_with_format(row, column as u16, text, marked)?;
        } else {
            sheet.write_string(row, column as u16, text)?;
        }
    }
    Ok(())
}
