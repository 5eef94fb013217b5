//! Bulk changes of clients: started from the list, followed on a page
//! of their own.

pub mod api;
pub mod follow;

#[cfg(feature = "ssr")]
pub mod pages;

pub const CONFIRM: &str = "/fn/bulk/confirm";
pub const UNDO: &str = "/fn/bulk/undo";
