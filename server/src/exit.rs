//! The quick exit of the portal: one click logs out, lets the browser forget this site's pages, and
//! leads to a page that anyone may have open. A link, so that it works without scripts; with them it
//! takes the place of the page in the history (`app/src/site/session.js`).

use app::accounts::session::AuthSession;
use axum::http::header::LOCATION;
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};

/// Where it leads.
const ELSEWHERE: &str = "https://www.google.com/";

pub async fn leave(mut session: AuthSession) -> Response {
    // Whatever happens to the session, the browser goes elsewhere.
    if let Err(error) = session.logout().await {
        tracing::error!(%error, "a session was not ended");
    }
    let headers = [
        (LOCATION, ELSEWHERE),
        (HeaderName::from_static("clear-site-data"), "\"cache\", \"storage\""),
        (HeaderName::from_static("referrer-policy"), "no-referrer"),
    ];
    (StatusCode::SEE_OTHER, headers).into_response()
}
