//! From the cells of a row to a client's form, and what is wrong with them.

mod nobody;
mod validate;
mod words;

pub use words::Words;
pub(super) use words::{fold, short, yes_no};

use super::consent::{Channel, ConsentColumn, Said, consent_column};
use super::damage::damage;
use super::dates::read_date;
use super::guess::numbered;
use super::setup::{ImportDetails, Parents};
use super::target::{Extra, Target};
use crate::cells::plain;
use crate::clients::columns::{Column, ColumnKey, contacts_of, names_of, phones_of};
use crate::clients::{ClientDetails, ClientForm, Code, ContactForm, Kind, PhoneForm, Stage, Status};
use crate::fields::FieldKind;
use crate::parse;
use words::{divide, one_of, province, yes_or_no};

/// Longest name of a couple, family or group, in characters.
const NAME_MAX: usize = 120;

fn cells_of(count: usize) -> String {
    if count == 1 { "1 cell".to_owned() } else { format!("{count} cells") }
}

fn headings_of(count: usize) -> String {
    if count == 1 { "is 1 heading".to_owned() } else { format!("are {count} headings") }
}

/// A file's columns, and what they become.
#[derive(Debug, Clone)]
pub struct Mapping {
    pub headings: Vec<String>,
    pub details: ImportDetails,
    /// The headings as the file has them, folded.
    plain_headings: Vec<String>,
    /// Which columns are consents by their headings, whatever they become.
    consents: Vec<Option<ConsentColumn>>,
}

/// Something wrong with a cell, or with the row as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellProblem {
    /// From 0.
    pub column: Option<usize>,
    pub words: String,
}

/// A parent a row names, to become a client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parent {
    pub first_name: String,
    pub last_name: String,
    pub email: Option<String>,
    /// By the choice for all rows, unless the row says no.
    pub email_consent: bool,
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
    /// Whether the consent that was chosen for all rows holds for this one.
    agrees: bool,
    /// The line is of no one: it repeats the headings, or is a total.
    is_nobody: bool,
    problems: Vec<CellProblem>,
}

impl Mapping {
    pub fn new(headings: Vec<String>, details: ImportDetails) -> Mapping {
        Mapping {
            plain_headings: headings.iter().map(|heading| fold(heading)).collect(),
            consents: headings.iter().map(|heading| consent_column(heading)).collect(),
            headings: numbered(&headings),
            details,
        }
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
        if let Some(problem) = self.nobody(cells) {
            (reading.is_nobody, reading.problems) = (true, vec![problem]);
            return reading;
        }
        let width = self.headings.len();
        let filled = cells.iter().rposition(|cell| !cell.trim().is_empty()).map_or(0, |last| last + 1);
        if filled > width {
            let problem = format!("This row has {}, and there {}.", cells_of(filled), headings_of(width));
            reading.problems.push(CellProblem { column: None, words: problem });
        } else if cells.len() < width {
            let problem = format!("This row has {}, and there {}.", cells_of(cells.len()), headings_of(width));
            reading.problems.push(CellProblem { column: None, words: problem });
        }
        for (index, target) in self.details.targets.iter().enumerate() {
            let cell = cells.get(index).map(|cell| plain(cell)).unwrap_or_default();
            let cell = cell.trim();
            let Some(target) = target else { continue };
            if cell.is_empty() {
                continue;
            }
            // What was spoilt is not stored; what it probably was someone may confirm.
            let spoilt = damage(cell);
            let cell = spoilt.as_ref().map_or(cell, |damage| damage.probably.as_deref().unwrap_or_default());
            let taken = self.take(*target, index, cell, words, &mut reading);
            let problem = spoilt.map(|damage| damage.words).or_else(|| taken.err());
            if let Some(words) = problem {
                reading.problems.push(CellProblem { column: Some(index), words });
            }
        }
        self.consents(cells, &mut reading);
        if self.details.parents == Parents::Contact {
            reading.parent_as_contact();
        }
        reading
    }

