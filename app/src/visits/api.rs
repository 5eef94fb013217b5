//! The server functions of video visits.

use crate::error::AppError;
use leptos::prelude::*;
use shared::AppointmentId;
use shared::visits::{EnterForm, PlaceForm, WindowForm};

/// Takes the access code of a link.
#[server(prefix = "/fn", endpoint = "visits/enter")]
pub async fn enter(form: EnterForm) -> Result<(), AppError> {
    crate::accounts::session::not_too_often()?;
    let pass = db::visits::enter(&crate::context::pool(), &form.secret, &form.code).await?;
    super::pass::remember(&form.secret, &pass);
    leptos_axum::redirect(&format!("/visit/{}", form.secret.0));
    Ok(())
}

/// Staff open a visit: those who were invited come in from then on.
#[server(prefix = "/fn", endpoint = "visits/open")]
pub async fn open(appointment: AppointmentId) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::visits::open(&pool(), &actor()?, appointment).await?;
    leptos_axum::redirect(&format!("/appointments/{appointment}#visit"));
    Ok(())
}

/// When links open and close.
#[server(prefix = "/fn", endpoint = "visits/save_window")]
pub async fn save_window(form: WindowForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let actor = actor()?;
    actor.administrator()?;
    db::visits::save_window(&pool(), &actor, form.parse()?).await?;
    leptos_axum::redirect("/settings/visits?done=visits-saved");
    Ok(())
}

/// Where the visits of a service or practitioner are held.
#[server(prefix = "/fn", endpoint = "visits/save_place")]
pub async fn save_place(form: PlaceForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let actor = actor()?;
    actor.administrator()?;
    db::visits::save_place(&pool(), &actor, &form).await?;
    leptos_axum::redirect("/settings/visits?done=visits-saved");
    Ok(())
}
