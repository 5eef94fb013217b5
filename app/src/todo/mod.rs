//! The To do page of the front desk.

pub mod api;
#[cfg(feature = "ssr")]
pub mod done;
#[cfg(feature = "ssr")]
pub mod page;

pub const TICK: &str = "/fn/todo/tick";
