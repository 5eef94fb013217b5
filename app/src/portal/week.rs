//! A week of free times: each is a button that keeps the time and goes on to the last step.

use super::booker::{Booker, FAILED, WEEK};
use super::booking::HOLD;
use leptos::prelude::*;
use shared::appointments::{FreeDay, FreeWeek};

#[component]
pub fn Week(
    week: FreeWeek,
    /// Where the weeks beside it are.
    previous: Option<String>,
    next: Option<String>,
    /// The first week with a free time, when this one has none, and its day in words.
    first_free: Option<(String, String)>,
    /// What the form sends beside the time; empty values are left out.
    hidden: Vec<(&'static str, String)>,
    /// How the practice is reached, where there is nothing to book.
    call: AnyView,
) -> impl IntoView {
    let beside = |href: Option<String>, words: &'static str, rel: &'static str| {
        href.map(|href| view! { <a class="button" rel=rel href=href>{words}</a> })
    };
    let first_free = first_free.map(|(href, label)| {
        view! {
            <div class="notice info">"No times this week. Next available: "<a href=href>{label}</a>"."</div>
        }
    });
    let none = week.none_for_weeks.map(|weeks| {
        view! {
            <div class="notice info">{format!("No free times in the next {weeks} weeks. ")}{call}"."</div>
        }
    });
    // Seven times "No times" would say the same again.
    let days = if first_free.is_some() || none.is_some() { Vec::new() } else { week.days };
    let days = days.into_iter().map(times).collect_view();
    let hidden = hidden.into_iter().filter(|(_, value)| !value.is_empty());
    let hidden = hidden.map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view();
    view! {
        <section id="times" class="stack" aria-label="Times">
            <p class="notice error" role="alert" id=FAILED hidden=true>"The times could not be loaded. Please try again."</p>
            <form method="post" action=HOLD>
                <div id=WEEK>
                    {hidden}
                    <div class="week-head">
                        <h2>{week.heading}</h2>
                        <div class="actions">{beside(previous, "Earlier", "prev")}{beside(next, "Later", "next")}</div>
                    </div>
                    <p class="zone-note">{week.zone_note}</p>
                    {first_free}
                    {none}
                    <div class="days large">{days}</div>
                </div>
            </form>
            <Booker/>
        </section>
    }
}

/// One day's times.
fn times(day: FreeDay) -> AnyView {
    let none = day.times.is_empty();
    let label = day.label;
    let buttons = day.times.into_iter().map(|time| {
        let ask = if time.ask { ", on request" } else { "" };
        let name = format!("{label}, {}{ask}, with {}", time.label, time.practitioner_name);
        let value = format!("{} {}", time.starts_at, time.practitioner);
        view! {
            <button type="submit" class="time" name="form[slot]" value=value aria-label=name>
                {time.label}{time.ask.then(|| view! { " "<small>"Ask us"</small> })}
            </button>
        }
    });
    let buttons = buttons.collect_view();
    view! {
        <section class=if none { "day none" } else { "day" }>
            <h3>{label}</h3>
            <div class="times">
                {none.then(|| view! { <p class="muted small">"No times"</p> })}
                {buttons}
            </div>
        </section>
    }
    .into_any()
}
