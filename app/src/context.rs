//! What a request brings to pages and server functions: the database, who is
//! asking, and the form that was just refused.

use crate::accounts::delay::Delays;
use crate::error::AppError;
use axum::http::request::Parts;
use db::{Actor, PgPool};
use leptos::prelude::*;
use shared::Refusal;
use shared::clients::ClientQuery;
use shared::practice::Practice;
use std::sync::Arc;

/// What the server was started with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where people reach this server, without a slash at the end: for links in mail.
    pub base_url: String,
    /// The demo practice is loaded: the log-in page shows its log-ins.
    pub demo: bool,
    /// Mail is sent by SMTP; otherwise administrators read it on the outbox page.
    pub smtp: bool,
    /// How many tries of log-in, claim and reset an address has at once; one
    /// more comes every 3 seconds. 0: no limit.
    pub login_burst: u32,
}

/// Provided as context for every page and server function.
#[derive(Debug, Clone)]
pub struct AppContext {
    pub pool: PgPool,
    pub settings: Arc<Settings>,
    /// Who tries to log in, and how often.
    pub delays: Arc<Delays>,
}

/// Put into the request's extensions by the session middleware.
#[derive(Debug, Clone)]
pub struct CurrentActor(pub Option<Actor>);

/// The same of somebody logged in: it is read with them.
#[derive(Debug, Clone)]
pub struct CurrentPractice(pub Practice);

/// What somebody logged in chose for themself; read with them.
#[derive(Debug, Clone)]
pub struct CurrentPreferences {
    /// `system`, `light` or `dark`.
    pub theme: String,
    /// Shortcuts of a single key work.
    pub single_keys: bool,
}

pub fn app() -> AppContext {
    expect_context::<AppContext>()
}

pub fn pool() -> PgPool {
    app().pool
}

/// What `read` finds in the request.
pub fn of_request<T>(read: impl FnOnce(&Parts) -> T) -> T {
    with_context(read).expect("a request is being answered")
}

/// Something that a layer of the server put beside the request.
pub fn extension<T: Clone + Send + Sync + 'static>() -> Option<T> {
    with_context(|parts: &Parts| parts.extensions.get::<T>().cloned()).flatten()
}

pub fn maybe_actor() -> Option<Actor> {
    extension::<CurrentActor>().and_then(|current| current.0)
}

/// The practice as it was when the request came.
pub async fn practice() -> Result<Practice, AppError> {
    match extension::<CurrentPractice>() {
        Some(CurrentPractice(practice)) => Ok(practice),
        None => Ok(db::practice::practice(&pool()).await?),
    }
}

/// Who is asking, or [`Refusal::SignedOut`].
pub fn actor() -> Result<Actor, AppError> {
    maybe_actor().ok_or(AppError::Refused(Refusal::SignedOut))
}

/// Path and query of the page being shown.
pub fn here() -> String {
    of_request(|parts| parts.uri.path_and_query().map(ToString::to_string).unwrap_or_else(|| "/".to_owned()))
}

/// Whether a page of ours led here, as far as the browser tells: it does so over
/// HTTPS.
pub fn comes_from_here() -> bool {
    of_request(|parts| parts.headers.get("sec-fetch-site").is_none_or(|site| site == "same-origin"))
}

/// The value of a query parameter of the page being shown.
pub fn query(name: &str) -> String {
    let pairs = of_request(|parts| url_params(parts.uri.query().unwrap_or_default()));
    pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value).unwrap_or_default()
}

/// What the address of a client list asks for.
pub fn client_query() -> ClientQuery {
    of_request(|parts| ClientQuery::from_pairs(url_params(parts.uri.query().unwrap_or_default())))
}

/// The pairs of a query string, decoded.
pub fn url_params(query: &str) -> Vec<(String, String)> {
    let decode =
        |text: &str| percent_encoding::percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key), decode(value))
        })
        .collect()
}

/// A path of this site, or nothing: `//host`, `/\host` and `/<tab>/host` lead elsewhere.
pub fn local_path(path: &str) -> Option<&str> {
    let local = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
    (local && path.chars().all(|c| c.is_ascii_graphic())).then_some(path)
}

/// The page to go on to that the address of this one asks for; empty if it is none of
/// this site's.
pub fn next_page() -> String {
    local_path(&query("next")).unwrap_or_default().to_owned()
}

/// Encodes a value for a query string.
pub fn url_encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
