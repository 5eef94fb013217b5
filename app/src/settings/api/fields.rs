//! Client information fields.

use crate::error::AppError;
use leptos::prelude::*;
use shared::fields::{ChoiceForm, FieldForm};

/// `id` is empty for a new field. A choice field's choices are arranged next.
#[server(prefix = "/fn", endpoint = "settings/save_field")]
pub async fn save_field(id: String, form: FieldForm) -> Result<(), AppError> {
    use super::{administrator, maybe};
    use crate::context::pool;
    let (actor, pool) = (administrator()?, pool());
    let saved = db::practice::fields::save(&pool, &actor, maybe(&id)?, &form.parse()?).await?;
    leptos_axum::redirect(&match form.kind.as_str() {
        "choice" => format!("/settings/fields/{saved}?done=field-saved"),
        _ => "/settings/fields?done=field-saved".to_owned(),
    });
    Ok(())
}

/// Puts a field behind another, or first; `went` says which way, for the focus.
#[server(prefix = "/fn", endpoint = "settings/place_field")]
pub async fn place_field(id: String, after: String, went: String) -> Result<(), AppError> {
    use super::{known, maybe, moved};
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    db::practice::fields::place(&pool, &actor, known(&id)?, maybe(&after)?).await?;
    leptos_axum::redirect(&moved("/settings/fields", &id, &went));
    Ok(())
}

/// Retires a field, or brings it back.
#[server(prefix = "/fn", endpoint = "settings/set_field_active")]
pub async fn set_field_active(id: String, active: bool) -> Result<(), AppError> {
    use super::known;
    use crate::context::{actor, pool};
    db::practice::fields::set_active(&pool(), &actor()?, known(&id)?, active).await?;
    leptos_axum::redirect(&format!("/settings/fields?done={}", if active { "brought-back" } else { "field-retired" }));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "settings/rename_choice")]
pub async fn rename_choice(id: String, form: ChoiceForm) -> Result<(), AppError> {
    use super::{administrator, known};
    use crate::context::pool;
    let (actor, pool) = (administrator()?, pool());
    let field = db::practice::fields::rename_choice(&pool, &actor, known(&id)?, &form.parse()?, &form.was).await?;
    leptos_axum::redirect(&format!("/settings/fields/{field}?done=choice-saved"));
    Ok(())
}

/// Puts a choice behind another, or first; `went` says which way, for the focus.
#[server(prefix = "/fn", endpoint = "settings/place_choice")]
pub async fn place_choice(id: String, after: String, went: String) -> Result<(), AppError> {
    use super::{known, maybe, moved};
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    let field = db::practice::fields::place_choice(&pool, &actor, known(&id)?, maybe(&after)?).await?;
    leptos_axum::redirect(&moved(&format!("/settings/fields/{field}"), &id, &went));
    Ok(())
}

/// Retires a choice, or brings it back.
#[server(prefix = "/fn", endpoint = "settings/set_choice_active")]
pub async fn set_choice_active(id: String, active: bool) -> Result<(), AppError> {
    use super::known;
    use crate::context::{actor, pool};
    let field = db::practice::fields::set_choice_active(&pool(), &actor()?, known(&id)?, active).await?;
    leptos_axum::redirect(&format!(
        "/settings/fields/{field}?done={}",
        if active { "brought-back" } else { "retired" }
    ));
    Ok(())
}
