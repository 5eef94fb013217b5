//! Staff's server functions for repeating appointments.

use crate::error::AppError;
use leptos::prelude::*;
use shared::AppointmentId;
use shared::appointments::CancelForm;
use shared::series::{SeriesBookingForm, SeriesMoreForm, SeriesMoveForm, SeriesScope};

/// Books every date that is not left out. `check`: shows what the choices come to, and
/// books nothing.
#[server(prefix = "/fn", endpoint = "series/book")]
pub async fn book_series(form: SeriesBookingForm, #[server(default)] check: String) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.staff()?;
    if !check.is_empty() {
        // Asked again by the page, with the choices; here only whether they may be made.
        db::series::preview(&pool, &actor, &form).await?;
        return Err(AppError::ShowAgain);
    }
    let first = db::series::book(&pool, &actor, &form).await?;
    leptos_axum::redirect(&format!("/appointments/{first}/series?done=series-booked"));
    Ok(())
}

/// Books more dates of a series. `check`: shows what the choices come to, and books nothing.
#[server(prefix = "/fn", endpoint = "series/extend")]
pub async fn extend_series(form: SeriesMoreForm, #[server(default)] check: String) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.staff()?;
    if !check.is_empty() {
        db::series::preview_more(&pool, &actor, &form).await?;
        return Err(AppError::ShowAgain);
    }
    let first = db::series::book_more(&pool, &actor, &form).await?;
    leptos_axum::redirect(&format!("/appointments/{first}/series?done=series-extended"));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "series/move")]
pub async fn move_series(form: SeriesMoveForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.staff()?;
    db::series::reschedule(&pool, &actor, &form).await?;
    leptos_axum::redirect(&format!("/appointments/{}/series?done=series-moved", form.appointment.trim()));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "series/cancel")]
pub async fn cancel_series(
    appointment: AppointmentId,
    scope: SeriesScope,
    #[server(default)] form: CancelForm,
) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.staff()?;
    db::series::cancel(&pool, &actor, appointment, scope, &form).await?;
    leptos_axum::redirect(&format!("/appointments/{appointment}/series?done=series-cancelled"));
    Ok(())
}
