//! What the portal shows a client besides their appointments and their record: what to do next, for
//! themselves and for those they act for, and their practitioners.

mod practitioners;
mod todo;

pub use practitioners::{MyPractitioner, StaffPublic, practitioners, save_staff_public, staff_public};
pub use todo::todo;
