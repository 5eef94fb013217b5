//! Staff move an appointment: a week of free times and a typed time, as a plain form.

use super::book::{book_anyway, free_choices, reasons, refused_time, told, typed_time};
use crate::context::query;
use crate::error::AppError;
use crate::ui::page::{Page, Shown, page};
use crate::ui::{FormState, PostForm};
use chrono::{NaiveDate, Utc};
use db::appointments::free_times::FreeQuery;
use db::time::Zone;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::appointments::{AppointmentStatus, BookingForm, Move, StaffAppointment, instant, instant_text};
use shared::{AppointmentId, Conflict, Refusal, StaffId};

const MOVE: &str = "/fn/appointments/move";

#[component]
pub fn MoveAppointmentPage() -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    let (practitioner, from) = (query("practitioner"), query("from"));
    let state = FormState::of(MOVE);
    page(move |page| async move {
        let id: AppointmentId = id.parse().map_err(|_| Refusal::NotFound)?;
        let one = db::appointments::one(page.pool(), &page.actor, id).await?;
        if !page.actor.staff()?.books() {
            return Err(Refusal::Forbidden.into());
        }
        let zone = Zone::stored(&one.zone);
        let back = format!("/appointments/{id}");
        let title = format!("Move {}", one.client_name);
        let form = match one.status {
            AppointmentStatus::Cancelled => {
                view! { <p class="notice info">{Conflict::AlreadyCancelled.to_string()}</p> }.into_any()
            }
            _ => times(&page, &one, practitioner.parse().ok(), &from, state).await?,
        };
        let now = format!(
            "{}, {}, with {}",
            zone.long_date(one.starts_at),
            zone.exact_clock(one.starts_at),
            one.practitioner_name
        );
        Ok(Shown::new(
            title,
            view! {
                <div class="page-head"><div>
                    <a class="back" href=back>"Appointment"</a>
                    <h1>"Move appointment"</h1>
                    <p class="sub">{one.client_name.clone()}" · "{one.service_name.clone()}" · now "<span class="tnum">{now}</span></p>
                </div></div>
                {form}
            },
        ))
    })
}

