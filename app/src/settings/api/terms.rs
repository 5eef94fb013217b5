//! Vocabularies.

use crate::error::AppError;
use leptos::prelude::*;
use shared::terms::TermForm;

/// `id` is empty for a new term.
#[server(prefix = "/fn", endpoint = "settings/save_term")]
pub async fn save_term(vocabulary: String, id: String, form: TermForm) -> Result<(), AppError> {
    use super::{administrator, known, maybe};
    use crate::context::pool;
    let (actor, pool) = (administrator()?, pool());
    let vocabulary: shared::terms::Vocabulary = known(&vocabulary)?;
    db::practice::terms::save(&pool, &actor, maybe(&id)?, &form.parse(vocabulary)?).await?;
    leptos_axum::redirect(&format!("/settings/vocabularies/{}?done=term-saved", vocabulary.as_str()));
    Ok(())
}

/// Puts a term behind another, or first; `went` says which way, for the focus.
#[server(prefix = "/fn", endpoint = "settings/place_term")]
pub async fn place_term(id: String, after: String, went: String) -> Result<(), AppError> {
    use super::{known, maybe, moved};
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    let vocabulary = db::practice::terms::place(&pool, &actor, known(&id)?, maybe(&after)?).await?;
    leptos_axum::redirect(&moved(&format!("/settings/vocabularies/{}", vocabulary.as_str()), &id, &went));
    Ok(())
}

/// Retires a term, or brings it back.
#[server(prefix = "/fn", endpoint = "settings/set_term_active")]
pub async fn set_term_active(id: String, active: bool) -> Result<(), AppError> {
    use super::known;
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    let vocabulary = db::practice::terms::set_active(&pool, &actor, known(&id)?, active).await?;
    let done = if active { "brought-back" } else { "retired" };
    leptos_axum::redirect(&format!("/settings/vocabularies/{}?done={done}", vocabulary.as_str()));
    Ok(())
}
