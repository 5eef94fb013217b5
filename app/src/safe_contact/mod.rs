//! Safe contact: what someone has asked for, on the profile and on a page of its own.

pub mod api;
#[cfg(feature = "ssr")]
pub mod page;

#[cfg(feature = "ssr")]
pub use page::note;
