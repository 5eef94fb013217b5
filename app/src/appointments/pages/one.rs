//! One appointment, and a client's on their profile.

use super::calendar::table;
use crate::error::AppError;
use crate::ui::page::{Page, Shown, page};
use crate::ui::parts::AppointmentBadge;
use crate::ui::{FormState, PostForm};
use chrono::Utc;
use db::activities::Recorded;
use db::time::Zone;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::appointments::{AppointmentStatus, StaffAppointment};
use shared::practice::price;
use shared::{AppointmentId, ClientNumber, Refusal};

const CANCEL: &str = "/fn/appointments/cancel";

#[component]
pub fn AppointmentPage() -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    let state = FormState::of(CANCEL);
    page(move |page| async move {
        let books = page.actor.staff()?.books();
        let id: AppointmentId = id.parse().map_err(|_| Refusal::NotFound)?;
        let one = db::appointments::one(page.pool(), &page.actor, id).await?;
        let zone = Zone::stored(&one.zone);
        let title = format!("{} – {}", one.client_name, zone.short_date(one.starts_at));
        let day = zone.date(one.starts_at);
        let again = format!(
            "/appointments/new?client={}&service={}&practitioner={}",
            one.client_number, one.service_id, one.practitioner_id
        );
        let known = db::activities::recorded(page.pool(), &page.actor, id).await?;
        let recorded = matches!(known, Recorded::As(_));
        let activity = match known {
            Recorded::As(activity) => Some((format!("/activities/{activity}"), "Activity")),
            Recorded::May => Some((format!("/activities/new?appointment={id}"), "Record as activity")),
            Recorded::Not => None,
        };
        let confirmed = one.status == AppointmentStatus::Confirmed;
        Ok(Shown::new(title, view! {
            <div class="page-head">
                <div>
                    <a class="back" href=format!("/calendar?date={day}")>{zone.long_date(one.starts_at)}</a>
                    <h1>{one.client_name.clone()}</h1>
                    <p class="sub">{one.service_name.clone()}" "<AppointmentBadge status=one.status/>
                        {one.overbooked.then(|| view! { <span class="badge overbooked">"Overbooked"</span> })}</p>
                </div>
                <div class="actions">
                    <a class="button" href=format!("/clients/{}", one.client_number)>"Profile"</a>
                    {activity.map(|(href, words)| view! { <a class="button" href=href>{words}</a> })}
                    {(books && !one.client_erased).then(|| view! {
                        <a class="button" href=again>{if confirmed { "Book another" } else { "Book again" }}</a>
                    })}
                </div>
            </div>
            {(!one.alert.is_empty()).then(|| view! { <div class="alert" role="note"><strong>"Alert: "</strong>{one.alert.clone()}</div> })}
            <div class="panel">
                <dl class="facts">
                    <dt>"When"</dt>
                    <dd class="tnum">{zone.long_date(one.starts_at)}", "{zone.zoned_span(one.starts_at, one.ends_at)}</dd>
                    <dt>"With"</dt><dd>{one.practitioner_name.clone()}</dd>
                    <dt>"Service"</dt><dd>{one.service_name.clone()}</dd>
                    <dt>"Price"</dt><dd class="tnum">{price(one.price_cents)}" "{page.practice.currency.clone()}</dd>
                    {one.proxy_name.clone().map(|name| view! { <dt>"Booked by"</dt><dd>{format!("{name} (linked {})", page.practice.client_word)}</dd> })}
                </dl>
            </div>
            {(confirmed && books).then(|| cancel_form(&page, &one, recorded, state))}
        }).narrow())
    })
}

fn cancel_form(page: &Page, one: &StaffAppointment, recorded: bool, state: FormState) -> AnyView {
    let past = one.starts_at <= Utc::now();
    let (word, plural) = (&page.practice.client_word, &page.practice.client_word_plural);
    let words = if past {
        format!("This appointment is in the past. Cancelling it removes it from the {word}’s visit history.")
    } else {
        format!("We’ll email the {word} and any linked {plural} who get copies. The time slot opens up right away.")
    };
    let (id, open) = (one.id.to_string(), state.was_posted());
    view! {
        <details class="section" open=open>
            <summary>"Cancel this appointment"</summary>
            <PostForm action=CANCEL page=page.here.clone() state=state>
                <p>{words}</p>
                {recorded.then(|| view! {
                    <p class="notice warn">"This appointment is logged as an activity. If it didn’t take place, edit or delete the activity too."</p>
                })}
                <input type="hidden" name="appointment" value=id/>
                <div class="form-actions"><button type="submit" class="button danger">"Cancel appointment"</button></div>
            </PostForm>
        </details>
    }
    .into_any()
}

/// A client's appointments, upcoming and past, for their profile; new ones are
/// offered if the record may be changed and the viewer books.
pub async fn client_appointments(page: &Page, number: ClientNumber, may_change: bool) -> Result<AnyView, AppError> {
    let may_add = may_change && page.actor.staff()?.books();
    let rows = db::appointments::of_client(page.pool(), &page.actor, number).await?;
    let now = Utc::now();
    let (upcoming, mut past): (Vec<_>, Vec<_>) = rows.into_iter().partition(|one| one.ends_at > now);
    past.reverse();
    Ok(view! {
        <section class="panel flush" id="appointments">
            <div class="panel-head">
                <h2>"Appointments"</h2>
                {may_add.then(|| view! {
                    <div class="actions"><a class="button small" href=format!("/appointments/new?client={number}")>"New appointment"</a></div>
                })}
            </div>
            {if !may_add && upcoming.is_empty() && past.is_empty() {
                view! { <p class="panel-foot small muted">"No appointments."</p> }.into_any()
            } else if upcoming.is_empty() && past.is_empty() {
                let words = match page.practice.invites() {
                    true => format!("Book the first one here, or invite the {} to book online.", page.practice.client_word),
                    false => "Book the first one here.".to_owned(),
                };
                view! { <div class="empty"><h3>"No appointments yet"</h3><p>{words}</p></div> }.into_any()
            } else if upcoming.is_empty() {
                view! { <p class="panel-foot small muted">"No upcoming appointments."</p> }.into_any()
            } else {
                table(upcoming)
            }}
            {(!past.is_empty()).then(|| {
                let count = past.len();
                view! { <details class="section"><summary>"Past ("{count}")"</summary>{table(past)}</details> }
            })}
        </section>
    }
    .into_any())
}
