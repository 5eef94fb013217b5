//! Kinds and dates in words, and the choice of a kind.

use crate::ui::FormState;
use chrono::NaiveDate;
use leptos::prelude::*;
use shared::clients::Kind;
use shared::memberships::Period;

/// `3 Mar 2026`.
pub fn date(day: NaiveDate) -> String {
    day.format("%-d %b %Y").to_string()
}

/// `since 3 Mar 2026`, or both dates.
pub fn period(period: Period) -> String {
    match period.left_on {
        None => format!("since {}", date(period.joined_on)),
        Some(left) => format!("{} to {}", date(period.joined_on), date(left)),
    }
}

/// `family`, within a sentence.
pub fn kind(kind: Kind) -> String {
    kind.label().to_lowercase()
}

/// `2 more you do not see`.
pub fn unseen(count: u32) -> Option<String> {
    (count > 0).then(|| format!("{count} more you don’t have access to."))
}

/// The kinds of client as links in a row, and what the chosen one is.
#[component]
pub fn KindLinks(chosen: Kind, #[prop(into)] next: String) -> impl IntoView {
    let link = |kind: &Kind| {
        let next = if next.is_empty() { String::new() } else { format!("&next={}", crate::context::url_encode(&next)) };
        view! {
            <li>
                <a href=format!("/clients/new?kind={}{next}", kind.as_str())
                    aria-current=(*kind == chosen).then_some("true")>{kind.label()}</a>
            </li>
        }
    };
    view! {
        <nav aria-label="Type">
            <ul class="segments">{Kind::ALL.iter().map(link).collect_view()}</ul>
            <p class="hint">{chosen.definition()}</p>
        </nav>
    }
}

/// The kinds with members as a choice, each with what it is. `notes`: what
/// stands in the way of a kind.
#[component]
pub fn KindChoice(
    state: FormState,
    stored: Option<Kind>,
    #[prop(optional)] notes: Vec<(Kind, String)>,
) -> impl IntoView {
    let problem = state.problem("kind");
    let described = problem.is_some().then_some("f-kind-error");
    let chosen = state.value("kind", stored.map_or("", Kind::as_str));
    let choice = |kind: Kind| {
        let note = notes.iter().find(|(of, _)| *of == kind).map(|(_, words)| words.clone());
        view! {
            <label class="choice">
                <input type="radio" name=FormState::name("kind") value=kind.as_str() checked=chosen == kind.as_str()/>
                <span class="choice-title">{kind.label()}</span>
                <span class="choice-note">{kind.definition()}</span>
                {note.map(|note| view! { <span class="choice-note strong">{note}</span> })}
            </label>
        }
    };
    view! {
        <fieldset class="group" id="f-kind" tabindex="-1" aria-describedby=described>
            <legend>"Type"</legend>
            <div class="choices">{Kind::GROUPS.map(choice).collect_view()}</div>
            {problem.map(|problem| view! { <p class="error" id="f-kind-error">{problem}</p> })}
        </fieldset>
    }
}
