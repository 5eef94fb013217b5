//! Uploading a file of clients: the one form that is not URL-encoded. The file
//! is streamed to a temporary file that has no name, for its encoding is known
//! only at its end; then decoded, read and stored row by row.

mod encoding;
mod rows;
mod worker;

pub use rows::rows;
pub use worker::run as work;

use crate::AppState;
use app::context::{CurrentActor, url_encode};
use app::import::{PAGE, UploadRefused};
use axum::body::Body;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request, State};
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{MethodRouter, post};
use db::import::{Begun, ContentHash, FileInfo, Upload};
use db::{Actor, Error};
use encoding::{Looking, Text};
use shared::import::{FileFault, Reader, sniff_separator};
use shared::{ImportId, Refusal};
use std::io;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use uuid::Uuid;

/// Largest file, in megabytes.
const FILE_MAX: usize = 64;
/// So much is read at a time, in bytes.
const PIECE: usize = 256 * 1024;

pub fn upload_route() -> MethodRouter<AppState> {
    // Beside the file there are its name and the form's key.
    post(upload).layer(DefaultBodyLimit::max((FILE_MAX << 20) + PIECE))
}

enum Failure {
    File(FileFault),
    Refused(Refusal),
    /// The browser went away, or what it sent is no such form.
    Malformed,
}

impl From<FileFault> for Failure {
    fn from(fault: FileFault) -> Self {
        Failure::File(fault)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Refused(error.refusal())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        tracing::error!(%error, "an uploaded file could not be kept");
        Failure::Refused(Refusal::Internal)
    }
}

impl From<MultipartError> for Failure {
    fn from(error: MultipartError) -> Self {
        match error.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Failure::File(FileFault::TooLarge { megabytes: FILE_MAX }),
            _ => Failure::Malformed,
        }
    }
}

async fn upload(State(state): State<AppState>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let done = match parts.extensions.get::<CurrentActor>().and_then(|current| current.0.clone()) {
        None => return Redirect::to(&format!("/login?next={}", url_encode(PAGE))).into_response(),
        // Nothing is read of what is not permitted.
        Some(actor) => match actor.front_desk() {
            Err(error) => Err(Failure::Refused(error.refusal())),
            Ok(_) => receive(&state, &actor, Request::from_parts(parts.clone(), body)).await,
        },
    };
    let failure = match done {
        Ok(id) => return Redirect::to(&format!("{PAGE}/{id}")).into_response(),
        Err(failure) => failure,
    };
    let status = match &failure {
        Failure::File(FileFault::TooLarge { .. }) => StatusCode::PAYLOAD_TOO_LARGE,
        Failure::File(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Failure::Malformed => StatusCode::BAD_REQUEST,
        Failure::Refused(refusal) => app::error::AppError::Refused(refusal.clone()).status(),
    };
    let words = match failure {
        Failure::File(fault) => fault.to_string(),
        Failure::Refused(refusal) => refusal.to_string(),
        Failure::Malformed => "The file did not arrive whole. Please try again.".to_owned(),
    };
    parts.extensions.insert(UploadRefused(words));
    parts.uri = Uri::from_static(PAGE);
    parts.method = Method::GET;
    let mut response = crate::pages::render(&state, Request::from_parts(parts, Body::empty())).await;
    if response.status() == StatusCode::OK {
        *response.status_mut() = status;
    }
    response
}

/// What the form sends: the key first, then the file.
async fn receive(state: &AppState, actor: &Actor, request: Request) -> Result<ImportId, Failure> {
    let mut form = Multipart::from_request(request, state).await.map_err(|_| Failure::Malformed)?;
    let mut key = None;
    while let Some(field) = form.next_field().await? {
        match field.name() {
            Some("request_key") => key = field.text().await?.trim().parse::<Uuid>().ok(),
            Some("file") => {
                let request_key = key.ok_or(Failure::Malformed)?;
                let name = field.file_name().map(file_name).unwrap_or_default();
                let (file, looking, contents) = keep(field).await?;
                if name.is_empty() && looking.is_empty() {
                    return Err(FileFault::Missing.into());
                }
                let text = looking.judge()?;
                let file_info = FileInfo { request_key, name, encoding: text.label().to_owned(), contents };
                return match Upload::begin(&state.app.pool, actor, &file_info).await? {
                    Begun::Before(id) => Ok(id),
                    Begun::Now(upload) => store(*upload, file, text).await,
                };
            }
            _ => {}
        }
    }
    Err(FileFault::Missing.into())
}

/// The last part of what may be a path, without what cannot be shown.
fn file_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    name.chars().filter(|c| !c.is_control()).take(120).collect()
}

/// Keeps the file while it arrives, looking at its bytes.
async fn keep(mut field: Field<'_>) -> Result<(File, Looking, ContentHash), Failure> {
    // It has no name in any folder, and is gone with its last reader.
    let mut file = File::from_std(tempfile::tempfile()?);
    let (mut looking, mut contents) = (Looking::default(), ContentHash::default());
    let mut size = 0;
    while let Some(piece) = field.chunk().await? {
        size += piece.len();
        if size > FILE_MAX << 20 {
            return Err(FileFault::TooLarge { megabytes: FILE_MAX }.into());
        }
        looking.see(&piece);
        contents.see(&piece);
        file.write_all(&piece).await?;
    }
    file.flush().await?;
    file.rewind().await?;
    Ok((file, looking, contents))
}

/// Decodes and reads the file, row after row into the database.
async fn store(mut upload: Upload, mut file: File, mut text: Text) -> Result<ImportId, Failure> {
    let mut bytes = vec![0; PIECE];
    let (mut decoded, mut rows) = (String::new(), Vec::new());
    let mut reader: Option<Reader> = None;
    loop {
        let read = file.read(&mut bytes).await?;
        let last = read == 0;
        decoded.clear();
        text.decode(&bytes[..read], last, &mut decoded);
        if reader.is_none() {
            // A first piece is long enough to see what parts the cells.
            reader = Some(Reader::new(sniff_separator(&decoded)));
        }
        let Some(reading) = reader.as_mut() else { continue };
        reading.push(&decoded, &mut rows)?;
        upload.rows(&mut rows).await??;
        if last {
            break;
        }
    }
    if let Some(reading) = reader {
        reading.finish(&mut rows)?;
    }
    upload.rows(&mut rows).await??;
    Ok(upload.finish().await??)
}
