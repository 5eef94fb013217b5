//! From the cells of a row to a client's form, and what is wrong with them.

use super::dates::read_date;
use super::guess::numbered;
use super::setup::{ImportDetails, Parents};
use super::target::{Extra, Target};
use crate::cells::plain;
use crate::clients::columns::{Column, ColumnKey, contacts_of, names_of, phones_of};
use crate::clients::{Asked, ClientDetails, ClientForm, Code, ContactForm, Kind, PhoneForm, Stage, Status};
use crate::fields::FieldKind;
use crate::health_card::Province;
use crate::terms::age_on;
use crate::{FieldId, Problem, Refusal, parse};
use std::collections::HashMap;
use std::str::FromStr;

/// Of whoever is as old as this a parent in a file is not linked.
const MAJORITY: i16 = 18;

/// Longest name of a couple, family or group, in characters.
const NAME_MAX: usize = 120;

/// What the words of a file mean in this practice: by column and words in lower
/// case the id, or the tag of a language.
#[derive(Debug, Clone, Default)]
pub struct Words {
    known: HashMap<(Column, String), String>,
    /// Client information fields whose cells are not taken as they stand.
    pub kinds: HashMap<FieldId, FieldKind>,
    pub zone: String,
}

impl Words {
    /// No words yet; `zone` is of clients who do not say.
    pub fn of(zone: impl Into<String>) -> Words {
        Words { zone: zone.into(), ..Words::default() }
    }

    /// Of two with the same words the first stays.
    pub fn add(&mut self, column: Column, label: &str, value: String) {
        self.known.entry((column, fold(label))).or_insert(value);
    }

    fn find(&self, column: Column, label: &str) -> Option<&String> {
        self.known.get(&(column, fold(label)))
    }
}

fn cells_of(count: usize) -> String {
    if count == 1 { "1 cell".to_owned() } else { format!("{count} cells") }
}

fn headings_of(count: usize) -> String {
    if count == 1 { "is 1 heading".to_owned() } else { format!("are {count} headings") }
}

fn fold(label: &str) -> String {
    label.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// A file's columns, and what they become.
#[derive(Debug, Clone)]
pub struct Mapping {
    pub headings: Vec<String>,
    pub details: ImportDetails,
}

/// Something wrong with a cell, or with the row as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellProblem {
    /// From 0.
    pub column: Option<usize>,
    pub words: String,
}

/// A parent whom a row names, to become a client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parent {
    pub first_name: String,
    pub last_name: String,
    pub email: Option<String>,
    pub mobile: Option<String>,
}

/// A row that makes sense.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    pub kind: Kind,
    /// Of a couple, family or group.
    pub group_name: String,
    pub code: Option<Code>,
    pub details: ClientDetails,
    /// The household, in the file's words.
    pub family: Option<String>,
    pub parent: Option<Parent>,
}

/// What a row says of a parent.
#[derive(Debug, Clone, Default, PartialEq)]
struct ParentCells {
    /// In one column.
    name: String,
    first_name: String,
    last_name: String,
    email: String,
    phone: String,
}

impl ParentCells {
    /// First and last name; what has a column of its own comes before the whole.
    fn names(&self) -> (String, String) {
        match self.first_name.is_empty() && self.last_name.is_empty() {
            true => divide(&self.name),
            false => (self.first_name.clone(), self.last_name.clone()),
        }
    }

    fn is_empty(&self) -> bool {
        *self == ParentCells::default()
    }
}

/// What a row says: a form, and what could not even be put into it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    pub form: ClientForm,
    kind: Option<Kind>,
    group_name: String,
    family: String,
    parent: ParentCells,
    /// Words that are to be added to their lists.
    pub new_terms: Vec<(Column, String)>,
    problems: Vec<CellProblem>,
}

impl Mapping {
    pub fn new(headings: Vec<String>, details: ImportDetails) -> Mapping {
        Mapping { headings: numbered(&headings), details }
    }

