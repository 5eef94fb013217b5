//! Clients: finding them, their record, and every change of it.

mod find;
mod record;
mod write;

pub use find::{list, matching, search};
pub use record::{Choices, choices, history, profile};
pub use write::{NewClient, create, set_status, suggest_code, update};
