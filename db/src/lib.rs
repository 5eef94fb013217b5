//! Every SQL statement, one file per resource, and the operations that staff,
//! portal and jobs all call. One public operation opens and commits one
//! transaction; authorisation is here, as types ([`authz`]).

pub mod accounts;
pub mod activities;
pub mod actor;
pub mod appointments;
pub mod audit;
pub mod authz;
pub mod availability;
pub mod bulk;
pub mod calendar;
pub mod calls;
pub mod clients;
pub mod consents;
pub mod deletion;
pub mod documents;
pub mod error;
pub mod export;
pub mod feeds;
pub mod files;
pub mod forms;
pub mod ics;
pub mod import;
pub mod links;
pub(crate) mod locks;
pub mod memberships;
pub mod merge;
pub mod messages;
pub mod permissions;
pub mod pool;
pub mod portal;
pub mod practice;
pub mod reports;
pub mod requests;
pub mod safe_contact;
pub mod sealing;
pub mod series;
pub mod staffing;
pub mod time;
pub mod todo;
pub mod visits;
pub mod waitlist;

pub use actor::Actor;
pub use error::{Error, OnConstraint, Result};
pub use pool::{Conn, MIGRATOR, connect};
pub use sqlx::{PgConnection, PgPool};

/// A new id; version 7, so that ids of one table sort by their making.
pub fn new_id() -> uuid::Uuid {
    uuid::Uuid::now_v7()
}
