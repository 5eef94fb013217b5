//! A week of hours: the table of its fields, and in words.

use super::{FormState, field_id};
use leptos::prelude::*;
use shared::practice::{DayForm, Hours, WEEKDAYS, minute_text};

/// The fields of a [`HoursForm`](shared::practice::HoursForm): two periods a day.
pub fn week_table(state: &FormState, days: Vec<DayForm>) -> impl IntoView + use<> {
    let row = |(index, day): (usize, DayForm)| {
        let cell = |part, words, stored: &str| time_input(state, index, part, words, stored);
        view! {
            <tr>
                <th scope="row">{WEEKDAYS[index]}</th>
                <td data-label="First period">
                    <div class="row">
                        {cell("starts", "from", &day.starts)}
                        {cell("ends", "to", &day.ends)}
                    </div>
                </td>
                <td data-label="Second period">
                    <div class="row">
                        {cell("starts_again", "again from", &day.starts_again)}
                        {cell("ends_again", "again to", &day.ends_again)}
                    </div>
                </td>
            </tr>
        }
    };
    view! {
        <table class="table cards week-hours">
            <thead>
                <tr>
                    <th scope="col">"Day"</th>
                    <th scope="col">"First period"</th>
                    <th scope="col">"Second period"</th>
                </tr>
            </thead>
            <tbody>{days.into_iter().take(WEEKDAYS.len()).enumerate().map(row).collect_view()}</tbody>
        </table>
    }
}

/// One time of one day, with its error below it.
fn time_input(state: &FormState, day: usize, part: &str, words: &str, stored: &str) -> impl IntoView + use<> {
    let field = format!("days.{day}.{part}");
    let id = field_id(&field);
    let error_id = format!("{id}-error");
    let problem = state.problem_of(&field, &format!("{}, {words}", WEEKDAYS[day]));
    let invalid = problem.is_some();
    view! {
        <div class=if invalid { "field short invalid" } else { "field short" }>
            <label class="sr-only" for=id.clone()>{format!("{}, {words}", WEEKDAYS[day])}</label>
            <input id=id type="time" name=FormState::name(&field) value=state.value(&field, stored)
                aria-invalid=invalid.then_some("true") aria-describedby=invalid.then(|| error_id.clone())/>
            {problem.map(|problem| view! { <p class="error" id=error_id>{problem}</p> })}
        </div>
    }
}

/// A week in words, day by day; `none` for a day without hours.
pub fn week_facts(week: &[Hours], none: &str) -> Vec<(&'static str, String)> {
    let day = |(name, weekday): (&'static &str, i16)| {
        let periods: Vec<String> = week
            .iter()
            .filter(|period| period.weekday == weekday)
            .map(|period| format!("{} – {}", minute_text(period.starts), minute_text(period.ends)))
            .collect();
        (*name, if periods.is_empty() { none.to_owned() } else { periods.join("\n") })
    };
    WEEKDAYS.iter().zip(1..).map(day).collect()
}
