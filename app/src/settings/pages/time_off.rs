//! Time off, closed days and extra hours; and the appointments that are booked during one.

use super::{key_input, param};
use crate::appointments::pages::{book_anyway, told};
use crate::context::query;
use crate::ui::page::{Page, Shown, page};
use crate::ui::{FormState, PostForm, SelectField, TextField};
use chrono::{NaiveDateTime, NaiveTime, TimeDelta, Utc};
use db::availability::{Affected, Exception};
use db::practice::Location;
use db::time::Zone;
use leptos::prelude::*;
use shared::appointments::FreeTime;
use shared::availability::Kind;
use shared::practice::StaffView;
use shared::{AppointmentId, Refusal};
use std::collections::HashMap;

const ADD: &str = "/fn/settings/add_exception";
const MOVE: &str = "/fn/appointments/move_several";
const REMOVE: &str = "/fn/settings/remove_exception";
const HERE: &str = "/settings/time-off";

#[component]
pub fn TimeOffPage() -> impl IntoView {
    page(|page| async move {
        let (state, chosen) = (FormState::of(ADD), query("practitioner"));
        let staff = page.actor.staff()?;
        let own = (!staff.sees_all_clients()).then(|| staff.id());
        let zone = db::appointments::free_times::venue_zone(page.pool()).await?;
        let mut people = db::practice::practitioners(page.pool(), &page.actor).await?;
        people.retain(|person| own.is_none_or(|own| own == person.id));
        let places = db::practice::locations(page.pool()).await?;
        let all = db::availability::exceptions(page.pool(), &page.actor, None, Utc::now()).await?;
        let is_own =
            |one: &Exception| own.is_none_or(|own| one.practitioner.as_ref().is_some_and(|(id, _)| *id == own));
        let table = if all.is_empty() {
            let words = "Time off, closed days and extra hours appear here.";
            view! { <div class="panel empty"><h2>"Nothing planned"</h2><p>{words}</p></div> }.into_any()
        } else {
            let rows = all.into_iter().map(|one| (is_own(&one), one));
            let rows = rows.map(|(may_remove, one)| row(one, may_remove)).collect_view();
            view! { <div class="panel flush"><ul class="list arranged">{rows}</ul></div> }.into_any()
        };
        let back = match page.actor.front_desk() {
            Ok(_) => view! { <a class="back" href="/settings">"Settings"</a> },
            Err(_) => view! { <a class="back" href="/calendar">"Calendar"</a> },
        };
        let form = (own.is_none() || !people.is_empty()).then(|| form(state, people, places, own.is_some(), &chosen));
        Ok(Shown::new(
            "Time off",
            view! {
                <div class="page-head">
                    <div>{back}<h1>"Time off"</h1>
                        <p class="sub">{format!("Time off, closed days and extra hours. {}", zone.note())}</p></div>
                </div>
                <div class="split"><div class="stack">{table}</div>{form}</div>
            },
        ))
    })
}

fn row(one: Exception, may_remove: bool) -> impl IntoView {
    let (title, when, id) = (title(&one), when(&one), one.id.to_string());
    let notes = [when, one.location.unwrap_or_default(), one.reason];
    let notes: Vec<String> = notes.into_iter().filter(|note| !note.is_empty()).collect();
    let see = (one.kind == Kind::Off).then(|| {
        let href = format!("{HERE}/{id}");
        view! { <a class="button small" href=href>"Appointments"<span class="sr-only">" during "{title.clone()}</span></a> }
    });
    let named = title.clone();
    let remove = may_remove.then(move || {
        view! {
            <PostForm action=REMOVE page=HERE state=FormState::default() class="row">
                <input type="hidden" name="id" value=id/>
                <button type="submit" class="button small quiet">"Remove"<span class="sr-only">" "{named}</span></button>
            </PostForm>
        }
    });
    view! {
        <li>
            <div class="grow"><span class="strong">{title}</span><span class="muted small">{notes.join(" · ")}</span></div>
            <div class="actions">{see}{remove}</div>
        </li>
    }
}

fn title(one: &Exception) -> String {
    match (&one.practitioner, one.kind, &one.location) {
        (Some((_, name)), kind, _) => format!("{name}: {}", kind.label().to_lowercase()),
        (None, _, Some(_)) => "Location closed".to_owned(),
        (None, _, None) => "Practice closed".to_owned(),
    }
}

