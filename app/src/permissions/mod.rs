//! Portal permissions: the practice's answers, and the exceptions of single clients.

pub mod api;
#[cfg(feature = "ssr")]
pub mod done;

#[cfg(feature = "ssr")]
pub mod pages;

pub const SAVE: &str = "/fn/permissions/save";
pub const SAVE_DETAILS: &str = "/fn/permissions/save_details";
pub const SET: &str = "/fn/permissions/set";
