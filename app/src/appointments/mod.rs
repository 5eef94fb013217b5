//! Appointments as staff keep them: the day's list, booking, one appointment.

pub mod api;

#[cfg(feature = "ssr")]
#[cfg(feature = "ssr")]
pub mod pages;
