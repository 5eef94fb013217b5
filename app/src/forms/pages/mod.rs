//! The pages of the forms.

mod again;
mod amend;
mod builder;
mod by_link;
mod fill;
mod item;
mod list;
mod preview;
pub mod questions;
mod response;

pub use again::LogInAgainPage;
pub use amend::AmendFormPage;
pub use builder::FormPage;
pub use by_link::FormLinkPage;
pub use fill::{FillFormPage, closed};
pub use item::FormItemPage;
pub use list::FormsPage;
pub use preview::FormPreviewPage;
pub use response::ResponsePage;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// A part of the page's address. Call it before the first await.
fn param(name: &str) -> String {
    use_params_map().get_untracked().get(name).unwrap_or_default()
}

/// Plain text with its paragraphs and line ends.
pub fn paragraphs(text: &str) -> AnyView {
    let paragraph = |paragraph: &str| {
        let lines = paragraph.lines().enumerate();
        let lines = lines.map(|(at, line)| view! { {(at > 0).then(|| view! { <br/> })}{line.to_owned()} });
        view! { <p>{lines.collect_view()}</p> }
    };
    text.split("\n\n").map(paragraph).collect_view().into_any()
}
