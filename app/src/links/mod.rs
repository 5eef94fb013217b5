//! Linked clients: the panel on a profile, and the pages that add, change and
//! remove a relationship.

pub mod api;
pub mod behavior;
#[cfg(feature = "ssr")]
pub mod done;

#[cfg(feature = "ssr")]
pub mod editor;
#[cfg(feature = "ssr")]
mod household;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod panel;
#[cfg(feature = "ssr")]
pub mod words;

#[cfg(feature = "ssr")]
pub use panel::panel;
