//! The server function of safe contact.

use crate::error::AppError;
use leptos::prelude::*;
use shared::ClientNumber;
use shared::safe_contact::SafeContactForm;

/// With nothing ticked, browsers send no `form` at all.
#[server(prefix = "/fn", endpoint = "safe_contact/save")]
pub async fn save_safe_contact(number: ClientNumber, #[server(default)] form: SafeContactForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::safe_contact::save(&pool(), &actor()?, number, &form).await?;
    leptos_axum::redirect(&format!("/clients/{number}?done=safe-contact-saved"));
    Ok(())
}
