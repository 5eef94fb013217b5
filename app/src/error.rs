//! The error of every server function: a [`Refusal`], or the way was broken.

use leptos::prelude::{FromServerFnError, ServerFnErrorErr};
use leptos::server_fn::codec::JsonEncoding;
use serde::{Deserialize, Serialize};
use shared::Refusal;
use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AppError {
    Refused(Refusal),
    /// Nothing is done: the form asked to be shown again, with more rows or with
    /// what it searched for.
    ShowAgain,
    /// The arguments could not be read: no form of ours sent them.
    Malformed,
    /// The server could not be reached.
    Unreachable,
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AppError::Refused(refusal) => refusal.fmt(f),
            AppError::ShowAgain => f.write_str("Fill in the rest, then go on."),
            AppError::Malformed => f.write_str("The form could not be read. Please reload the page and try again."),
            AppError::Unreachable => {
                f.write_str("The server could not be reached. Check the connection and try again.")
            }
        }
    }
}

impl From<Refusal> for AppError {
    fn from(refusal: Refusal) -> Self {
        AppError::Refused(refusal)
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_) => {
                AppError::Malformed
            }
            _ => AppError::Unreachable,
        }
    }
}

#[cfg(feature = "ssr")]
impl From<db::Error> for AppError {
    fn from(error: db::Error) -> Self {
        AppError::Refused(error.refusal())
    }
}

#[cfg(feature = "ssr")]
impl AppError {
    /// The status that the answer carries.
    pub fn status(&self) -> axum::http::StatusCode {
        use axum::http::StatusCode;
        match self {
            AppError::Refused(refusal) => match refusal {
                Refusal::SignedOut | Refusal::BadCredentials => StatusCode::UNAUTHORIZED,
                Refusal::NotFound | Refusal::LinkEnded => StatusCode::NOT_FOUND,
                Refusal::Forbidden | Refusal::Unconfirmed => StatusCode::FORBIDDEN,
                Refusal::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
                Refusal::Stale
                | Refusal::Busy
                | Refusal::Erased
                | Refusal::InUse
                | Refusal::NotUndoable
                | Refusal::Conflict(_)
                | Refusal::Conflicts(_) => StatusCode::CONFLICT,
                Refusal::DeadLink | Refusal::Lapsed => StatusCode::GONE,
                Refusal::TooMany => StatusCode::TOO_MANY_REQUESTS,
                Refusal::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            },
            AppError::ShowAgain => StatusCode::OK,
            AppError::Malformed => StatusCode::BAD_REQUEST,
            AppError::Unreachable => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}
