//! How a file is to be read: what each column becomes, and what holds for all rows.

use super::dates::{DateFormat, DateGuess, DateLook};
use super::target::{Extra, Target};
use crate::clients::Status;
use crate::clients::columns::{Column, ColumnKey};
use crate::links::{Grants, Label};
use crate::parse::{self, Fields};
use crate::vocabulary::vocabulary;
use crate::{FieldId, Problem, Refusal};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// How to import parents named in a row.
    Parents {
        Contact = "contact", "Keep as contact details only";
        Link = "link", "Make a record of their own, linked to the child";
    }
}

vocabulary! {
    /// What becomes of rows that look like someone who is here already.
    Duplicates {
        Skip = "skip", "Leave them out";
        Import = "import", "Import them anyway";
    }
}

vocabulary! {
    /// What becomes of rows whose household is here already.
    Households {
        Join = "join", "They join those named here";
        New = "new", "They are others: make new families";
    }
}

/// The page that maps columns, as posted. Also what is remembered for the next
/// file with the same headings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImportForm {
    /// A [`Target`] for each column of the file, or nothing: left out.
    pub columns: Vec<String>,
    pub date_format: String,
    /// For rows that do not say.
    pub status: String,
    /// Anyone who has an e-mail address has agreed to mail; for rows that do not say.
    pub email_consent: bool,
    /// Words that are on no list yet are added to it: administrators only.
    pub new_terms: bool,
    pub parents: String,
    /// What the parent is to the child, and the child to the parent.
    pub parent_label: String,
    pub child_label: String,
    /// What the parent may do for the child.
    pub parent_may: Grants,
    /// Whether all get a tag, and which.
    pub tagged: bool,
    pub tag: String,
    pub version: String,
}

/// A form that makes sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportDetails {
    pub targets: Vec<Option<Target>>,
    pub date_format: DateFormat,
    pub status: Status,
    pub email_consent: bool,
    pub new_terms: bool,
    pub parents: Parents,
    pub parent_label: Label,
    pub child_label: Label,
    pub parent_may: Grants,
    pub tag: Option<String>,
    pub version: Option<i32>,
}

impl ImportForm {
    /// `width`: how many columns the file has; `offered`: what they may become.
    pub fn parse(&self, width: usize, offered: &[Target]) -> Result<ImportDetails, Refusal> {
        let mut fields = Fields::default();
        let mut targets: Vec<Option<Target>> = Vec::with_capacity(width);
        for index in 0..width {
            let name = format!("columns.{index}");
            let typed = self.columns.get(index).map(String::as_str).unwrap_or_default();
            let target = fields.take(&name, parse::optional(typed, str::parse::<Target>));
            match target {
                Some(target) if !offered.contains(&target) => fields.note(&name, Problem::Unknown),
                Some(target) if !target.may_repeat() && targets.contains(&Some(target)) => {
                    fields.note(&name, Problem::ColumnTwice);
                }
                _ => {}
            }
            targets.push(target);
        }
        let has = |target: Target| targets.contains(&Some(target));
        let named = [Target::of(Column::FirstName), Target::of(Column::LastName), Target::Extra(Extra::FullName)];
        // A practice that knows its clients by code alone may let all codes be suggested.
        let offers_names = offered.contains(&Target::of(Column::LastName));
        if offers_names && !named.into_iter().any(has) && !has(Target::of(Column::GroupName)) {
            fields.note("columns", Problem::NoNameColumn);
        } else if targets.iter().all(Option::is_none) {
            fields.note("columns", Problem::Required);
        }
        let links = self.parents == Parents::Link.as_str();
        let details = ImportDetails {
            targets,
            date_format: fields
                .take_or("date_format", or(&self.date_format, DateFormat::YearFirst), || DateFormat::YearFirst),
            status: fields.take_or("status", or(&self.status, Status::Active), || Status::Active),
            email_consent: self.email_consent,
            new_terms: self.new_terms,
            parents: fields.take_or("parents", or(&self.parents, Parents::Contact), || Parents::Contact),
            parent_label: fields.take_or("parent_label", or(&self.parent_label, Label::Parent), || Label::Parent),
            child_label: fields.take_or("child_label", or(&self.child_label, Label::Child), || Label::Child),
            parent_may: if links { self.parent_may } else { Grants::default() },
            tag: match self.tagged {
                true => Some(fields.take("tag", parse::required(&self.tag, 40))),
                false => None,
            },
            version: fields
                .take("version", parse::optional(&self.version, |text| parse::whole(text, 1, i32::MAX.into())))
                .map(|version| version as i32),
        };
        fields.finish()?;
        Ok(details)
    }
}

