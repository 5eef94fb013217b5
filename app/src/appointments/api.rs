//! Staff's server functions for appointments.

use crate::error::AppError;
use leptos::prelude::*;
use shared::AppointmentId;
use shared::appointments::BookingForm;

/// Books a client; then to the day's list.
#[server(prefix = "/fn", endpoint = "appointments/book")]
pub async fn book(form: BookingForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.staff()?;
    let form = db::appointments::with_instant(&pool, form).await?;
    let booked = db::appointments::book(&pool, &actor, form.parse()?).await?;
    leptos_axum::redirect(&format!("/appointments/{booked}?done=booked"));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "appointments/cancel")]
pub async fn cancel(appointment: AppointmentId) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.staff()?;
    db::appointments::cancel(&pool, &actor, appointment).await?;
    leptos_axum::redirect(&format!("/appointments/{appointment}?done=cancelled"));
    Ok(())
}
