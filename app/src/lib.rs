//! Pages, islands and server functions, one folder per feature. Pages exist on
//! the server only; the browser gets the islands (`picker`, `booker`, `live`…).
//! They are kept small: markup is the server's, an island adds what reacts to it.
//!
//! A page is rendered by several threads in turn: nothing that belongs to one thread is made
//! on the server (`StoredValue::new_local` and the like stand behind `hydrate`).

#![recursion_limit = "512"]

pub mod error;
pub mod site;
pub mod ui;

pub mod accounts;
pub mod activities;
pub mod appointments;
pub mod availability;
pub mod bulk;
pub mod calendar;
pub mod calls;
pub mod clients;
#[cfg(feature = "ssr")]
pub mod consents;
pub mod deletion;
pub mod documents;
pub mod feeds;
pub mod forms;
pub mod import;
pub mod links;
pub mod memberships;
pub mod merge;
pub mod permissions;
pub mod portal;
pub mod prospects;
#[cfg(feature = "ssr")]
pub mod record;
pub mod reply;
#[cfg(feature = "ssr")]
pub mod reports;
pub mod requests;
pub mod safe_contact;
pub mod series;
pub mod settings;
#[cfg(feature = "ssr")]
pub mod staffing;
pub mod todo;
pub mod unsubscribe;
pub mod visits;
pub mod waitlist;

#[cfg(feature = "ssr")]
pub mod context;
#[cfg(feature = "ssr")]
pub mod delay;
#[cfg(feature = "ssr")]
pub mod routes;

#[cfg(feature = "ssr")]
pub use routes::{App, shell};
