//! Clients from a file: a file is uploaded, its columns are mapped, a dry
//! run validates every row, and what is wanted is imported in one transaction.
//! The front desk's; a file's rows are deleted as soon as they are of no use.
//!
//! The audit has one row for an import, with how many it made; a client's history shows it by
//! `client.import_id`. A hundred thousand rows would hold one chain for as long as all of
//! them take. What is remembered for the next file with the same headings is a hash of them
//! and what the columns became: no word of a file.
//!
//! A code that a client has already means that the row is that client: it is left out, and no
//! record is changed. The same file imported twice makes no one twice.

mod check;
mod choose;
mod codes;
mod fix_row;
mod households;
mod match_households;
mod plan;
mod review;
mod rows;
mod run;
mod setup;
mod targets;
mod undo;
mod upload;
mod validator;
mod view;
mod words;
mod work;

pub use choose::{Counts, TickForm, choose, discard, remap, start, stop, undo};
pub use fix_row::{RowFix, RowProblem, create_from_row, fix_row};
pub use review::{
    FamilyHere, FileRow, Outcome, ParentLike, Review, ReviewRow, Same, families_here, parents_like, review, rows_after,
    with_rows,
};
pub use setup::{dates, map, remembered};
pub use targets::{Targets, targets};
pub use undo::used;
pub use upload::{Begun, ContentHash, FileInfo, Upload};
pub use view::{Import, State, list, one, remaining, samples};
pub use work::{tidy, work};

use shared::import::DateLook;
use sqlx::types::Json;

/// What each column looks like, over all rows.
type Looks = Json<Vec<DateLook>>;
