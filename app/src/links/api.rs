//! Adding, changing and removing a relationship: the front desk's.

use crate::error::AppError;
use leptos::prelude::*;
use shared::ClientNumber;
use shared::links::{LinkForm, RemovalForm};

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

/// With nothing ticked, browsers send no `form` at all.
#[server(prefix = "/fn", endpoint = "links/remove")]
pub async fn remove_link(
    number: ClientNumber,
    other: ClientNumber,
    #[server(default)] form: RemovalForm,
) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::links::remove(&pool(), &actor()?, number, other, form.parse()?).await?;
    leptos_axum::redirect(&format!("/clients/{number}?done=link-removed"));
    Ok(())
}
