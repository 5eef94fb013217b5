//! The words and rules of the domain, pure: what the browser and the server
//! both know. No I/O, no clock, no SQL, no Leptos, no time-zone database.
//!
//! A form arrives as a struct of strings and becomes a domain value by its
//! `parse()`, which answers with every field's [`Problem`] at once.

pub mod accounts;
pub mod activities;
pub mod appointments;
pub mod bulk;
pub mod cells;
pub mod clients;
pub mod deletion;
pub mod fields;
pub mod health_card;
pub mod ids;
pub mod import;
pub mod links;
pub mod memberships;
pub mod merge;
pub mod messages;
pub mod parse;
pub mod practice;
pub mod refusal;
pub mod reports;
pub mod slots;
pub mod tags;
pub mod terms;
pub mod vocabulary;

pub use ids::*;
pub use refusal::{Conflict, FieldErrors, Problem, Refusal};
