//! What the states of an import have in common.

use crate::ui::page::Page;
use db::import::{Import, State};
use leptos::prelude::*;

/// A number with its noun: `1 row`, `1,234 rows`.
pub(super) fn count(number: i32, one: &str, many: &str) -> String {
    format!("{} {}", thousands(number), if number == 1 { one } else { many })
}

/// `12,345`.
pub(super) fn thousands(number: i32) -> String {
    crate::ui::parts::thousands(number.max(0) as u32)
}

/// Where an import stands, for lists.
pub(super) fn badge(state: State) -> impl IntoView {
    let (look, words) = match state {
        State::Mapping => ("pending", "Needs column matching"),
        State::Checking => ("info", "Being checked"),
        State::Checked => ("pending", "Checked, not imported"),
        State::Importing => ("info", "Being imported"),
        State::Done => ("completed", "Imported"),
        State::Undoing => ("info", "Being undone"),
        State::Undone => ("inactive", "Undone"),
        State::Discarded => ("inactive", "Discarded"),
    };
    view! { <span class=format!("badge {look}")>{words}</span> }
}

/// Why the last work ended without success.
pub(super) fn failure(import: &Import) -> Option<AnyView> {
    let words = match import.failure.as_str() {
        "" => return None,
        "stopped" if import.state == State::Done => "It was stopped. Nothing was deleted.",
        "stopped" => "It was stopped. Nothing was stored.",
        "changed" if import.state == State::Done => {
            "The import cannot be undone any more: some of the records have been changed or used since. \
             Nothing was deleted."
        }
        "changed" => {
            "Something has changed since the rows were checked, so nothing was imported. See below which rows are clients or likely \
             duplicates now, or have problems; then import the rest."
        }
        _ if import.state == State::Done => "It failed on our side, and nothing was deleted. Please try again.",
        _ => "It failed on our side, and nothing was stored. Please try again.",
    };
    Some(view! { <p class="notice warn" role="alert">{words}</p> }.into_any())
}

/// What is not asked of everyone.
pub(super) fn may_add_terms(page: &Page) -> bool {
    page.actor.administrator().is_ok()
}
