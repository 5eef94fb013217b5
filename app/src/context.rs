//! What a request brings to pages and server functions: the database, who is
//! asking, and the form that was just refused.

use crate::delay::Delays;
use crate::error::AppError;
use axum::http::request::Parts;
use db::sealing::Sealer;
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
    /// How many tries of log-in, claim and reset an address has at first; one
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
    /// What opens the secrets that the database keeps.
    pub sealer: Arc<Sealer>,
}

/// Put into the request's extensions by the session middleware.
#[derive(Debug, Clone)]
pub struct CurrentActor(pub Option<Actor>);

/// The same of someone logged in: it is read with them.
#[derive(Debug, Clone)]
pub struct CurrentPractice(pub Practice);

/// The preferences of the account that is logged in; read with it.
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

/// The id of the session that asks.
pub fn session_id() -> Option<[u8; 16]> {
    extension::<axum_login::tower_sessions::Session>()?.id().map(|id| id.0.to_le_bytes())
}

/// Where a session keeps by what it was logged in.
pub const GIVEN: &str = "given";

/// By what the present session was logged in, as signatures tell it: `password`, `second factor`
/// and so on. Nothing for a session that is older than such notes.
pub async fn logged_in_by() -> Vec<String> {
    let Some(session) = extension::<axum_login::tower_sessions::Session>() else { return Vec::new() };
    session.get(GIVEN).await.ok().flatten().unwrap_or_default()
}

/// Path and query of the page being shown.
pub fn here() -> String {
    of_request(|parts| parts.uri.path_and_query().map(ToString::to_string).unwrap_or_else(|| "/".to_owned()))
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
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// A path of this site, or nothing: `//host`, `/\host` and `/<tab>/host` lead elsewhere.
/// Without a `done` in its query: that something was done, only the answer of a server
/// function says.
pub fn local_path(path: &str) -> Option<String> {
    let local = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
    (local && path.chars().all(|c| c.is_ascii_graphic())).then(|| without_done(path))
}

fn without_done(path: &str) -> String {
    let Some((path, query)) = path.split_once('?') else { return path.to_owned() };
    let kept: Vec<&str> = query.split('&').filter(|pair| key(pair) != "done").collect();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

/// The name of a pair of a query, decoded.
fn key(pair: &str) -> String {
    url_params(pair).into_iter().next().map(|(key, _)| key).unwrap_or_default()
}

/// The cookie in which a browser keeps for a minute what a server function has just done
/// for it. The link of a stranger cannot set it.
pub fn done_cookie(https: bool) -> &'static str {
    if https { "__Host-kindred-done" } else { "kindred-done" }
}

/// What a path says was done, encoded as it stands there.
pub fn done_of(path: &str) -> Option<&str> {
    path.split_once('?')?.1.split('&').find_map(|pair| pair.strip_prefix("done="))
}

/// Whether a server function has just done this for the browser that asks.
pub fn was_done(done: &str) -> bool {
    let name = done_cookie(app().settings.base_url.starts_with("https://"));
    cookies().iter().any(|(key, value)| key == name && url_params(&format!("done={value}"))[0].1 == done)
}

/// The value of a cookie of the browser that asks.
pub fn cookie(name: &str) -> Option<String> {
    cookies().into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

fn cookies() -> Vec<(String, String)> {
    let text = of_request(|parts| {
        let values = parts.headers.get_all(axum::http::header::COOKIE).iter();
        values.filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(";")
    });
    let pairs = text.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// The page to go on to that the address of this one asks for; empty if it is none of
/// this site's.
pub fn next_page() -> String {
    local_path(&query("next")).unwrap_or_default()
}

/// Encodes a value for a query string.
pub fn url_encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Encodes the name of a file for a header.
pub fn file_name(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
