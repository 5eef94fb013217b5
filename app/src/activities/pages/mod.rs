//! Pages: the list, new, one; and what a profile shows of them.

mod form;
mod list;
mod one;
mod panel;

pub use list::ActivitiesPage;
pub(crate) use list::whose_options;
pub use one::{ActivityPage, NewActivityPage};
pub use panel::client_activities;

use chrono::NaiveDate;
use leptos::prelude::*;
use shared::activities::ActivityView;
use shared::clients::Kind;

/// `Mon 9 Mar 2026`.
fn day(date: NaiveDate) -> String {
    date.format("%a %-d %b %Y").to_string()
}

/// The clients of an activity, each a link; how many were there of a group, and
/// how many clients the viewer does not see.
fn with_whom(activity: &ActivityView) -> AnyView {
    let client = |client: &shared::activities::ActivityClient| {
        let href = format!("/clients/{}", client.number);
        let there = (client.kind != Kind::Individual).then(|| format!(" ({} attended)", client.attended));
        view! { <li><a href=href>{client.called().to_owned()}</a>{there.map(|words| view! { <span class="muted">{words}</span> })}</li> }
    };
    let hidden = match activity.hidden {
        0 => None,
        1 => Some("1 you don’t have access to".to_owned()),
        more => Some(format!("{more} you don’t have access to")),
    };
    if activity.clients.is_empty() && hidden.is_none() {
        return ().into_any();
    }
    view! {
        <ul class="inline-list">
            {activity.clients.iter().map(client).collect_view()}
            {hidden.map(|words| view! { <li class="muted">{words}</li> })}
        </ul>
    }
    .into_any()
}
