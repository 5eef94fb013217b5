//! Pages: the duplicates, the two side by side, and earlier merges.

mod compare;
mod duplicates;
mod earlier;

pub use compare::MergePage;
pub use duplicates::DuplicatesPage;
pub use earlier::MergesPage;
