//! Reminders.

use crate::error::AppError;
use leptos::prelude::*;
use shared::messages::QuietForm;
use shared::reminders::ReminderForm;

#[server(prefix = "/fn", endpoint = "settings/add_reminder")]
pub async fn add_reminder(form: ReminderForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::messages::reminders::add(&pool(), &actor()?, &form).await?;
    leptos_axum::redirect("/settings/reminders?done=reminder-added");
    Ok(())
}

#[server(prefix = "/fn", endpoint = "settings/remove_reminder")]
pub async fn remove_reminder(id: String) -> Result<(), AppError> {
    use super::known;
    use crate::context::{actor, pool};
    db::messages::reminders::remove(&pool(), &actor()?, known(&id)?).await?;
    leptos_axum::redirect("/settings/reminders?done=reminder-removed");
    Ok(())
}

/// How long mail about what staff changed waits.
#[server(prefix = "/fn", endpoint = "settings/save_quiet")]
pub async fn save_quiet(form: QuietForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::messages::save_quiet(&pool(), &actor()?, &form).await?;
    leptos_axum::redirect("/settings/reminders?done=quiet-saved");
    Ok(())
}
