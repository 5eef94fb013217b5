//! The server functions of the settings.

mod fields;
mod practice;
mod reminders;
mod sms;
mod tags;
mod team;
mod terms;
mod texts;

pub use fields::*;
pub use practice::*;
pub use reminders::*;
pub use sms::*;
pub use tags::*;
pub use team::*;
pub use terms::*;
pub use texts::*;

use crate::error::AppError;
use leptos::prelude::*;
use shared::availability::ExceptionForm;
use shared::practice::{RoomForm, ServiceForm, StaffNotesForm, StaffPublicForm, WeekForm, WelcomeForm};

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

/// The administrator who asks. Said before their form is read: what is wrong in it is
/// nothing to anyone else.
#[cfg(feature = "ssr")]
fn administrator() -> Result<db::Actor, AppError> {
    let actor = crate::context::actor()?;
    actor.administrator()?;
    Ok(actor)
}

/// `id` is empty for a new service.
#[server(prefix = "/fn", endpoint = "settings/save_service")]
pub async fn save_service(id: String, form: ServiceForm) -> Result<(), AppError> {
    use crate::context::pool;
    let (actor, pool) = (administrator()?, pool());
    db::practice::save_service(&pool, &actor, maybe(&id)?, form.parse()?).await?;
    leptos_axum::redirect("/settings/services?done=service-saved");
    Ok(())
}

/// Notes on someone who works here.
#[server(prefix = "/fn", endpoint = "settings/save_staff_notes")]
pub async fn save_staff_notes(id: String, form: StaffNotesForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let id = known(&id)?;
    db::practice::save_staff_notes(&pool(), &actor()?, id, &form).await?;
    leptos_axum::redirect(&format!("/settings/team/{id}?done=notes-saved"));
    Ok(())
}

/// What clients see of a practitioner.
#[server(prefix = "/fn", endpoint = "settings/save_staff_public")]
pub async fn save_staff_public(id: String, form: StaffPublicForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let id = known(&id)?;
    db::portal::save_staff_public(&pool(), &actor()?, id, &form).await?;
    leptos_axum::redirect(&format!("/settings/team/{id}?done=staff-public-saved"));
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
pub async fn save_hours(practitioner: String, form: WeekForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    let practitioner = practitioner.parse().map_err(|_| shared::Refusal::NotFound)?;
    // Days left out would be read as days off, and shift those after them.
    if form.days.len() != shared::practice::WEEKDAYS.len() {
        return Err(AppError::Malformed);
    }
    db::practice::save_week(&pool, &actor, practitioner, &form).await?;
    leptos_axum::redirect(&format!("/settings/practitioners/{practitioner}?done=hours-saved"));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "settings/save_welcome")]
pub async fn save_welcome(form: WelcomeForm) -> Result<(), AppError> {
    use crate::context::pool;
    let (actor, pool) = (administrator()?, pool());
    let (subject, body, version) = form.parse()?;
    db::practice::save_welcome(&pool, &actor, &subject, &body, version).await?;
    leptos_axum::redirect("/settings/welcome?done=welcome-saved");
    Ok(())
}

/// Time off, a closed day or extra hours; then to the appointments booked during it.
#[server(prefix = "/fn", endpoint = "settings/add_exception")]
pub async fn add_exception(form: ExceptionForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let id = db::availability::add(&pool(), &actor()?, &form).await?;
    if form.kind == shared::availability::Kind::Off.as_str() {
        leptos_axum::redirect(&format!("/settings/time-off/{id}?done=time-off-added"));
    } else {
        leptos_axum::redirect("/settings/time-off?done=extra-hours-added");
    }
    Ok(())
}

#[server(prefix = "/fn", endpoint = "settings/remove_exception")]
pub async fn remove_exception(id: String) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let actor = actor()?;
    actor.staff()?;
    db::availability::remove(&pool(), &actor, known(&id)?).await?;
    leptos_axum::redirect("/settings/time-off?done=time-off-removed");
    Ok(())
}

/// `id` is empty for a new room.
#[server(prefix = "/fn", endpoint = "settings/save_room")]
pub async fn save_room(id: String, form: RoomForm) -> Result<(), AppError> {
    use crate::context::pool;
    let (actor, pool) = (administrator()?, pool());
    db::practice::rooms::save(&pool, &actor, maybe(&id)?, &form.parse()?).await?;
    leptos_axum::redirect("/settings/rooms?done=room-saved");
    Ok(())
}

/// Archives a room, or restores it.
#[server(prefix = "/fn", endpoint = "settings/set_room_active")]
pub async fn set_room_active(id: String, active: bool) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::practice::rooms::set_active(&pool(), &actor()?, known(&id)?, active).await?;
    leptos_axum::redirect(&format!("/settings/rooms?done={}", if active { "brought-back" } else { "retired" }));
    Ok(())
}
