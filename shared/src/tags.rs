//! Tags on any client.

use crate::parse::{self, Fields};
use crate::{Problem, Refusal, TagId};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// Longest name of a tag, in characters.
pub const NAME_MAX: usize = 40;
/// The maximum number of new tags at a time.
pub const NEW_MAX: usize = 20;

/// A tag and how many clients have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagView {
    pub id: TagId,
    pub name: String,
    pub clients: i64,
}

/// A tag's name. No comma: names are typed with commas between them.
pub fn name(text: &str) -> Result<String, Problem> {
    match parse::required(text, NAME_MAX)? {
        name if name.contains(',') => Err(Problem::NoComma),
        name => Ok(name),
    }
}

/// Names with commas between them, as typed to make tags in place; each once,
/// whatever its case.
pub fn names(text: &str) -> Result<Vec<String>, Problem> {
    let (mut names, mut known) = (Vec::new(), HashSet::new());
    for part in text.split(',').filter(|part| !part.trim().is_empty()) {
        let name = name(part)?;
        if known.insert(name.to_lowercase()) {
            names.push(name);
        }
        // No more is read of a list that is too long.
        if names.len() > NEW_MAX {
            return Err(Problem::TooMany { max: NEW_MAX });
        }
    }
    Ok(names)
}

/// A tag's name, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TagForm {
    pub name: String,
    /// What it was called when the form was shown.
    pub was: String,
}

impl TagForm {
    pub fn parse(&self) -> Result<String, Refusal> {
        let mut fields = Fields::default();
        let name = fields.take("name", name(&self.name));
        fields.finish()?;
        Ok(name)
    }
}

/// The tag that another is merged into, as chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MergeForm {
    pub into: String,
}

impl MergeForm {
    pub fn parse(&self) -> Result<TagId, Refusal> {
        parse::id(&self.into).map_err(|problem| Refusal::field("into", problem))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_at_commas() {
        assert_eq!(names(" VIP, , sliding  scale,vip ").unwrap(), ["VIP", "sliding scale"]);
        assert!(names("").unwrap().is_empty());
        assert_eq!(names(&"x".repeat(41)), Err(Problem::TooLong { max: NAME_MAX }));
        let many = (0..=NEW_MAX).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
        assert_eq!(names(&many), Err(Problem::TooMany { max: NEW_MAX }));
    }

    #[test]
    fn a_list_that_is_too_long_is_not_read_to_its_end() {
        let many = (0..60_000).map(|n| n.to_string()).collect::<Vec<_>>().join(",") + &format!(",{}", "x".repeat(41));
        assert_eq!(names(&many), Err(Problem::TooMany { max: NEW_MAX }));
    }

    #[test]
    fn a_name_has_no_comma() {
        assert_eq!(name("a, b"), Err(Problem::NoComma));
        assert_eq!(name("  "), Err(Problem::Required));
        assert_eq!(name(" 🦊 </textarea> ").as_deref(), Ok("🦊 </textarea>"));
    }
}
