//! Forms that clients fill in: what they ask, in versions, and the answers. A published version
//! stays as it is; changes are made to a draft, of which a form has at most one. What was sent on
//! stays as it is, too.

mod build;
pub(crate) mod links;
mod read;
mod respond;
mod seal;
mod view;

pub use build::{create, edit, publish, rename, set_active, undo};
pub use links::{
    LinkStep, links_are_sent, look_at_link, open_by_link, save_draft_by_link, set_links_sent, submit_by_link,
    unlock_link,
};
pub use read::{OwnCopy, Response, ResponseRow, Signature, amend, entered_in_error, own_copy, response, responses};
pub use respond::{OpenForm, Signing, open, save_draft, submit};
pub use seal::{answers_hash, content_hash, name_digest, signed_hash};
pub use view::{FormRow, FormView, Published, VersionRow, list, one, version};
