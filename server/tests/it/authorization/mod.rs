//! Who may see and do what, asked of the whole site.

mod address;
mod at_once;
mod confirm;
mod forged;
mod half;
mod input;
mod matrix;
mod nul;
mod offers;
mod preview;
mod proof;
mod requests;
mod secrets;
mod sections;
mod table;
mod toast;
mod words;
pub mod world;
