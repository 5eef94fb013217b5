//! Server functions of the documents.

use crate::error::AppError;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use shared::documents::DocumentForm;
use shared::{ClientNumber, DocumentId};

#[server(prefix = "/fn", endpoint = "documents/create")]
pub async fn create_document(number: ClientNumber, form: DocumentForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let id = db::documents::create(&pool(), &actor()?, number, &form).await?;
    leptos_axum::redirect(&format!("/documents/{id}?done=document-written"));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "documents/revise")]
pub async fn revise_document(id: DocumentId, form: DocumentForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::documents::revise(&pool(), &actor()?, id, &form).await?;
    leptos_axum::redirect(&format!("/documents/{id}?done=document-revised"));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "documents/share")]
pub async fn share_document(id: DocumentId) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::documents::share(&pool(), &actor()?, id).await?;
    leptos_axum::redirect(&format!("/documents/{id}?done=document-shared"));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "documents/withdraw")]
pub async fn withdraw_document(id: DocumentId) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::documents::withdraw(&pool(), &actor()?, id).await?;
    leptos_axum::redirect(&format!("/documents/{id}?done=document-withdrawn"));
    Ok(())
}

/// The linked clients who are chosen; none is left out of the form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReadersForm {
    pub readers: Vec<String>,
}

#[server(prefix = "/fn", endpoint = "documents/set_readers")]
pub async fn set_readers(id: DocumentId, #[server(default)] form: ReadersForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.staff()?;
    let readers: Vec<shared::ClientId> = form.readers.iter().filter_map(|id| id.parse().ok()).collect();
    db::documents::set_readers(&pool, &actor, id, &readers).await?;
    leptos_axum::redirect(&format!("/documents/{id}?done=document-readers"));
    Ok(())
}
