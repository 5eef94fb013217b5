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
    session::log_in(account).await?;
    leptos_axum::redirect(local_path(&form.next).unwrap_or("/"));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "accounts/logout")]
pub async fn logout() -> Result<(), AppError> {
    super::session::log_out().await?;
    super::session::clear_browser();
    leptos_axum::redirect("/login?done=logged-out");
    Ok(())
}

/// The answer is the same whether or not anybody goes by that name.
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
    let actor = session::log_in_as(account).await?;
    leptos_axum::redirect(&format!("{}?done=password-set", session::home(&actor)));
    Ok(())
}

/// Uses a claim link.
#[server(prefix = "/fn", endpoint = "accounts/claim")]
pub async fn claim(form: PasswordForm) -> Result<(), AppError> {
    use super::session;
    session::not_too_often()?;
    let account = db::accounts::claim(&crate::context::pool(), &form).await?;
    let actor = session::log_in_as(account).await?;
    leptos_axum::redirect(&format!("{}?done=password-set", session::home(&actor)));
    Ok(())
}

/// Sends whoever wants to become a client a link. The answer is the same
/// whether or not the address is known.
#[server(prefix = "/fn", endpoint = "accounts/register")]
pub async fn register(form: RegistrationForm) -> Result<(), AppError> {
    super::session::not_too_often()?;
    let next = crate::context::local_path(&form.next).unwrap_or_default().to_owned();
    let form = RegistrationForm { next, ..form };
    db::accounts::register(&crate::context::pool(), &form).await?;
    leptos_axum::redirect("/register?sent=1");
    Ok(())
}

/// Uses the link of a registration: makes the client and their log-in.
#[server(prefix = "/fn", endpoint = "accounts/finish_registration")]
pub async fn finish_registration(form: FinishForm) -> Result<(), AppError> {
    use super::session;
    session::not_too_often()?;
    let made = db::accounts::finish_registration(&crate::context::pool(), form).await?;
    session::log_in_as(made.account).await?;
    let next = crate::context::local_path(&made.next).unwrap_or("/book");
    leptos_axum::redirect(&crate::clients::with_params(next, &[("done", "registered")]));
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
