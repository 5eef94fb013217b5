//! Server functions over HTTP, and the plain form post: the same endpoint, the
//! same body, another answer.
//!
//! A browser that posts a form wants a page. Done: 303 to where the operation
//! points, or back to the form's page. Refused: the form's page itself, with
//! what was typed and what was wrong, nothing of it in the address.
//!
//! NUL, which Postgres cannot store, is refused at its field.

use crate::AppState;
use crate::unreadable::refuse_fields;
use app::accounts::session::CLEAR_SITE_DATA;
use app::context::{done_cookie, done_of, local_path};
use app::error::AppError;
use app::forms::{SAVE_DRAFT, SUBMIT};
use app::ui::Posted;
use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, ALLOW, CONTENT_TYPE, LOCATION, REFERER, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use leptos::prelude::provide_context;
use shared::{Conflict, Refusal};
use tower_http::timeout::TimeoutError;

/// Longest body of a form, in bytes.
const BODY_MAX: usize = 256 * 1024;
/// Of a form that clients fill in: many long answers, and a letter of some scripts is nine bytes
/// when it is sent.
const ANSWERS_MAX: usize = 4 * 1024 * 1024;
const FILLED_IN: [&str; 5] = [
    "/fn/forms/submit",
    "/fn/forms/save_draft",
    "/fn/forms/amend",
    "/fn/forms/submit_by_link",
    "/fn/forms/save_by_link",
];

pub async fn server_function(State(state): State<AppState>, request: Request) -> Response {
    let Some(method) = method_of(request.uri().path()) else {
        return crate::pages::render(&state, request).await;
    };
    if request.method() == Method::GET && is_navigation(request.headers()) {
        // Someone came by a link or the address bar: there is no page here. The person who sent
        // them, and anyone who is logged in, the answer is the same.
        let query = request.uri().query().unwrap_or_default();
        let given = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "_page");
        let page = given.as_ref().and_then(|(_, page)| local_path(page));
        return Redirect::to(page.as_deref().unwrap_or("/")).into_response();
    }
    if request.method() != method {
        let words = "This address takes forms only.";
        return (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, method.to_string())], words).into_response();
    }
    let (mut parts, body) = request.into_parts();
    let wants_page = parts.method == Method::POST && accepts_html(&parts.headers) && is_form(&parts.headers);
    let filled_in = FILLED_IN.contains(&parts.uri.path());
    let body = match to_bytes(body, if filled_in { ANSWERS_MAX } else { BODY_MAX }).await {
        Ok(body) => body,
        Err(error) if is_timeout(&error) => return StatusCode::REQUEST_TIMEOUT.into_response(),
        Err(_) => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
    };
    let values = form_urlencoded::parse(&body).into_owned().collect::<Vec<_>>();
    // The answer is data, whatever it is. To what wants a page Leptos would answer with a way
    // back to the page before, which may be another site's.
    parts.headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    parts.headers.remove(REFERER);
    let (mut response, error) = match refuse_fields(&values) {
        Some(refusal) => refused(refusal),
        None => match crate::confirm::take(&state, &mut parts, &values).await {
            Err(error) if wants_page => return crate::confirm::ask(&state, parts, values, error).await,
            Err(error) => ((error.status(), Json(&error)).into_response(), Some(error)),
            Ok(()) => {
                let request = Request::from_parts(parts.clone(), Body::from(body));
                let context = state.app.clone();
                let handled =
                    leptos_axum::handle_server_fns_with_context(move || provide_context(context.clone()), request);
                with_status(handled.await.into_response()).await
            }
        },
    };
    let done = response.headers().get(LOCATION).and_then(|to| to.to_str().ok()).and_then(done_of);
    let done = done.and_then(|done| done_note(done, state.is_https()));
    if !wants_page {
        response.headers_mut().extend(done.map(|note| (SET_COOKIE, note)));
        return response;
    }

    let page = values.iter().find(|(name, _)| name == "_page").and_then(|(_, page)| local_path(page));
    let has_page = page.is_some();
    let page = page.unwrap_or_else(|| "/".to_owned());
    match error {
        None => {
            let to = response.headers().get(LOCATION).and_then(|to| to.to_str().ok()).unwrap_or(&page);
            let mut redirect = Redirect::to(to).into_response();
            if let Some(clear) = response.headers().get(CLEAR_SITE_DATA) {
                redirect.headers_mut().insert(CLEAR_SITE_DATA, clear.clone());
            }
            for cookie in response.headers().get_all(SET_COOKIE) {
                redirect.headers_mut().append(SET_COOKIE, cookie.clone());
            }
            redirect.headers_mut().extend(done.map(|note| (SET_COOKIE, note)));
            redirect
        }
        // Answers that took long are not lost for it.
        Some(error @ AppError::Refused(Refusal::SignedOut | Refusal::Conflict(Conflict::OtherLogin)))
            if [SUBMIT, SAVE_DRAFT].contains(&parts.uri.path()) =>
        {
            let values = values.into_iter().map(without_nul).collect();
            crate::confirm::kept(&state, parts, values, error, "/login/again").await
        }
        Some(AppError::Refused(Refusal::SignedOut)) => {
            // The operation may know better than the page what to go on with.
            let next = response.headers().get(LOCATION).and_then(|to| to.to_str().ok()).unwrap_or(&page);
            Redirect::to(&format!("/login?next={}", app::context::url_encode(next))).into_response()
        }
        Some(error @ AppError::Refused(Refusal::Unconfirmed)) => {
            let values = values.into_iter().map(without_nul).collect();
            crate::confirm::ask(&state, parts, values, error).await
        }
        // No form of ours: there is no page to show again.
        Some(error) if !has_page => (error.status(), error.to_string()).into_response(),
        Some(error) => again(&state, parts, &page, values, error).await,
    }
}

