//! A series: its appointments, and changes from one of them on.

use crate::series::{CANCEL, MOVE};
use crate::ui::page::{Page, Shown, page};
use crate::ui::parts::AppointmentBadge;
use crate::ui::{FormState, PostForm, TextField};
use chrono::Utc;
use db::series::{Occurrence, SeriesView};
use db::time::Zone;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::appointments::{AppointmentStatus, Conflicts, StaffAppointment};
use shared::series::SeriesScope;
use shared::{AppointmentId, Refusal, StaffId};

#[component]
pub fn SeriesPage() -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    let (moving, cancelling) = (FormState::of(MOVE), FormState::of(CANCEL));
    page(move |page| async move {
        let books = page.actor.staff()?.books();
        let id: AppointmentId = id.parse().map_err(|_| Refusal::NotFound)?;
        let one = db::appointments::one(page.pool(), &page.actor, id).await?;
        let series = db::series::of(page.pool(), &page.actor, id).await?.ok_or(Refusal::NotFound)?;
        let zone = Zone::stored(&series.zone);
        let practitioners = db::practice::practitioners_of(page.pool(), one.service_id).await?;
        let more =
            (books && !one.client_erased && series.last.is_some()).then(|| format!("/appointments/{id}/series/extend"));
        let open = books && one.status != AppointmentStatus::Cancelled && one.starts_at > Utc::now();
        let changes = open.then(|| {
            view! {
                {move_form(&page, &one, &zone, &practitioners, moving)}
                {cancel_form(&page, &one, &zone, cancelling)}
            }
        });
        Ok(Shown::new(
            "Series",
            view! {
                <div class="page-head">
                    <div>
                        <a class="back" href=format!("/appointments/{id}")>"Appointment"</a>
                        <h1>{one.client_name.clone()}</h1>
                        <p class="sub">{one.service_name.clone()}" · "{series.words.clone()}</p>
                    </div>
                    <div class="actions">
                        {more.map(|href| view! { <a class="button" href=href>"Add more dates"</a> })}
                    </div>
                </div>
                {occurrences(&series, id, &zone)}
                {changes}
            },
        )
        .narrow())
    })
}

fn occurrences(series: &SeriesView, current: AppointmentId, zone: &Zone) -> impl IntoView + use<> {
    let row = |one: &Occurrence| {
        let when = zone.long_date(one.starts_at);
        let here = one.id == current;
        view! {
            <tr class=if one.status == AppointmentStatus::Cancelled { "faded" } else { "" }>
                <th scope="row"><a class="row-link" href=format!("/appointments/{}/series", one.id) aria-current=here.then_some("true")>{when}</a></th>
                <td data-label="Time" class="tnum nowrap">{zone.clock_span(one.starts_at, one.ends_at)}</td>
                <td data-label="With">{one.practitioner.clone()}</td>
                <td data-label="Status"><AppointmentBadge status=one.status/>
                    {one.overbooked.then(|| view! { <span class="badge overbooked">"Overbooked"</span> })}
                    {one.detached.then(|| view! { <span class="badge">"Changed by hand"</span> })}</td>
            </tr>
        }
    };
    let skipped = (!series.skipped.is_empty()).then(|| {
        let days: Vec<String> = series.skipped.iter().map(|day| day.format("%-d %b %Y").to_string()).collect();
        view! { <p class="panel-foot small muted">"Left out: "{days.join(", ")}"."</p> }
    });
    view! {
        <div class="panel flush">
            <table class="table cards">
                <caption class="sr-only">"Appointments of the series"</caption>
                <thead><tr><th scope="col">"Date"</th><th scope="col">"Time"</th><th scope="col">"With"</th><th scope="col">"Status"</th></tr></thead>
                <tbody>{series.occurrences.iter().map(row).collect_view()}</tbody>
            </table>
            {skipped}
        </div>
    }
}

/// Which appointments; the one whose page it is alone has pages of its own.
fn scopes(name: &'static str, id: &'static str, chosen: &str) -> AnyView {
    let chosen = if chosen.is_empty() { SeriesScope::Later.as_str() } else { chosen };
    let choices = [SeriesScope::Later, SeriesScope::All]
        .into_iter()
        .map(|scope| view! { <option value=scope.as_str() selected=scope.as_str() == chosen>{scope.label()}</option> })
        .collect_view();
    view! { <div class="field"><label for=id>"Which appointments"</label><select id=id name=name>{choices}</select></div> }
        .into_any()
}

