//! The portal's server functions.

use crate::error::AppError;
use leptos::prelude::*;
use shared::AppointmentId;
use shared::appointments::{BookingForm, CancelForm, MoveForm};
use shared::clients::own::{OwnConsentsForm, OwnRecordForm};

/// Books for oneself or for someone who grants it.
#[server(prefix = "/fn", endpoint = "portal/book")]
pub async fn book(form: BookingForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let actor = actor().inspect_err(|_| leptos_axum::redirect(&confirm_page(&form)))?;
    let pool = pool();
    let me = actor.client()?;
    let person = form.client.parse::<shared::ClientId>().map(|id| format!("&for={id}")).unwrap_or_default();
    let booked = db::appointments::submit(&pool, &actor, form).await?;
    // Where booked appointments are not shown, home says that it is done.
    let page = match db::appointments::mine_one(&pool, me, booked).await {
        Ok(_) => format!("/my/appointments/{booked}?done=booked:{booked}{person}"),
        Err(_) => format!("/my?done=booked:{booked}"),
    };
    leptos_axum::redirect(&page);
    Ok(())
}

/// The last step of booking with all that was chosen: where to go on after logging
/// in again.
#[cfg(feature = "ssr")]
fn confirm_page(form: &BookingForm) -> String {
    let BookingForm { service, practitioner, starts_at, client, anyone, hold, .. } = form;
    let mut pairs = vec![("service", service), ("with", practitioner), ("start", starts_at)];
    if !anyone {
        pairs.insert(1, ("practitioner", practitioner));
    }
    pairs.extend([("for", client), ("hold", hold)].into_iter().filter(|(_, value)| !value.is_empty()));
    let pairs = pairs.into_iter().map(|(name, value)| format!("{name}={}", crate::context::url_encode(value)));
    format!("/book/confirm?{}", pairs.collect::<Vec<_>>().join("&"))
}

/// Cancels one's own appointment, or that of someone who grants it.
#[server(prefix = "/fn", endpoint = "portal/cancel")]
pub async fn cancel(appointment: AppointmentId, #[server(default)] form: CancelForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    actor.client()?;
    db::appointments::cancel_with(&pool, &actor, appointment, &form).await?;
    leptos_axum::redirect(&format!("/my/appointments?done=cancelled:{appointment}"));
    Ok(())
}

/// Moves one's own appointment, or that of someone who grants it, as its policy allows.
#[server(prefix = "/fn", endpoint = "portal/move")]
pub async fn reschedule(form: MoveForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    let (actor, pool) = (actor()?, pool());
    let me = actor.client()?;
    let moved = db::appointments::submit_move(&pool, &actor, form).await?;
    let page = match db::appointments::mine_one(&pool, me, moved).await {
        Ok(_) => format!("/my/appointments/{moved}"),
        Err(_) => "/my".to_owned(),
    };
    leptos_axum::redirect(&format!("{page}?done=moved:{moved}"));
    Ok(())
}

/// Keeps a time for some minutes while one books; then to the last step, which says until when.
/// Where people may register while they book, the browser of someone who is not logged in keeps
/// it; so often only, by address.
#[server(prefix = "/fn", endpoint = "portal/hold")]
pub async fn hold(form: BookingForm) -> Result<(), AppError> {
    use crate::accounts::{session, visitor};
    use crate::context::{maybe_actor, pool};
    let pool = pool();
    let held = match maybe_actor() {
        Some(actor) => {
            actor.client()?;
            db::appointments::submit_hold(&pool, &actor, form.clone()).await?
        }
        None => {
            session::not_too_often()?;
            let secret = visitor::secret().unwrap_or_else(db::appointments::visitor_secret);
            let network = session::network();
            let browser = db::appointments::Visitor { secret: &secret, network: &network };
            let held = db::appointments::submit_visitor_hold(&pool, browser, form.clone()).await?;
            visitor::remember(&secret);
            held
        }
    };
    let (practitioner, hold) = (held.practitioner.to_string(), held.id.to_string());
    let starts_at = shared::appointments::instant_text(held.starts_at);
    let form = BookingForm { practitioner, starts_at, hold, ..form };
    leptos_axum::redirect(&confirm_page(&form));
    Ok(())
}

/// Saves what a client edits of their own record.
#[server(prefix = "/fn", endpoint = "portal/save_details")]
pub async fn save_my_details(#[server(default)] form: OwnRecordForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::clients::save_own_record(&pool(), &actor()?, &form).await?;
    leptos_axum::redirect("/my/details?done=details-saved");
    Ok(())
}

/// Saves how the practice may write to a client and call them.
#[server(prefix = "/fn", endpoint = "portal/save_consents")]
pub async fn save_my_consents(#[server(default)] form: OwnConsentsForm) -> Result<(), AppError> {
    use crate::context::{actor, pool};
    db::clients::save_own_consents(&pool(), &actor()?, &form).await?;
    leptos_axum::redirect("/my/details?done=consents-saved");
    Ok(())
}
