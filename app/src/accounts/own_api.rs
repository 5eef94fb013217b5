//! Server functions of one's own account.

use crate::error::AppError;
use leptos::prelude::*;
use shared::accounts::{OwnDetailsForm, OwnPasswordForm, PreferencesForm};

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
    actor.staff()?;
    super::session::not_too_often()?;
    let account = db::accounts::change_password(&pool(), &actor, &form).await?;
    super::session::log_in_as(account).await?;
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

/// Ends every session of one's own, this one too.
#[server(prefix = "/fn", endpoint = "account/log_out_everywhere")]
pub async fn log_out_everywhere() -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::accounts::log_out_everywhere(&pool(), &actor()?).await?;
    super::session::log_out().await?;
    leptos_axum::redirect("/login?done=logged-out");
    Ok(())
}
