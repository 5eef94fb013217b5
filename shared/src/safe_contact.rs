//! Safe contact: how someone may be reached without danger to them.

use crate::Refusal;
use crate::parse::Fields;
use crate::vocabulary::vocabulary;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

vocabulary! {
    /// What someone has asked for.
    SafeRule {
        /// No mail and no text messages.
        NoWriting = "no_writing", "Do not write";
        /// Nothing on an answering machine, and nothing left with others.
        NoMessages = "no_messages", "Do not leave messages";
        /// Subjects of mail say nothing.
        Discreet = "discreet", "Discreet subject lines";
    }
}

/// The subject of every mail to someone who wants it discreet.
pub const DISCREET_SUBJECT: &str = "A message for you";

/// The rules that are ticked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SafeContactForm {
    pub rules: Vec<String>,
}

impl SafeContactForm {
    pub fn parse(&self) -> Result<BTreeSet<SafeRule>, Refusal> {
        let mut fields = Fields::default();
        let rules = self.rules.iter().map(|word| word.parse()).collect();
        let rules = fields.take("rules", rules);
        fields.finish()?;
        Ok(rules)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_there_is_not_is_refused() {
        let form = |rules: &[&str]| SafeContactForm { rules: rules.iter().map(|one| (*one).to_owned()).collect() };
        assert_eq!(form(&["discreet", "discreet"]).parse().unwrap().len(), 1);
        assert!(form(&["shout"]).parse().is_err());
    }
}
