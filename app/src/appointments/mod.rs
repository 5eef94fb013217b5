//! Appointments as staff keep them: the day's list, booking, one appointment.

pub mod api;

#[cfg(feature = "ssr")]
pub mod new_client;
#[cfg(feature = "ssr")]
pub mod pages;
