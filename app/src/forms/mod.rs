//! Forms: made by administrators in the settings, filled in by clients, read by staff.

pub mod api;
#[cfg(feature = "ssr")]
pub mod done;
#[cfg(feature = "ssr")]
pub mod pages;

pub const CREATE: &str = "/fn/forms/create";
pub const RENAME: &str = "/fn/forms/rename";
pub const SET_ACTIVE: &str = "/fn/forms/set_active";
pub const ADD_ITEM: &str = "/fn/forms/add_item";
pub const SAVE_ITEM: &str = "/fn/forms/save_item";
pub const CHANGE_ITEM: &str = "/fn/forms/change_item";
pub const UNDO: &str = "/fn/forms/undo";
pub const PUBLISH: &str = "/fn/forms/publish";
pub const SAVE_DRAFT: &str = "/fn/forms/save_draft";
pub const SUBMIT: &str = "/fn/forms/submit";
pub const UNLOCK_LINK: &str = "/fn/forms/unlock_link";
pub const SAVE_BY_LINK: &str = "/fn/forms/save_by_link";
pub const SUBMIT_BY_LINK: &str = "/fn/forms/submit_by_link";
pub const IN_ERROR: &str = "/fn/forms/entered_in_error";
pub const AMEND: &str = "/fn/forms/amend";
