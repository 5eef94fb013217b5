//! Repeating appointments: booked after a preview of every date, changed from one on.

pub mod api;
#[cfg(feature = "ssr")]
pub mod done;
#[cfg(feature = "ssr")]
pub mod pages;

pub const BOOK: &str = "/fn/series/book";
pub const EXTEND: &str = "/fn/series/extend";
pub const MOVE: &str = "/fn/series/move";
pub const CANCEL: &str = "/fn/series/cancel";
