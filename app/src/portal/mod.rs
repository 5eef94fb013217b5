//! The portal: what clients see and do for themselves and for those they may
//! act for.

pub mod api;
pub mod booker;

#[cfg(feature = "ssr")]
pub mod confirm;
#[cfg(feature = "ssr")]
pub mod details;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod week;
