//! When a client can come, week by week: edited by staff or by the client.

pub mod api;
#[cfg(feature = "ssr")]
pub mod done;

#[cfg(feature = "ssr")]
pub mod pages;

pub const SAVE: &str = "/fn/availability/save";
pub const SAVE_MINE: &str = "/fn/availability/save_mine";
