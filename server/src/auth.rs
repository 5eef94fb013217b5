//! Who is asking: sessions, and how often somebody may try to log in.

mod limit;
mod store;
#[cfg(test)]
mod tests;

use crate::AppState;
use app::accounts::session::{AuthSession, Backend, touch, with_found};
use app::context::{CurrentActor, CurrentPractice, CurrentPreferences};
use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum_login::AuthManagerLayerBuilder;
use store::{ACCOUNT_KEY, Store};
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration;
use tower_sessions::{Expiry, SessionManagerLayer};

/// Hours without a request after which a session ends.
const IDLE_HOURS: i64 = 8;

/// Gives every request below it a session and a [`CurrentActor`]; to somebody
/// logged in a [`CurrentPractice`].
pub fn with_sessions(router: Router<AppState>, state: &AppState) -> Router<AppState> {
    let pool = state.app.pool.clone();
    let sessions = SessionManagerLayer::new(Store(pool.clone()))
        .with_name("kindred")
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_secure(state.app.settings.base_url.starts_with("https://"))
        .with_expiry(Expiry::OnInactivity(Duration::hours(IDLE_HOURS)));
    let logins = AuthManagerLayerBuilder::new(Backend(pool), sessions).with_data_key(ACCOUNT_KEY).build();
    limit::limited(router, state.app.settings.login_burst)
        .layer(from_fn(identify))
        .layer(logins)
        .layer(from_fn(|request: Request, next: Next| with_found(next.run(request))))
}

/// Says who is asking, and that they still are.
async fn identify(auth: AuthSession, mut request: Request, next: Next) -> Response {
    let account = auth.user.map(|user| user.0);
    if let Some(account) = &account {
        let (theme, single_keys) = (account.theme.clone(), account.single_keys);
        request.extensions_mut().insert(CurrentPreferences { theme, single_keys });
    }
    let (actor, practice) = account.map(|account| (account.actor, account.practice)).unzip();
    // Nobody else gets a session: reading the log-in page writes nothing.
    if actor.is_some()
        && let Err(error) = touch(&auth.session).await
    {
        tracing::error!(%error, "a session was not kept");
    }
    request.extensions_mut().insert(CurrentActor(actor));
    if let Some(practice) = practice {
        request.extensions_mut().insert(CurrentPractice(practice));
    }
    next.run(request).await
}
