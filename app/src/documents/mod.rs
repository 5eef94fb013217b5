//! Documents and reports: written or attached by the team, read in the portal.

pub mod api;
#[cfg(feature = "ssr")]
pub mod done;
#[cfg(feature = "ssr")]
pub mod pages;

pub const CREATE: &str = "/fn/documents/create";
pub const REVISE: &str = "/fn/documents/revise";
pub const SHARE: &str = "/fn/documents/share";
pub const WITHDRAW: &str = "/fn/documents/withdraw";
/// Answered by the server itself, as is [`REPLACE`]: the form holds a file.
pub const ATTACH: &str = "/fn/documents/attach";
pub const REPLACE: &str = "/fn/documents/replace";
pub const READERS: &str = "/fn/documents/set_readers";
