//! Server functions of the call list.

use crate::error::AppError;
use leptos::prelude::*;

/// `reached` is `yes`, `no`, or empty to take a note back.
#[server(prefix = "/fn", endpoint = "calls/note")]
pub async fn note_call(
    participant: String,
    callee: String,
    starts_at: String,
    reached: String,
) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    use shared::Refusal;
    let participant = participant.parse().map_err(|_| Refusal::NotFound)?;
    let callee = callee.parse().map_err(|_| Refusal::NotFound)?;
    let starts_at = starts_at.parse().map_err(|_| Refusal::NotFound)?;
    let reached = match reached.as_str() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    db::calls::note(&pool(), &actor()?, participant, callee, starts_at, reached).await?;
    leptos_axum::redirect("/calendar/calls?done=call-noted");
    Ok(())
}
