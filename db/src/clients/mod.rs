//! Clients: finding them, their record, and every change of it.
//!
//! What a client is called is `client_name(c)` in SQL, and nowhere else: the preferred name
//! before the first, the code of anyone without a name. Someone who has had an appointment or
//! an activity is no longer a prospect: `client_was_used(c)`, and nowhere else. A form clears
//! nothing that it did not show: neither a prospect's next step nor a client information
//! field (`fields_shown`).

mod availability;
mod changes;
pub(crate) mod check;
mod children;
mod choices;
mod colour;
mod entries;
mod find;
pub(crate) mod insert;
pub mod list;
mod own;
mod prospects;
mod recent;
mod record;
pub mod saved_views;
mod sets;
mod write;

pub use availability::{Availability, availability, own_availability, save_availability};
pub(crate) use children::assign;
pub use choices::{Choices, choices};
pub use colour::{colour, set_colour};
pub use entries::{Entry, add_entry, entries, entries_of};
pub(crate) use find::groups;
pub use find::{matching, search, search_all_kinds};
pub use insert::{NewClient, suggest_code};
pub(crate) use own::unsaid_consents;
pub use own::{OwnDetails, own, own_first_name, own_languages, save_own_consents, save_own_record};
pub use prospects::{SHOWN_MAX as PROSPECTS_SHOWN_MAX, prospects, save_prospect};
pub use recent::{FoundClient, RECENT_MAX, note_opened, quick_find};
pub use record::{history, names, profile};
pub use sets::{set_practitioner, set_tag};
pub(crate) use sets::{set_practitioner_in, set_tag_in};
pub(crate) use write::{
    Made, already_made, content_key, create_in, create_once, ensure_never_used, lock, lock_to_become,
    revoke_access_if_inactive, set_status_in,
};
pub use write::{create, set_status, undo_status, update};
