//! Whose session this is, for a page that comes back from the browser's cache.

use crate::error::AppError;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// The mark of the account that is logged in, as pages carry it; empty when no one is.
#[server(prefix = "/fn", endpoint = "accounts/current", input = GetUrl)]
pub async fn current_account() -> Result<String, AppError> {
    Ok(crate::context::maybe_actor().map(|actor| actor.mark()).unwrap_or_default())
}
