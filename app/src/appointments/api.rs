//! Staff's server functions for appointments.

use crate::error::AppError;
use leptos::prelude::*;
use shared::appointments::{AnswerForm, BookingForm, CancelForm, MoveForm, MovesForm, VisitsForm};
use shared::attendance::{Attendance, DetailsForm};
use shared::{AppointmentId, ParticipantId};

/// Books a client; then to the day's list.
#[server(prefix = "/fn", endpoint = "appointments/book")]
pub async fn book(form: BookingForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.staff()?;
    let booked = db::appointments::submit(&pool, &actor, form).await?;
    leptos_axum::redirect(&format!("/appointments/{booked}?done=booked:{booked}"));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "appointments/cancel")]
pub async fn cancel(appointment: AppointmentId, #[server(default)] form: CancelForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.staff()?;
    db::appointments::cancel_with(&pool, &actor, appointment, &form).await?;
    leptos_axum::redirect(&format!("/appointments/{appointment}?done=cancelled:{appointment}"));
    Ok(())
}

/// Moves an appointment; then to its page.
#[server(prefix = "/fn", endpoint = "appointments/move")]
pub async fn reschedule(form: MoveForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.staff()?;
    let moved = db::appointments::submit_move(&pool, &actor, form).await?;
    leptos_axum::redirect(&format!("/appointments/{moved}?done=moved:{moved}"));
    Ok(())
}

/// Books two who come together, or neither.
#[server(prefix = "/fn", endpoint = "appointments/book_several")]
pub async fn book_several(form: VisitsForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.staff()?;
    let booked = db::appointments::book_several(&pool, &actor, form.visits).await?;
    let ids: Vec<String> = booked.iter().map(ToString::to_string).collect();
    let first = ids.first().cloned().unwrap_or_default();
    leptos_axum::redirect(&format!("/appointments/{first}?done=booked:{}", ids.join(".")));
    Ok(())
}

/// Books a client with a practitioner who fits; a prospect becomes active with it.
#[server(prefix = "/fn", endpoint = "appointments/book_first")]
pub async fn book_first(form: BookingForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.staff()?;
    let booked = db::appointments::book_first(&pool, &actor, form).await?;
    leptos_axum::redirect(&format!("/appointments/{booked}?done=booked:{booked}"));
    Ok(())
}

/// Moves several, or none: those in time off, or of a practitioner who leaves. Then to `next`.
#[server(prefix = "/fn", endpoint = "appointments/move_several")]
pub async fn move_several(form: MovesForm, #[server(default)] next: String) -> Result<(), AppError> {
    use crate::context::{actor, local_path, pool};
    let (actor, pool) = (actor()?, pool());
    actor.staff()?;
    let moved = db::appointments::submit_moves(&pool, &actor, &form).await?;
    let next = local_path(&next).unwrap_or_else(|| "/calendar".to_owned());
    let done = if moved == 0 { "appointments-kept" } else { "appointments-moved" };
    leptos_axum::redirect(&format!("{next}?done={done}"));
    Ok(())
}

/// Accepts a request.
#[server(prefix = "/fn", endpoint = "appointments/accept")]
pub async fn accept(appointment: AppointmentId, #[server(default)] form: AnswerForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.staff()?;
    db::appointments::accept(&pool, &actor, appointment, &form).await?;
    leptos_axum::redirect(&format!("/appointments/{appointment}?done=accepted:{appointment}"));
    Ok(())
}

/// Declines a request.
#[server(prefix = "/fn", endpoint = "appointments/decline")]
pub async fn decline(appointment: AppointmentId, #[server(default)] form: AnswerForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.staff()?;
    db::appointments::decline(&pool, &actor, appointment, &form).await?;
    leptos_axum::redirect(&format!("/appointments/{appointment}?done=declined:{appointment}"));
    Ok(())
}

/// Puts a cancelled appointment back while its time is free.
#[server(prefix = "/fn", endpoint = "appointments/restore")]
pub async fn restore(appointment: AppointmentId) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.staff()?;
    db::appointments::restore(&pool, &actor, appointment).await?;
    leptos_axum::redirect(&format!("/appointments/{appointment}?done=restored:{appointment}"));
    Ok(())
}

/// Who came: one person of an appointment. Then to the page `next`, or else to the appointment's.
#[server(prefix = "/fn", endpoint = "appointments/attend")]
pub async fn attend(
    participant: ParticipantId,
    attendance: Attendance,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    use crate::context::{actor, local_path, pool};
    let (actor, pool) = (actor()?, pool());
    actor.staff()?;
    let appointment = db::appointments::set_attendance(&pool, &actor, participant, attendance).await?;
    leptos_axum::redirect(&local_path(&next).unwrap_or_else(|| format!("/appointments/{appointment}")));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "appointments/save_details")]
pub async fn save_details(appointment: AppointmentId, form: DetailsForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.staff()?;
    db::appointments::save_details(&pool, &actor, appointment, &form).await?;
    leptos_axum::redirect(&format!("/appointments/{appointment}?done=appointment-saved"));
    Ok(())
}
