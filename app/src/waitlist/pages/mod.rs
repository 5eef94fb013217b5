//! The pages of the waiting list, and what other pages show of it.

mod answer;
mod form;
mod freed;
mod list;
mod portal;
mod settings;

pub use answer::OfferPage;
pub use form::{NewWaitPage, WaitPage};
pub use freed::{freed_panel, waiting_panel};
pub use list::{WaitingListPage, client_panel};
pub use portal::{JoinWaitlistPage, join_link, mine};
pub use settings::OfferSettingsPage;

use chrono::{DateTime, NaiveDate, Utc};
use leptos::prelude::*;
use shared::practice::{Hours, WEEKDAYS, minute_text};

/// For how long someone has waited: `today`, `1 day`, `12 days`.
fn age(since: DateTime<Utc>, now: DateTime<Utc>) -> String {
    match (now - since).num_days() {
        ..=0 => "today".to_owned(),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

/// How long there is to answer: `43 min`, `2 h 5 min`.
fn left(until: DateTime<Utc>, now: DateTime<Utc>) -> String {
    match (until - now).num_minutes() {
        ..=0 => "less than a minute".to_owned(),
        minutes @ 1..60 => format!("{minutes} min"),
        minutes => format!("{} h {} min", minutes / 60, minutes % 60),
    }
}

/// `1 Dec – 14 Jan 2027`.
fn dates(first: NaiveDate, last: NaiveDate) -> String {
    match first == last {
        true => first.format("%-d %b %Y").to_string(),
        false => format!("{} – {}", first.format("%-d %b"), last.format("%-d %b %Y")),
    }
}

/// `Monday 9:00 am – noon`, one after the other; `none` where there is none.
fn windows(all: &[Hours], none: &str) -> String {
    let words = |one: &Hours| {
        let day = WEEKDAYS.get(one.weekday as usize - 1).copied().unwrap_or_default();
        format!("{day} {} – {}", minute_text(one.starts), minute_text(one.ends))
    };
    match all {
        [] => none.to_owned(),
        all => all.iter().map(words).collect::<Vec<_>>().join(", "),
    }
}

fn urgent_badge(urgent: bool) -> Option<AnyView> {
    urgent.then(|| view! { <span class="badge overbooked">"Urgent"</span>" " }.into_any())
}
