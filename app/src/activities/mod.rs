//! Activities (H5): the hours that people who work here log, with whom.

pub mod api;
#[cfg(feature = "ssr")]
pub mod pages;

pub const SAVE: &str = "/fn/activities/save";
/// Keeps what is typed and comes back to the form.
pub const KEEP: &str = "/fn/activities/keep";
pub const DELETE: &str = "/fn/activities/delete";