/// Whole days by their dates, anything else with its times; on the clocks of the place.
fn when(one: &Exception) -> String {
    let midnight = |at: NaiveDateTime| at.time() == NaiveTime::MIN;
    let date = |at: NaiveDateTime| at.format("%a %-d %b %Y").to_string();
    let clock = |at: NaiveDateTime| at.format("%-I:%M %P").to_string();
    let (starts, ends) = (one.local_starts, one.local_ends);
    let last = ends - TimeDelta::minutes(1);
    match (midnight(starts) && midnight(ends), starts.date() == last.date()) {
        (true, true) => date(starts),
        (true, false) => format!("{} – {}", date(starts), date(last)),
        (false, true) => {
            format!("{}, {}", date(starts), Zone::stored(&one.zone).clock_span(one.starts_at, one.ends_at))
        }
        (false, false) => format!("{}, {} – {}, {}", date(starts), clock(starts), date(ends), clock(ends)),
    }
}

fn form(state: FormState, people: Vec<StaffView>, places: Vec<Location>, own: bool, chosen: &str) -> AnyView {
    let kinds: Vec<_> = Kind::ALL.iter().map(|kind| (kind.as_str().to_owned(), kind.label().to_owned())).collect();
    let everyone = (!own).then(|| (String::new(), "Everyone (closed)".to_owned()));
    let people = people.into_iter().map(|person| (person.id.to_string(), person.name));
    let people: Vec<_> = everyone.into_iter().chain(people).collect();
    let chosen = if own { people.first().map(|(id, _)| id.clone()).unwrap_or_default() } else { chosen.to_owned() };
    let several = places.len() > 1;
    let everywhere = (String::new(), "All locations".to_owned());
    let places = places.into_iter().map(|place| (place.id.to_string(), place.name));
    let places: Vec<_> = std::iter::once(everywhere).chain(places).collect();
    let places = several.then(|| {
        view! { <SelectField field="location" label="Where" state=state.clone() options=places/> }
    });
    view! {
        <section class="panel" id="add" aria-labelledby="add-title">
            <h2 id="add-title">"Add time off or extra hours"</h2>
            <PostForm action=ADD page=HERE state=state.clone()>
                {key_input(&state)}
                <SelectField field="kind" label="Type" state=state.clone() options=kinds value="off"/>
                <SelectField field="practitioner" label="Who" state=state.clone() options=people value=chosen/>
                {places}
                <div class="field-row">
                    <TextField field="first_day" label="First day" kind="date" state=state.clone() required=true/>
                    <TextField field="last_day" label="Last day" kind="date" state=state.clone() optional=true/>
                </div>
                <div class="field-row">
                    <TextField field="starts" label="From" kind="time" state=state.clone() optional=true/>
                    <TextField field="ends" label="To" kind="time" state=state.clone() optional=true/>
                </div>
                <p class="hint">"Time off without times lasts whole days. Extra hours need both times."</p>
                <TextField field="reason" label="Reason" state=state.clone() optional=true
                    hint="For the team only, like Holiday or Conference."/>
                <div class="form-actions"><button class="button primary" type="submit">"Add"</button></div>
            </PostForm>
        </section>
    }
    .into_any()
}

#[component]
pub fn AffectedPage() -> impl IntoView {
    page(|page| async move {
        let id = param("id").parse().map_err(|_| Refusal::NotFound)?;
        let (exception, affected) = db::availability::affected(page.pool(), &page.actor, id, Utc::now()).await?;
        let zone = db::appointments::free_times::venue_zone(page.pool()).await?;
        let (title, when) = (title(&exception), when(&exception));
        let list = if affected.is_empty() {
            let words = "Nothing is booked during this time.";
            view! { <div class="panel empty"><h2>"No appointments"</h2><p>{words}</p></div> }.into_any()
        } else {
            let ids: Vec<_> = affected.iter().filter(|one| one.client.is_some()).map(|one| one.id).collect();
            let books = page.actor.staff()?.books();
            let ids = if books { ids } else { Vec::new() };
            let proposals = db::appointments::proposals(page.pool(), &page.actor, &ids, Utc::now()).await?;
            let versions = db::appointments::several(page.pool(), &page.actor, &ids).await?;
            let versions = versions.into_iter().map(|one| (one.id, one.version)).collect();
            table(&page, affected, &zone, proposals, versions, FormState::of(MOVE))
        };
        Ok(Shown::new(
            title.clone(),
            view! {
                <div class="page-head">
                    <div><a class="back" href=HERE>"Time off"</a><h1>{title}</h1>
                        <p class="sub">{when}". "{zone.note()}</p></div>
                </div>
                {list}
            },
        ))
    })
}

