//! Every SQL statement, one file per resource, and the operations that staff,
//! portal and jobs all call. One public operation opens and commits one
//! transaction; authorisation stands here, as types ([`authz`]).

pub mod accounts;
pub mod activities;
pub mod actor;
pub mod appointments;
pub mod audit;
pub mod authz;
pub mod bulk;
pub mod clients;
pub mod deletion;
pub mod demo;
pub mod error;
pub mod export;
pub mod import;
pub mod links;
pub(crate) mod locks;
pub mod memberships;
pub mod merge;
pub mod messages;
pub mod pool;
pub mod practice;
pub mod reports;
pub mod slots;
pub mod time;
pub mod views;

pub use actor::Actor;
pub use error::{Error, OnConstraint, Result};
pub use pool::{Conn, MIGRATOR, connect};
pub use sqlx::PgPool;

/// A new id; version 7, so that ids of one table sort by their making.
pub fn new_id() -> uuid::Uuid {
    uuid::Uuid::now_v7()
}
