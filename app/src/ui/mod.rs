//! The parts that all features use.

pub mod field;
pub mod form;
pub mod toast;

#[cfg(feature = "ssr")]
pub mod layout;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod parts;

pub use field::*;
pub use form::*;
