//! What tests share: a database each, people, a browser without JavaScript, and
//! the demo practice.

#![expect(clippy::unwrap_used, reason = "a test fails where it panics")]

pub mod database;
mod http;
pub mod passkeys;
mod people;
mod practice;
mod random;
pub mod reads;
pub mod totp;
pub mod typos;

pub use database::{database_url, on_threads};
pub use http::{Answer, Session};
pub use people::{client_actor, refusal, staff_actor};
pub use practice::{Demo, Wish, apart, client, free_times, give_login, number, others};
pub use random::{Dice, rounds, seed};
pub use testkit_macros::test;