/// The form's own page once more, with what was typed and what was wrong.
pub(crate) async fn again(
    state: &AppState,
    mut parts: Parts,
    page: &str,
    values: Vec<(String, String)>,
    error: AppError,
) -> Response {
    let status = error.status();
    parts.extensions.insert(Posted {
        action: parts.uri.path().to_owned(),
        values: values.into_iter().filter(|(name, _)| !is_secret(name)).map(without_nul).collect(),
        error,
    });
    parts.uri = page.parse::<Uri>().unwrap_or_else(|_| Uri::from_static("/"));
    parts.method = Method::GET;
    let mut response = crate::pages::render(state, Request::from_parts(parts, Body::empty())).await;
    if response.status() == StatusCode::OK {
        *response.status_mut() = status;
    }
    response
}

/// On to the page that comes next, which tells by its toast what was done.
pub(crate) fn redirect(state: &AppState, to: &str) -> Response {
    let mut response = Redirect::to(to).into_response();
    let note = done_of(to).and_then(|done| done_note(done, state.is_https()));
    response.headers_mut().extend(note.map(|note| (SET_COOKIE, note)));
    response
}

/// Notes in the browser for a minute what was done, for the toast of the page that comes next.
fn done_note(done: &str, https: bool) -> Option<HeaderValue> {
    let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, ';' | ',' | '"' | '\\');
    let secure = if https { "; Secure" } else { "" };
    let cookie = format!("{}={done}; Path=/; Max-Age=60; HttpOnly; SameSite=Lax{secure}", done_cookie(https));
    done.chars().all(is_plain).then(|| HeaderValue::try_from(cookie).ok()).flatten()
}

/// A refusal as a server function answers it.
fn refused(refusal: Refusal) -> (Response, Option<AppError>) {
    let error = AppError::Refused(refusal);
    ((error.status(), Json(&error)).into_response(), Some(error))
}

/// The page is shown again with what was typed, which must not fail it too.
fn without_nul((name, value): (String, String)) -> (String, String) {
    (name, value.replace('\0', ""))
}

/// Whether the body stalled, rather than being too long.
fn is_timeout(error: &axum::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<TimeoutError>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// How the function at this path is called, if there is one.
fn method_of(path: &str) -> Option<Method> {
    leptos::server_fn::axum::server_fn_paths().find(|(function, _)| *function == path).map(|(_, method)| method)
}

/// Passwords are not shown again, nor the tokens beside them in logs.
pub(crate) fn is_secret(name: &str) -> bool {
    matches!(
        name,
        "form[password]"
            | "form[again]"
            | "form[current]"
            | "form[credential]"
            | "_confirm"
            | "_credential"
            | "_ceremony"
    )
}

/// Whether a browser is on its way to a page, rather than a script asking for data.
fn is_navigation(headers: &HeaderMap) -> bool {
    match headers.get("sec-fetch-mode") {
        Some(mode) => mode == "navigate",
        None => accepts_html(headers),
    }
}

fn accepts_html(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains("text/html"))
}

fn is_form(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"))
}

/// Server functions fail with 500 whatever the matter; the status should say it.
async fn with_status(response: Response) -> (Response, Option<AppError>) {
    if response.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return (response, None);
    }
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, BODY_MAX).await.unwrap_or_default();
    let error = serde_json::from_slice::<AppError>(&body).unwrap_or(AppError::Refused(Refusal::Internal));
    parts.status = error.status();
    (Response::from_parts(parts, Body::from(body)), Some(error))
}
