//! What a column of a file may become.

use crate::Problem;
use crate::clients::columns::{Column, ColumnHead, ColumnKey};
use crate::vocabulary::vocabulary;
use std::fmt;
use std::str::FromStr;

vocabulary! {
    /// What files have beside the columns that our own export writes.
    Extra {
        FullName = "full_name", "Whole name (first and last)";
        /// One number; its label is the heading. Several columns may be this.
        Phone = "phone", "A further phone number";
        ContactName = "contact_name", "Emergency contact: name";
        ContactRelationship = "contact_relationship", "Emergency contact: relationship";
        ContactPhone = "contact_phone", "Emergency contact: phone";
        ContactEmail = "contact_email", "Emergency contact: email";
        /// The same words in several rows: one household.
        Family = "family", "Family (same words, one household)";
        ParentName = "parent_name", "Parent: name";
        ParentFirstName = "parent_first_name", "Parent: first name";
        ParentLastName = "parent_last_name", "Parent: last name";
        ParentEmail = "parent_email", "Parent: email";
        ParentPhone = "parent_phone", "Parent: phone";
    }
}

impl Extra {
    pub const fn is_parent(self) -> bool {
        use Extra::*;
        matches!(self, ParentName | ParentFirstName | ParentLastName | ParentEmail | ParentPhone)
    }

    /// In code-only mode a family is known by its code; the words only hold it together.
    const fn identifies(self) -> bool {
        !matches!(self, Extra::Family)
    }
}

/// What a column becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    Client(ColumnKey),
    Extra(Extra),
}

impl Target {
    pub const fn of(column: Column) -> Target {
        Target::Client(ColumnKey::Of(column))
    }

    /// Whether a practice in code-only mode does not keep it.
    pub const fn identifies(self) -> bool {
        match self {
            Target::Client(ColumnKey::Of(column)) => column.identifies(),
            Target::Client(ColumnKey::Field(_)) => false,
            Target::Extra(extra) => extra.identifies(),
        }
    }

    /// Whether several columns of a file may become it.
    pub const fn may_repeat(self) -> bool {
        matches!(self, Target::Extra(Extra::Phone))
    }

    /// Whether it holds dates that are three numbers in some order.
    pub const fn is_date(self) -> bool {
        use Column::*;
        matches!(self, Target::Client(ColumnKey::Of(BirthDate | CardExpires | LastContact | NextStepOn)))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Client(key) => key.fmt(f),
            Target::Extra(extra) => f.write_str(extra.as_str()),
        }
    }
}

impl FromStr for Target {
    type Err = Problem;
    fn from_str(key: &str) -> Result<Self, Self::Err> {
        key.parse().map(Target::Extra).or_else(|_| key.parse().map(Target::Client))
    }
}

/// A target and the words for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub target: Target,
    pub label: String,
}

/// Everything that a column may become in this practice, by group.
pub fn choices(heads: &[ColumnHead], code_only: bool) -> Vec<(&'static str, Vec<Choice>)> {
    let client = |own: bool| {
        let wanted = move |head: &&ColumnHead| match head.key {
            ColumnKey::Of(column) => !own && column.is_importable(),
            ColumnKey::Field(_) => own,
        };
        let choice = |head: &ColumnHead| Choice { target: Target::Client(head.key), label: head.heading.clone() };
        heads.iter().filter(wanted).map(choice).collect::<Vec<_>>()
    };
    let extras = |family: bool| {
        let extras = Extra::ALL.iter().copied();
        let extras = extras.filter(|extra| !(code_only && extra.identifies()));
        let extras = extras.filter(|extra| (extra.is_parent() || *extra == Extra::Family) == family);
        extras.map(|extra| Choice { target: Target::Extra(extra), label: extra.label().to_owned() }).collect()
    };
    let groups = [
        ("The record", client(false)),
        ("Names, phones and contacts", extras(false)),
        ("Family and parent", extras(true)),
        ("Custom fields", client(true)),
    ];
    groups.into_iter().filter(|(_, choices)| !choices.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FieldId;
    use crate::clients::columns::heads;
    use uuid::Uuid;

    fn all(code_only: bool) -> Vec<Target> {
        let heads = heads(&[(FieldId(Uuid::nil()), "School".into())], true, code_only);
        choices(&heads, code_only).into_iter().flat_map(|(_, choices)| choices).map(|choice| choice.target).collect()
    }

    #[test]
    fn every_target_is_read_as_it_is_written() {
        for target in all(false) {
            assert_eq!(target.to_string().parse(), Ok(target));
        }
        assert_eq!("nonsense".parse::<Target>(), Err(Problem::Unknown));
    }

    #[test]
    fn a_practice_of_codes_is_offered_no_names_and_no_contacts() {
        let targets = all(true);
        for hidden in [Target::of(Column::FirstName), Target::of(Column::Email), Target::Extra(Extra::FullName)] {
            assert!(all(false).contains(&hidden) && !targets.contains(&hidden));
        }
        assert!(!targets.contains(&Target::Extra(Extra::ParentEmail)));
        assert!(targets.contains(&Target::Extra(Extra::Family)) && targets.contains(&Target::of(Column::Code)));
    }

    #[test]
    fn what_follows_from_elsewhere_is_not_imported() {
        assert!(!all(false).contains(&Target::of(Column::Number)) && !all(false).contains(&Target::of(Column::Age)));
    }
}
