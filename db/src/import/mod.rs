//! Clients from a file (C4): a file is uploaded, its columns are mapped, a dry
//! run judges every row, and what is wanted is imported in one transaction.
//! The front desk's; a file's rows are deleted as soon as they are of no use.

mod by_hand;
mod check;
mod choose;
mod codes;
mod households;
mod joined;
mod judge;
mod offered;
mod review;
mod rows;
mod run;
mod setup;
mod undo;
mod upload;
mod view;
mod words;
mod work;

pub use by_hand::{ByHand, RowProblem, by_hand, create_by_hand};
pub use choose::{Counts, TickForm, choose, discard, remap, start, stop, undo};
pub use offered::{Offered, offered};
pub use review::{
    FamilyHere, FileRow, Outcome, ParentLike, Review, ReviewRow, Same, families_here, parents_like, review, rows_after,
    with_rows,
};
pub use setup::{dates, map, remembered};
pub use undo::used;
pub use upload::{Begun, FileInfo, Upload};
pub use view::{Import, State, list, one, remaining, samples};
pub use work::{tidy, work};

use shared::import::DateLook;
use sqlx::types::Json;

/// What each column looks like, over all rows.
type Looks = Json<Vec<DateLook>>;
