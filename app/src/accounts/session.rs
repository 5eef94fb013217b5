//! The session of whoever is logged in.

use crate::context;
use crate::error::AppError;
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

/// Whoever is logged in.
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
            None => Ok(db::accounts::load(&self.0, *id).await?.map(User)),
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
    // Outside of a request nobody asks.
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

async fn auth_session() -> Result<AuthSession, AppError> {
    leptos_axum::extract().await.map_err(|_| failed("there is no session"))
}

fn failed(error: impl std::fmt::Display) -> AppError {
    tracing::error!(%error, "session failure");
    Refusal::Internal.into()
}

/// Logs in, under a session id that nobody has seen before.
pub async fn log_in(account: Account) -> Result<Actor, AppError> {
    let mut auth = auth_session().await?;
    let actor = account.actor.clone();
    // login() itself keeps the id of somebody who was logged in already.
    auth.session.cycle_id().await.map_err(failed)?;
    auth.login(&User(account)).await.map_err(failed)?;
    touch(&auth.session).await.map_err(failed)?;
    Ok(actor)
}

/// [`log_in`], for whoever has just chosen a password with a link.
pub async fn log_in_as(id: AccountId) -> Result<Actor, AppError> {
    let account = db::accounts::load(&context::pool(), id).await?;
    log_in(account.ok_or(Refusal::SignedOut)?).await
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

/// Where somebody's work is.
pub fn home(actor: &Actor) -> &'static str {
    match actor {
        Actor::Client(_) => "/my/appointments",
        Actor::Staff(_) => "/calendar",
    }
}