impl ImportForm {
    /// In which order the dates of the mapped columns probably are; `fields`:
    /// information fields that hold dates. Where those columns leave it open, the
    /// other columns of dates in the file may settle it: one program wrote them all.
    pub fn dates(&self, looks: &[DateLook], fields: &[FieldId]) -> DateGuess {
        let is_date = |index: usize| match self.columns.get(index).and_then(|word| word.parse().ok()) {
            Some(Target::Client(ColumnKey::Field(id))) => fields.contains(&id),
            Some(target) => target.is_date(),
            None => false,
        };
        let mapped = looks.iter().enumerate().filter(|(index, _)| is_date(*index));
        let guess = mapped.fold(DateLook::default(), |all, (_, look)| all.and(*look)).guess();
        if !guess.ambiguous {
            return guess;
        }
        let others = looks.iter().filter(|look| look.is_dates());
        match others.fold(DateLook::default(), |all, look| all.and(*look)).only() {
            (1.., 0) => DateGuess { format: DateFormat::DayFirst, ambiguous: false, ..guess },
            (0, 1..) => DateGuess { format: DateFormat::MonthFirst, ambiguous: false, ..guess },
            _ => guess,
        }
    }
}

/// The word's value; of no word the usual one.
fn or<T: std::str::FromStr<Err = Problem>>(word: &str, usual: T) -> Result<T, Problem> {
    Ok(parse::optional(word, str::parse)?.unwrap_or(usual))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFERED: [Target; 4] = [
        Target::of(Column::FirstName),
        Target::of(Column::LastName),
        Target::Extra(Extra::Phone),
        Target::Extra(Extra::Family),
    ];

    fn problems(columns: &[&str]) -> Vec<(String, Problem)> {
        let form =
            ImportForm { columns: columns.iter().map(|word| (*word).to_owned()).collect(), ..Default::default() };
        match form.parse(columns.len(), &OFFERED) {
            Err(Refusal::Invalid(errors)) => errors.0,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_column_is_mapped_once_and_names_are_needed() {
        assert_eq!(problems(&["phone", "phone"]), [("columns".into(), Problem::NoNameColumn)]);
        assert_eq!(problems(&["last_name", "last_name"]), [("columns.1".into(), Problem::ColumnTwice)]);
        assert_eq!(problems(&["last_name", "email"]), [("columns.1".into(), Problem::Unknown)]);
        assert_eq!(problems(&["last_name", "nonsense"]), [("columns.1".into(), Problem::Unknown)]);
    }

    #[test]
    fn another_column_of_dates_settles_their_order() {
        let look = |cells: &[&str]| {
            let mut look = DateLook::default();
            cells.iter().for_each(|cell| look.see(cell));
            look
        };
        let form = ImportForm { columns: vec!["birth_date".into(), String::new()], ..ImportForm::default() };
        let (born, added) = (look(&["04/05/1986", "01/02/1990"]), look(&["01/15/2024"]));
        assert!(form.dates(&[born, DateLook::default()], &[]).ambiguous);
        let settled = form.dates(&[born, added], &[]);
        assert_eq!((settled.format, settled.is_open()), (DateFormat::MonthFirst, false));
        assert!(form.dates(&[born, look(&["15/1/2024", "1/15/2024"])], &[]).ambiguous);
    }

    #[test]
    fn grants_are_only_for_linked_parents() {
        let may = Grants { book: true, ..Default::default() };
        let form = ImportForm {
            columns: vec!["last_name".into(), "phone".into(), "phone".into()],
            parent_may: may,
            ..Default::default()
        };
        assert_eq!(form.parse(3, &OFFERED).unwrap().parent_may, Grants::default());
        let form = ImportForm { parents: "link".into(), ..form };
        assert_eq!(form.parse(3, &OFFERED).unwrap().parent_may, may);
        assert!(ImportForm { tagged: true, ..form }.parse(3, &OFFERED).is_err());
    }
}
