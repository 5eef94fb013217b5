//! Documents and reports: written or attached by the team, shared with the client alone and with the linked
//! clients that are chosen for the document; unlinking ends that. Versions that were shared stay.

mod read;
mod write;

pub(crate) use read::opened;
pub use read::{Document, DocumentRow, MyDocument, MyText, VersionRow, mine, of_client, one, open};
pub use write::{attach, create, replace, revise, set_readers, share, withdraw};
