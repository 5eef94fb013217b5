//! Who may see and do what, asked of the whole site.

#[expect(dead_code, reason = "these tests need a part of what tests share")]
#[path = "../support/mod.rs"]
mod support;

mod at_once;
mod input;
mod matrix;
mod nul;
mod requests;
mod secrets;
mod table;
mod words;
mod world;
