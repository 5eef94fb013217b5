//! Booking, one appointment, and what a profile shows of them.

mod attendance;
pub(crate) mod book;
mod find;
mod handover;
mod moving;
mod one;
mod pairing;
mod requests;

pub use book::NewAppointmentPage;
pub(crate) use book::{book_anyway, told};
pub use find::FindPage;
pub use handover::HandoverPage;
pub use moving::MoveAppointmentPage;
pub use one::{AppointmentPage, client_appointments};
pub use pairing::PairingPage;
pub use requests::RequestsPage;
