//! Logging in and out, claiming an account, choosing a new password.

pub mod api;
pub mod current;
#[cfg(feature = "ssr")]
pub mod delay;
#[cfg(feature = "ssr")]
pub mod own;
pub mod own_api;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod session;
