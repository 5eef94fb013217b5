//! Clients: finding them, their record, and every change of it.

mod availability;
mod changes;
pub(crate) mod check;
mod children;
mod choices;
mod colour;
mod find;
pub(crate) mod insert;
mod own;
mod prospects;
mod recent;
mod record;
mod sets;
mod write;

pub use availability::{Availability, availability, save_availability};
pub(crate) use children::assign;
pub use choices::{Choices, choices};
pub use colour::{colour, set_colour};
pub(crate) use find::{groups, page};
pub use find::{matching, search, search_all_kinds};
pub use insert::{NewClient, suggest_code};
pub use own::{OwnDetails, own};
pub use prospects::{SHOWN_MAX as PROSPECTS_SHOWN_MAX, prospects, save_prospect};
pub use recent::{FoundClient, RECENT_MAX, note_opened, opened, quick_find};
pub use record::{history, profile};
pub use sets::{set_practitioner, set_tag};
pub(crate) use sets::{set_practitioner_in, set_tag_in};
pub(crate) use write::{
    already_made, create_in, create_once, key_of, lock, lock_to_become, never_used, rest, set_status_in,
};
pub use write::{create, set_status, undo_status, update};
