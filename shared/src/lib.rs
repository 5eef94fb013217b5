//! The words and rules of the domain, pure: what the browser and the server
//! both know. No I/O, no clock, no SQL, no Leptos, no time-zone database.
//!
//! A form arrives as a struct of strings and becomes a domain value by its
//! `parse()`, which answers with every field's [`Problem`] at the same time.

pub mod accounts;
pub mod activities;
pub mod appointments;
pub mod attendance;
pub mod availability;
pub mod bulk;
pub mod calendar;
pub mod cells;
pub mod clients;
pub mod consents;
pub mod deletion;
pub mod documents;
pub mod feeds;
pub mod fields;
pub mod files;
pub mod find;
pub mod forms;
pub mod health_card;
pub mod ids;
pub mod import;
pub mod links;
pub mod memberships;
pub mod merge;
pub mod messages;
pub mod parse;
pub mod permissions;
pub mod policy;
pub mod portal;
pub mod practice;
pub mod refusal;
pub mod reminders;
pub mod reports;
pub mod requests;
pub mod safe_contact;
pub mod series;
pub mod slots;
pub mod sms;
pub mod staffing;
pub mod tags;
pub mod terms;
pub mod texts;
pub mod todo;
pub mod visits;
pub mod vocabulary;
pub mod waitlist;

pub use ids::*;
pub use refusal::{Conflict, FieldErrors, Problem, Refusal};
