//! The pages of the requests, and what other pages show of them.

mod client;
mod list;
mod new;
mod one;
mod portal;
mod rules;
mod table;

pub use client::{ClientFormsPage, panel};
pub use list::RequestedPage;
pub use new::NewRequestPage;
pub use one::RequestPage;
pub use portal::{MyRequestPage, MyRequestsPage, outstanding};
pub use rules::RequestRulesPage;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// A part of the page's address. Call it before the first await.
fn param(name: &str) -> String {
    use_params_map().get_untracked().get(name).unwrap_or_default()
}
