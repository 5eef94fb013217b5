//! Ticking off.

use crate::error::AppError;
use leptos::prelude::*;
use shared::TodoId;
use shared::todo::TodoKind;

/// Ticks a line off, or with `back` puts it back. Front desk only.
#[server(prefix = "/fn", endpoint = "todo/tick")]
pub async fn tick(kind: TodoKind, record: TodoId, #[server(default)] back: bool) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.front_desk()?;
    db::todo::tick(&pool, &actor, kind, record, !back).await?;
    let to = match back {
        true => "/todo?done=unticked".to_owned(),
        false => format!("/todo?done=ticked:{}.{record}", kind.as_str()),
    };
    leptos_axum::redirect(&to);
    Ok(())
}
