//! The practice, its locations, and who sends clients to it.

use crate::error::AppError;
use leptos::prelude::*;
use shared::practice::{CodeOnlyForm, LocationForm, PracticeForm, ProviderForm, SectionsForm};

#[server(prefix = "/fn", endpoint = "settings/save_practice")]
pub async fn save_practice(form: PracticeForm) -> Result<(), AppError> {
    use super::administrator;
    use crate::context::pool;
    let (actor, pool) = (administrator()?, pool());
    db::practice::save_practice(&pool, &actor, &form.parse()?).await?;
    leptos_axum::redirect("/settings/practice?done=practice-saved");
    Ok(())
}

/// Turns sections on and off.
#[server(prefix = "/fn", endpoint = "settings/save_sections")]
pub async fn save_sections(form: SectionsForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::practice::save_sections(&pool(), &actor()?, &form).await?;
    leptos_axum::redirect("/settings/sections?done=sections-saved");
    Ok(())
}

/// Turns code-only mode on or off.
#[server(prefix = "/fn", endpoint = "settings/set_code_only")]
pub async fn set_code_only(form: CodeOnlyForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::practice::set_code_only(&pool(), &actor()?, &form).await?;
    let done = if form.on { "code-only-on" } else { "code-only-off" };
    leptos_axum::redirect(&format!("/settings/practice?done={done}"));
    Ok(())
}

/// `id` is empty for a new location.
#[server(prefix = "/fn", endpoint = "settings/save_location")]
pub async fn save_location(id: String, form: LocationForm) -> Result<(), AppError> {
    use super::{administrator, maybe};
    use crate::context::pool;
    let (actor, pool) = (administrator()?, pool());
    db::practice::save_location(&pool, &actor, maybe(&id)?, &form.parse()?).await?;
    leptos_axum::redirect("/settings/locations?done=location-saved");
    Ok(())
}

/// Retires a location, or brings it back.
#[server(prefix = "/fn", endpoint = "settings/set_location_active")]
pub async fn set_location_active(id: String, active: bool) -> Result<(), AppError> {
    use super::known;
    use crate::context::{actor, pool};
    db::practice::set_location_active(&pool(), &actor()?, known(&id)?, active).await?;
    leptos_axum::redirect(&format!("/settings/locations?done={}", if active { "brought-back" } else { "retired" }));
    Ok(())
}

/// Appointments are held here from now on.
#[server(prefix = "/fn", endpoint = "settings/set_main_location")]
pub async fn set_main_location(id: String) -> Result<(), AppError> {
    use super::known;
    use crate::context::{actor, pool};
    db::practice::set_main_location(&pool(), &actor()?, known(&id)?).await?;
    leptos_axum::redirect("/settings/locations?done=location-saved");
    Ok(())
}

/// `id` is empty for a new provider.
#[server(prefix = "/fn", endpoint = "settings/save_provider")]
pub async fn save_provider(id: String, form: ProviderForm) -> Result<(), AppError> {
    use super::{administrator, maybe};
    use crate::context::pool;
    let (actor, pool) = (administrator()?, pool());
    db::practice::providers::save(&pool, &actor, maybe(&id)?, &form.parse()?).await?;
    leptos_axum::redirect("/settings/providers?done=provider-saved");
    Ok(())
}

/// Retires a provider, or brings them back.
#[server(prefix = "/fn", endpoint = "settings/set_provider_active")]
pub async fn set_provider_active(id: String, active: bool) -> Result<(), AppError> {
    use super::known;
    use crate::context::{actor, pool};
    db::practice::providers::set_active(&pool(), &actor()?, known(&id)?, active).await?;
    leptos_axum::redirect(&format!("/settings/providers?done={}", if active { "brought-back" } else { "retired" }));
    Ok(())
}
