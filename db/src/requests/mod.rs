//! What the practice asks of clients. The person does it, or someone linked to them with *forms*:
//! the first of them, and the others are told no more than that it is done.

mod ask;
mod job;
mod list;
mod portal;
mod rules;
mod sent;

pub use ask::{Asked, ask, mark_done, remind, withdraw};
pub(crate) use ask::{forget_drafts_between, withdraw_in};
pub use job::{remind_due, work};
pub use list::{Filter, ROWS_MAX, RequestRow, RequestView, files, list, one};
pub(crate) use portal::{Acting, acting};
pub use portal::{MyRequest, OpenRequest, complete, mine, open};
pub use rules::{RuleRow, add_rule, remove_rule, rules};
pub use sent::send_files;
