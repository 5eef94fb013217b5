//! Who is asking: sessions, and how often someone may try to log in.

mod limit;
mod proxies;
mod store;
#[cfg(test)]
mod tests;

use crate::AppState;
use app::accounts::session::{AuthSession, Backend, touch, with_found};
use app::context::{CurrentActor, CurrentPractice, CurrentPreferences};
use axum::Router;
use axum::extract::Request;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderValue, Method};
use axum::middleware::{Next, from_fn, map_response};
use axum::response::{IntoResponse, Redirect, Response};
use axum_login::AuthManagerLayerBuilder;
use store::{ACCOUNT_KEY, Store};
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, SessionManagerLayer};

pub use proxies::TrustedProxies;

/// The cookie ends with the browser; the session after eight hours without a request,
/// or seven days ([`db::accounts::sessions`]).
const COOKIE: &str = "kindred";
/// The same by HTTPS: only this very host can set it, and it comes by HTTPS alone.
const HOST_COOKIE: &str = "__Host-kindred";

/// Gives every request below it a session and a [`CurrentActor`]; to someone
/// logged in a [`CurrentPractice`].
pub fn with_sessions(router: Router<AppState>, state: &AppState) -> Router<AppState> {
    let (pool, https) = (state.app.pool.clone(), state.is_https());
    let sessions = SessionManagerLayer::new(Store(pool.clone()))
        .with_name(if https { HOST_COOKIE } else { COOKIE })
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_secure(https)
        .with_expiry(Expiry::OnSessionEnd);
    let logins = AuthManagerLayerBuilder::new(Backend(pool), sessions).with_data_key(ACCOUNT_KEY).build();
    limit::limited(router, state.app.settings.login_burst, state.proxies.clone())
        .layer(from_fn(identify))
        .layer(logins)
        .layer(map_response(secure_removal))
        .layer(from_fn(|request: Request, next: Next| with_found(next.run(request))))
}

/// Browsers take nothing about a `__Host-` cookie that is not `Secure`; what removes the
/// cookie at logout does not say so by itself.
async fn secure_removal(mut response: Response) -> Response {
    let cookies: Vec<HeaderValue> = response.headers().get_all(SET_COOKIE).iter().cloned().collect();
    if cookies.iter().any(|cookie| cookie.as_bytes().starts_with(HOST_COOKIE.as_bytes())) {
        response.headers_mut().remove(SET_COOKIE);
        for cookie in cookies {
            let text = cookie.to_str().unwrap_or_default();
            let lacks = text.starts_with(HOST_COOKIE) && !text.contains("; Secure");
            let secured = if lacks { HeaderValue::try_from(format!("{text}; Secure")).ok() } else { None };
            response.headers_mut().append(SET_COOKIE, secured.unwrap_or(cookie));
        }
    }
    response
}

/// What someone does whose role needs a second factor, once the time to set one up is over. All else is
/// answered as to a stranger.
const SETS_UP_FACTOR: [&str; 14] = [
    "/account/security",
    "/account/authenticator",
    "/account/passkey",
    "/account/recovery-codes",
    "/account/confirm",
    "/fn/account/confirm",
    "/fn/account/begin_totp",
    "/fn/account/confirm_totp",
    "/fn/account/begin_passkey",
    "/fn/account/begin_proof",
    "/fn/account/add_passkey",
    "/fn/account/new_codes",
    "/fn/accounts/current",
    "/fn/accounts/logout",
];

fn sets_up_factor(path: &str) -> bool {
    SETS_UP_FACTOR.contains(&path)
}

/// To the page that sets a factor up, from any other.
async fn wait_for_factor(mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_public = ["/login", "/reset", "/claim", "/register", "/book", "/m/", "/offers/", "/visit/"];
    let is_page = request.method() == Method::GET && !path.starts_with("/fn/");
    if is_page && (path == "/login" || !is_public.iter().any(|public| path.starts_with(public))) {
        return Redirect::to("/account/security").into_response();
    }
    request.extensions_mut().insert(CurrentActor(None));
    next.run(request).await
}

/// Says who is asking, and that they still are.
async fn identify(auth: AuthSession, mut request: Request, next: Next) -> Response {
    let account = auth.user.map(|user| user.0);
    if let Some(account) = &account {
        let (theme, single_keys) = (account.theme.clone(), account.single_keys);
        request.extensions_mut().insert(CurrentPreferences { theme, single_keys });
    }
    if account.as_ref().is_some_and(|account| account.overdue) && !sets_up_factor(request.uri().path()) {
        return wait_for_factor(request, next).await;
    }
    let (actor, practice) = account.map(|account| (account.actor, account.practice)).unzip();
    // No one else gets a session: reading the log-in page writes nothing.
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
