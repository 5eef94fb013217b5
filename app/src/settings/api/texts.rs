//! The words of messages.

use crate::error::AppError;
use leptos::prelude::*;
use shared::texts::TextForm;

/// Saves the words of one text. With `look` the page is only shown again, with a preview of what is
/// typed: nothing of it is in an address.
#[server(prefix = "/fn", endpoint = "settings/save_text")]
pub async fn save_text(
    text: String,
    channel: String,
    language: String,
    form: TextForm,
    #[server(default)] look: bool,
) -> Result<(), AppError> {
    use super::{administrator, known};
    let (actor, pool) = (administrator()?, crate::context::pool());
    let (of, by, within) = (known(&text)?, known(&channel)?, known(&language)?);
    if look {
        return Err(AppError::ShowAgain);
    }
    db::messages::edit::save_text(&pool, &actor, of, by, within, &form).await?;
    leptos_axum::redirect(&format!("/settings/messages/{text}/{channel}/{language}?done=text-saved"));
    Ok(())
}

/// Back to an earlier version, from the page that showed `seen`; 0 is the built-in words.
#[server(prefix = "/fn", endpoint = "settings/restore_text")]
pub async fn restore_text(
    text: String,
    channel: String,
    language: String,
    version: i64,
    seen: i64,
) -> Result<(), AppError> {
    use super::{administrator, known};
    let (actor, pool) = (administrator()?, crate::context::pool());
    let (of, by, within) = (known(&text)?, known(&channel)?, known(&language)?);
    db::messages::edit::restore_text(&pool, &actor, of, by, within, version, seen).await?;
    leptos_axum::redirect(&format!("/settings/messages/{text}/{channel}/{language}?done=text-restored"));
    Ok(())
}

/// Mails a text to the administrator who asks.
#[server(prefix = "/fn", endpoint = "settings/send_test")]
pub async fn send_test(text: String, language: String) -> Result<(), AppError> {
    use super::{administrator, known};
    let (actor, pool) = (administrator()?, crate::context::pool());
    let base_url = crate::context::app().settings.base_url.clone();
    db::messages::edit::send_test(&pool, &actor, known(&text)?, known(&language)?, &base_url).await?;
    leptos_axum::redirect(&format!("/settings/messages/{text}/email/{language}?done=test-sent"));
    Ok(())
}

/// The language for everyone whose own there are no words for.
#[server(prefix = "/fn", endpoint = "settings/save_mail_language")]
pub async fn save_mail_language(language: String) -> Result<(), AppError> {
    use super::{administrator, known};
    let (actor, pool) = (administrator()?, crate::context::pool());
    db::messages::edit::save_mail_language(&pool, &actor, known(&language)?).await?;
    leptos_axum::redirect("/settings/messages?done=mail-language-saved");
    Ok(())
}
