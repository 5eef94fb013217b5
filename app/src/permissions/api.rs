//! Server functions of portal permissions.

use crate::error::AppError;
use leptos::prelude::*;
use shared::ClientNumber;
use shared::permissions::{DetailsForm, ExceptionForm, PermissionsForm};

/// The practice's answers.
#[server(prefix = "/fn", endpoint = "permissions/save")]
pub async fn save_permissions(#[server(default)] form: PermissionsForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let actor = actor()?;
    actor.administrator()?;
    db::permissions::save_settings(&pool(), &actor, &form.parse()?).await?;
    leptos_axum::redirect("/settings/permissions?done=permissions-saved");
    Ok(())
}

/// An exception of one client, or none any more.
#[server(prefix = "/fn", endpoint = "permissions/set")]
pub async fn set_permission(number: ClientNumber, #[server(default)] form: ExceptionForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    // What is wrong in the form is not said of a client that may not be seen.
    db::authz::administrable(&mut *db::pool::acquire(&pool).await?, &actor, number).await?;
    let (permission, allowed) = form.parse()?;
    db::permissions::set_exception(&pool, &actor, number, permission, allowed).await?;
    leptos_axum::redirect(&format!("/clients/{number}?done=permission-set#permissions"));
    Ok(())
}

/// What clients see and edit of their own record.
#[server(prefix = "/fn", endpoint = "permissions/save_details")]
pub async fn save_detail_settings(#[server(default)] form: DetailsForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let actor = actor()?;
    actor.administrator()?;
    db::permissions::save_details(&pool(), &actor, &form.parse()?).await?;
    leptos_axum::redirect("/settings/permissions?done=permissions-saved#details");
    Ok(())
}
