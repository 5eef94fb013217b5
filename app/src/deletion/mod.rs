//! The three ways to part with a client: deactivate, delete, erase.

pub mod api;
#[cfg(feature = "ssr")]
pub mod done;

#[cfg(feature = "ssr")]
mod page;

#[cfg(feature = "ssr")]
pub use page::DeletePage;
