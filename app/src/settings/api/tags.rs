//! Tags.

use crate::error::AppError;
use leptos::prelude::*;
use shared::tags::{MergeForm, TagForm};

/// `id` is empty for a new tag.
#[server(prefix = "/fn", endpoint = "settings/save_tag")]
pub async fn save_tag(id: String, form: TagForm) -> Result<(), AppError> {
    use super::{administrator, maybe};
    use crate::context::pool;
    let (actor, pool) = (administrator()?, pool());
    let name = form.parse()?;
    match maybe(&id)? {
        None => drop(db::practice::tags::create(&pool, &actor, &name).await?),
        Some(id) => db::practice::tags::rename(&pool, &actor, id, &name, &form.was).await?,
    }
    leptos_axum::redirect("/settings/tags?done=tag-saved");
    Ok(())
}

/// Anyone who has the tag gets another instead.
#[server(prefix = "/fn", endpoint = "settings/merge_tag")]
pub async fn merge_tag(id: String, form: MergeForm) -> Result<(), AppError> {
    use super::{administrator, known};
    use crate::context::pool;
    let (actor, pool) = (administrator()?, pool());
    db::practice::tags::merge(&pool, &actor, known(&id)?, form.parse()?).await?;
    leptos_axum::redirect("/settings/tags?done=tag-merged");
    Ok(())
}

#[server(prefix = "/fn", endpoint = "settings/remove_tag")]
pub async fn remove_tag(id: String) -> Result<(), AppError> {
    use super::known;
    use crate::context::{actor, pool};
    db::practice::tags::remove(&pool(), &actor()?, known(&id)?).await?;
    leptos_axum::redirect("/settings/tags?done=tag-removed");
    Ok(())
}

/// Puts a removed tag back, within a day.
#[server(prefix = "/fn", endpoint = "settings/restore_tag")]
pub async fn restore_tag(id: String) -> Result<(), AppError> {
    use super::known;
    use crate::context::{actor, pool};
    db::practice::tags::restore(&pool(), &actor()?, known(&id)?).await?;
    leptos_axum::redirect("/settings/tags?done=tag-restored");
    Ok(())
}
