//! Repeating appointments: every date is an appointment of its own, booked, moved and
//! cancelled by the same operations as a single one, all of a series in one transaction.
//! The rule is [`shared::series`]; each date's local time is resolved by itself, so that a
//! series keeps its wall clock over a change of the clocks.

mod book;
mod change;
mod extend;
mod view;

pub use book::{Outcome, Planned, Preview, book, preview};
pub use change::{cancel, reschedule};
pub use extend::{book_more, preview_more};
pub use view::{Occurrence, SeriesView, of};
