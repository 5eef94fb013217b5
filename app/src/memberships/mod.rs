//! Couples, families and groups: built, changed, and their members, who come,
//! go and come back.

pub mod api;
#[cfg(feature = "ssr")]
pub mod done;

#[cfg(feature = "ssr")]
mod choose;
#[cfg(feature = "ssr")]
mod form;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
mod panel;
#[cfg(feature = "ssr")]
mod words;

#[cfg(feature = "ssr")]
pub use panel::belongs_panel;
#[cfg(feature = "ssr")]
pub use words::KindLinks;

pub const CREATE: &str = "/fn/memberships/create";
pub const SAVE: &str = "/fn/memberships/save";
pub const ADD: &str = "/fn/memberships/add";
pub const END: &str = "/fn/memberships/end";
pub const COME_BACK: &str = "/fn/memberships/come_back";
pub const CORRECT: &str = "/fn/memberships/correct";
pub const REMOVE: &str = "/fn/memberships/remove";
pub const CREATE_FROM: &str = "/fn/memberships/create_from";
pub const ADD_MANY: &str = "/fn/memberships/add_many";
