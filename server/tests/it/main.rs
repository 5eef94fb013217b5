//! One program for all tests of this crate: linking many takes longer than running them.

#![expect(clippy::unwrap_used, reason = "a test fails where it panics")]

mod authorization;
mod crash;
mod families;
mod feeds;
mod files;
mod forms;
mod import;
mod listen;
mod mail;
mod mail_kills;
mod mail_read;
mod outage;
mod passkeys;
mod permissions;
mod plans;
mod portal;
mod race;
mod reminders;
mod second_factor;
mod sms;
mod statements;
mod support;
mod two_parents;
mod visits;
