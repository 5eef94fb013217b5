//! Appointments: booking, cancelling, and the lists of each audience.

mod book;
mod cancel;
mod conflicts;
mod lists;

pub(crate) use book::lock;
pub use book::{book, with_instant};
pub use cancel::cancel;
pub use lists::{BusySpan, busy, day, mine, mine_one, of_client, one, upcoming_of};
