//! Calendar feeds over HTTP, outside of sessions: the secret in the address is all that is asked.

use crate::AppState;
use app::context::AppContext;
use app::feeds::secret_of;
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
    RETRY_AFTER,
};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{DateTime, NaiveDateTime, Utc};
use db::feeds::FeedFile;
use shared::Refusal;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tower_governor::GovernorError;
use tower_governor::governor::GovernorConfigBuilder;
use tower_governor::key_extractor::KeyExtractor;

/// How often an address may be read in a row, and the seconds until the next read.
const BURST: u32 = 30;
const SECONDS_EACH: u64 = 20;
/// As HTTP writes a time.
const HTTP_DATE: &str = "%a, %d %b %Y %H:%M:%S GMT";

/// The route of feeds. Its path is not logged: it is the secret.
pub fn routes() -> Router<AppState> {
    let may_read = Arc::new(allowance());
    Router::new().route("/feeds/{file}", get(read)).layer(from_fn(move |request: Request, next: Next| {
        let may_read = may_read.clone();
        async move {
            match may_read(request.uri().path()) {
                true => next.run(request).await,
                false => (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, SECONDS_EACH.to_string())], "Too often.")
                    .into_response(),
            }
        }
    }))
}

async fn read(State(app): State<AppContext>, Path(file): Path<String>, headers: HeaderMap) -> Response {
    let Some(secret) = secret_of(&file) else { return StatusCode::NOT_FOUND.into_response() };
    match db::feeds::read(&app.pool, &secret, db::ics::host(&app.settings.base_url)).await {
        Ok(feed) => answer(feed, &headers),
        Err(db::Error::Refused(Refusal::NotFound)) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(%error, "a calendar feed could not be read");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn answer(feed: FeedFile, headers: &HeaderMap) -> Response {
    // Weak: compressed or not, it says the same.
    let mark = format!("W/\"{}\"", feed.mark);
    let same = is_same(&feed, &mark, headers);
    let caching = [
        (ETAG, mark),
        (LAST_MODIFIED, feed.changed_at.format(HTTP_DATE).to_string()),
        (CACHE_CONTROL, "private, no-cache".to_owned()),
    ];
    if same {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    let kind = [
        (CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (CONTENT_DISPOSITION, "inline; filename=\"appointments.ics\""),
    ];
    (caching, kind, feed.body).into_response()
}

/// Whether the asker has this file already. The mark says more than the time.
fn is_same(feed: &FeedFile, mark: &str, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(marks) = text(IF_NONE_MATCH) {
        let strong = mark.trim_start_matches("W/");
        return marks.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == strong);
    }
    let since = text(IF_MODIFIED_SINCE).and_then(|since| NaiveDateTime::parse_from_str(since, HTTP_DATE).ok());
    since.is_some_and(|since| {
        feed.changed_at.timestamp() <= DateTime::<Utc>::from_naive_utc_and_offset(since, Utc).timestamp()
    })
}

/// Takes one reading of an address; `false` when there is none left.
fn allowance() -> impl Fn(&str) -> bool {
    let config =
        GovernorConfigBuilder::default().key_extractor(ByAddress).per_second(SECONDS_EACH).burst_size(BURST).finish();
    let (hashes, asked) = (RandomState::new(), AtomicU32::new(0));
    move |path| {
        let Some(config) = &config else { return true };
        if asked.fetch_add(1, Ordering::Relaxed) % 1024 == 1023 {
            config.limiter().retain_recent();
        }
        // A hash, so that the secret is not kept in memory.
        config.limiter().check_key(&hashes.hash_one(path)).is_ok()
    }
}

/// Names the kind of key; each is counted by [`allowance`] itself.
#[derive(Clone)]
struct ByAddress;

impl KeyExtractor for ByAddress {
    type Key = u64;

    fn extract<T>(&self, _: &axum::http::Request<T>) -> Result<u64, GovernorError> {
        Err(GovernorError::UnableToExtractKey)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_is_the_same_by_its_mark_or_else_by_its_time() {
        let changed_at = "2026-11-30T10:00:00Z".parse().unwrap();
        let feed = FeedFile { body: String::new(), mark: "ab12".into(), changed_at };
        let same = |name, value: &str| {
            let headers = HeaderMap::from_iter([(name, value.parse().unwrap())]);
            is_same(&feed, "W/\"ab12\"", &headers)
        };
        for (value, expected) in
            [("W/\"ab12\"", true), ("\"ab12\"", true), ("\"x\", W/\"ab12\"", true), ("*", true), ("\"ab\"", false)]
        {
            assert_eq!(same(IF_NONE_MATCH, value), expected, "{value}");
        }
        for (value, expected) in [
            ("Mon, 30 Nov 2026 10:00:00 GMT", true),
            ("Mon, 30 Nov 2026 10:00:01 GMT", true),
            ("Mon, 30 Nov 2026 09:59:59 GMT", false),
            ("yesterday", false),
        ] {
            assert_eq!(same(IF_MODIFIED_SINCE, value), expected, "{value}");
        }
        assert!(!is_same(&feed, "W/\"ab12\"", &HeaderMap::new()));
    }

    #[test]
    fn an_address_is_read_so_often_and_another_one_still() {
        let may_read = allowance();
        assert!((0..BURST).all(|_| may_read("/feeds/a.ics")));
        assert!(!may_read("/feeds/a.ics") && may_read("/feeds/b.ics"));
    }
}
