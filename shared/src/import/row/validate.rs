//! What is wrong with a row, if anything.

use super::{CellProblem, Mapping, NAME_MAX, Parent, ParentCells, Person, Reading};
use crate::clients::columns::{Column, ColumnKey};
use crate::clients::{ClientFormRules, Code, Kind};
use crate::import::setup::Parents;
use crate::import::target::{Extra, Target};
use crate::terms::age_on;
use crate::{Problem, Refusal, parse};
use std::str::FromStr;

/// Of anyone who is as old as this a parent in a file is not linked.
const MAJORITY: i16 = 18;

impl Mapping {
    /// Judges a row as the form would, telling everything that is wrong.
    pub fn validate(&self, mut reading: Reading, rules: &ClientFormRules) -> Result<Person, Vec<CellProblem>> {
        if reading.is_nobody {
            return Err(reading.problems);
        }
        // Only anyone who is known to be a minor has someone to act for them: else a
        // parent is someone to call.
        let age = parse::date(&reading.form.birth_date).ok().and_then(|born| age_on(born, rules.today));
        if self.details.parents == Parents::Link && age.is_none_or(|age| age >= MAJORITY) {
            reading.parent_as_contact();
        }
        let Reading { mut form, kind, group_name, family, parent, agrees, problems: mut found, .. } = reading;
        let kind = kind.unwrap_or(Kind::Individual);
        let mut note = |column: Option<usize>, words: String| {
            // One problem for a cell is enough.
            if column.is_none() || found.iter().all(|problem| problem.column != column) {
                found.push(CellProblem { column, words });
            }
        };
        let code = parse::optional(&form.code, |text| Code::parse(text, kind));
        if let Err(problem) = &code {
            note(self.column(&[Target::of(Column::Code)]), problem.to_string());
        }
        form.code = String::new();
        let consent = form.email_consent;
        let group_name = parse::line(&group_name, NAME_MAX);
        if kind.has_members() {
            // The same form reads it, as if it were a person without consents.
            form.first_name = "-".to_owned();
            form.email_consent = false;
            if let Err(problem) = &group_name {
                note(self.column(&[Target::of(Column::GroupName)]), problem.to_string());
            }
        }
        let of_groups;
        let rules = if kind.has_members() {
            of_groups = ClientFormRules { fields: Vec::new(), ..rules.clone() };
            &of_groups
        } else {
            rules
        };
        let parsed = form.parse(rules);
        if let Err(Refusal::Invalid(errors)) = &parsed {
            for (field, problem) in &errors.0 {
                note(self.column_of(field), self.problem_words(field, problem, rules));
            }
        }
        if kind.has_members() && !family.is_empty() {
            let words = "Only individuals are part of a household. Leave this blank.".to_owned();
            note(self.column(&[Target::Extra(Extra::Family)]), words);
        }
        let parent = self.judge_parent(parent, agrees, &mut note);
        match (parsed, code, group_name) {
            (Ok(mut details), Ok(code), Ok(group_name)) if found.is_empty() => {
                if kind.has_members() {
                    details.first_name = String::new();
                    details.email_consent = consent;
                }
                let family = Some(family).filter(|family| !family.is_empty());
                let group_name = if rules.code_only { String::new() } else { group_name };
                Ok(Person { kind, group_name, code, details, family, parent })
            }
            _ => Err(found),
        }
    }

    fn judge_parent(
        &self,
        parent: ParentCells,
        agrees: bool,
        note: &mut impl FnMut(Option<usize>, String),
    ) -> Option<Parent> {
        if self.details.parents != Parents::Link || parent.is_empty() {
            return None;
        }
        let place = |extra| self.column(&[Target::Extra(extra)]);
        let named = || {
            let columns = [Extra::ParentName, Extra::ParentFirstName, Extra::ParentLastName];
            self.column(&columns.map(Target::Extra))
        };
        let mut take = |extra, parsed: Result<Option<String>, Problem>| {
            parsed.unwrap_or_else(|problem| {
                note(place(extra), problem.to_string());
                None
            })
        };
        let email = take(Extra::ParentEmail, parse::optional(&parent.email, parse::email));
        let mobile = take(Extra::ParentPhone, parse::optional(&parent.phone, parse::phone));
        let (first_name, last_name) = parent.names();
        let line = |text: &str| parse::line(text, 80);
        let names = line(&first_name).and_then(|first| Ok((first, line(&last_name)?)));
        match names {
            Ok((first, last)) if first.is_empty() && last.is_empty() => {
                note(named(), "The parent has an address or a number, but no name.".to_owned());
                None
            }
            Ok((first_name, last_name)) => {
                let email_consent = agrees && email.is_some();
                Some(Parent { first_name, last_name, email, email_consent, mobile })
            }
            Err(problem) => {
                note(named(), problem.to_string());
                None
            }
        }
    }

    /// The field of the client form in which a column's cell stands, if it has one.
    pub fn field_of(&self, column: usize) -> Option<String> {
        Some(match (*self.details.targets.get(column)?)? {
            Target::Client(ColumnKey::Of(column)) => column.as_str().to_owned(),
            Target::Client(ColumnKey::Field(id)) => format!("fields.{id}"),
            Target::Extra(Extra::FullName) => "first_name".to_owned(),
            Target::Extra(_) => return None,
        })
    }

    /// Which column a field of the form came from.
    pub fn column_of(&self, field: &str) -> Option<usize> {
        let mut parts = field.split('.');
        let (name, rest) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        match name {
            "first_name" | "last_name" => {
                let own = name.parse().map(Target::of).ok();
                let own = own.and_then(|own| self.column(&[own]));
                own.or_else(|| {
                    self.column(&[
                        Target::Extra(Extra::FullName),
                        Target::of(Column::FirstName),
                        Target::of(Column::LastName),
                    ])
                })
            }
            "phones" => self.column(&[Target::of(Column::Phones), Target::Extra(Extra::Phone)]),
            "contacts" => {
                let contact = [
                    Extra::ContactName,
                    Extra::ContactPhone,
                    Extra::ContactEmail,
                    Extra::ParentName,
                    Extra::ParentFirstName,
                    Extra::ParentLastName,
                ]
                .map(Target::Extra);
                self.column(&[Target::of(Column::Contacts)]).or_else(|| self.column(&contact))
            }
            "new_tags" => self.column(&[Target::of(Column::Tags)]),
            "fields" => self.column(&[Target::Client(ColumnKey::Field(rest.parse().ok()?))]),
            name => self.column(&[Target::of(Column::from_str(name).ok()?)]),
        }
    }

    /// With the name of the field where no column can be pointed at.
    fn problem_words(&self, field: &str, problem: &Problem, rules: &ClientFormRules) -> String {
        if self.column_of(field).is_some() {
            return problem.to_string();
        }
        let of_practice = rules.fields.iter().find(|definition| definition.name() == field);
        let label = match (of_practice, Column::from_str(field)) {
            (Some(definition), _) => definition.label.clone(),
            (_, Ok(column)) => column.label().to_owned(),
            _ => field.split('.').next().unwrap_or_default().replace('_', " "),
        };
        format!("{label}: {problem}")
    }
}
