//! Before what matters: the password again. A form that was refused for its lack becomes part of the page
//! that asks for it, and is sent from there with the password; nothing that was typed is lost.

use crate::AppState;
use crate::forms::is_secret;
use app::accounts::confirm::FIELD;
use app::accounts::passkeys::PROOF;
use app::context::{CurrentActor, url_encode};
use app::error::AppError;
use app::ui::Posted;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use db::accounts::RelyingParty;
use shared::accounts::{PasskeyLoginForm, Secret};
use shared::{Problem, Refusal};
use tower_sessions::Session;

/// Longest body of a form that is kept, in bytes.
const BODY_MAX: usize = 2 * 1024 * 1024;

/// On an answer: it was refused for want of the password.
#[derive(Debug, Clone, Copy)]
pub struct Unconfirmed;

/// Takes the password that came with a form, or what a passkey answered. The handler then finds its actor confirmed.
pub async fn take(state: &AppState, parts: &mut Parts, values: &[(String, String)]) -> Result<(), AppError> {
    let given = |field: &str| values.iter().find(|(name, _)| name == field).map(|(_, value)| value.clone());
    let [ceremony, credential] = PROOF.map(|field| given(field).unwrap_or_default());
    let typed = given(FIELD);
    if typed.is_none() && credential.is_empty() {
        return Ok(());
    }
    let actor = parts.extensions.get::<CurrentActor>().and_then(|current| current.0.clone());
    let session = parts.extensions.get::<Session>().and_then(Session::id);
    let (Some(actor), Some(session)) = (actor, session) else { return Ok(()) };
    let (app, here) = (&state.app, session.0.to_le_bytes());
    let actor = if credential.is_empty() {
        let typed = Secret(typed.unwrap_or_default());
        if typed.0.is_empty() {
            return Err(Refusal::field("confirm", Problem::Required).into());
        }
        db::accounts::confirm(&app.pool, &app.sealer, &actor, &here, &typed).await?
    } else {
        let no_passkeys = |_| Refusal::field("confirm", Problem::NoPasskeys);
        let site = RelyingParty::of(&app.settings.base_url).map_err(no_passkeys)?;
        let form = PasskeyLoginForm { ceremony, credential, ..PasskeyLoginForm::default() };
        db::accounts::confirm_passkey(&app.pool, &site, &actor, &here, &form).await?
    };
    parts.extensions.insert(CurrentActor(Some(actor)));
    Ok(())
}

/// The page that asks for the password, with what was typed.
pub async fn ask(state: &AppState, parts: Parts, values: Vec<(String, String)>, error: AppError) -> Response {
    kept(state, parts, values, error, "/account/confirm").await
}

/// A page that holds what was typed, and sends it again from there.
pub async fn kept(
    state: &AppState,
    mut parts: Parts,
    values: Vec<(String, String)>,
    error: AppError,
    page: &'static str,
) -> Response {
    let status = error.status();
    // To ask is no error.
    let error = if error == AppError::Refused(Refusal::Unconfirmed) { AppError::ShowAgain } else { error };
    parts.extensions.insert(Posted {
        action: parts.uri.path().to_owned(),
        values: values.into_iter().filter(|(name, _)| name != FIELD && !is_secret(name)).collect(),
        error,
    });
    parts.uri = Uri::from_static(page);
    parts.method = Method::GET;
    let mut response = crate::pages::render(state, Request::from_parts(parts, Body::empty())).await;
    if response.status() == StatusCode::OK {
        *response.status_mut() = status;
    }
    response
}

/// Around what answers with a file.
pub async fn around(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST {
        let here = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
        let response = next.run(request).await;
        return match response.extensions().get::<Unconfirmed>() {
            Some(Unconfirmed) => Redirect::to(&format!("/account/confirm?next={}", url_encode(&here))).into_response(),
            None => response,
        };
    }
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_MAX).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    let values = form_urlencoded::parse(&body).into_owned().collect::<Vec<_>>();
    if let Err(error) = take(&state, &mut parts, &values).await {
        return ask(&state, parts, values, error).await;
    }
    let asked = parts.clone();
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    match response.extensions().get::<Unconfirmed>() {
        Some(Unconfirmed) => ask(&state, asked, values, Refusal::Unconfirmed.into()).await,
        None => response,
    }
}
