//! The pipeline of prospects.

pub mod api;
#[cfg(feature = "ssr")]
pub mod done;

#[cfg(feature = "ssr")]
pub mod entries;
#[cfg(feature = "ssr")]
pub mod pages;

pub const ADD_ENTRY: &str = "/fn/prospects/add_entry";
pub const SAVE: &str = "/fn/prospects/save";
