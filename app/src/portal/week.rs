//! A week of free times, and the dialog that asks whom a chosen one is for.

use super::booker::{Booker, DIALOG, FAILED, WEEK};
use super::confirm::{ConfirmFields, ConfirmProps, engaged, heading};
use chrono::NaiveDate;
use leptos::prelude::*;
use shared::appointments::{Engaged, FreeDay, FreeWeek};

/// `query` is what the links carry: `service=…&practitioner=…`.
#[component]
pub fn Week(week: FreeWeek, query: String, confirm: ConfirmProps) -> impl IntoView {
    let link = |from: NaiveDate| format!("/book?{query}&from={from}");
    let beside = |from: Option<NaiveDate>, words: &'static str, rel: &'static str| {
        from.map(|from| view! { <a class="button small" rel=rel href=link(from)>{words}</a> })
    };
    let first_free = week.first_free.map(|(date, label)| {
        view! {
            <div class="notice info">
                "No times this week. Next available: "<a href=link(date)>{label}</a>"."
            </div>
        }
    });
    let days = week.days.into_iter().map(|day| times(day, &query, &confirm.engaged)).collect_view();
    view! {
        <p class="notice error" role="alert" id=FAILED hidden=true>"The times could not be loaded. Please try again."</p>
        <div id=WEEK>
            <div class="week-head">
                <h2>{week.heading}</h2>
                <div class="actions">{beside(week.previous, "Earlier", "prev")}{beside(week.next, "Later", "next")}</div>
            </div>
            <p class="zone-note">{week.zone_note}</p>
            {first_free}
            <div class="days">{days}</div>
        </div>
        <Booker/>
        <ConfirmDialog confirm/>
    }
}

/// One day's times: each a link to the page that stands in for the dialog.
fn times(day: FreeDay, query: &str, taken: &[Engaged]) -> AnyView {
    let none = day.times.is_empty();
    let label = day.label;
    let links = day.times.into_iter().map(|time| {
        let href = format!("/book/confirm?{query}&with={}&start={}", time.practitioner, time.starts_at);
        let when = format!("{label}, {}", time.label);
        let name = format!("{when}, with {}", time.practitioner_name);
        let engaged: Vec<String> = engaged(taken, &time).map(|client| client.to_string()).collect();
        view! {
            <a class="time" href=href aria-label=name data-when=when data-with=time.practitioner_name
                data-engaged=(!engaged.is_empty()).then(|| engaged.join(" "))>{time.label}</a>
        }
    });
    let links = links.collect_view();
    view! {
        <section class=if none { "day none" } else { "day" }>
            <h3>{label}</h3>
            <div class="times">
                {none.then(|| view! { <p class="muted small">"No times"</p> })}
                {links}
            </div>
        </section>
    }
    .into_any()
}

/// The dialog, before a time is chosen.
#[component]
fn ConfirmDialog(confirm: ConfirmProps) -> impl IntoView {
    let title = heading(&confirm.who);
    view! {
        <dialog class="dialog" id=DIALOG aria-labelledby="book-title">
            <form method="post" action="/fn/portal/book" data-once="">
                <div class="dialog-head">
                    <h2 id="book-title">{title}</h2>
                    <button type="button" class="icon-button" aria-label="Close" data-closes="">"×"</button>
                </div>
                <div class="dialog-body">
                    <ConfirmFields props=confirm time=None/>
                </div>
                <div class="dialog-foot">
                    <button type="button" class="button" data-closes="">"Back"</button>
                    <button type="submit" class="button primary">"Book appointment"</button>
                </div>
            </form>
        </dialog>
    }
}
