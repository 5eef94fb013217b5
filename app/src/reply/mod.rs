//! The link in a mail about an appointment: its reader confirms, moves or cancels it without
//! logging in. Looking at a page changes nothing; posting its form does.

pub mod api;
#[cfg(feature = "ssr")]
pub mod pages;
