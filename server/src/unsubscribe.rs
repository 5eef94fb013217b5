//! One-click unsubscribing (RFC 8058): mail programs post to the link in the head of a mail, from
//! their own servers and without a session. A browser that opens the link gets the page.

use crate::AppState;
use app::context::AppContext;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use shared::Refusal;
use shared::accounts::Secret;

/// Only the post; the page is of the site. Its path is not logged: it holds the secret.
pub fn routes() -> Router<AppState> {
    Router::new().route("/unsubscribe/{token}", post(end))
}

/// Whatever the form is encoded as: the secret is in the path, and a post says all.
async fn end(State(app): State<AppContext>, Path(token): Path<String>) -> Response {
    match db::messages::unsubscribe::unsubscribe(&app.pool, &Secret(token)).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(db::Error::Refused(Refusal::DeadLink)) => StatusCode::GONE.into_response(),
        Err(error) => {
            tracing::error!(%error, "unsubscribing");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
