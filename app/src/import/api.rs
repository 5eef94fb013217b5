//! Server functions of importing.

use crate::error::AppError;
use leptos::prelude::*;
use shared::ImportId;
use shared::import::ImportForm;

/// Says what the columns are, and asks for a dry run.
#[server(prefix = "/fn", endpoint = "import/map")]
pub async fn map_columns(id: ImportId, form: ImportForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::import::map(&pool(), &actor()?, id, form).await?;
    leptos_axum::redirect(&format!("{}/{id}", super::PAGE));
    Ok(())
}
