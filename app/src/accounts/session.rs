//! The session of the logged-in account.

use crate::context;
use crate::error::AppError;
use axum::http::header::USER_AGENT;
use axum::http::{HeaderName, HeaderValue};
use axum_login::tower_sessions::Session;
use axum_login::tower_sessions::session::Error;
use axum_login::{AuthUser, AuthnBackend};
use chrono::Utc;
use db::accounts::Account;
use db::{Actor, PgPool};
use leptos::prelude::expect_context;
use leptos_axum::ResponseOptions;
use shared::accounts::Secret;
use shared::{AccountId, Refusal};
use std::cell::RefCell;

pub type AuthSession = axum_login::AuthSession<Backend>;

/// Where log-ins are asked for.
#[derive(Debug, Clone)]
pub struct Backend(pub PgPool);

/// The logged-in account.
#[derive(Debug, Clone)]
pub struct User(pub Account);

impl AuthUser for User {
    type Id = AccountId;

    fn id(&self) -> AccountId {
        self.0.id
    }

    fn session_auth_hash(&self) -> &[u8] {
        &self.0.auth_hash
    }
}

impl AuthnBackend for Backend {
    type User = User;
    type Credentials = (String, Secret);
    type Error = db::Error;

    async fn authenticate(&self, (username, password): Self::Credentials) -> Result<Option<User>, db::Error> {
        Ok(db::accounts::authenticate(&self.0, &username, &password).await?.map(User))
    }

    async fn get_user(&self, id: &AccountId) -> Result<Option<User>, db::Error> {
        let found = FOUND.try_with(RefCell::take).ok().flatten().filter(|account| account.id == *id);
        match found {
            Some(account) => Ok(Some(User(account))),
            None => Ok(db::accounts::load(&self.0, *id).await?.map(|account| User(account.unconfirmed()))),
        }
    }
}

tokio::task_local! {
    /// The log-in that was read with the session of this request, until it is asked for.
    static FOUND: RefCell<Option<Account>>;
}

/// Answers a request, in which [`found`] may tell whose session it is.
pub async fn with_found<T>(request: impl Future<Output = T>) -> T {
    FOUND.scope(RefCell::new(None), request).await
}

/// The session that was just read is of this log-in.
pub fn found(account: Option<Account>) {
    // Outside of a request no one asks.
    let _ = FOUND.try_with(|found| found.replace(account));
}

/// In the request's extensions when this address has tried too often.
#[derive(Debug, Clone, Copy)]
pub struct TooMany;

/// The first line of whatever may be tried only so often.
pub fn not_too_often() -> Result<(), AppError> {
    match context::extension::<TooMany>() {
        Some(TooMany) => Err(Refusal::TooMany.into()),
        None => Ok(()),
    }
}

/// Put into the request's extensions: where someone asks from who is not logged in.
#[derive(Debug, Clone)]
pub struct Network(pub String);

/// Where the browser asks from.
pub fn network() -> String {
    context::extension::<Network>().map(|network| network.0).unwrap_or_default()
}

async fn auth_session() -> Result<AuthSession, AppError> {
    leptos_axum::extract().await.map_err(|_| failed("there is no session"))
}

fn failed(error: impl std::fmt::Display) -> AppError {
    tracing::error!(%error, "session failure");
    Refusal::Internal.into()
}

/// Where a session keeps that its browser is half way through a login.
const HALF: &str = "half";

/// The secret of a login that waits for the second factor.
pub async fn half() -> Option<Secret> {
    let session = context::extension::<Session>()?;
    session.get::<Secret>(HALF).await.ok().flatten()
}

/// After the password, or a link that set it: logs in and goes on to `to`; where the account has a second
/// factor, to the page that asks for it, and no one is logged in. The actor, once they are.
pub async fn enter(account: Account, to: &str) -> Result<Option<Actor>, AppError> {
    let Some(half) = db::accounts::begin_second_factor(&context::pool(), account.id).await? else {
        let actor = enter_with_both(account).await?;
        leptos_axum::redirect(to);
        return Ok(Some(actor));
    };
    let mut auth = auth_session().await?;
    auth.logout().await.map_err(failed)?;
    auth.session.insert(HALF, half).await.map_err(failed)?;
    let next = context::local_path(to).unwrap_or_default();
    leptos_axum::redirect(&format!("/login/code?next={}", context::url_encode(&next)));
    Ok(None)
}

