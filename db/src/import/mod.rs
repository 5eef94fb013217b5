//! Clients from a file (C4): a file is uploaded, its columns are mapped, a dry
//! run judges every row, and what is wanted is imported in one transaction.
//! The front desk's; a file's rows are deleted as soon as they are of no use.

mod offered;
mod setup;
mod upload;
mod view;

pub use offered::{Offered, offered};
pub use setup::{map, remembered};
pub use upload::{Begun, FileInfo, Upload};
pub use view::{Import, State, list, one, samples};

use shared::import::DateLook;
use sqlx::types::Json;

/// What each column looks like, over all rows.
type Looks = Json<Vec<DateLook>>;
