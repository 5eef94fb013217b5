//! The way into the room of a video visit. Its address is in this redirect and nowhere else; the
//! room's server does not learn where the visitor came from.

use app::context::{AppContext, CurrentActor};
use axum::extract::{Path, Request, State};
use axum::http::header::{COOKIE, LOCATION, REFERRER_POLICY};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use db::Actor;
use shared::Refusal;
use shared::accounts::Secret;

/// By a link of a mail. Everything is asked again; where it is not open, back to its page.
pub async fn by_link(State(app): State<AppContext>, Path(secret): Path<String>, request: Request) -> Response {
    let page = format!("/visit/{secret}");
    let actor = actor(&request);
    let secret = Secret(secret);
    let pass = cookie(request.headers(), &app::visits::pass::name(&app.settings, &secret)).map(Secret);
    answer(db::visits::room(&app.pool, &secret, actor.as_ref(), pass.as_ref()).await, &page)
}

/// A client, from *My appointments*.
pub async fn of_mine(State(app): State<AppContext>, Path(id): Path<String>, request: Request) -> Response {
    let page = format!("/my/appointments/{id}");
    let me = match actor(&request) {
        None => return to_login(&request),
        Some(Actor::Staff(_)) => return StatusCode::NOT_FOUND.into_response(),
        Some(Actor::Client(me)) => me,
    };
    let Ok(id) = id.parse() else { return StatusCode::NOT_FOUND.into_response() };
    answer(db::visits::room_of_mine(&app.pool, &me, id).await, &page)
}

/// Staff, from the appointment's page.
pub async fn of_staff(State(app): State<AppContext>, Path(id): Path<String>, request: Request) -> Response {
    let page = format!("/appointments/{id}");
    let Some(actor) = actor(&request) else { return to_login(&request) };
    let Ok(id) = id.parse() else { return StatusCode::NOT_FOUND.into_response() };
    answer(db::visits::room_of_staff(&app.pool, &actor, id).await, &page)
}

fn actor(request: &Request) -> Option<Actor> {
    request.extensions().get::<CurrentActor>().and_then(|current| current.0.clone())
}

fn to_login(request: &Request) -> Response {
    Redirect::to(&format!("/login?next={}", app::context::url_encode(request.uri().path()))).into_response()
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let texts = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
}

fn answer(room: db::Result<Option<String>>, page: &str) -> Response {
    match room {
        Ok(Some(room)) => {
            (StatusCode::FOUND, [(LOCATION, room), (REFERRER_POLICY, "no-referrer".to_owned())]).into_response()
        }
        Ok(None) => Redirect::to(page).into_response(),
        Err(db::Error::Refused(Refusal::DeadLink)) => StatusCode::GONE.into_response(),
        Err(db::Error::Refused(Refusal::Forbidden)) => StatusCode::FORBIDDEN.into_response(),
        Err(db::Error::Refused(_)) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(%error, "a visit could not be opened");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
