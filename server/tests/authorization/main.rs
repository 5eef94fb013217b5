//! Who may see and do what, asked of the whole site.

#[expect(dead_code, reason = "these tests need a part of what tests share")]
#[path = "../support/mod.rs"]
mod support;

mod input;
mod matrix;
mod requests;
mod secrets;
mod table;
mod words;
mod world;
