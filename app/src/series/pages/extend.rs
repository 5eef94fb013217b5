//! More dates of a series: how many in the address, then every date with what it comes to and a
//! choice for each, as when the series was booked.

use super::new::{is_of_a_date, posted_dates, row, summary};
use crate::context::query;
use crate::series::EXTEND;
use crate::ui::page::{Page, Shown, page};
use crate::ui::{FormState, PostForm, TextField};
use db::series::{Outcome, Preview};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::series::SeriesMoreForm;
use shared::{AppointmentId, Problem, Refusal};

#[component]
pub fn ExtendSeriesPage() -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    let state = FormState::of(EXTEND);
    page(move |page| async move {
        if !page.actor.staff()?.books() {
            return Err(Refusal::Forbidden.into());
        }
        let id: AppointmentId = id.parse().map_err(|_| Refusal::NotFound)?;
        let one = db::appointments::one(page.pool(), &page.actor, id).await?;
        let series = db::series::of(page.pool(), &page.actor, id).await?.ok_or(Refusal::NotFound)?;
        let last = series.last.ok_or(Refusal::NotFound)?;
        let usual = SeriesMoreForm::default();
        let or = |name: &str, usual: String| Some(query(name)).filter(|value| !value.is_empty()).unwrap_or(usual);
        let mut form = SeriesMoreForm {
            appointment: id.to_string(),
            after: last.to_string(),
            ends: or("ends", usual.ends),
            count: or("count", usual.count),
            last_on: query("last_on"),
            dates: posted_dates(&state),
            // The preview is another request: it answers nothing that was booked.
            request_key: db::new_id().to_string(),
            ..SeriesMoreForm::default()
        };
        let (mut problems, mut found) = (Vec::new(), None);
        if !query("ends").is_empty() {
            let mut preview = db::series::preview_more(page.pool(), &page.actor, &form).await;
            // A choice that cannot be read is told at its field, below what the rule comes to.
            if preview.as_ref().is_err_and(is_of_a_date) {
                form.dates.clear();
                preview = db::series::preview_more(page.pool(), &page.actor, &form).await;
            }
            match preview {
                Ok(preview) => found = Some(preview),
                Err(error) => match error.refusal() {
                    Refusal::Invalid(errors) => problems = errors.0,
                    refusal => return Err(refusal.into()),
                },
            }
        }
        let (word, plural) = (page.practice.client_word.clone(), page.practice.client_word_plural.clone());
        let problem = |field: &str| -> Option<String> {
            let found = problems.iter().find(|(name, _): &&(String, Problem)| name == field);
            found.map(|(_, problem)| problem.for_practice(&word, &plural))
        };
        let chosen = how_many(&form, id, problem);
        let practitioners = db::practice::practitioners_of(page.pool(), one.service_id).await?;
        let names: Vec<(String, String)> = practitioners.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
        let dates = found.map(|found| dates(&page, &form, found, &names, state));
        Ok(Shown::new(
            "Add more dates",
            view! {
                <div class="page-head"><div>
                    <a class="back" href=format!("/appointments/{id}/series")>"Series"</a>
                    <h1>"Add more dates"</h1>
                    <p class="sub">{one.client_name.clone()}" · "{one.service_name.clone()}" · "{series.words.clone()}</p>
                </div></div>
                {chosen}
                {dates}
            },
        ))
    })
}

fn how_many(form: &SeriesMoreForm, id: AppointmentId, problem: impl Fn(&str) -> Option<String>) -> AnyView {
    let by_date = form.ends == "date";
    let field = |field: &str| if problem(field).is_some() { "field short invalid" } else { "field short" };
    let error = |field: &str| {
        let id = format!("{field}-error");
        problem(field).map(|words| view! { <p class="error" id=id>{words}</p> })
    };
    let invalid = |field: &str| problem(field).map(|_| "true");
    let described = |field: &str| problem(field).map(|_| format!("{field}-error"));
    view! {
        <form class="panel form" method="get" action=format!("/appointments/{id}/series/extend") novalidate=true>
            <fieldset class="plain"><legend>"How many more"</legend>
                <div class="row wrap">
                    <label class="check"><input type="radio" name="ends" value="count" checked=!by_date/><span>"A number of appointments"</span></label>
                    <div class=field("count")><label class="sr-only" for="count">"Number of appointments"</label>
                        <input id="count" type="number" name="count" min="1" max="200" inputmode="numeric" value=form.count.clone()
                            aria-invalid=invalid("count") aria-describedby=described("count")/>{error("count")}</div>
                </div>
                <div class="row wrap">
                    <label class="check"><input type="radio" name="ends" value="date" checked=by_date/><span>"Until a date"</span></label>
                    <div class=field("last_on")><label class="sr-only" for="last_on">"Last date"</label>
                        <input id="last_on" type="date" name="last_on" value=form.last_on.clone()
                            aria-invalid=invalid("last_on") aria-describedby=described("last_on")/>{error("last_on")}</div>
                </div>
                {error("ends")}
            </fieldset>
            <div class="form-actions"><button type="submit" class="button">"Show dates"</button></div>
        </form>
    }
    .into_any()
}

fn dates(
    page: &Page,
    form: &SeriesMoreForm,
    found: Preview,
    practitioners: &[(String, String)],
    state: FormState,
) -> AnyView {
    let (count, class, words) = summary(&found.dates);
    let key = if state.was_posted() { state.value("request_key", "") } else { form.request_key.clone() };
    // What was shown first, so that dates that another person added meanwhile are noticed.
    let after =
        if state.was_posted() && !state.is_stale() { state.value("after", &form.after) } else { form.after.clone() };
    let hidden = [
        ("appointment", form.appointment.clone()),
        ("after", after),
        ("ends", form.ends.clone()),
        ("count", form.count.clone()),
        ("last_on", form.last_on.clone()),
        ("request_key", key),
    ];
    let hidden = hidden
        .into_iter()
        .map(|(field, value)| view! { <input type="hidden" name=FormState::name(field) value=value/> })
        .collect_view();
    let rows =
        found.dates.iter().enumerate().map(|(index, date)| row(index, date, practitioners, &state)).collect_view();
    let over = found.dates.iter().any(|date| matches!(date.outcome, Outcome::Conflicts(_)))
        || !state.value("reason", "").is_empty();
    let reason = over.then(|| {
        view! { <TextField field="reason" label="Reason for booking over conflicts" state=state.clone() hint="Only the team sees it." optional=true/> }
    });
    view! {
        <section class="panel" aria-labelledby="dates">
            <h2 id="dates">{found.words.clone()}</h2>
            <p class="sub">"Times are in "{found.place.clone()}" time. What was changed by hand stays."</p>
            <PostForm action=EXTEND page=page.here.clone() state=state.clone()>
                <p class=class role="status">{words}</p>
                {hidden}
                <table class="table cards series-dates">
                    <caption class="sr-only">"New dates of the series"</caption>
                    <thead><tr><th scope="col">"Date"</th><th scope="col">"Time"</th><th scope="col">"What it comes to"</th><th scope="col">"Choice"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
                {reason}
                <div class="form-actions">
                    <button type="submit" class="button primary">{format!("Book {count} appointments")}</button>
                    <button type="submit" class="button" name="check" value="true">"Check again"</button>
                </div>
            </PostForm>
        </section>
    }
    .into_any()
}
