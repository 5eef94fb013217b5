//! Pages that need neither the database nor the renderer: the answer when one
//! of them fails.

use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use std::any::Any;

/// Seconds after which a browser or a load balancer may ask again.
const RETRY_SECONDS: u64 = 5;

/// The database does not answer.
pub fn unavailable(html: bool) -> Response {
    let words = "The server is getting its data back. Please try again in a few seconds. \
                 If you just sent a form, go back and send it again.";
    let mut response = page(html, StatusCode::SERVICE_UNAVAILABLE, "Back in a moment", words);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(RETRY_SECONDS));
    response
}

/// The server failed while it made the page.
fn failed(html: bool) -> Response {
    let words = "The page could not be shown. Please try again in a moment.";
    page(html, StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong", words)
}

/// A handler panicked: the panic hook has said where and why.
pub fn panicked(_: Box<dyn Any + Send>) -> Response {
    tracing::error!("a request was answered with 500 after a panic");
    failed(true)
}

/// The address holds a character that no text has.
pub fn unreadable(html: bool) -> Response {
    let words = "The address of this page holds a character that cannot be shown.";
    page(html, StatusCode::BAD_REQUEST, "Not an address", words)
}

/// The request, or its answer, took too long.
pub fn timed_out(html: bool) -> Response {
    let words = "This took too long and was stopped. Please try again.";
    page(html, StatusCode::REQUEST_TIMEOUT, "Too slow", words)
}

/// Whether the request is a browser's for a page; scripts get the words alone.
pub fn wants_html(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains("text/html"))
}

/// `title` and `words` are constants: nothing in them is escaped.
fn page(html: bool, status: StatusCode, title: &'static str, words: &'static str) -> Response {
    let no_store = (CACHE_CONTROL, "no-store");
    if !html {
        return (status, [no_store], words).into_response();
    }
    let headers = [
        no_store,
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    ];
    let body = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title><style>\
         :root {{ color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }}\
         main {{ max-width: 32rem; margin: 20vh auto 0; padding: 0 1rem }}</style></head>\
         <body><main id=\"main\"><h1>{title}</h1><p>{words}</p></main></body></html>"
    );
    (status, headers, body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::body::Body;
    use axum::http::Request;
    use axum::routing::get;
    use tower::ServiceExt;
    use tower_http::catch_panic::CatchPanicLayer;

    #[tokio::test]
    async fn a_panic_is_answered_with_a_page() {
        let broken = || async { serde_json::from_str::<String>("a fault of ours").expect("it is not JSON") };
        let site = Router::new().route("/", get(broken)).layer(CatchPanicLayer::custom(panicked));
        let response = site.oneshot(Request::new(Body::empty())).await.expect("an answer");
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        assert!(String::from_utf8_lossy(&body).contains("<h1>Something went wrong</h1>"));
    }
}