/// [`enter`], for the person who has just chosen a password with a link.
pub async fn enter_as(id: AccountId, to: impl FnOnce(&Actor) -> String) -> Result<Option<Actor>, AppError> {
    let account = db::accounts::load(&context::pool(), id).await?.ok_or(Refusal::SignedOut)?;
    let to = to(&account.actor);
    let entered = enter(account, &to).await?;
    if entered.is_some() {
        note_given(&["emailed link"]).await?;
    }
    Ok(entered)
}

/// Logs in, under a session id that no one has seen before. Whatever the account asks for was given.
pub async fn enter_with_both(account: Account) -> Result<Actor, AppError> {
    let mut auth = auth_session().await?;
    let actor = account.actor.clone();
    let given = match auth.session.get::<Secret>(HALF).await.map_err(failed)? {
        Some(_) => &["password", "second factor"][..],
        None => &["password"],
    };
    auth.session.remove::<Secret>(HALF).await.map_err(failed)?;
    // login() itself keeps the id of someone who was logged in already.
    auth.session.cycle_id().await.map_err(failed)?;
    auth.login(&User(account)).await.map_err(failed)?;
    auth.session.insert("agent", agent()).await.map_err(failed)?;
    auth.session.insert(context::GIVEN, given).await.map_err(failed)?;
    touch(&auth.session).await.map_err(failed)?;
    // A time that was chosen before is no reason to be refused.
    if let Err(error) = super::visitor::adopt(&actor).await {
        tracing::error!(%error, "a held time was not taken over");
    }
    Ok(actor)
}

/// Keeps by what this session was logged in, for those who sign in it. [`enter_with_both`] notes the password, and a
/// second factor after it; another way in says so itself.
pub async fn note_given(given: &[&str]) -> Result<(), AppError> {
    auth_session().await?.session.insert(context::GIVEN, given).await.map_err(failed)
}

/// What the browser calls itself.
fn agent() -> String {
    let agent = context::of_request(|parts| {
        parts.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).map(ToOwned::to_owned)
    });
    agent.unwrap_or_default().chars().take(300).collect()
}

/// Goes on in the same session, for someone whose other sessions have all ended with a change of their second factor:
/// what this one knows of the account is no longer so.
pub async fn stay(actor: &Actor) -> Result<(), AppError> {
    let mut auth = auth_session().await?;
    let Some(User(before)) = auth.user.clone() else { return Err(Refusal::SignedOut.into()) };
    let account = db::accounts::load(&context::pool(), before.id).await?.filter(|now| now.actor.id() == actor.id());
    auth.login(&User(account.ok_or(Refusal::SignedOut)?)).await.map_err(failed)
}

/// Goes on under a new session id, for someone logged in whose sessions have all ended with their password.
pub async fn renew(id: AccountId) -> Result<(), AppError> {
    let account = db::accounts::load(&context::pool(), id).await?;
    let given = context::logged_in_by().await;
    enter_with_both(account.ok_or(Refusal::SignedOut)?).await?;
    note_given(&given.iter().map(String::as_str).collect::<Vec<_>>()).await
}

pub async fn log_out() -> Result<(), AppError> {
    auth_session().await?.logout().await.map_err(failed)?;
    Ok(())
}

/// Asks the browser to forget the pages and drafts that it keeps of this site: Back
/// shows the next person nothing.
pub fn clear_browser() {
    let clear = HeaderValue::from_static("\"cache\", \"storage\"");
    expect_context::<ResponseOptions>().insert_header(CLEAR_SITE_DATA, clear);
}

/// What asks a browser to forget.
pub const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// Seconds that may pass before a request is written down as a sign of life.
const TOUCH_EVERY: i64 = 300;

/// Puts off the idle log-out; at most one write in five minutes.
pub async fn touch(session: &Session) -> Result<(), Error> {
    let (now, seen) = (Utc::now().timestamp(), session.get::<i64>("seen").await?);
    if seen.is_none_or(|seen| now - seen >= TOUCH_EVERY) {
        // A change is what makes tower-sessions save, and saving moves the expiry.
        session.insert("seen", now).await?;
    }
    Ok(())
}

/// Where someone's work is.
pub fn home(actor: &Actor) -> &'static str {
    match actor {
        Actor::Client(_) => "/my",
        Actor::Staff(_) => "/calendar",
    }
}
