//! The pipeline of prospects (B18).

pub mod api;

#[cfg(feature = "ssr")]
pub mod pages;

pub const SAVE: &str = "/fn/prospects/save";