    /// The column that becomes one of the targets, the first that there is.
    pub fn column(&self, targets: &[Target]) -> Option<usize> {
        let place = |target: &Target| self.details.targets.iter().position(|other| *other == Some(*target));
        targets.iter().find_map(place)
    }

    /// Reads a row; cells beyond the headings may only be empty.
    pub fn read(&self, cells: &[String], words: &Words) -> Reading {
        let mut reading = Reading::default();
        reading.form.zone = words.zone.clone();
        reading.form.status = self.details.status.as_str().to_owned();
        let width = self.headings.len();
        let filled = cells.iter().rposition(|cell| !cell.trim().is_empty()).map_or(0, |last| last + 1);
        if filled > width {
            let problem = format!("This row has {}, and there {}.", cells_of(filled), headings_of(width));
            reading.problems.push(CellProblem { column: None, words: problem });
        } else if cells.len() < width {
            let problem = format!("This row has {}, and there {}.", cells_of(cells.len()), headings_of(width));
            reading.problems.push(CellProblem { column: None, words: problem });
        }
        let mut says_consent = false;
        for (index, target) in self.details.targets.iter().enumerate() {
            let cell = cells.get(index).map(|cell| plain(cell).trim()).unwrap_or_default();
            let Some(target) = target else { continue };
            if cell.is_empty() {
                continue;
            }
            says_consent |= *target == Target::of(Column::EmailConsent);
            if let Err(problem) = self.take(*target, index, cell, words, &mut reading) {
                reading.problems.push(CellProblem { column: Some(index), words: problem });
            }
        }
        if !says_consent {
            reading.form.email_consent = self.details.email_consent && !reading.form.email.is_empty();
        }
        if self.details.parents == Parents::Contact {
            reading.parent_as_contact();
        }
        reading
    }

