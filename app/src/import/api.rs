//! Server functions of importing. The upload is answered by the server itself.

use crate::error::AppError;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use shared::ImportId;
use shared::import::ImportForm;

/// The rows that a page of the review showed, and those that are ticked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReviewForm {
    /// What becomes of likely duplicates.
    pub duplicates: String,
    /// Lines of the file, between commas.
    pub shown: String,
    pub ticked: Vec<i32>,
}

/// Says what the columns are, and asks for a dry run.
#[server(prefix = "/fn", endpoint = "import/map")]
pub async fn map_columns(id: ImportId, form: ImportForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::import::map(&pool(), &actor()?, id, form).await?;
    leptos_axum::redirect(&format!("{}/{id}", super::PAGE));
    Ok(())
}

/// Goes back to the columns after a dry run.
#[server(prefix = "/fn", endpoint = "import/remap")]
pub async fn remap_columns(id: ImportId) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::import::remap(&pool(), &actor()?, id).await?;
    leptos_axum::redirect(&format!("{}/{id}", super::PAGE));
    Ok(())
}

/// Keeps what is ticked on a page of the review, and comes back to it.
#[server(prefix = "/fn", endpoint = "import/choose")]
pub async fn choose_rows(id: ImportId, form: ReviewForm, next: Option<String>) -> Result<(), AppError> {
    use crate::context::{actor, local_path, pool};
    let shown = form.shown.split(',').filter_map(|line| line.parse().ok()).collect();
    let ticks = db::import::TickForm { duplicates: form.duplicates, shown, ticked: form.ticked };
    db::import::choose(&pool(), &actor()?, id, &ticks).await?;
    let page = format!("{}/{id}", super::PAGE);
    leptos_axum::redirect(&next.as_deref().and_then(local_path).unwrap_or(page));
    Ok(())
}

/// Asks for the import. `without_bad`: rows with problems are left out.
#[server(prefix = "/fn", endpoint = "import/start")]
pub async fn start_import(id: ImportId, form: StartForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::import::start(&pool(), &actor()?, id, form.without_bad, &form.families).await?;
    leptos_axum::redirect(&format!("{}/{id}", super::PAGE));
    Ok(())
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StartForm {
    pub without_bad: bool,
    /// What becomes of households that are here already.
    pub families: String,
    /// So that a form of one unticked box is still a form.
    pub sure: String,
}

/// Stops what a server is doing with the file; nothing of it is kept.
#[server(prefix = "/fn", endpoint = "import/stop")]
pub async fn stop_import(id: ImportId) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::import::stop(&pool(), &actor()?, id).await?;
    leptos_axum::redirect(&format!("{}/{id}", super::PAGE));
    Ok(())
}

/// Forgets the file and its rows.
#[server(prefix = "/fn", endpoint = "import/discard")]
pub async fn discard_import(id: ImportId) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::import::discard(&pool(), &actor()?, id).await?;
    leptos_axum::redirect(&format!("{}?done=import-discarded", super::PAGE));
    Ok(())
}

/// Asks for an import to be undone.
#[server(prefix = "/fn", endpoint = "import/undo")]
pub async fn undo_import(id: ImportId) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::import::undo(&pool(), &actor()?, id).await?;
    leptos_axum::redirect(&format!("{}/{id}", super::PAGE));
    Ok(())
}
