//! A browser in which no one is logged in, and that keeps a time: known by the secret of a cookie.

use crate::context;
use crate::error::AppError;
use axum::http::HeaderValue;
use axum::http::header::SET_COOKIE;
use db::Actor;
use leptos::prelude::expect_context;
use leptos_axum::ResponseOptions;
use shared::accounts::Secret;

/// Seconds until the browser forgets it: by then nothing is kept for it any more.
const SECONDS: u32 = 3600;

fn is_https() -> bool {
    context::app().settings.base_url.starts_with("https://")
}

fn name() -> &'static str {
    if is_https() { "__Host-kindred-visit" } else { "kindred-visit" }
}

/// The secret of the browser that asks.
pub fn secret() -> Option<Secret> {
    context::cookie(name()).filter(|value| !value.is_empty()).map(Secret)
}

/// Gives the browser this secret; an empty one takes it away.
pub fn remember(secret: &Secret) {
    let seconds = if secret.0.is_empty() { 0 } else { SECONDS };
    let secure = if is_https() { "; Secure" } else { "" };
    let cookie = format!("{}={}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}", name(), secret.0);
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        expect_context::<ResponseOptions>().append_header(SET_COOKIE, cookie);
    }
}

/// What the browser keeps is from now on kept for the client who has logged in there.
pub async fn adopt(actor: &Actor) -> Result<(), AppError> {
    let Some(secret) = secret() else { return Ok(()) };
    if let Actor::Client(_) = actor {
        db::appointments::adopt_hold(&context::pool(), actor, &secret).await?;
    }
    remember(&Secret::default());
    Ok(())
}