    /// Puts one cell where it belongs, or says why not.
    fn take(
        &self,
        target: Target,
        index: usize,
        cell: &str,
        words: &Words,
        reading: &mut Reading,
    ) -> Result<(), String> {
        let Reading { form, .. } = reading;
        let column = match target {
            Target::Extra(extra) => return self.take_extra(extra, index, cell, reading),
            Target::Client(ColumnKey::Field(id)) => {
                // The form judges it; how dates and ticks are written is the file's own.
                let value = match words.kinds.get(&id) {
                    Some(FieldKind::Date) => read_date(cell, self.details.date_format).map(|date| date.to_string()),
                    Some(FieldKind::Checkbox) => yes_no(cell).map(|yes| yes.to_string()),
                    _ => None,
                };
                form.fields.insert(id.to_string(), value.unwrap_or_else(|| cell.to_owned()));
                return Ok(());
            }
            Target::Client(ColumnKey::Of(column)) => column,
        };
        let text = || cell.to_owned();
        let date = || {
            let date = read_date(cell, self.details.date_format).map(|date| date.to_string());
            date.ok_or_else(|| format!("“{}” is not a date, or not in the order that was chosen.", short(cell)))
        };
        match column {
            Column::Code => form.code = text(),
            Column::Kind => reading.kind = Some(one_of(Kind::ALL, Kind::label, cell)?),
            Column::Status => {
                form.status = match yes_no(cell) {
                    Some(true) => Status::Active.as_str().to_owned(),
                    Some(false) => Status::Inactive.as_str().to_owned(),
                    None => one_of(Status::ALL, Status::label, cell)?.as_str().to_owned(),
                }
            }
            Column::GroupName => reading.group_name = text(),
            Column::Salutation => form.salutation = self.term(column, cell, words, &mut reading.new_terms)?,
            Column::FirstName => form.first_name = text(),
            Column::PreferredName => form.preferred_name = text(),
            Column::LastName => form.last_name = text(),
            Column::Pronouns => form.pronouns = text(),
            Column::Gender => form.gender = self.term(column, cell, words, &mut reading.new_terms)?,
            Column::SexAtBirth => form.sex_at_birth = text(),
            Column::BirthDate => form.birth_date = date()?,
            Column::AgeRange => form.age_range = self.known(column, cell, words)?,
            Column::Language => form.language = self.known(column, cell, words)?,
            Column::Zone => form.zone = text(),
            Column::Email => form.email = text(),
            Column::EmailConsent => form.email_consent = yes_or_no(cell)?,
            Column::Mobile => form.mobile = text(),
            Column::SmsConsent => form.sms_consent = yes_or_no(cell)?,
            Column::MobileIsPrimary => form.mobile_is_primary = yes_or_no(cell)?,
            Column::VoiceConsent => form.voice_consent = yes_or_no(cell)?,
            Column::Phones => {
                let phones = phones_of(cell).into_iter().map(|(label, number)| PhoneForm { label, number });
                form.phones.extend(phones);
            }
            Column::Contacts => {
                let contact =
                    |[name, relationship, phone, email]: [String; 4]| ContactForm { name, relationship, phone, email };
                form.contacts.extend(contacts_of(cell).into_iter().map(contact));
            }
            Column::Address => form.address = text(),
            Column::AddressUnit => form.address_unit = text(),
            Column::Location => form.location = self.known(column, cell, words)?,
            Column::Practitioners => {
                for name in names_of(cell) {
                    form.practitioners.push(self.known(column, &name, words)?);
                }
            }
            Column::Tags => {
                for name in names_of(cell) {
                    match words.find(column, &name) {
                        Some(id) => form.tags.push(id.clone()),
                        None => form.new_tags.extend([if form.new_tags.is_empty() { "" } else { "," }, name.as_str()]),
                    }
                }
            }
            Column::Alert => form.alert = text(),
            Column::Notes => form.notes = text(),
            Column::ReferringProvider => form.referring_provider = self.known(column, cell, words)?,
            Column::Qualified => form.qualified = if yes_or_no(cell)? { "yes" } else { "no" }.to_owned(),
            Column::VeteranId => form.veteran_id = text(),
            Column::CardProvince => form.card_province = province(cell)?,
            Column::CardNumber => form.card_number = text(),
            Column::CardVersion => form.card_version = text(),
            Column::CardExpires => form.card_expires = date()?,
            Column::FeeProgramme => form.fee_programme = self.term(column, cell, words, &mut reading.new_terms)?,
            Column::FeeProgrammeNumber => form.fee_programme_number = text(),
            Column::Province => form.province = province(cell)?,
            Column::BillingAuthorisation => form.billing_authorisation = text(),
            Column::CaseNumber => form.case_number = text(),
            Column::SessionsNeeded => form.sessions_needed = text(),
            Column::BillingNotes => form.billing_notes = text(),
            Column::ProspectStage => {
                form.prospect_stage = one_of(Stage::ALL, Stage::label, cell)?.as_str().to_owned();
            }
            Column::LastContact => form.last_contact = date()?,
            Column::NextStep => form.next_step = text(),
            Column::NextStepOn => form.next_step_on = date()?,
            // These follow from elsewhere and are never offered.
            Column::Number
            | Column::Age
            | Column::Login
            | Column::LastAppointment
            | Column::NextAppointment
            | Column::CreatedOn => {}
        }
        Ok(())
    }

