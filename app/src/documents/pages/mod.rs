//! The pages of the documents, and what other pages show of them.

mod file;
mod portal;
mod text;
mod write;

pub use file::file_link;
pub use portal::{MyDocumentPage, MyDocumentsPage};
pub use write::{DocumentPage, EditDocumentPage, NewDocumentPage, panel};

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// A part of the page's address. Call it before the first await.
fn param(name: &str) -> String {
    use_params_map().get_untracked().get(name).unwrap_or_default()
}
