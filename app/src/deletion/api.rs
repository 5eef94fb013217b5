//! Deleting is the front desk's, erasing the administrators'.

use crate::error::AppError;
use leptos::prelude::*;
use shared::ClientNumber;
use shared::deletion::{Blocker, EraseForm};

/// Clears one kind of what keeps a client from being deleted, and comes back.
#[server(prefix = "/fn", endpoint = "deletion/clear")]
pub async fn clear_blocker(number: ClientNumber, what: Blocker) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::deletion::clear(&pool(), &actor()?, number, what).await?;
    leptos_axum::redirect(&format!("/clients/{number}/delete?done=blocker-cleared"));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "deletion/delete")]
pub async fn delete_client(number: ClientNumber) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::deletion::delete(&pool(), &actor()?, number).await?;
    leptos_axum::redirect("/clients?done=client-deleted");
    Ok(())
}

#[server(prefix = "/fn", endpoint = "deletion/erase")]
pub async fn erase_client(number: ClientNumber, form: EraseForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::deletion::erase(&pool(), &actor()?, number, &form).await?;
    leptos_axum::redirect(&format!("/clients/{number}?done=client-erased"));
    Ok(())
}
