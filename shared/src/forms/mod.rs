//! Forms that clients fill in: what a form asks ([`Definition`]), what was typed ([`Filled`]) and
//! the answers that it becomes ([`Definition::parse`]).
//!
//! A definition is a list in one level. A section is an item that begins one; its conditions are
//! those of all items up to the next section. Names follow the FHIR `Questionnaire`. A published
//! definition stays as it is, and a response keeps its own for ever.

mod answers;
mod capacity;
mod changes;
mod definition;
mod edit;
mod response;
mod starters;
#[cfg(test)]
mod tests;

pub use crate::consents::Channel;
pub use answers::{Answer, Answers, Filled, OTHER};
pub use capacity::Capacity;
pub use changes::{Change, changes};
pub use definition::{Behaviour, Condition, Definition, Item, ItemKind, Operator, Score};
pub use edit::{ConditionForm, Edit, FormForm, ItemForm};
pub use response::ResponseState;
pub use starters::Starter;

/// Days that a draft is kept after it was saved last.
pub const DRAFT_DAYS: i32 = 14;