    /// Consents are what the row says of them: a yes is taken from the column that
    /// was mapped, and a no from any that looks like one. The choice for all rows
    /// holds only for those that say nothing.
    fn consents(&self, cells: &[String], reading: &mut Reading) {
        let (mut says, mut refused, mut agrees) = ([false; 3], [false; 3], self.details.email_consent);
        for (index, target) in self.details.targets.iter().enumerate() {
            let of = |(place, channel)| (place, ConsentColumn { channel, opts_out: false, of_parent: false });
            let mapped = match target {
                Some(Target::Client(ColumnKey::Of(Column::EmailConsent))) => Some(of((0, Channel::Email))),
                Some(Target::Client(ColumnKey::Of(Column::SmsConsent))) => Some(of((1, Channel::Sms))),
                Some(Target::Client(ColumnKey::Of(Column::VoiceConsent))) => Some(of((2, Channel::Voice))),
                _ => None,
            };
            let known = self.consents.get(index).copied().flatten();
            let cell = cells.get(index).map(|cell| plain(cell)).unwrap_or_default();
            let cell = cell.trim();
            if let Some((place, column)) = mapped {
                match known.unwrap_or(column).said(cell) {
                    Said::Yes => says[place] = true,
                    Said::No => refused[place] = true,
                    Said::Nothing => {}
                    Said::Unclear => {
                        refused[place] = true;
                        let words = format!("“{}” is neither yes nor no.", short(cell));
                        if reading.problems.iter().all(|problem| problem.column != Some(index)) {
                            reading.problems.push(CellProblem { column: Some(index), words });
                        }
                    }
                }
                continue;
            }
            let Some(column) = known else { continue };
            match (column.channel, column.said(cell)) {
                (_, Said::Yes) => {}
                (Channel::Sms, Said::No) => refused[1] = true,
                (Channel::Voice, Said::No) => refused[2] = true,
                (Channel::Email, Said::No) => refused[0] = true,
                (Channel::Any, Said::No) if column.opts_out => refused = [true; 3],
                (Channel::Any, Said::No) => agrees = false,
                // Left out, a column of consents to e-mail gives none without a yes.
                (Channel::Email, Said::Unclear) => agrees = false,
                (Channel::Email, Said::Nothing) if !column.opts_out => agrees = false,
                _ => {}
            }
        }
        reading.agrees = agrees && !refused[0];
        let form = &mut reading.form;
        form.email_consent = !refused[0] && (says[0] || agrees && !form.email.is_empty());
        form.sms_consent = says[1] && !refused[1];
        form.voice_consent = says[2] && !refused[2];
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
            Column::Mobile => form.mobile = text(),
            Column::MobileIsPrimary => form.mobile_is_primary = yes_or_no(cell)?,
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
            // Read with all that the row says of consents.
            Column::EmailConsent | Column::SmsConsent | Column::VoiceConsent => {}
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
        found.ok_or_else(|| format!("“{}” isn’t in your {} list.", short(cell), column.label().to_lowercase()))
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
}

impl Reading {
    /// A problem that only the database knows of.
    pub fn note(&mut self, column: Option<usize>, words: impl Into<String>) {
        self.problems.push(CellProblem { column, words: words.into() });
    }

    /// The form of one client, to be put right by hand, and the household that the
    /// row names. A parent is someone to call. `None`: a couple, family or group, or
    /// a line that is of no one.
    pub fn into_form(mut self) -> Option<(ClientForm, String)> {
        if self.is_nobody || self.kind.is_some_and(Kind::has_members) {
            return None;
        }
        self.parent_as_contact();
        Some((self.form, self.family))
    }

    /// The parent's name and how to reach them, without a record of their own.
    fn parent_as_contact(&mut self) {
        let parent = std::mem::take(&mut self.parent);
        if parent.is_empty() {
            return;
        }
        let (first, last) = parent.names();
        let (name, email, phone) = (format!("{first} {last}").trim().to_owned(), parent.email, parent.phone);
        // An address without a name is still a contact.
        let name = if name.is_empty() { "Parent".to_owned() } else { name };
        self.form.contacts.push(ContactForm { name, relationship: "Parent".to_owned(), phone, email });
    }
}

#[cfg(test)]
mod tests;
