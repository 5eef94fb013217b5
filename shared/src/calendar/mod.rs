//! The staff calendar: what its address holds, and where blocks stand in its grid.

pub mod carry;
pub mod grid;
pub mod layout;
pub mod query;

pub use query::{AgendaCursor, CalendarQuery, ColourBy, Columns, Density, Print, View};
