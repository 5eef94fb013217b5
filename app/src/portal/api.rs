//! The portal's server functions.

use crate::error::AppError;
use leptos::prelude::*;
use shared::AppointmentId;
use shared::appointments::BookingForm;

/// Books for oneself or for somebody who grants it.
#[server(prefix = "/fn", endpoint = "portal/book")]
pub async fn book(form: BookingForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.client()?;
    db::appointments::book(&pool, &actor, form.parse()?).await?;
    leptos_axum::redirect("/my/appointments?done=booked");
    Ok(())
}

/// Cancels one's own appointment, or that of somebody who grants it.
#[server(prefix = "/fn", endpoint = "portal/cancel")]
pub async fn cancel(appointment: AppointmentId) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.client()?;
    db::appointments::cancel(&pool, &actor, appointment).await?;
    leptos_axum::redirect("/my/appointments?done=cancelled");
    Ok(())
}
