//! A video visit on the appointment's page, for staff.

use crate::error::AppError;
use crate::ui::page::Page;
use leptos::prelude::*;
use shared::AppointmentId;

/// Opens it, or leads to it; nothing where the appointment is not by video.
pub async fn section(page: &Page, id: AppointmentId, opens: bool) -> Result<Option<AnyView>, AppError> {
    let Some(visit) = db::visits::of_staff(page.pool(), &page.actor, id).await? else { return Ok(None) };
    let act = match (visit.has_place, visit.opened_at, opens) {
        (false, ..) => view! {
            <p class="muted">"No address is set for video visits of this service or practitioner. An administrator sets it under Settings → Video visits."</p>
        }
        .into_any(),
        (_, Some(_), true) => view! {
            <p>"The visit is open: those who were invited can join."</p>
            <p><a class="button primary" href=format!("/appointments/{id}/visit") rel="noreferrer" target="_blank">"Join the visit"<span class="sr-only">" (opens in a new tab)"</span></a></p>
        }
        .into_any(),
        (_, None, true) => view! {
            <form method="post" action="/fn/visits/open" data-once="">
                <input type="hidden" name="_page" value=page.here.clone()/>
                <input type="hidden" name="appointment" value=id.to_string()/>
                <p>"Those who were invited wait until you open the visit."</p>
                <button type="submit" class="button primary">"Open the visit"</button>
            </form>
        }
        .into_any(),
        (_, opened, false) => {
            let words = if opened.is_some() { "The visit is open." } else { "The visit isn’t open yet." };
            view! { <p class="muted">{words}</p> }.into_any()
        }
    };
    Ok(Some(
        view! { <section class="panel stack" id="visit" aria-labelledby="visit-title"><h2 id="visit-title">"Video visit"</h2>{act}</section> }
            .into_any(),
    ))
}
