//! The waiting list: for staff, in the portal, and by the links in mail.

pub mod api;
#[cfg(feature = "ssr")]
pub mod done;

#[cfg(feature = "ssr")]
pub mod pages;

pub const ENTER: &str = "/fn/waitlist/enter";
pub const SAVE: &str = "/fn/waitlist/save";
pub const WITHDRAW: &str = "/fn/waitlist/withdraw";
pub const OFFER: &str = "/fn/waitlist/offer";
pub const WITHDRAW_OFFER: &str = "/fn/waitlist/withdraw_offer";
pub const SAVE_SETTINGS: &str = "/fn/waitlist/save_settings";
pub const JOIN: &str = "/fn/waitlist/join";
pub const LEAVE: &str = "/fn/waitlist/leave";
pub const ANSWER: &str = "/fn/waitlist/answer";
pub const ANSWER_LINK: &str = "/fn/waitlist/answer_link";
