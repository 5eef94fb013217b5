//! Pages: rendered whole on the server, with their context.

use crate::AppState;
use app::context::CurrentActor;
use axum::extract::{Request, State};
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

/// The blank code sheet as a file, for whoever works here; nothing for others.
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

/// The start page is where one's work is.
pub async fn start(request: Request) -> Redirect {
    let actor = request.extensions().get::<CurrentActor>().and_then(|current| current.0.as_ref());
    Redirect::to(match actor {
        None => "/login",
        Some(Actor::Client(_)) => "/my/appointments",
        Some(Actor::Staff(_)) => "/calendar",
    })
}