async fn times(
    page: &Page,
    one: &StaffAppointment,
    practitioner: Option<StaffId>,
    from: &str,
    state: FormState,
) -> Result<AnyView, AppError> {
    let zone = Zone::stored(&one.zone);
    let with = practitioner.unwrap_or(one.practitioner_id);
    let today = zone.date(Utc::now());
    let first: NaiveDate = from.parse().unwrap_or(zone.date(one.starts_at).max(today));
    let query = FreeQuery {
        service: one.service_id,
        practitioner: Some(with),
        client: Some(one.client_id),
        first,
        last: first,
        portal: false,
    };
    let mut week =
        db::appointments::free_times::free_week_without(page.pool(), query, Some(one.id), Utc::now()).await?;
    // Where it is already is no other time.
    for day in &mut week.days {
        let now = instant_text(one.starts_at);
        day.times.retain(|time| time.starts_at != now || time.practitioner != one.practitioner_id);
    }
    let mut practitioners = db::practice::practitioners_of(page.pool(), one.service_id).await?;
    if practitioners.iter().all(|(id, _)| *id != one.practitioner_id) {
        practitioners.push((one.practitioner_id, one.practitioner_name.clone()));
    }
    let link = |from: NaiveDate| format!("/appointments/{}/move?practitioner={with}&from={from}", one.id);
    let (previous, next) = (week.previous.map(link), week.next.map(link));
    let first_free = week.first_free.clone().map(|(date, label)| (link(date), label));
    let none = week
        .none_for_weeks
        .map(|weeks| view! { <div class="notice info">{format!("No free times in the next {weeks} weeks.")}</div> });
    let refused_time = refused_time(page, &week, &practitioners, &state).await?;
    let (heading, zone_note) = (week.heading.clone(), week.zone_note.clone());
    let conflicts = state.conflicts().cloned();
    let (summary, anyway) =
        (conflicts.clone().map(told), conflicts.map(|conflicts| book_anyway(conflicts, "Move anyway", &state)));
    let shown = if summary.is_some() { state.clone().without_error() } else { state.clone() };
    let choices = free_choices(week, false, &state.value("slot", ""));
    let typed = if state.was_posted() { String::new() } else { crate::context::query("form[local]") };
    let typed_with: Option<StaffId> = crate::context::query("form[practitioner]").parse().ok();
    let hand = typed_time(&practitioners, typed_with.or(Some(with)), &state, &typed);
    let local_open = !state.value("local", &typed).is_empty();
    let why = match typed.is_empty() {
        true => None,
        false => Some(why_not(page, one, typed_with.unwrap_or(with), &typed).await?),
    };
    let version =
        if state.was_posted() && !state.is_stale() { state.value("version", "") } else { one.version.to_string() };
    let options = practitioners
        .iter()
        .map(|(id, name)| {
            view! {
                <option value=id.to_string() selected=*id == with>{name.clone()}</option>
            }
        })
        .collect_view();
    let rooms = db::calendar::rooms_of(&mut *page.connection().await?, &page.actor, one.id).await?;
    let room = (!rooms.is_empty()).then(|| room_choice(rooms, &state));
    let id = one.id.to_string();
    let (here, back) = (format!("/appointments/{id}/move"), format!("/appointments/{id}"));
    let check = here.clone();
    Ok(view! {
        <form class="filters" method="get" action=here>
            <div class="field"><label for="practitioner">"Practitioner"</label><select id="practitioner" name="practitioner">{options}</select></div>
            <div class="field"><label for="from">"From"</label><input id="from" type="date" name="from" value=first.to_string()/></div>
            <button type="submit" class="button">"Show times"</button>
        </form>
        <section class="panel" aria-labelledby="when">
            <div class="panel-head">
                <h2 id="when">{heading}</h2>
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
            <PostForm action=MOVE page=page.here.clone() state=shown>
                {summary}
                <input type="hidden" name="form[appointment]" value=id/>
                <input type="hidden" name="form[version]" value=version/>
                {refused_time}
                {choices}
                {state.problem("starts_at").map(|_| view! { <p class="error" id="f-starts-at">"Choose a time."</p> })}
                <details class="section" open=local_open>
                    <summary>"Another time"</summary>
                    {hand}
                    {why}
                </details>
                {room}
                {anyway}
                <div class="form-actions">
                    <button type="submit" class="button primary">"Move appointment"</button>
                    <button type="submit" class="button quiet" formmethod="get" formaction=check formnovalidate=true>"Check the other time"</button>
                    <a class="button quiet" href=back>"Back"</a>
                </div>
            </PostForm>
        </section>
    }
    .into_any())
}

/// What is in the way of a typed time, before it is moved there.
async fn why_not(page: &Page, one: &StaffAppointment, with: StaffId, local: &str) -> Result<AnyView, AppError> {
    let form = BookingForm { practitioner: with.to_string(), local: local.to_owned(), ..BookingForm::default() };
    let found = async {
        let form = db::appointments::with_instant(page.pool(), form).await?;
        let starts_at = instant(&form.starts_at).map_err(|problem| Refusal::field("local", problem))?;
        let wanted = Move {
            appointment: one.id,
            version: one.version,
            starts_at,
            practitioner: Some(with),
            room: None,
            over: None,
        };
        db::appointments::why_not_there(page.pool(), &page.actor, wanted).await
    };
    reasons(found.await)
}

fn room_choice(rooms: Vec<db::calendar::Room>, state: &FormState) -> AnyView {
    let chosen = state.value("room", "");
    let options = rooms.into_iter().map(|room| {
        let id = room.id.to_string();
        view! { <option value=id.clone() selected=id == chosen>{room.name}</option> }
    });
    view! {
        <div class="field">
            <label for="f-room">"Room"</label>
            <select id="f-room" name="form[room]">
                <option value="">"As it is, or any that is free"</option>
                {options.collect_view()}
            </select>
        </div>
    }
    .into_any()
}
