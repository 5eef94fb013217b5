//! What the files that are downloaded have in common.

use app::context::url_encode;
use app::error::AppError;
use axum::response::{IntoResponse, Redirect, Response};
use csv::{Terminator, WriterBuilder};
use shared::Refusal;
use std::io;

/// Without it Excel takes UTF-8 for an old code page.
pub const BYTE_ORDER_MARK: &str = "\u{FEFF}";

/// Lines of CSV (RFC 4180).
pub fn lines<R, C>(rows: impl IntoIterator<Item = R>) -> io::Result<Vec<u8>>
where
    R: IntoIterator<Item = C>,
    C: AsRef<[u8]>,
{
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row)?;
    }
    writer.into_inner().map_err(|error| io::Error::other(error.to_string()))
}

/// The first line of a file, with the mark before it.
pub fn first_line<C: AsRef<[u8]>>(headings: impl IntoIterator<Item = C>) -> io::Result<Vec<u8>> {
    lines([headings]).map(|line| [BYTE_ORDER_MARK.as_bytes(), &line].concat())
}

/// To log in first, and then to `here`; anything else as its status and words.
pub fn refused(error: AppError, here: &str) -> Response {
    match error {
        AppError::Refused(Refusal::SignedOut) => {
            Redirect::to(&format!("/login?next={}", url_encode(here))).into_response()
        }
        error => {
            let unconfirmed = error == AppError::Refused(Refusal::Unconfirmed);
            let mut response = (error.status(), error.to_string()).into_response();
            if unconfirmed {
                response.extensions_mut().insert(crate::confirm::Unconfirmed);
            }
            response
        }
    }
}
