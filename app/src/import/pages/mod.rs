//! The pages: the upload, and one import in whatever state it is.

mod mapping;
mod one;
mod result;
mod review;
mod start;

pub use one::ImportPage;
pub use start::ImportsPage;

use db::import::State;
use leptos::prelude::*;

/// A number with its noun: `1 row`, `1,234 rows`.
fn count(number: i32, one: &str, many: &str) -> String {
    format!("{} {}", thousands(number), if number == 1 { one } else { many })
}

/// `12,345`.
fn thousands(number: i32) -> String {
    crate::ui::parts::thousands(number.max(0) as u32)
}

/// Where an import stands, for lists.
fn badge(state: State) -> impl IntoView {
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
