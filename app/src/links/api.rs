//! Adding, changing and removing a relationship: the front desk's.

use crate::error::AppError;
use leptos::prelude::*;
use shared::accounts::Secret;
use shared::links::{GrantsForm, InvitationForm, LinkForm, LinkSettingsForm, RemovalForm};
use shared::{ClientNumber, LinkId};

#[server(prefix = "/fn", endpoint = "links/create")]
pub async fn create_link(number: ClientNumber, other: ClientNumber, form: LinkForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::links::create(&pool(), &actor()?, number, other, form).await?;
    leptos_axum::redirect(&format!("/clients/{number}?done=link-created"));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "links/save")]
pub async fn save_link(number: ClientNumber, other: ClientNumber, form: LinkForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::links::update(&pool(), &actor()?, number, other, form).await?;
    leptos_axum::redirect(&format!("/clients/{number}?done=link-saved"));
    Ok(())
}

/// What is decided of each open matter; those that a removal takes without asking have no field.
#[server(prefix = "/fn", endpoint = "links/remove")]
pub async fn remove_link(
    number: ClientNumber,
    other: ClientNumber,
    #[server(default)] form: RemovalForm,
) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let cancelled = db::links::remove(&pool(), &actor()?, number, other, &form).await?;
    let ids: Vec<String> = cancelled.iter().map(ToString::to_string).collect();
    // More than a notice can name are listed on the profile.
    let named = match ids.len() {
        1..=crate::appointments::notice::NAMED_MAX => format!(":{}", ids.join(".")),
        _ => String::new(),
    };
    leptos_axum::redirect(&format!("/clients/{number}?done=link-removed{named}"));
    Ok(())
}

/// A client decides what someone linked to them may do for them.
#[server(prefix = "/fn", endpoint = "links/decide")]
pub async fn decide(link: LinkId, form: GrantsForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let actor = actor()?;
    actor.client()?;
    db::links::decide(&pool(), &actor, link, &form).await?;
    leptos_axum::redirect("/my/people?done=link-decided");
    Ok(())
}

#[server(prefix = "/fn", endpoint = "links/save_settings")]
pub async fn save_link_settings(form: LinkSettingsForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::links::save_settings(&pool(), &actor()?, &form).await?;
    leptos_axum::redirect("/settings/linked-clients?done=link-settings-saved");
    Ok(())
}

/// A client asks to be linked. The answer is the same for every address.
#[server(prefix = "/fn", endpoint = "links/invite")]
pub async fn invite(form: InvitationForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let actor = actor()?;
    actor.client()?;
    db::links::invite(&pool(), &actor, &form).await?;
    leptos_axum::redirect("/my/people?done=link-invited");
    Ok(())
}

#[server(prefix = "/fn", endpoint = "links/revoke_invitation")]
pub async fn revoke_invitation(id: String) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let actor = actor()?;
    actor.client()?;
    let id = id.parse().map_err(|_| shared::Refusal::NotFound)?;
    db::links::revoke(&pool(), &actor, id).await?;
    leptos_axum::redirect("/my/people?done=link-invitation-revoked");
    Ok(())
}

/// The one who was asked accepts. With nothing ticked, browsers send no `form` at all.
#[server(prefix = "/fn", endpoint = "links/accept")]
pub async fn accept_invitation(token: Secret, #[server(default)] form: GrantsForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let actor = actor()?;
    actor.client()?;
    db::links::accept(&pool(), &actor, &token, form.may).await?;
    leptos_axum::redirect("/my/people?done=link-accepted");
    Ok(())
}

/// Puts back a link that was removed some minutes ago.
#[server(prefix = "/fn", endpoint = "links/undo")]
pub async fn undo_removal(number: ClientNumber, other: ClientNumber) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::links::undo(&pool(), &actor()?, number, other).await?;
    leptos_axum::redirect(&format!("/clients/{number}?done=link-restored"));
    Ok(())
}
