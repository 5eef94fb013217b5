//! The waiting list. An entry waits for a time; times that become free are noted by the
//! database (`waitlist_freed`), matched with the entries ([`fitting`]) and offered, one at a
//! time, with the time held meanwhile ([`offer`], [`answer`]).
//!
//! Who may book someone may also enter them. Everything that ends an offer locks its
//! practitioner and its client first, so that of two answers one counts.

mod answer;
mod entries;
mod job;
mod list;
mod matching;
mod offers;
mod settings;

pub use answer::{Answered, Offered, answer, answer_by_link, offered_by_link};
pub(crate) use entries::withdraw_in;
pub use entries::{change, enter, withdraw};
pub use job::work;
pub use list::{Filter, MyWait, OfferView, Waiting, freed_by, list, list_in, mine, recently_freed};
pub use matching::{Fit, Gap, fitting};
pub(crate) use offers::{lock_between, without_link, without_reader};
pub use offers::{offer, withdraw_offer};
pub use settings::{save_settings, settings};
