//! The day's list, one appointment, and what a profile shows of them.

mod book;
mod calendar;
mod one;

pub use book::NewAppointmentPage;
pub use calendar::CalendarPage;
pub use one::{AppointmentPage, client_appointments};
