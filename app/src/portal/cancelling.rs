//! A client cancels an appointment, or is told why that cannot be.

use super::confirm::{policy_words, refused_words};
use crate::context::query;
use crate::ui::page::{Shown, page};
use crate::ui::{FormState, PostForm};
use chrono::Utc;
use db::time::Zone;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::appointments::AppointmentStatus;
use shared::practice::price;
use shared::{AppointmentId, Refusal};

/// Asks before an appointment is cancelled; where that cannot be, says why.
#[component]
pub fn CancelMinePage() -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    let (person, state) = (query("for"), FormState::of("/fn/portal/cancel"));
    page(move |page| async move {
        let me = page.actor.client()?.clone();
        let id: AppointmentId = id.parse().map_err(|_| Refusal::NotFound)?;
        let appointment = db::appointments::mine_part(page.pool(), &me, id, person.parse().ok()).await?;
        let terms = db::appointments::terms(page.pool(), id).await?;
        let now = Utc::now();
        let cancelling = appointment.cancelling(terms.cancelling(now));
        let late = cancelling == Ok(true);
        let fee = late.then_some(terms.policy.late_fee_cents).filter(|cents| *cents > 0);
        let zone = Zone::stored(&appointment.zone);
        let refusal = if appointment.status == AppointmentStatus::Cancelled {
            Some("This appointment is already cancelled.".into_any())
        } else {
            cancelling.err().map(|why| refused_words(&Refusal::Conflict(why).into(), &page.practice))
        };
        let title = if refusal.is_some() { "Cancel appointment" } else { "Cancel this appointment?" };
        let policy = policy_words(&terms, &zone, &page.practice);
        let act = match refusal {
            Some(words) => view! {
                <p class="notice info">{words}</p>
                <div class="form-actions"><a class="button" href="/my/appointments">"Back to my appointments"</a></div>
            }
            .into_any(),
            None => view! {
                <PostForm action="/fn/portal/cancel" page=page.here.clone() state=state>
                    <input type="hidden" name="appointment" value=id.to_string()/>
                    <input type="hidden" name="form[client]" value=appointment.client_id.to_string()/>
                    {late.then(|| view! {
                        <p class="notice warn">"It’s past the time for cancelling: this counts as a late cancellation."
                            {fee.map(|cents| format!(" The fee is {} {}.", price(cents), page.practice.currency))}</p>
                    })}
                    <div class="form-actions">
                        <button type="submit" class="button primary danger">"Cancel appointment"</button>
                        <a class="button quiet" href="/my/appointments">"Keep it"</a>
                    </div>
                </PostForm>
            }
            .into_any(),
        };
        Ok(Shown::new("Cancel appointment", view! {
            <div class="page-head"><div><a class="back" href="/my/appointments">"My appointments"</a><h1>{title}</h1></div></div>
            <div class="panel">
                <dl class="facts">
                    {appointment.for_name.map(|name| view! { <dt>"For"</dt><dd><span class="badge for">{name}</span></dd> })}
                    <dt>"What"</dt><dd>{appointment.service_name}</dd>
                    <dt>"When"</dt><dd class="tnum">{zone.long_date(appointment.starts_at)}", "<span class="nowrap">{zone.clock_span(appointment.starts_at, appointment.ends_at)}</span><p class="zone-note">{zone.note()}</p></dd>
                    <dt>"With"</dt><dd>{appointment.practitioner_name}</dd>
                    <dt>"Policy"</dt><dd>{policy}</dd>
                </dl>
                {act}
            </div>
        }).narrow())
    })
}
