//! Server functions of one's own account.

use crate::error::AppError;
use leptos::prelude::*;
use shared::SessionId;
use shared::accounts::{
    ConfirmAddressForm, MailChoices, OwnAddressForm, OwnDetailsForm, OwnPasswordForm, PreferencesForm,
};

/// Saves one's own name and address.
#[server(prefix = "/fn", endpoint = "account/save_details")]
pub async fn save_own_details(form: OwnDetailsForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.staff()?;
    super::session::not_too_often()?;
    db::accounts::save_own(&pool, &actor, &form.parse()?).await?;
    leptos_axum::redirect("/account?done=account-saved");
    Ok(())
}

/// Changes one's own password: every other session ends.
#[server(prefix = "/fn", endpoint = "account/change_password")]
pub async fn change_own_password(form: OwnPasswordForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let actor = actor()?;
    super::session::not_too_often()?;
    let account = db::accounts::change_password(&pool(), &actor, &form).await?;
    super::session::renew(account).await?;
    leptos_axum::redirect("/account?done=password-changed");
    Ok(())
}

#[server(prefix = "/fn", endpoint = "account/save_preferences")]
pub async fn save_preferences(form: PreferencesForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.staff()?;
    db::accounts::save_preferences(&pool, &actor, &form.parse()?).await?;
    leptos_axum::redirect("/account?done=preferences-saved");
    Ok(())
}

/// Which emails one gets.
#[server(prefix = "/fn", endpoint = "account/save_mail")]
pub async fn save_mail(#[server(default)] form: MailChoices) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::accounts::save_mail(&pool(), &actor()?, form).await?;
    leptos_axum::redirect("/account?done=mail-saved");
    Ok(())
}

/// Goes on to where the password was asked for. The server took it before.
#[server(prefix = "/fn", endpoint = "account/confirm")]
pub async fn confirm(next: String) -> Result<(), AppError> {
    use crate::context::{actor, local_path};
    actor()?.confirmed()?;
    leptos_axum::redirect(local_path(&next).as_deref().unwrap_or("/account"));
    Ok(())
}

/// Ends one of one's own sessions.
#[server(prefix = "/fn", endpoint = "account/end_session")]
pub async fn end_session(session: SessionId) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::accounts::sessions::end(&pool(), &actor()?, session).await?;
    leptos_axum::redirect("/account?done=session-ended");
    Ok(())
}

/// Ends every session of one's own but this one.
#[server(prefix = "/fn", endpoint = "account/end_other_sessions")]
pub async fn end_other_sessions() -> Result<(), AppError> {
    use crate::context::{actor, pool, session_id};
    db::accounts::sessions::end_others(&pool(), &actor()?, &session_id().unwrap_or_default()).await?;
    leptos_axum::redirect("/account?done=sessions-ended");
    Ok(())
}

/// Mails a link to a client's new address; nothing changes before it is used.
#[server(prefix = "/fn", endpoint = "account/request_address")]
pub async fn request_address(form: OwnAddressForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let actor = actor()?;
    actor.client()?;
    super::session::not_too_often()?;
    db::accounts::request_address(&pool(), &actor, &form).await?;
    leptos_axum::redirect("/account?done=address-requested");
    Ok(())
}

/// Uses the link that went to a new address.
#[server(prefix = "/fn", endpoint = "account/confirm_address")]
pub async fn confirm_address(form: ConfirmAddressForm) -> Result<(), AppError> {
    use crate::context::{maybe_actor, pool};
    super::session::not_too_often()?;
    db::accounts::confirm_address(&pool(), &form).await?;
    leptos_axum::redirect(match maybe_actor() {
        Some(db::Actor::Client(_)) => "/account?done=address-changed",
        _ => "/login?done=address-changed",
    });
    Ok(())
}

/// Uses the link that went to the address from before a change.
#[server(prefix = "/fn", endpoint = "account/undo_address")]
pub async fn undo_address(token: shared::accounts::Secret) -> Result<(), AppError> {
    super::session::not_too_often()?;
    db::accounts::undo_address(&crate::context::pool(), &token).await?;
    leptos_axum::redirect("/login?done=address-back");
    Ok(())
}
