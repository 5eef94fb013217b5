//! Upcoming appointments of a practitioner who leaves: handed over to another in one go, with
//! the conflicts of each said; what is not ticked stays.

use super::book::{book_anyway, told};
use crate::context::query;
use crate::error::AppError;
use crate::ui::page::{Page, Shown, page};
use crate::ui::{FormState, PostForm};
use chrono::Utc;
use db::time::Zone;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::appointments::{Move, StaffAppointment, TimeConflict, instant_text};
use shared::{AppointmentId, Refusal, StaffId};
use std::collections::HashMap;

const MOVE: &str = "/fn/appointments/move_several";

#[component]
pub fn HandoverPage() -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    let to = query("to");
    let state = FormState::of(MOVE);
    page(move |page| async move {
        page.actor.front_desk()?;
        let id: StaffId = id.parse().map_err(|_| Refusal::NotFound)?;
        let person = db::practice::team_member(page.pool(), &page.actor, id).await?;
        let name = person.name();
        let all = db::appointments::upcoming_with(page.pool(), &page.actor, id, Utc::now()).await?;
        let mut others = db::practice::practitioners(page.pool(), &page.actor).await?;
        others.retain(|other| other.active && other.id != id);
        let to: Option<StaffId> = to.parse().ok().filter(|to| others.iter().any(|other| other.id == *to));
        let mut outcomes: HashMap<AppointmentId, Outcome> = HashMap::new();
        if let Some(to) = to {
            for one in &all {
                let found = db::appointments::why_not_there(page.pool(), &page.actor, over_to(one, to)).await;
                outcomes.insert(one.id, Outcome::of(found)?);
            }
        }
        let options = others.into_iter().map(|other| {
            let selected = to == Some(other.id);
            view! { <option value=other.id.to_string() selected=selected>{other.name}</option> }
        });
        let options = options.collect_view();
        let here = format!("/settings/team/{id}/handover");
        let back = format!("/settings/team/{id}");
        let list = match all.is_empty() {
            true => view! { <div class="panel empty"><h2>"No upcoming appointments"</h2><p>"There is nothing to hand over."</p></div> }.into_any(),
            false => table(&page, all, to, outcomes, state),
        };
        Ok(Shown::new(
            format!("Hand over – {name}"),
            view! {
                <div class="page-head"><div>
                    <a class="back" href=back>{name}</a>
                    <h1>"Hand over appointments"</h1>
                    <p class="sub">"They keep their times and go to another practitioner. Those you don’t tick stay."</p>
                </div></div>
                <form class="filters" method="get" action=here>
                    <div class="field grow"><label for="to">"Hand over to"</label><select id="to" name="to" required=true>
                        {to.is_none().then(|| view! { <option value="" selected=true>"Choose a practitioner"</option> })}{options}</select></div>
                    <button type="submit" class="button">"Check"</button>
                </form>
                {list}
            },
        ))
    })
}

/// What handing one over would come to.
enum Outcome {
    Free,
    /// It may be handed over all the same.
    Conflicts(String),
    Refused(String),
}

impl Outcome {
    fn of(found: db::Result<Vec<TimeConflict>>) -> Result<Outcome, AppError> {
        match found {
            Ok(found) if found.is_empty() => Ok(Outcome::Free),
            Ok(found) => Ok(Outcome::Conflicts(found.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))),
            Err(db::Error::Refused(refusal)) => Ok(Outcome::Refused(refusal.to_string())),
            Err(error) => Err(error.into()),
        }
    }
}

fn over_to(one: &StaffAppointment, to: StaffId) -> Move {
    Move {
        appointment: one.id,
        version: one.version,
        starts_at: one.starts_at,
        practitioner: Some(to),
        room: None,
        over: None,
    }
}

fn table(
    page: &Page,
    all: Vec<StaffAppointment>,
    to: Option<StaffId>,
    outcomes: HashMap<AppointmentId, Outcome>,
    state: FormState,
) -> AnyView {
    let who = crate::ui::capital(&page.practice.client_word);
    let head = who.clone();
    let rows = all.into_iter().enumerate().map(|(index, one)| {
        let zone = Zone::stored(&one.zone);
        let when = format!("{}, {}", zone.long_date(one.starts_at), zone.exact_clock(one.starts_at));
        let outcome = outcomes.get(&one.id);
        let (free, words) = match outcome {
            None => (false, String::new()),
            Some(Outcome::Free) => (true, "Free".to_owned()),
            Some(Outcome::Conflicts(words) | Outcome::Refused(words)) => (false, words.clone()),
        };
        let possible = !matches!(outcome, Some(Outcome::Refused(_)));
        let tick = to.filter(|_| possible).map(|to| {
            let name = |field: &str| format!("form[moves][{index}][{field}]");
            let slot = format!("{} {to}", instant_text(one.starts_at));
            let label = format!("Hand over {}, {when}", one.client_name);
            view! {
                <input type="hidden" name=name("appointment") value=one.id.to_string()/>
                <input type="hidden" name=name("version") value=one.version.to_string()/>
                <label class="check"><input type="checkbox" name=name("slot") value=slot checked=free aria-label=label/><span class="sr-only">"Hand over"</span></label>
            }
        });
        let state = to.map(|_| view! { <td data-label="Conflicts">{words}</td> });
        view! {
            <tr>
                <td data-label="Hand over">{tick}</td>
                <th scope="row" class="tnum"><a href=format!("/appointments/{}", one.id)>{when}</a></th>
                <td data-label=head.clone()><a href=format!("/clients/{}", one.client_number)>{one.client_name}</a></td>
                <td data-label="Service">{one.service_name}</td>
                {state}
            </tr>
        }
    });
    let rows = rows.collect_view();
    let conflicts = state.conflicts().cloned();
    let (summary, anyway) =
        (conflicts.clone().map(told), conflicts.map(|conflicts| book_anyway(conflicts, "Hand over anyway", &state)));
    let shown = if summary.is_some() { state.without_error() } else { state };
    let button = to.map(|_| {
        view! {
            <div class="form-actions"><button type="submit" class="button primary">"Hand over"</button></div>
        }
    });
    let column = to.map(|_| view! { <th scope="col">"Conflicts"</th> });
    let next = page.here.split('?').next().unwrap_or_default().to_owned();
    view! {
        <PostForm action=MOVE page=page.here.clone() state=shown class="stack">
            {summary}
            <input type="hidden" name="next" value=next/>
            <div class="panel flush"><div class="table-wrap"><table class="table cards">
                <thead><tr>
                    <th scope="col"><span class="sr-only">"Hand over"</span></th>
                    <th scope="col">"When"</th><th scope="col">{who}</th><th scope="col">"Service"</th>{column}
                </tr></thead>
                <tbody>{rows}</tbody>
            </table></div></div>
            {anyway}
            {button}
        </PostForm>
    }
    .into_any()
}
