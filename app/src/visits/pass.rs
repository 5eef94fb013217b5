//! What a browser keeps that has given an access code.

use crate::context::{self, Settings};
use axum::http::HeaderValue;
use axum::http::header::SET_COOKIE;
use leptos::prelude::expect_context;
use leptos_axum::ResponseOptions;
use shared::accounts::Secret;

/// Seconds until the code is asked for again.
const SECONDS: u32 = 12 * 3600;

/// The name of the cookie of a link: a browser may keep passes of several.
pub fn name(settings: &Settings, link: &Secret) -> String {
    let prefix = if settings.base_url.starts_with("https://") { "__Host-" } else { "" };
    format!("{prefix}kindred-pass-{}", db::visits::mark(link))
}

/// The pass for a link of the browser that asks.
pub fn pass(link: &Secret) -> Option<Secret> {
    context::cookie(&name(&context::app().settings, link)).map(Secret)
}

/// Gives the browser a pass for a link.
pub fn remember(link: &Secret, pass: &Secret) {
    let settings = context::app().settings;
    let secure = if settings.base_url.starts_with("https://") { "; Secure" } else { "" };
    let cookie =
        format!("{}={}; Path=/; Max-Age={SECONDS}; HttpOnly; SameSite=Lax{secure}", name(&settings, link), pass.0);
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        expect_context::<ResponseOptions>().append_header(SET_COOKIE, cookie);
    }
}
