//! Server functions of availability.

use crate::error::AppError;
use leptos::prelude::*;
use shared::ClientNumber;
use shared::practice::HoursForm;

/// Staff, of a client they may see.
#[server(prefix = "/fn", endpoint = "availability/save")]
pub async fn save_availability(number: ClientNumber, form: HoursForm) -> Result<(), AppError> {
    save(Some(number), form).await?;
    leptos_axum::redirect(&format!("/clients/{number}?done=availability-saved"));
    Ok(())
}

/// A client, their own.
#[server(prefix = "/fn", endpoint = "availability/save_mine")]
pub async fn save_my_availability(form: HoursForm) -> Result<(), AppError> {
    save(None, form).await?;
    leptos_axum::redirect("/my/availability?done=availability-saved");
    Ok(())
}

#[cfg(feature = "ssr")]
async fn save(number: Option<ClientNumber>, form: HoursForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    // Days left out would be read as unavailable, and shift those after them.
    if form.days.len() != shared::practice::WEEKDAYS.len() {
        return Err(AppError::Malformed);
    }
    Ok(db::clients::save_availability(&pool(), &actor()?, number, &form).await?)
}
