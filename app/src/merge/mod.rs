//! Duplicates: who may be one person twice, both records side by side, merging
//! them, and undoing it.

pub mod api;

#[cfg(feature = "ssr")]
pub mod pages;