    fn take_extra(&self, extra: Extra, index: usize, cell: &str, reading: &mut Reading) -> Result<(), String> {
        let form = &mut reading.form;
        let mut contact = |set: fn(&mut ContactForm) -> &mut String| {
            if form.contacts.is_empty() {
                form.contacts.push(ContactForm::default());
            }
            *set(&mut form.contacts[0]) = cell.to_owned();
        };
        match extra {
            Extra::FullName => (form.first_name, form.last_name) = divide(cell),
            Extra::Phone => {
                let label = self.headings.get(index).cloned().unwrap_or_default();
                let label = label.chars().take(40).collect();
                form.phones.push(PhoneForm { label, number: cell.to_owned() });
            }
            Extra::ContactName => contact(|contact| &mut contact.name),
            Extra::ContactRelationship => contact(|contact| &mut contact.relationship),
            Extra::ContactPhone => contact(|contact| &mut contact.phone),
            Extra::ContactEmail => contact(|contact| &mut contact.email),
            Extra::Family => reading.family = parse::line(cell, NAME_MAX).map_err(|problem| problem.to_string())?,
            Extra::ParentName => reading.parent.name = cell.to_owned(),
            Extra::ParentFirstName => reading.parent.first_name = cell.to_owned(),
            Extra::ParentLastName => reading.parent.last_name = cell.to_owned(),
            Extra::ParentEmail => reading.parent.email = cell.to_owned(),
            Extra::ParentPhone => reading.parent.phone = cell.to_owned(),
        }
        Ok(())
    }

    /// The value of words that must be on a list.
    fn known(&self, column: Column, cell: &str, words: &Words) -> Result<String, String> {
        let found = words.find(column, cell).cloned();
        found.ok_or_else(|| format!("“{}” is not on the list of this practice.", short(cell)))
    }

    /// As [`Mapping::known`], of a list that an import may add to.
    fn term(
        &self,
        column: Column,
        cell: &str,
        words: &Words,
        new: &mut Vec<(Column, String)>,
    ) -> Result<String, String> {
        if let Some(found) = words.find(column, cell) {
            return Ok(found.clone());
        }
        if !self.details.new_terms {
            return self.known(column, cell, words);
        }
        new.push((column, parse::required(cell, 60).map_err(|problem| problem.to_string())?));
        Ok(String::new())
    }

    /// Judges a row as the form would, telling everything that is wrong.
    pub fn judge(&self, mut reading: Reading, asked: &Asked) -> Result<Person, Vec<CellProblem>> {
        // Only whoever is known to be a minor has somebody to act for them: else a
        // parent is somebody to call (B11).
        let age = parse::date(&reading.form.birth_date).ok().and_then(|born| age_on(born, asked.today));
        if self.details.parents == Parents::Link && age.is_none_or(|age| age >= MAJORITY) {
            reading.parent_as_contact();
        }
        let Reading { mut form, kind, group_name, family, parent, problems: mut found, .. } = reading;
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
        let asked = if kind.has_members() {
            of_groups = Asked { fields: Vec::new(), ..asked.clone() };
            &of_groups
        } else {
            asked
        };
        let parsed = form.parse(asked);
        if let Err(Refusal::Invalid(errors)) = &parsed {
            for (field, problem) in &errors.0 {
                note(self.column_of(field), self.problem_words(field, problem, asked));
            }
        }
        if kind.has_members() && !family.is_empty() {
            let words = "Only individuals belong to a household: leave this blank.".to_owned();
            note(self.column(&[Target::Extra(Extra::Family)]), words);
        }
        let parent = self.judge_parent(parent, &mut note);
        match (parsed, code, group_name) {
            (Ok(mut details), Ok(code), Ok(group_name)) if found.is_empty() => {
                if kind.has_members() {
                    details.first_name = String::new();
                    details.email_consent = consent;
                }
                let family = Some(family).filter(|family| !family.is_empty());
                let group_name = if asked.code_only { String::new() } else { group_name };
                Ok(Person { kind, group_name, code, details, family, parent })
            }
            _ => Err(found),
        }
    }

