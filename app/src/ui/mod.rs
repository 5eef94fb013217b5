//! The parts that all features use: fields, forms, pages. They know no
//! feature; what stands around every page is the site's.

pub mod staff_island;

#[cfg(feature = "hydrate")]
pub mod browser;
#[cfg(feature = "hydrate")]
pub mod storage;

#[cfg(feature = "ssr")]
pub mod contact;
#[cfg(feature = "ssr")]
pub mod field;
#[cfg(feature = "ssr")]
pub mod form;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod parts;
#[cfg(feature = "ssr")]
pub mod stale;
#[cfg(feature = "ssr")]
pub mod week;

#[cfg(feature = "ssr")]
pub use field::*;
#[cfg(feature = "ssr")]
pub use form::*;

/// The form that takes back what was just done: where it goes, and its hidden fields.
#[cfg(feature = "ssr")]
pub struct Undo {
    pub action: &'static str,
    pub fields: Vec<(&'static str, String)>,
}
