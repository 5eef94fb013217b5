//! The server functions of the settings.

mod fields;
mod practice;
mod tags;
mod team;
mod terms;

pub use fields::*;
pub use practice::*;
pub use tags::*;
pub use team::*;
pub use terms::*;

use crate::error::AppError;
use leptos::prelude::*;
use shared::practice::{HoursForm, ServiceForm, StaffNotesForm, WelcomeForm};

/// The id of something that a form is about; [`shared::Refusal::NotFound`] for
/// what is none.
#[cfg(feature = "ssr")]
fn known<T: std::str::FromStr>(id: &str) -> Result<T, AppError> {
    id.parse().map_err(|_| shared::Refusal::NotFound.into())
}

/// As [`known`]; `None` for an empty one: something new, or the first place.
#[cfg(feature = "ssr")]
fn maybe<T: std::str::FromStr>(id: &str) -> Result<Option<T>, AppError> {
    if id.is_empty() { Ok(None) } else { known(id).map(Some) }
}

/// Back to a list in which something was moved: the button pressed has the
/// focus again. `went` is `up` or `down`.
#[cfg(feature = "ssr")]
fn moved(list: &str, id: &str, went: &str) -> String {
    let went = if went == "down" { "down" } else { "up" };
    format!("{list}?at={id}&went={went}&done=moved")
}

/// `id` is empty for a new service.
#[server(prefix = "/fn", endpoint = "settings/save_service")]
pub async fn save_service(id: String, form: ServiceForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    db::practice::save_service(&pool, &actor, maybe(&id)?, form.parse()?).await?;
    leptos_axum::redirect("/settings/services?done=service-saved");
    Ok(())
}

/// Notes on somebody who works here.
#[server(prefix = "/fn", endpoint = "settings/save_staff_notes")]
pub async fn save_staff_notes(id: String, form: StaffNotesForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let id = known(&id)?;
    db::practice::save_staff_notes(&pool(), &actor()?, id, &form).await?;
    leptos_axum::redirect(&format!("/settings/team/{id}?done=notes-saved"));
    Ok(())
}

/// Whether a practitioner may book.
#[server(prefix = "/fn", endpoint = "settings/save_may_book")]
pub async fn save_may_book(practitioner: String, may_book: bool) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let practitioner = known(&practitioner)?;
    db::practice::save_may_book(&pool(), &actor()?, practitioner, may_book).await?;
    leptos_axum::redirect(&format!("/settings/practitioners/{practitioner}?done=may-book-saved"));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "settings/save_hours")]
pub async fn save_hours(practitioner: String, form: HoursForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    let practitioner = practitioner.parse().map_err(|_| shared::Refusal::NotFound)?;
    // Days left out would be read as days off, and shift those after them.
    if form.days.len() != shared::practice::WEEKDAYS.len() {
        return Err(AppError::Malformed);
    }
    let version = form.version.parse().ok();
    db::practice::save_hours(&pool, &actor, practitioner, form.parse()?, version).await?;
    leptos_axum::redirect(&format!("/settings/practitioners/{practitioner}?done=hours-saved"));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "settings/save_welcome")]
pub async fn save_welcome(form: WelcomeForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    let (subject, body, version) = form.parse()?;
    db::practice::save_welcome(&pool, &actor, &subject, &body, version).await?;
    leptos_axum::redirect("/settings/welcome?done=welcome-saved");
    Ok(())
}
