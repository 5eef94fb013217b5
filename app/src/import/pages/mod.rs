//! The pages: the upload, and one import in whatever state it is.

mod mapping;
mod one;
mod parts;
mod result;
mod review;
mod start;

pub use one::ImportPage;
pub use start::ImportsPage;
