//! Pages: rendered whole on the server, with their context.

use crate::AppState;
use app::context::CurrentActor;
use axum::extract::{Request, State};
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

/// The start page is where one's work is.
pub async fn start(request: Request) -> Redirect {
    let actor = request.extensions().get::<CurrentActor>().and_then(|current| current.0.as_ref());
    Redirect::to(match actor {
        None => "/login",
        Some(Actor::Client(_)) => "/my/appointments",
        Some(Actor::Staff(_)) => "/calendar",
    })
}
