//! Merging is the front desk's.

use crate::error::AppError;
use leptos::prelude::*;
use shared::merge::MergeForm;
use shared::{ClientNumber, MergeId};

#[server(prefix = "/fn", endpoint = "merge/merge")]
pub async fn merge_clients(keep: ClientNumber, drop: ClientNumber, form: MergeForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::merge::merge(&pool(), &actor()?, keep, drop, &form).await?;
    leptos_axum::redirect(&format!("/clients/{keep}/merges?done=merged"));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "merge/undo")]
pub async fn undo_merge(number: ClientNumber, id: MergeId) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::merge::undo(&pool(), &actor()?, number, id).await?;
    leptos_axum::redirect(&format!("/clients/{number}?done=merge-undone"));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "merge/not_duplicate")]
pub async fn tell_apart(one: ClientNumber, other: ClientNumber, page: Option<u32>) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::merge::not_duplicate(&pool(), &actor()?, one, other).await?;
    leptos_axum::redirect(&format!("/clients/duplicates?page={}&done=not-duplicates:{one}:{other}", page.unwrap_or(1)));
    Ok(())
}

/// Takes it back that two are not one person.
#[server(prefix = "/fn", endpoint = "merge/maybe_duplicate")]
pub async fn not_told_apart(one: ClientNumber, other: ClientNumber) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::merge::maybe_duplicate(&pool(), &actor()?, one, other).await?;
    leptos_axum::redirect("/clients/duplicates?done=duplicates-again");
    Ok(())
}
