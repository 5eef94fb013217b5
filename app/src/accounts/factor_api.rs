//! Server functions of the second factor.

use crate::error::AppError;
use leptos::prelude::*;
use shared::accounts::{CodeForm, FactorPolicyForm, RemoveFactorsForm};
use shared::{ClientNumber, StaffId};

/// Completes a login with a code.
#[server(prefix = "/fn", endpoint = "accounts/second_factor")]
pub async fn second_factor(form: CodeForm) -> Result<(), AppError> {
    use super::session;
    use crate::context::{app, local_path};
    let half = session::half().await.ok_or(shared::Refusal::SignedOut)?;
    session::not_too_often()?;
    let (app, code) = (app(), form.parse()?);
    let account = db::accounts::give_second_factor(&app.pool, &app.sealer, &half, &code, chrono::Utc::now()).await?;
    let to = local_path(&form.next).unwrap_or_else(|| session::home(&account.actor).to_owned());
    session::enter_with_both(account).await?;
    leptos_axum::redirect(&to);
    Ok(())
}

/// Makes the secret of an authenticator app.
#[server(prefix = "/fn", endpoint = "account/begin_totp")]
pub async fn begin_totp() -> Result<(), AppError> {
    use crate::context::{actor, app};
    let app = app();
    db::accounts::begin_totp(&app.pool, &actor()?, &app.sealer).await?;
    leptos_axum::redirect("/account/authenticator");
    Ok(())
}

/// Sets the authenticator app up with a code of it.
#[server(prefix = "/fn", endpoint = "account/confirm_totp")]
pub async fn confirm_totp(form: CodeForm) -> Result<(), AppError> {
    use crate::context::{actor, app, session_id};
    let (actor, app) = (actor()?, app());
    super::session::not_too_often()?;
    let (code, here) = (form.parse()?, session_id().unwrap_or_default());
    let codes = db::accounts::confirm_totp(&app.pool, &actor, &app.sealer, &code, &here, chrono::Utc::now()).await?;
    super::session::stay(&actor).await?;
    leptos_axum::redirect(&super::recovery::after("factor-added", codes));
    Ok(())
}

/// Takes one's authenticator app away.
#[server(prefix = "/fn", endpoint = "account/remove_totp")]
pub async fn remove_totp() -> Result<(), AppError> {
    use crate::context::{actor, pool, session_id};
    let actor = actor()?;
    db::accounts::remove_totp(&pool(), &actor, &session_id().unwrap_or_default()).await?;
    super::session::stay(&actor).await?;
    leptos_axum::redirect("/account/security?done=factor-removed");
    Ok(())
}

/// Makes new recovery codes.
#[server(prefix = "/fn", endpoint = "account/new_codes")]
pub async fn new_codes() -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let codes = db::accounts::new_codes(&pool(), &actor()?).await?;
    super::recovery::hand_over(&codes);
    leptos_axum::redirect("/account/recovery-codes");
    Ok(())
}

/// Takes a client's factors away.
#[server(prefix = "/fn", endpoint = "accounts/remove_factors")]
pub async fn remove_factors(number: ClientNumber, form: RemoveFactorsForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::accounts::remove_client_factors(&pool(), &actor()?, number, &form).await?;
    leptos_axum::redirect(&format!("/clients/{number}?done=factors-removed"));
    Ok(())
}

/// Takes a colleague's factors away.
#[server(prefix = "/fn", endpoint = "settings/remove_member_factors")]
pub async fn remove_member_factors(id: StaffId, form: RemoveFactorsForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::accounts::remove_member_factors(&pool(), &actor()?, id, &form).await?;
    leptos_axum::redirect(&format!("/settings/team/{id}?done=factors-removed"));
    Ok(())
}

/// Saves which roles need a second factor.
#[server(prefix = "/fn", endpoint = "settings/save_factor_policy")]
pub async fn save_factor_policy(form: FactorPolicyForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let actor = actor()?;
    actor.administrator()?;
    db::accounts::save_factor_policy(&pool(), &actor, &form.parse()?).await?;
    leptos_axum::redirect("/settings/security?done=factor-policy-saved");
    Ok(())
}
