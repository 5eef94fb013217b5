//! Changes of many clients at once: started from the list, followed on a page
//! of their own (C3).

pub mod api;
pub mod follow;

#[cfg(feature = "ssr")]
pub mod pages;

pub const START: &str = "/fn/bulk/start";
pub const CONFIRM: &str = "/fn/bulk/confirm";
pub const UNDO: &str = "/fn/bulk/undo";
/// Takes the selection to the page that makes a couple, family or group of it.
pub const GATHER: &str = "/clients/gather";