/// What is booked, each with other times: one press moves all that are to be moved.
fn table(
    page: &Page,
    affected: Vec<Affected>,
    venue: &Zone,
    mut proposals: HashMap<AppointmentId, Vec<FreeTime>>,
    versions: HashMap<AppointmentId, i32>,
    state: FormState,
) -> AnyView {
    let words = match affected.len() {
        1 => "1 appointment is booked during this time. Choose what becomes of it.".to_owned(),
        count => format!("{count} appointments are booked during this time. Choose what becomes of each."),
    };
    let who_head = crate::ui::form::capital(&page.practice.client_word);
    let head = who_head.clone();
    let may_move = !versions.is_empty();
    let rows = affected.into_iter().enumerate().map(|(index, one)| {
        let span = Zone::stored(&one.zone).span_beside(venue, one.starts_at, one.ends_at);
        let when = format!("{}, {span}", Zone::stored(&one.zone).long_date(one.starts_at));
        let name = one.client.as_ref().map(|(_, name)| name.clone()).unwrap_or_default();
        let who = match one.client {
            Some((number, name)) => view! { <a href=format!("/clients/{number}")>{name}</a> }.into_any(),
            None => view! { <span class="muted">"Not assigned to you"</span> }.into_any(),
        };
        let choice = versions.get(&one.id).map(|version| {
            let times = proposals.remove(&one.id).unwrap_or_default();
            choice(index, one.id, *version, times, &format!("{name}, {when}"))
        });
        let choice = may_move.then(|| view! { <td data-label="Move to">{choice}</td> });
        view! {
            <tr>
                <th scope="row" class="tnum"><a href=format!("/appointments/{}", one.id)>{when}</a></th>
                <td data-label=head.clone()>{who}</td>
                <td data-label="Service">{one.service}</td>
                <td data-label="With">{one.practitioner}</td>
                {choice}
            </tr>
        }
    });
    let rows = rows.collect_view();
    let conflicts = state.conflicts().cloned();
    let (summary, anyway) =
        (conflicts.clone().map(told), conflicts.map(|conflicts| book_anyway(conflicts, "Move anyway", &state)));
    let shown = if summary.is_some() { state.without_error() } else { state };
    let next = page.here.split('?').next().unwrap_or_default().to_owned();
    let column = may_move.then(|| view! { <th scope="col">"Move to"</th> });
    let button = may_move.then(|| {
        view! { <div class="form-actions"><button type="submit" class="button primary">"Move or keep as chosen"</button></div> }
    });
    view! {
        <p class="notice warn">{words}</p>
        <PostForm action=MOVE page=page.here.clone() state=shown class="stack">
            {summary}
            <input type="hidden" name="next" value=next/>
            <div class="panel flush"><div class="table-wrap"><table class="table cards">
                <thead><tr>
                    <th scope="col">"When"</th><th scope="col">{who_head}</th>
                    <th scope="col">"Service"</th><th scope="col">"With"</th>{column}
                </tr></thead>
                <tbody>{rows}</tbody>
            </table></div></div>
            {anyway}
            {button}
        </PostForm>
    }
    .into_any()
}

/// Another time, or none: the nearest that is proposed is chosen.
fn choice(index: usize, id: AppointmentId, version: i32, times: Vec<FreeTime>, what: &str) -> AnyView {
    let name = |field: &str| format!("form[moves][{index}][{field}]");
    let label = format!("Move {what} to");
    let none = times.is_empty();
    let options = times.into_iter().enumerate().map(|(n, time)| {
        let slot = format!("{} {}", time.starts_at, time.practitioner);
        view! { <option value=slot selected=n == 0>{time.label}</option> }
    });
    let options = options.collect_view();
    view! {
        <input type="hidden" name=name("appointment") value=id.to_string()/>
        <input type="hidden" name=name("version") value=version.to_string()/>
        <select name=name("slot") aria-label=label>{options}<option value="" selected=none>"Keep as it is"</option></select>
        " "<a class="small" href=format!("/appointments/{id}/move")>"Other times"</a>
    }
    .into_any()
}
