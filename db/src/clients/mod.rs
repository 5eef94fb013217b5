//! Clients: finding them, their record, and every change of it.

mod availability;
mod colour;
mod find;
mod prospects;
mod record;
mod write;

pub use availability::{Availability, availability, save_availability};
pub use colour::{colour, set_colour};
pub(crate) use find::name as called;
pub use find::{list, matching, search, search_all_kinds};
pub use prospects::{SHOWN_MAX as PROSPECTS_SHOWN_MAX, prospects, save_prospect};
pub use record::{Choices, choices, history, profile};
pub use write::{NewClient, create, set_status, suggest_code, update};
pub(crate) use write::{already_made, assign, create_in};
