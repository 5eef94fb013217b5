//! Settings: services, practitioners' hours, the welcome e-mail, the outbox.

pub mod api;
#[cfg(feature = "ssr")]
pub mod done;
#[cfg(feature = "ssr")]
pub mod pages;