    fn judge_parent(&self, parent: ParentCells, note: &mut impl FnMut(Option<usize>, String)) -> Option<Parent> {
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
            Ok((first_name, last_name)) => Some(Parent { first_name, last_name, email, mobile }),
            Err(problem) => {
                note(named(), problem.to_string());
                None
            }
        }
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
    fn problem_words(&self, field: &str, problem: &Problem, asked: &Asked) -> String {
        if self.column_of(field).is_some() {
            return problem.to_string();
        }
        let of_practice = asked.fields.iter().find(|definition| definition.name() == field);
        let label = match (of_practice, Column::from_str(field)) {
            (Some(definition), _) => definition.label.clone(),
            (_, Ok(column)) => column.label().to_owned(),
            _ => field.split('.').next().unwrap_or_default().replace('_', " "),
        };
        format!("{label}: {problem}")
    }
}

impl Reading {
    /// A problem that only the database knows of.
    pub fn note(&mut self, column: Option<usize>, words: impl Into<String>) {
        self.problems.push(CellProblem { column, words: words.into() });
    }

    /// The form of one client, to be put right by hand, and the household that the
    /// row names. A parent is somebody to call. `None`: a couple, family or group.
    pub fn into_form(mut self) -> Option<(ClientForm, String)> {
        if self.kind.is_some_and(Kind::has_members) {
            return None;
        }
        self.parent_as_contact();
        Some((self.form, self.family))
    }

    /// B11: the parent's name and how to reach them, without a record of their own.
    fn parent_as_contact(&mut self) {
        let parent = std::mem::take(&mut self.parent);
        if parent.is_empty() {
            return;
        }
        let (first, last) = parent.names();
        let (name, email, phone) = (format!("{first} {last}").trim().to_owned(), parent.email, parent.phone);
        // An address without a name is still whom to call.
        let name = if name.is_empty() { "Parent".to_owned() } else { name };
        self.form.contacts.push(ContactForm { name, relationship: "Parent".to_owned(), phone, email });
    }
}

/// First and last name of a whole one: `Okafor, Mia` or `Mia Okafor`; the last
/// word is the last name.
fn divide(name: &str) -> (String, String) {
    let name = name.trim();
    let (first, last) = match name.split_once(',') {
        Some((last, first)) => (first, last),
        None => name.rsplit_once(char::is_whitespace).unwrap_or((name, "")),
    };
    (first.trim().to_owned(), last.trim().to_owned())
}

fn yes_no(cell: &str) -> Option<bool> {
    match fold(cell).as_str() {
        "yes" | "y" | "true" | "1" | "x" | "on" | "✓" | "oui" => Some(true),
        "no" | "n" | "false" | "0" | "off" | "non" => Some(false),
        _ => None,
    }
}

fn yes_or_no(cell: &str) -> Result<bool, String> {
    yes_no(cell).ok_or_else(|| format!("“{}” is neither yes nor no.", short(cell)))
}

/// One of a vocabulary by its word or its label, whatever its case.
fn one_of<T: Copy + FromStr>(all: &[T], label: fn(T) -> &'static str, cell: &str) -> Result<T, String> {
    let wanted = fold(cell);
    let by_label = all.iter().copied().find(|one| label(*one).to_lowercase() == wanted);
    by_label.or_else(|| wanted.parse().ok()).ok_or_else(|| {
        let labels: Vec<&str> = all.iter().map(|one| label(*one)).collect();
        format!("“{}” is none of: {}.", short(cell), labels.join(", "))
    })
}

fn province(cell: &str) -> Result<String, String> {
    let upper = cell.to_uppercase();
    let by_word = upper.parse::<Province>().or_else(|_| {
        let wanted = fold(cell);
        Province::ALL.iter().copied().find(|one| one.label().to_lowercase() == wanted).ok_or(Problem::Unknown)
    });
    by_word
        .map(|province| province.as_str().to_owned())
        .map_err(|_| format!("“{}” is not a province or territory of Canada.", short(cell)))
}

/// The beginning of a cell, for words about it.
fn short(cell: &str) -> String {
    let start: String = cell.chars().take(30).collect();
    if start.len() < cell.len() { format!("{start}…") } else { start }
}