fn move_form(
    page: &Page,
    one: &StaffAppointment,
    zone: &Zone,
    practitioners: &[(StaffId, String)],
    state: FormState,
) -> AnyView {
    let local = zone.local(one.starts_at).format("%Y-%m-%dT%H:%M").to_string();
    let version =
        if state.was_posted() && !state.is_stale() { state.value("version", "") } else { one.version.to_string() };
    let conflicts = state.conflicts().cloned();
    let (summary, anyway) = (conflicts.clone().map(told), conflicts.map(|found| move_anyway(&found, &state)));
    let shown = if summary.is_some() { state.clone().without_error() } else { state.clone() };
    let chosen = state.value("practitioner", "");
    let people = practitioners
        .iter()
        .map(|(id, name)| {
            let id = id.to_string();
            let selected = id == chosen;
            view! { <option value=id selected=selected>{name.clone()}</option> }
        })
        .collect_view();
    let problem = state.problem("local");
    let invalid = problem.as_ref().map(|_| "true");
    let (open, id) = (state.was_posted(), one.id.to_string());
    let day = zone.long_date(one.starts_at);
    view! {
        <details class="section" open=open>
            <summary>"Move appointments of this series"</summary>
            <PostForm action=MOVE page=page.here.clone() state=shown>
                {summary}
                <p>{format!("Give the new time of {day}. The others move by as much; what was changed by hand stays. Everyone is told once.")}</p>
                <input type="hidden" name="form[appointment]" value=id/>
                <input type="hidden" name="form[version]" value=version/>
                {scopes("form[scope]", "f-scope", &state.value("scope", ""))}
                <div class="field-row">
                    <div class=if invalid.is_some() { "field invalid" } else { "field" }>
                        <label for="f-local">"New date and time"</label>
                        <input id="f-local" type="datetime-local" name="form[local]" value=state.value("local", &local) aria-invalid=invalid/>
                        {problem.map(|words| view! { <p class="error">{words}</p> })}
                    </div>
                    <div class="field"><label for="f-practitioner">"Practitioner"</label>
                        <select id="f-practitioner" name="form[practitioner]"><option value="">"As it is"</option>{people}</select></div>
                </div>
                {anyway}
                <div class="form-actions"><button type="submit" class="button primary">"Move appointments"</button></div>
            </PostForm>
        </details>
    }
    .into_any()
}

fn told(conflicts: Conflicts) -> AnyView {
    let lines = conflicts.all.iter().map(|one| view! { <li>{one.to_string()}</li> }).collect_view();
    view! {
        <div class="error-summary" role="alert" tabindex="-1" autofocus=true>
            <h2>"Some dates have conflicts. Nothing was moved"</h2>
            <ul>{lines}</ul>
            <p>"Choose another time, or move anyway below."</p>
        </div>
    }
    .into_any()
}

fn move_anyway(conflicts: &Conflicts, state: &FormState) -> AnyView {
    view! {
        <input type="hidden" name="form[seen]" value=conflicts.seen.to_string()/>
        <label class="check"><input type="checkbox" name="form[overbook]" value="true"/><span>"Move anyway"</span></label>
        <TextField field="reason" label="Reason" state=state.clone() hint="Only the team sees it." optional=true/>
    }
    .into_any()
}

fn cancel_form(page: &Page, one: &StaffAppointment, zone: &Zone, state: FormState) -> AnyView {
    let (open, id) = (state.was_posted(), one.id.to_string());
    let day = zone.long_date(one.starts_at);
    view! {
        <details class="section" open=open>
            <summary>"Cancel appointments of this series"</summary>
            <PostForm action=CANCEL page=page.here.clone() state=state.clone()>
                <p>{format!("From {day} on, or every upcoming one. Everyone is told once, and the time slots open up right away.")}</p>
                <input type="hidden" name="appointment" value=id/>
                {scopes("scope", "cancel-scope", state.plain("scope").unwrap_or_default())}
                <TextField field="reason" label="Reason for cancelling" state=state.clone() hint="Only the team sees it." optional=true/>
                <div class="form-actions"><button type="submit" class="button danger">"Cancel appointments"</button></div>
            </PostForm>
        </details>
    }
    .into_any()
}
