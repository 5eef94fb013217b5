//! Clients from a file: reading CSV, guessing what its columns are, and
//! what becomes of a row. A row is judged by the same form as one that is typed.

mod consent;
mod csv;
mod damage;
mod dates;
mod guess;
mod row;
mod setup;
mod target;

pub use consent::{Channel, ConsentColumn, consent_column};
pub use csv::{CELL_MAX, COLUMNS_MAX, FileFault, ROWS_MAX, Reader, Row, sniff_separator};
pub use damage::is_damaged;
pub use dates::{DateFormat, DateGuess, DateLook, read_date};
pub use guess::{guess, headings_key, numbered};
pub use row::{CellProblem, Mapping, Parent, Person, Reading, Words};
pub use setup::{Duplicates, Households, ImportDetails, ImportForm, Parents};
pub use target::{Choice, Extra, Target, choices};
