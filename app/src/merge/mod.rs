//! Duplicates: who may be one person twice, both records side by side, merging
//! them, and undoing it.

pub mod api;
#[cfg(feature = "ssr")]
pub mod done;

#[cfg(feature = "ssr")]
pub mod pages;

/// Takes it back that two are not one person.
pub const NOT_APART: &str = "/fn/merge/maybe_duplicate";
