//! Server functions of bulk changes.

use crate::error::AppError;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use shared::BulkId;
use shared::bulk::{BulkForm, Progress};

/// Few rows are done within this time, before the page that tells of them comes.
#[cfg(feature = "ssr")]
const AT_ONCE: std::time::Duration = std::time::Duration::from_millis(1_000);

/// Starts a change of the selection, or shows it first to be confirmed.
#[server(prefix = "/fn", endpoint = "bulk/start")]
pub async fn start_bulk(form: BulkForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let id = db::bulk::start(&pool(), &actor()?, &form).await?;
    go_on(id).await
}

#[server(prefix = "/fn", endpoint = "bulk/confirm")]
pub async fn confirm_bulk(bulk: BulkId) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::bulk::confirm(&pool(), &actor()?, bulk).await?;
    go_on(bulk).await
}

#[server(prefix = "/fn", endpoint = "bulk/undo")]
pub async fn undo_bulk(bulk: BulkId) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::bulk::undo(&pool(), &actor()?, bulk).await?;
    go_on(bulk).await
}

/// How far a change has come, for the page that follows it.
#[server(prefix = "/fn", endpoint = "bulk/progress", input = GetUrl)]
pub async fn bulk_progress(bulk: BulkId) -> Result<Progress, AppError> {
    use crate::context::{actor, pool};
    Ok(db::bulk::progress(&pool(), &actor()?, bulk).await?)
}

#[cfg(feature = "ssr")]
async fn go_on(id: BulkId) -> Result<(), AppError> {
    db::bulk::work_on(&crate::context::pool(), id, AT_ONCE).await?;
    leptos_axum::redirect(&format!("/bulk/{id}"));
    Ok(())
}
