//! The parts that all features use.

pub mod behaviors;
pub mod keys;

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
pub mod layout;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod parts;
#[cfg(feature = "ssr")]
pub mod stale;
#[cfg(feature = "ssr")]
pub mod toast;
#[cfg(feature = "ssr")]
pub mod week;

#[cfg(feature = "ssr")]
pub use field::*;
#[cfg(feature = "ssr")]
pub use form::*;
