//! The pages of one client: create, profile, edit. They show the panels of the features, and pass
//! couples, families and groups on to `memberships`.

mod edit;
mod facts;
mod login;
mod new;
mod profile;

pub use edit::EditClientPage;
pub use new::NewClientPage;
pub use profile::ClientPage;
