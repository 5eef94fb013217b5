use crate::error::AppError;
use leptos::prelude::*;
use shared::accounts::Secret;

/// Ends the mail of the link.
#[server(prefix = "/fn", endpoint = "messages/unsubscribe")]
pub async fn unsubscribe(token: Secret) -> Result<(), AppError> {
    db::messages::unsubscribe::unsubscribe(&crate::context::pool(), &token).await?;
    let token = crate::context::url_encode(&token.0);
    leptos_axum::redirect(&format!("/unsubscribe/{token}?ended=1"));
    Ok(())
}
