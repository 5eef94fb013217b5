//! What the practice asks of clients: for staff, in the portal, and by services themselves.

pub mod api;
#[cfg(feature = "ssr")]
pub mod done;
#[cfg(feature = "ssr")]
pub mod pages;

pub const ASK: &str = "/fn/requests/ask";
pub const REMIND: &str = "/fn/requests/remind";
pub const WITHDRAW: &str = "/fn/requests/withdraw";
pub const MARK_DONE: &str = "/fn/requests/mark_done";
pub const COMPLETE: &str = "/fn/requests/complete";
/// Answered by the server itself: the form holds files.
pub const SEND_FILES: &str = "/fn/requests/send_files";
pub const SAVE_LINKS: &str = "/fn/requests/save_links";
pub const ADD_RULE: &str = "/fn/requests/add_rule";
pub const REMOVE_RULE: &str = "/fn/requests/remove_rule";
