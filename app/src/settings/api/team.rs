//! The team, and the first start.

use crate::error::AppError;
use leptos::prelude::*;
use shared::practice::{FirstRunForm, MemberForm, SetupForm};

/// Adds a team member.
#[server(prefix = "/fn", endpoint = "settings/add_member")]
pub async fn add_member(form: MemberForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.administrator()?;
    let details = form.parse()?;
    let id = db::practice::add_member(&pool, &actor, &details).await?;
    let done = if details.invite { "member-invited" } else { "member-added" };
    leptos_axum::redirect(&format!("/settings/team/{id}?done={done}"));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "settings/save_member")]
pub async fn save_member(id: String, form: MemberForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool, id) = (actor()?, pool(), super::known(&id)?);
    actor.administrator()?;
    db::practice::save_member(&pool, &actor, id, &form.parse()?).await?;
    leptos_axum::redirect(&format!("/settings/team/{id}?done=member-saved"));
    Ok(())
}

/// Mails an invitation; those before end.
#[server(prefix = "/fn", endpoint = "settings/invite_member")]
pub async fn invite_member(id: String) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let id = super::known(&id)?;
    db::practice::invite_member(&pool(), &actor()?, id).await?;
    leptos_axum::redirect(&format!("/settings/team/{id}?done=member-invited"));
    Ok(())
}

/// Mails a link for choosing a new password.
#[server(prefix = "/fn", endpoint = "settings/send_member_reset")]
pub async fn send_member_reset(id: String) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let id = super::known(&id)?;
    db::practice::send_member_reset(&pool(), &actor()?, id).await?;
    leptos_axum::redirect(&format!("/settings/team/{id}?done=reset-sent"));
    Ok(())
}

/// Deactivates a team member, or brings them back.
#[server(prefix = "/fn", endpoint = "settings/set_member_active")]
pub async fn set_member_active(id: String, active: bool) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let id = super::known(&id)?;
    db::practice::set_member_active(&pool(), &actor()?, id, active).await?;
    let done = if active { "member-reactivated" } else { "member-deactivated" };
    leptos_axum::redirect(&format!("/settings/team/{id}?done={done}"));
    Ok(())
}

/// Uses the set-up link: makes the first administrator and logs them in.
#[server(prefix = "/fn", endpoint = "setup/create")]
pub async fn set_up(form: SetupForm) -> Result<(), AppError> {
    use crate::accounts::session;
    session::not_too_often()?;
    let account = db::accounts::set_up(&crate::context::pool(), &form).await?;
    session::enter_as(account, |_| "/settings/first-run".to_owned()).await?;
    Ok(())
}

/// What the practice begins with.
#[server(prefix = "/fn", endpoint = "setup/begin")]
pub async fn begin(form: FirstRunForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.administrator()?;
    db::practice::begin(&pool, &actor, &form.parse()?).await?;
    leptos_axum::redirect("/calendar?done=begun");
    Ok(())
}

/// Passes over the first-run page.
#[server(prefix = "/fn", endpoint = "setup/skip")]
pub async fn skip_first_run() -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::practice::skip_first_run(&pool(), &actor()?).await?;
    leptos_axum::redirect("/calendar");
    Ok(())
}

/// Shows the checklist no more.
#[server(prefix = "/fn", endpoint = "setup/dismiss_checklist")]
pub async fn dismiss_checklist() -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::practice::dismiss_checklist(&pool(), &actor()?).await?;
    leptos_axum::redirect("/calendar");
    Ok(())
}
