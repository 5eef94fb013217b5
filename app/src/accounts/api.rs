//! Server functions of logging in. What can be guessed at is limited by address.

use crate::error::AppError;
use leptos::prelude::*;
use shared::ClientNumber;
use shared::accounts::{FinishForm, LoginForm, PasswordForm, RegistrationForm, ResetForm};

#[server(prefix = "/fn", endpoint = "accounts/login")]
pub async fn login(form: LoginForm) -> Result<(), AppError> {
    use super::session;
    use crate::context::{app, local_path};
    session::not_too_often()?;
    let app = app();
    app.delays.wait(&form.username).await;
    let account = db::accounts::authenticate(&app.pool, &form.username, &form.password).await?;
    let account = account.ok_or(shared::Refusal::BadCredentials)?;
    app.delays.succeeded(&form.username);
    session::enter(account, local_path(&form.next).as_deref().unwrap_or("/")).await?;
    Ok(())
}

#[server(prefix = "/fn", endpoint = "accounts/logout")]
pub async fn logout() -> Result<(), AppError> {
    super::session::log_out().await?;
    super::session::clear_browser();
    leptos_axum::redirect("/login?done=logged-out");
    Ok(())
}

/// The answer is the same whether or not anyone goes by that name.
#[server(prefix = "/fn", endpoint = "accounts/request_reset")]
pub async fn request_reset(form: ResetForm) -> Result<(), AppError> {
    super::session::not_too_often()?;
    if form.username.trim().is_empty() {
        return Err(shared::Refusal::field("username", shared::Problem::Required).into());
    }
    db::accounts::request_reset(&crate::context::pool(), &form.username).await?;
    leptos_axum::redirect("/reset?sent=1");
    Ok(())
}

/// Uses a reset link.
#[server(prefix = "/fn", endpoint = "accounts/reset")]
pub async fn reset(form: PasswordForm) -> Result<(), AppError> {
    use super::session;
    session::not_too_often()?;
    let account = db::accounts::reset(&crate::context::pool(), &form).await?;
    session::enter_as(account, |actor| format!("{}?done=password-set", session::home(actor))).await?;
    Ok(())
}

/// Uses a claim link.
#[server(prefix = "/fn", endpoint = "accounts/claim")]
pub async fn claim(form: PasswordForm) -> Result<(), AppError> {
    use super::session;
    session::not_too_often()?;
    let account = db::accounts::claim(&crate::context::pool(), &form).await?;
    session::enter_as(account, |actor| format!("{}?done=password-set", session::home(actor))).await?;
    Ok(())
}

/// Sends the person who wants to become a client a link. The answer is the same
/// whether or not the address is known.
#[server(prefix = "/fn", endpoint = "accounts/register")]
pub async fn register(form: RegistrationForm) -> Result<(), AppError> {
    super::session::not_too_often()?;
    let next = crate::context::local_path(&form.next).unwrap_or_default();
    let form = RegistrationForm { next, ..form };
    let visitor = super::visitor::secret();
    db::accounts::register_while_booking(&crate::context::pool(), &form, visitor.as_ref()).await?;
    if let Some(secret) = visitor {
        db::appointments::prolong_visitor_hold(&crate::context::pool(), &secret).await?;
    }
    leptos_axum::redirect("/register?sent=1");
    Ok(())
}

/// Uses the link of a registration: makes the client and their log-in.
#[server(prefix = "/fn", endpoint = "accounts/finish_registration")]
pub async fn finish_registration(form: FinishForm) -> Result<(), AppError> {
    use super::session;
    session::not_too_often()?;
    let made = db::accounts::finish_registration(&crate::context::pool(), form).await?;
    let next = crate::context::local_path(&made.next).unwrap_or_else(|| "/book".to_owned());
    let to = crate::clients::with_params(&next, &[("done", "registered")]);
    let actor = session::enter_as(made.account, |_| to).await?;
    if let (Some(visitor), Some(actor)) = (made.visitor, actor) {
        db::appointments::adopt_of(&crate::context::pool(), &actor, visitor).await?;
    }
    Ok(())
}

/// Sends the welcome e-mail.
#[server(prefix = "/fn", endpoint = "accounts/invite")]
pub async fn invite(number: ClientNumber) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::accounts::invite(&pool(), &actor()?, number).await?;
    leptos_axum::redirect(&format!("/clients/{number}?done=invited"));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "accounts/send_reset")]
pub async fn send_reset(number: ClientNumber) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::accounts::send_reset(&pool(), &actor()?, number).await?;
    leptos_axum::redirect(&format!("/clients/{number}?done=reset-sent"));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "accounts/remove_login")]
pub async fn remove_login(number: ClientNumber) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let done = match db::accounts::remove_login(&pool(), &actor()?, number).await? {
        true => "login-removed",
        false => "invitation-withdrawn",
    };
    leptos_axum::redirect(&format!("/clients/{number}?done={done}"));
    Ok(())
}
