//! What senders of text messages post to us: answers of people, and reports of delivery. Outside
//! of sessions; nothing counts that is not signed with the sender's own secret, and nothing is
//! told in an answer.

use super::twilio::is_signed;
use crate::AppState;
use app::context::AppContext;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use db::messages::sms::{Inbound, answered, reported};
use db::messages::sms_setting::{Via, via};
use serde_json::Value;

pub const TWILIO: &str = "/hooks/sms/twilio";
pub const TWILIO_REPORT: &str = "/hooks/sms/twilio/report";
pub const GATEWAY: &str = "/hooks/sms/gateway";
/// Longest that is read.
const BODY_MAX: usize = 64 * 1024;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route(TWILIO, post(twilio_answer))
        .route(TWILIO_REPORT, post(twilio_report))
        .route(GATEWAY, post(gateway))
        .layer(DefaultBodyLimit::max(BODY_MAX))
}

/// The fields of a request that Twilio signed.
async fn signed(app: &AppContext, path: &str, headers: &HeaderMap, body: &[u8]) -> Option<Vec<(String, String)>> {
    let Via::Twilio { token, .. } = via(&app.pool, &app.sealer).await.ok()? else { return None };
    let fields: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
    let given = headers.get("x-twilio-signature")?.to_str().ok()?;
    let url = format!("{}{path}", app.settings.base_url);
    is_signed(&token, &url, &fields, given).then_some(fields)
}

fn field<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
}

async fn twilio_answer(State(app): State<AppContext>, headers: HeaderMap, body: Bytes) -> Response {
    let Some(fields) = signed(&app, TWILIO, &headers, &body).await else {
        return StatusCode::FORBIDDEN.into_response();
    };
    let (from, text, reference) = (field(&fields, "From"), field(&fields, "Body"), field(&fields, "MessageSid"));
    if reference.is_empty() {
        return StatusCode::BAD_REQUEST.into_response();
    }
    match answered(&app.pool, Inbound { from, text, reference }).await {
        // Nothing more to say: what is answered goes through the outbox.
        Ok(()) => ([(CONTENT_TYPE, "text/xml")], "<Response/>").into_response(),
        Err(error) => failed(&error),
    }
}

async fn twilio_report(State(app): State<AppContext>, headers: HeaderMap, body: Bytes) -> Response {
    let Some(fields) = signed(&app, TWILIO_REPORT, &headers, &body).await else {
        return StatusCode::FORBIDDEN.into_response();
    };
    report(&app, field(&fields, "MessageSid"), field(&fields, "MessageStatus"), field(&fields, "ErrorCode")).await
}

/// One address for both: `{"id", "status"}` is a report, `{"id", "from", "text"}` an answer.
async fn gateway(State(app): State<AppContext>, headers: HeaderMap, body: Bytes) -> Response {
    let known = match via(&app.pool, &app.sealer).await {
        Ok(Via::Http { header, secret: Some(secret), .. }) if !header.is_empty() => {
            headers.get(&header).is_some_and(|given| same(given.as_bytes(), secret.as_bytes()))
        }
        _ => false,
    };
    if !known {
        return StatusCode::FORBIDDEN.into_response();
    }
    let Ok(said) = serde_json::from_slice::<Value>(&body) else { return StatusCode::BAD_REQUEST.into_response() };
    let text = |name: &str| match said.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let (id, from, status) = (text("id"), text("from"), text("status"));
    if id.is_empty() || from.is_empty() && status.is_empty() {
        return StatusCode::BAD_REQUEST.into_response();
    }
    if from.is_empty() {
        return report(&app, &id, &status, &text("error")).await;
    }
    match answered(&app.pool, Inbound { from: &from, text: &text("text"), reference: &id }).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => failed(&error),
    }
}

async fn report(app: &AppContext, id: &str, status: &str, error: &str) -> Response {
    let delivered = match status {
        "delivered" | "read" => true,
        "undelivered" | "failed" => false,
        // On its way.
        _ => return StatusCode::NO_CONTENT.into_response(),
    };
    let words = if error.is_empty() { "Not delivered.".to_owned() } else { format!("Not delivered: {error}.") };
    match reported(&app.pool, id, delivered, &words).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => failed(&error),
    }
}

/// In constant time.
fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |differs, (one, other)| differs | (one ^ other)) == 0
}

fn failed(error: &db::Error) -> Response {
    tracing::error!(%error, "a text message that came");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
