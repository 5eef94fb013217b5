//! Fixtures that several tests of operations use.

pub mod activities;
pub mod deletion;
pub mod files;
pub mod forms;
pub mod list;
pub mod merging;
pub mod waiting;
