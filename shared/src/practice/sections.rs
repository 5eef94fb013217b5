//! What a practice may do without: sections that administrators turn off.
//!
//! The pages of a section are `Section::of_path`: the navigation asks it, and such a page is
//! 404 while the section is off. Operations that write to it ask `db::practice::needs`. What
//! is stored stays. Coverage is part of the record's form: left out, except for a client who
//! has something in it.

use crate::parse::{self, Fields};
use crate::vocabulary::vocabulary;
use crate::{Problem, Refusal};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// A section that a practice may do without.
    Section {
        Coverage = "coverage", "Coverage and insurance";
        Availability = "availability", "Availability";
        Prospects = "prospects", "Prospect board";
        Activities = "activities", "Activities";
        Reports = "reports", "Reports";
    }
}

impl Section {
    /// The section that the page at this path belongs to; `None` for a page that every
    /// practice has. The path may carry a query.
    pub fn of_path(path: &str) -> Option<Section> {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        match (parts.next()?, parts.next(), parts.next()) {
            ("activities", ..) => Some(Section::Activities),
            ("reports", ..) => Some(Section::Reports),
            ("clients", Some("prospects"), None) => Some(Section::Prospects),
            ("my", Some("availability"), None) | ("clients", Some(_), Some("availability")) => {
                Some(Section::Availability)
            }
            _ => None,
        }
    }
}

/// The sections that stay on, as sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SectionsForm {
    pub shown: Vec<String>,
    /// The version that was edited.
    pub version: String,
}

impl SectionsForm {
    /// The sections that are off, in their order, and the version.
    pub fn parse(&self) -> Result<(Vec<Section>, Option<i32>), Refusal> {
        let mut fields = Fields::default();
        let shown: Result<Vec<Section>, Problem> = self.shown.iter().map(|word| word.parse()).collect();
        let shown = fields.take("shown", shown);
        let version = parse::version(&mut fields, &self.version);
        fields.finish()?;
        Ok((Section::ALL.iter().copied().filter(|section| !shown.contains(section)).collect(), version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_belongs_to_its_section() {
        for (path, section) in [
            ("/activities", Some(Section::Activities)),
            ("/activities/new?client=1001", Some(Section::Activities)),
            ("/reports?whose=all", Some(Section::Reports)),
            ("/clients/prospects", Some(Section::Prospects)),
            ("/clients/1001/availability", Some(Section::Availability)),
            ("/my/availability#monday", Some(Section::Availability)),
            ("/clients/1001", None),
            ("/clients", None),
            ("/my/appointments", None),
            ("/", None),
        ] {
            assert_eq!(Section::of_path(path), section, "{path}");
        }
    }

    #[test]
    fn what_is_not_shown_is_off() {
        let form = |shown: &[&str]| SectionsForm {
            shown: shown.iter().map(|&word| word.to_owned()).collect(),
            version: "3".into(),
        };
        assert_eq!(
            form(&["coverage", "activities", "prospects"]).parse().unwrap(),
            (vec![Section::Availability, Section::Reports], Some(3))
        );
        assert_eq!(form(&[]).parse().unwrap().0, Section::ALL);
        assert_eq!(form(&["billing"]).parse().unwrap_err(), Refusal::field("shown", Problem::Unknown));
    }
}
