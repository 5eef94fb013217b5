//! A new secret, of a feed or recovery codes, on its way to the page that shows it: in a cookie of the browser that
//! asked for it, for a minute, because the database keeps a hash alone and an address bar is seen
//! by others.

use crate::context::{app, of_request};
use axum::http::HeaderValue;
use axum::http::header::{COOKIE, SET_COOKIE};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use shared::accounts::Secret;

fn is_https() -> bool {
    app().settings.base_url.starts_with("https://")
}

/// Of the feed's secret.
pub const FEED: &str = "feed";

fn name(what: &str) -> String {
    let prefix = if is_https() { "__Host-" } else { "" };
    format!("{prefix}kindred-{what}")
}

fn set(what: &str, value: &str, seconds: u32) {
    let secure = if is_https() { "; Secure" } else { "" };
    let cookie = format!("{}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}", name(what));
    if let (Some(response), Ok(cookie)) = (use_context::<ResponseOptions>(), HeaderValue::try_from(cookie)) {
        response.append_header(SET_COOKIE, cookie);
    }
}

/// Gives it to the browser.
pub fn hand_over(what: &str, secret: &Secret) {
    set(what, &secret.0, 60);
}

/// Takes it from the browser.
pub fn take(what: &str) -> Option<Secret> {
    let name = name(what);
    let cookies = of_request(|parts| {
        let values = parts.headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        values.collect::<Vec<_>>().join(";")
    });
    let mut pairs = cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
    let secret = pairs.find(|(key, _)| *key == name).map(|(_, secret)| Secret(secret.to_owned()))?;
    set(what, "", 0);
    Some(secret)
}
