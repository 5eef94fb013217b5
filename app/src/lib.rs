//! Pages, islands and server functions, one folder per feature. Pages exist on
//! the server only; the browser gets the islands (`picker`, `booker`, `live`…).
//! They are kept small: markup is the server's, an island adds what reacts to it.

#![recursion_limit = "512"]

pub mod error;
pub mod ui;

pub mod accounts;
pub mod activities;
pub mod appointments;
pub mod availability;
pub mod bulk;
pub mod clients;
pub mod deletion;
pub mod import;
pub mod links;
pub mod memberships;
pub mod merge;
pub mod portal;
pub mod prospects;
#[cfg(feature = "ssr")]
pub mod reports;
pub mod settings;

#[cfg(feature = "ssr")]
pub mod context;
#[cfg(feature = "ssr")]
pub mod routes;

#[cfg(feature = "ssr")]
pub use routes::{App, shell};
