//! Pages: rendered whole on the server, with their context.

use crate::AppState;
use app::context::{AppContext, CurrentActor};
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect, Response};
use db::Actor;
use leptos::prelude::provide_context;

/// Renders the page at the request's address.
pub async fn render(state: &AppState, request: Request) -> Response {
    let context = state.app.clone();
    let options = state.leptos.clone();
    let handler = leptos_axum::render_app_async_with_context(
        move || provide_context(context.clone()),
        move || app::shell(options.clone()),
    );
    handler(request).await.into_response()
}

pub async fn page(State(state): State<AppState>, request: Request) -> Response {
    render(&state, request).await
}

/// The blank code sheet as a file, for anyone who works here; nothing for others.
pub async fn code_sheet(request: Request) -> Response {
    let actor = request.extensions().get::<CurrentActor>().and_then(|current| current.0.as_ref());
    match actor {
        None => Redirect::to("/login?next=/clients/code-sheet").into_response(),
        Some(Actor::Client(_)) => StatusCode::NOT_FOUND.into_response(),
        Some(Actor::Staff(_)) => {
            let headers = [
                (CONTENT_TYPE, "text/csv; charset=utf-8"),
                (CONTENT_DISPOSITION, "attachment; filename=\"code-sheet.csv\""),
            ];
            (headers, app::clients::pages::sheet::csv()).into_response()
        }
    }
}

/// One of a client's appointments, for their calendar.
pub async fn calendar_file(State(app): State<AppContext>, Path(id): Path<String>, request: Request) -> Response {
    let actor = request.extensions().get::<CurrentActor>().and_then(|current| current.0.as_ref());
    let me = match actor {
        None => {
            return Redirect::to(&format!("/login?next={}", app::context::url_encode(request.uri().path())))
                .into_response();
        }
        Some(Actor::Staff(_)) => return StatusCode::NOT_FOUND.into_response(),
        Some(Actor::Client(me)) => me,
    };
    let Ok(id) = id.parse() else { return StatusCode::NOT_FOUND.into_response() };
    let query = app::context::url_params(request.uri().query().unwrap_or_default());
    let person = query.into_iter().find(|(name, _)| name == "for").and_then(|(_, id)| id.parse().ok());
    match db::feeds::one_of_mine(&app.pool, me, id, person, db::ics::host(&app.settings.base_url)).await {
        Ok(file) => {
            let headers = [
                (CONTENT_TYPE, "text/calendar; charset=utf-8"),
                (CONTENT_DISPOSITION, "attachment; filename=\"appointment.ics\""),
            ];
            (headers, file).into_response()
        }
        Err(db::Error::Refused(_)) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(%error, "a calendar file could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// The start page is where one's work is.
pub async fn start(request: Request) -> Redirect {
    let actor = request.extensions().get::<CurrentActor>().and_then(|current| current.0.as_ref());
    Redirect::to(match actor {
        None => "/login",
        Some(Actor::Client(_)) => "/my",
        Some(Actor::Staff(_)) => "/calendar",
    })
}
