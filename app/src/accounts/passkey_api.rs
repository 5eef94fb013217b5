//! Server functions of passkeys. Those that begin something answer with JSON, for the script of the page alone.

use crate::error::AppError;
use leptos::prelude::*;
use shared::PasskeyId;
use shared::accounts::{PasskeyForm, PasskeyLoginForm, PasskeyNameForm};

/// What the browser needs to make a passkey.
#[server(prefix = "/fn", endpoint = "account/begin_passkey")]
pub async fn begin_passkey() -> Result<String, AppError> {
    use crate::context::{actor, pool, session_id};
    let here = session_id().unwrap_or_default();
    let site = super::passkeys::site();
    let actor = actor()?;
    actor.confirmed()?;
    Ok(db::accounts::begin_passkey(&pool(), &actor, &site?, &here).await?.to_string())
}

/// What the browser needs to confirm with a passkey that its owner is there.
#[server(prefix = "/fn", endpoint = "account/begin_proof")]
pub async fn begin_passkey_proof() -> Result<String, AppError> {
    use crate::context::{actor, pool, session_id};
    let here = session_id().unwrap_or_default();
    let (actor, site) = (actor()?, super::passkeys::site()?);
    Ok(db::accounts::begin_passkey_proof(&pool(), &site, &actor, &here).await?.to_string())
}

/// Keeps the passkey that the browser made.
#[server(prefix = "/fn", endpoint = "account/add_passkey")]
pub async fn add_passkey(form: PasskeyForm) -> Result<(), AppError> {
    use crate::context::{actor, pool, session_id};
    let here = session_id().unwrap_or_default();
    let (actor, site) = (actor()?, super::passkeys::site()?);
    let codes = db::accounts::add_passkey(&pool(), &actor, &site, &form, &here).await?;
    super::session::stay(&actor).await?;
    leptos_axum::redirect(&super::recovery::after("passkey-added", codes));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "account/rename_passkey")]
pub async fn rename_passkey(id: PasskeyId, form: PasskeyNameForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::accounts::rename_passkey(&pool(), &actor()?, id, &form).await?;
    leptos_axum::redirect("/account/security?done=passkey-renamed");
    Ok(())
}

#[server(prefix = "/fn", endpoint = "account/remove_passkey")]
pub async fn remove_passkey(id: PasskeyId) -> Result<(), AppError> {
    use crate::context::{actor, pool, session_id};
    let actor = actor()?;
    db::accounts::remove_passkey(&pool(), &actor, id, &session_id().unwrap_or_default()).await?;
    super::session::stay(&actor).await?;
    leptos_axum::redirect("/account/security?done=passkey-removed");
    Ok(())
}

/// What the browser needs to log in with a passkey: with any, or after the password (`second`) with one of that
/// account.
#[server(prefix = "/fn", endpoint = "accounts/begin_passkey")]
pub async fn begin_passkey_login(#[server(default)] second: bool) -> Result<String, AppError> {
    use super::{passkeys, session};
    use crate::context::pool;
    session::not_too_often()?;
    let site = passkeys::site()?;
    if second {
        let half = session::half().await.ok_or(shared::Refusal::SignedOut)?;
        return Ok(db::accounts::begin_passkey_step(&pool(), &site, &half).await?.to_string());
    }
    let (options, browser) = db::accounts::begin_passkey_login(&pool(), &site, passkeys::browser()).await?;
    passkeys::remember(&browser);
    Ok(options.to_string())
}

/// Logs in with a passkey, or completes a login with one.
#[server(prefix = "/fn", endpoint = "accounts/passkey_login")]
pub async fn passkey_login(form: PasskeyLoginForm, #[server(default)] second: bool) -> Result<(), AppError> {
    use super::{passkeys, session};
    use crate::context::{local_path, pool};
    session::not_too_often()?;
    let site = passkeys::site()?;
    let account = match second {
        true => {
            let half = session::half().await.ok_or(shared::Refusal::SignedOut)?;
            db::accounts::passkey_step(&pool(), &site, &half, &form).await?
        }
        false => {
            let browser = passkeys::browser().ok_or(shared::Refusal::Lapsed)?;
            db::accounts::passkey_login(&pool(), &site, &browser, &form).await?
        }
    };
    let to = local_path(&form.next).unwrap_or_else(|| session::home(&account.actor).to_owned());
    session::enter_with_both(account).await?;
    let given = if second { &["password", "passkey"][..] } else { &["passkey"] };
    session::note_given(given).await?;
    leptos_axum::redirect(&to);
    Ok(())
}
