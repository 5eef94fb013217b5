//! Server functions of activities.

use crate::error::AppError;
use leptos::prelude::*;
use shared::ActivityId;
use shared::activities::ActivityForm;

/// `id` is empty for a new activity. A client who was chosen in the picker and
/// not added yet is part of it; what was typed there and not chosen is looked
/// for first, and nothing is saved.
#[server(prefix = "/fn", endpoint = "activities/save")]
pub async fn save_activity(
    id: String,
    form: ActivityForm,
    client: Option<String>,
    client_q: Option<String>,
) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (id, mut form) = (steps::known(&id)?, form);
    let q = client_q.unwrap_or_default();
    if !q.trim().is_empty() {
        leptos_axum::redirect(&steps::keep(id, form, q).await?);
        return Ok(());
    }
    if let Some(number) = client.and_then(|number| number.parse().ok()) {
        form.add(number);
    }
    db::activities::save(&pool(), &actor()?, id, &form).await?;
    leptos_axum::redirect("/activities?done=activity-saved");
    Ok(())
}

/// Keeps what is typed, takes one step, and comes back to the form. `step`:
/// `add` the person who is chosen in the picker, or look for what is typed there;
/// `add:1003`; `remove:1003`; `new`, to make a client who is then added;
/// anything else only shows the form again.
#[server(prefix = "/fn", endpoint = "activities/keep")]
pub async fn keep_activity(
    id: String,
    form: ActivityForm,
    step: String,
    client: Option<String>,
    client_q: Option<String>,
) -> Result<(), AppError> {
    let (id, mut form) = (steps::known(&id)?, form);
    let (step, number) = step.split_once(':').unwrap_or((&step, client.as_deref().unwrap_or_default()));
    let mut q = String::new();
    match (step, number.parse()) {
        ("add", Ok(number)) => form.add(number),
        ("add", Err(_)) => q = client_q.unwrap_or_default(),
        ("remove", Ok(number)) => form.remove(number),
        _ => {}
    }
    let form = steps::keep(id, form, q).await?;
    let to = match step {
        "new" => format!("/clients/new?next={}", crate::context::url_encode(&form)),
        _ => format!("{form}#clients"),
    };
    leptos_axum::redirect(&to);
    Ok(())
}

#[server(prefix = "/fn", endpoint = "activities/delete")]
pub async fn delete_activity(activity: ActivityId) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::activities::delete(&pool(), &actor()?, activity).await?;
    leptos_axum::redirect(&format!("/activities?done=activity-deleted:{activity}"));
    Ok(())
}

/// Puts back what was deleted within a day.
#[server(prefix = "/fn", endpoint = "activities/restore")]
pub async fn restore_activity(activity: ActivityId) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::activities::restore(&pool(), &actor()?, activity).await?;
    leptos_axum::redirect(&format!("/activities/{activity}?done=activity-restored"));
    Ok(())
}

#[cfg(feature = "ssr")]
mod steps {
    use super::*;
    use crate::context::{actor, pool};
    use db::activities::Draft;
    use shared::Refusal;

    /// The activity that a form is of; `None` for a new one.
    pub fn known(id: &str) -> Result<Option<ActivityId>, AppError> {
        match id {
            "" => Ok(None),
            id => Ok(Some(id.parse().map_err(|_| Refusal::NotFound)?)),
        }
    }

    /// Where the form goes on with what it was.
    pub async fn keep(id: Option<ActivityId>, form: ActivityForm, q: String) -> Result<String, AppError> {
        let q = q.chars().take(200).collect();
        let key = db::activities::keep(&pool(), &actor()?, id, &Draft { form, q }).await?;
        let page = id.map_or_else(|| "new".to_owned(), |id| id.to_string());
        Ok(format!("/activities/{page}?draft={key}"))
    }
}
