//! Linked clients: the panel on a profile, and the pages that add, change and
//! remove a relationship.

pub mod api;
pub mod awake;

#[cfg(feature = "ssr")]
pub mod editor;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod panel;
#[cfg(feature = "ssr")]
pub mod words;

#[cfg(feature = "ssr")]
pub use panel::LinkedClientsPanel;
