//! Defining a field, as an administrator types it.

use super::FieldKind;
use crate::parse::{self, Fields};
use crate::{Problem, Refusal};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use uuid::Uuid;

/// Most choices that one form adds.
pub const CHOICES_MAX: usize = 100;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FieldForm {
    pub label: String,
    pub kind: String,
    pub required: bool,
    pub for_clients: bool,
    pub in_quick_add: bool,
    pub in_search: bool,
    pub in_reports: bool,
    /// Choices to add, one a line.
    pub choices: String,
    pub version: String,
    /// Made when the form was shown: a double submit carries the same.
    pub request_key: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldDetails {
    pub label: String,
    pub kind: FieldKind,
    pub required: bool,
    pub for_clients: bool,
    pub in_quick_add: bool,
    pub in_search: bool,
    pub in_reports: bool,
    /// To add; each once.
    pub choices: Vec<String>,
    pub version: Option<i32>,
    pub request_key: Option<Uuid>,
}

impl FieldForm {
    /// A required field is in quick-add too: without it no one could be added there.
    pub fn parse(&self) -> Result<FieldDetails, Refusal> {
        let mut fields = Fields::default();
        let label = fields.take("label", parse::required(&self.label, 80));
        let kind = fields.take_or("kind", self.kind.parse(), || FieldKind::Text);
        let choices = match kind {
            FieldKind::Choice => fields.take("choices", choices(&self.choices)),
            _ => Vec::new(),
        };
        if self.in_reports && !matches!(kind, FieldKind::Choice | FieldKind::Checkbox) {
            fields.note("in_reports", Problem::NotCounted);
        }
        let details = FieldDetails {
            label,
            kind,
            required: self.required,
            for_clients: self.for_clients,
            in_quick_add: self.in_quick_add || self.required,
            in_search: self.in_search,
            in_reports: self.in_reports,
            choices,
            version: parse::version(&mut fields, &self.version),
            request_key: fields.take("request_key", parse::optional(&self.request_key, parse::id)),
        };
        fields.finish()?;
        Ok(details)
    }
}

/// The label of a choice.
pub fn choice_label(text: &str) -> Result<String, Problem> {
    parse::required(text, 80)
}

fn choices(text: &str) -> Result<Vec<String>, Problem> {
    let (mut labels, mut known) = (Vec::new(), HashSet::new());
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let label = choice_label(line)?;
        if known.insert(label.to_lowercase()) {
            labels.push(label);
        }
        // No more is read of a list that is too long.
        if labels.len() > CHOICES_MAX {
            return Err(Problem::TooMany { max: CHOICES_MAX });
        }
    }
    Ok(labels)
}

/// Another label for a choice, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChoiceForm {
    pub choice: String,
    /// What it was called when the form was shown.
    pub was: String,
}

impl ChoiceForm {
    pub fn parse(&self) -> Result<String, Refusal> {
        choice_label(&self.choice).map_err(|problem| Refusal::field("choice", problem))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(kind: &str) -> FieldForm {
        FieldForm { label: "Grade".into(), kind: kind.into(), ..FieldForm::default() }
    }

    fn problem(form: &FieldForm, field: &str) -> Option<Problem> {
        match form.parse() {
            Err(Refusal::Invalid(errors)) => errors.get(field).cloned(),
            Ok(_) => None,
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn choices_are_lines_each_once() {
        let typed = FieldForm { choices: " Junior \r\n\r\nSenior\njunior".into(), ..form("choice") };
        assert_eq!(typed.parse().unwrap().choices, ["Junior", "Senior"]);
        // Of another kind they are passed over.
        let typed = FieldForm { kind: "text".into(), ..typed };
        assert!(typed.parse().unwrap().choices.is_empty());
        let long = FieldForm { choices: "x".repeat(81), ..form("choice") };
        assert_eq!(problem(&long, "choices"), Some(Problem::TooLong { max: 80 }));
    }

    #[test]
    fn what_is_required_is_in_quick_add() {
        assert!(!form("text").parse().unwrap().in_quick_add);
        assert!(FieldForm { required: true, ..form("text") }.parse().unwrap().in_quick_add);
    }

    #[test]
    fn reports_count_what_can_be_counted() {
        for kind in FieldKind::ALL {
            let form = FieldForm { in_reports: true, ..form(kind.as_str()) };
            let counted = matches!(kind, FieldKind::Choice | FieldKind::Checkbox);
            assert_eq!(form.parse().is_ok(), counted, "{kind}");
        }
        assert_eq!(problem(&form("emperor"), "kind"), Some(Problem::Unknown));
        assert_eq!(problem(&FieldForm { label: " ".into(), ..form("text") }, "label"), Some(Problem::Required));
    }
}