#[cfg(test)]
mod tests {
    use super::super::setup::ImportForm;
    use super::super::target::choices;
    use super::*;
    use crate::clients::columns::heads;
    use chrono::NaiveDate;
    use proptest::prelude::*;

    fn offered() -> Vec<Target> {
        let choices = choices(&heads(&[], true, false), false);
        choices.into_iter().flat_map(|(_, choices)| choices).map(|choice| choice.target).collect()
    }

    fn mapping(columns: &[&str], more: ImportForm) -> Mapping {
        let form = ImportForm { columns: columns.iter().map(|word| (*word).to_owned()).collect(), ..more };
        let details = form.parse(columns.len(), &offered()).unwrap();
        Mapping::new(columns.iter().map(|word| (*word).to_owned()).collect(), details)
    }

    fn words() -> Words {
        let mut words = Words::of("America/Toronto");
        words.add(Column::Gender, "Non-binary", uuid::Uuid::from_u128(1).to_string());
        words.add(Column::Tags, "VIP", uuid::Uuid::from_u128(2).to_string());
        words
    }

    fn asked() -> Asked {
        Asked { today: NaiveDate::from_ymd_opt(2026, 3, 8).unwrap(), language: "en".into(), ..Asked::default() }
    }

    fn judged(mapping: &Mapping, cells: &[&str]) -> Result<Person, Vec<(Option<usize>, String)>> {
        let cells: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
        let judged = mapping.judge(mapping.read(&cells, &words()), &asked());
        judged.map_err(|problems| problems.into_iter().map(|problem| (problem.column, problem.words)).collect())
    }

    #[test]
    fn a_row_is_read_as_the_form_would_be() {
        let columns = ["full_name", "birth_date", "gender", "tags", "email", "phone", "status", "family"];
        let form = ImportForm { date_format: "dmy".into(), email_consent: true, ..Default::default() };
        let cells = [
            "Okafor, Mia",
            "31/3/2016",
            "NON-BINARY",
            "vip; new one",
            "mia@example.com",
            "'+1 416 555 0123",
            "yes",
            "Okafor",
        ];
        let person = judged(&mapping(&columns, form), &cells).unwrap();
        let details = &person.details;
        assert_eq!((details.first_name.as_str(), details.last_name.as_str()), ("Mia", "Okafor"));
        assert_eq!(details.birth_date, NaiveDate::from_ymd_opt(2016, 3, 31));
        assert_eq!((details.tags.len(), details.new_tags.as_slice()), (1, &["new one".to_owned()][..]));
        assert!(details.gender.is_some() && details.email_consent && person.family.as_deref() == Some("Okafor"));
        assert_eq!((details.phones[0].label.as_str(), details.phones[0].number.as_str()), ("phone", "+1 416 555 0123"));
    }

    #[test]
    fn every_problem_of_a_row_is_told_with_its_column() {
        let columns = ["first_name", "last_name", "birth_date", "gender", "email", "email_consent", "code"];
        let cells = ["", "", "31/31/2010", "Martian", "no address", "perhaps", "far too long"];
        let problems = judged(&mapping(&columns, Default::default()), &cells).unwrap_err();
        let places: Vec<Option<usize>> = problems.iter().map(|(column, _)| *column).collect();
        for place in [0, 2, 3, 4, 5, 6] {
            assert!(places.contains(&Some(place)), "{problems:?}");
        }
        assert!(problems.iter().any(|(_, words)| words.contains("“Martian” is not on the list")));
    }

    #[test]
    fn rows_of_another_length_than_the_headings_are_named() {
        let mapping = mapping(&["first_name", "last_name"], Default::default());
        assert_eq!(judged(&mapping, &["Mia"]).unwrap_err()[0].1, "This row has 1 cell, and there are 2 headings.");
        assert!(judged(&mapping, &["Mia", "Okafor", "x"]).is_err());
        assert!(judged(&mapping, &["Mia", "Okafor", "", " "]).is_ok());
    }

