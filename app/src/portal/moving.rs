//! A client moves an appointment to another time that is offered online, as its policy
//! allows; where that cannot be, the page says why and how to reach the practice.

use super::confirm::refused_words;
use crate::appointments::pages::book::free_choices;
use crate::context::query;
use crate::error::AppError;
use crate::ui::page::{Page, Shown, page};
use crate::ui::{FormState, PostForm};
use chrono::{NaiveDate, Utc};
use db::appointments::free_times::FreeQuery;
use db::time::Zone;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::appointments::{AppointmentStatus, PortalAppointment, instant_text};
use shared::{AppointmentId, Conflict, Refusal};

const MOVE: &str = "/fn/portal/move";

#[component]
pub fn MoveMinePage() -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    let (from, person) = (query("from"), query("for"));
    let state = FormState::of(MOVE);
    page(move |page| async move {
        let me = page.actor.client()?.clone();
        let id: AppointmentId = id.parse().map_err(|_| Refusal::NotFound)?;
        let appointment = db::appointments::mine_part(page.pool(), &me, id, person.parse().ok()).await?;
        let terms = db::appointments::terms(page.pool(), id).await?;
        let zone = Zone::stored(&appointment.zone);
        let refused = match appointment.status {
            AppointmentStatus::Cancelled => Some(Conflict::AlreadyCancelled),
            _ => appointment.moving(terms.moving(Utc::now())).err(),
        };
        let body = match refused {
            Some(conflict) => view! {
                <p class="notice info">{refused_words(&Refusal::Conflict(conflict).into(), &page.practice)}</p>
                <div class="form-actions"><a class="button" href="/my/appointments">"Back to my appointments"</a></div>
            }
            .into_any(),
            None => times(&page, &appointment, &from, state).await?,
        };
        let policy = terms.policy.sentence();
        let words = terms.policy.words.clone();
        Ok(Shown::new("Move appointment", view! {
            <div class="page-head"><div><a class="back" href="/my/appointments">"My appointments"</a><h1>"Move appointment"</h1></div></div>
            <div class="panel">
                <dl class="facts">
                    {appointment.for_name.map(|name| view! { <dt>"For"</dt><dd><span class="badge for">{name}</span></dd> })}
                    <dt>"What"</dt><dd>{appointment.service_name}</dd>
                    <dt>"Now"</dt><dd class="tnum">{zone.long_date(appointment.starts_at)}", "<span class="nowrap">{zone.clock_span(appointment.starts_at, appointment.ends_at)}</span></dd>
                    <dt>"With"</dt><dd>{appointment.practitioner_name}</dd>
                    <dt>"Policy"</dt><dd>{policy}<crate::ui::parts::Description words/></dd>
                </dl>
                {body}
            </div>
        }).narrow())
    })
}

async fn times(page: &Page, one: &PortalAppointment, from: &str, state: FormState) -> Result<AnyView, AppError> {
    let now = Utc::now();
    let zone = Zone::stored(&one.zone);
    let first: NaiveDate = from.parse().unwrap_or(zone.date(one.starts_at).max(zone.date(now)));
    let query = FreeQuery {
        service: one.service_id,
        practitioner: Some(one.practitioner_id),
        client: Some(one.client_id),
        first,
        last: first,
        portal: true,
    };
    let mut week = db::appointments::free_times::free_week_without(page.pool(), query, Some(one.id), now).await?;
    // Where it is already is no other time.
    for day in &mut week.days {
        day.times.retain(|time| time.starts_at != instant_text(one.starts_at));
    }
    let link = |from: NaiveDate| format!("/my/appointments/{}/move?from={from}&for={}", one.id, one.client_id);
    let (previous, next) = (week.previous.map(link), week.next.map(link));
    let first_free = week.first_free.clone().map(|(date, label)| (link(date), label));
    let none = week.none_for_weeks.map(|weeks| {
        let call = crate::ui::contact::call(&page.practice, "Call");
        view! { <div class="notice info">{format!("No free times in the next {weeks} weeks. ")}{call}"."</div> }
    });
    let (heading, zone_note) = (week.heading.clone(), week.zone_note.clone());
    let refused = state.error().map(|error| {
        view! { <div class="error-summary" role="alert"><h2>{refused_words(error, &page.practice)}</h2></div> }
    });
    let (id, version) = (one.id.to_string(), one.version.to_string());
    let choices = free_choices(week, false, &state.value("slot", ""));
    Ok(view! {
        <div class="week-head">
            <h2>{heading}</h2>
            <div class="actions">
                {previous.map(|href| view! { <a class="button small" rel="prev" href=href>"Earlier"</a> })}
                {next.map(|href| view! { <a class="button small" rel="next" href=href>"Later"</a> })}
            </div>
        </div>
        <p class="zone-note">{zone_note}</p>
        {first_free.map(|(href, label)| view! {
            <div class="notice info">"No times this week. Next available: "<a href=href>{label}</a>"."</div>
        })}
        {none}
        <p class="muted">"Would you like an earlier time? "<a href=format!("/book/waiting-list?appointment={}", one.id)>"Join the waiting list"</a>"."</p>
        <PostForm action=MOVE page=page.here.clone() state=state.without_error()>
            {refused}
            <input type="hidden" name="form[appointment]" value=id/>
            <input type="hidden" name="form[version]" value=version/>
            {choices}
            <div class="form-actions">
                <button type="submit" class="button primary">"Move appointment"</button>
                <a class="button quiet" href="/my/appointments">"Keep the time"</a>
            </div>
        </PostForm>
    }
    .into_any())
}
