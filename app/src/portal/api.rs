//! The portal's server functions.

use crate::error::AppError;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use shared::appointments::{BookingForm, FreeWeek};
use shared::{AppointmentId, ServiceId, StaffId};

/// The free times of the week from `from`, for a service and perhaps one
/// practitioner. Clients only.
#[server(prefix = "/fn", endpoint = "portal/free_week", input = GetUrl)]
pub async fn load_week(
    service: ServiceId,
    #[server(default)] practitioner: Option<StaffId>,
    from: chrono::NaiveDate,
) -> Result<FreeWeek, AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.client()?;
    let query = db::slots::FreeQuery { service, practitioner, client: None, first: from, last: from, portal: true };
    Ok(db::slots::free_week(&pool, query, chrono::Utc::now()).await?)
}

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