    /// A date of birth.
    const MINOR: &str = "2020-01-02";

    #[test]
    fn a_parent_is_kept_as_a_contact_or_becomes_a_client() {
        let columns = ["first_name", "parent_name", "parent_email", "parent_phone", "birth_date"];
        let cells = ["Mia", "Ana Okafor", "ana@example.com", "", MINOR];
        let kept = judged(&mapping(&columns, Default::default()), &cells).unwrap();
        assert_eq!((kept.parent, kept.details.contacts[0].relationship.as_str()), (None, "Parent"));
        let link = ImportForm { parents: "link".into(), ..Default::default() };
        let linked = judged(&mapping(&columns, link.clone()), &cells).unwrap();
        assert_eq!(linked.parent.unwrap().last_name, "Okafor");
        assert!(linked.details.contacts.is_empty());
        assert_eq!(judged(&mapping(&columns, link.clone()), &["Mia", "", "ana@", "", MINOR]).unwrap_err().len(), 2);
        // Of whom nobody knows that they are a minor, nobody is given anything.
        let unknown =
            judged(&mapping(&columns, link.clone()), &["Mia", "Ana Okafor", "ana@example.com", "", ""]).unwrap();
        assert_eq!((unknown.parent, unknown.details.contacts.len()), (None, 1));

        // Names in two columns, even of two words each.
        let columns = ["first_name", "parent_first_name", "parent_last_name", "parent_phone", "birth_date"];
        let cells = ["Mia", "Ana Maria", "de Souza", "416 555 1000", MINOR];
        let kept = judged(&mapping(&columns, Default::default()), &cells).unwrap();
        assert_eq!(kept.details.contacts[0].name, "Ana Maria de Souza");
        let parent = judged(&mapping(&columns, link.clone()), &cells).unwrap().parent.unwrap();
        assert_eq!((parent.first_name.as_str(), parent.last_name.as_str()), ("Ana Maria", "de Souza"));
        let nameless = judged(&mapping(&columns, link), &["Mia", "", "", "416 555 1000", MINOR]).unwrap_err();
        assert_eq!((nameless.len(), nameless[0].0), (1, Some(1)));
    }

    #[test]
    fn families_couples_and_groups_have_a_name_and_no_consents() {
        let columns = ["kind", "group_name", "code", "email_consent"];
        let person =
            judged(&mapping(&columns, Default::default()), &["group", "Knitting", "KNITTING2026", "yes"]).unwrap();
        assert_eq!((person.kind, person.group_name.as_str()), (Kind::Group, "Knitting"));
        assert!(person.details.email_consent && person.details.first_name.is_empty());
        assert!(judged(&mapping(&columns, Default::default()), &["couple", "", "KNITTING2026", ""]).is_err());
    }

    #[test]
    fn unknown_words_are_added_only_when_that_was_asked_for() {
        let columns = ["first_name", "gender"];
        let form = ImportForm { new_terms: true, ..Default::default() };
        let mapping = mapping(&columns, form);
        let reading = mapping.read(&["Mia".into(), "Agender".into()], &words());
        assert_eq!(reading.new_terms, [(Column::Gender, "Agender".to_owned())]);
        assert!(mapping.judge(reading, &asked()).is_ok());
    }

    proptest! {
        #[test]
        fn nothing_makes_a_row_panic(cells in prop::collection::vec("['=\\PC]{0,14}", 0..60)) {
            let all = offered();
            let columns: Vec<String> = all.iter().map(ToString::to_string).collect();
            let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
            for parents in ["contact", "link"] {
                let form = ImportForm { parents: parents.into(), new_terms: true, ..Default::default() };
                let mapping = mapping(&columns, form);
                let _ = mapping.judge(mapping.read(&cells, &words()), &asked());
            }
        }
    }
}
