//! Staffing: clients available against practitioners working, by the half hour of a week.

pub mod pages;
