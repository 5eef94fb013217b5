//! The staff calendar: days, weeks, months and the agenda, all rendered on the server, and
//! the island that adds keys, moving and what others changed.

pub mod api;
pub mod desk;

#[cfg(feature = "ssr")]
pub mod pages;

#[cfg(feature = "ssr")]
mod moved;
