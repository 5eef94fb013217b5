//! The forms that build a couple, family or group, and add to one.

use crate::clients::{Code, Kind, Status};
use crate::parse::{self, Fields};
use crate::tags;
use crate::{ClientNumber, Problem, Refusal, StaffId, TagId, TermId};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Longest name of a couple, family or group, in characters.
const NAME_MAX: usize = 120;
/// The maximum number of new people in one form.
pub const NEW_MAX: usize = 50;

/// The create and edit form of a couple, family or group, as typed. Its
/// members are named when it is made; later each comes and goes by themself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GroupForm {
    pub kind: String,
    pub group_name: String,
    pub code: String,
    /// Editing only, and the front desk's.
    pub status: String,
    /// Of a group's members: a [`TermId`].
    pub age_range: String,
    pub tags: Vec<String>,
    /// Names, separated by commas, of tags to be made.
    pub new_tags: String,
    pub alert: String,
    /// Administrators and staff only; ignored from anyone else.
    pub notes: String,
    pub practitioners: Vec<String>,
    /// Who belongs from the start: client numbers.
    pub members: Vec<String>,
    pub new_members: Vec<NewMemberForm>,
    pub joined_on: String,
    /// A search for members: the form is shown again with what was found.
    pub find: String,
    /// Room for more new members is asked for.
    pub more: String,
    /// The version that was edited; empty when creating.
    pub version: String,
    pub request_key: String,
}

/// Adds members to what exists; the fields are those of [`GroupForm`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MembersForm {
    pub members: Vec<String>,
    pub new_members: Vec<NewMemberForm>,
    pub joined_on: String,
    pub find: String,
    pub more: String,
    pub request_key: String,
}

/// A person who is made in place. A row left blank is no one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NewMemberForm {
    pub first_name: String,
    pub last_name: String,
    pub birth_date: String,
    pub code: String,
    /// Of the client information fields those that are required, by id.
    #[serde(deserialize_with = "crate::fields::by_id")]
    pub fields: BTreeMap<String, String>,
}

/// Ticked rows of the client list, to become a couple, family or group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SelectedForm {
    pub kind: String,
    pub group_name: String,
    pub code: String,
    /// Ids or numbers of clients.
    pub clients: Vec<String>,
    /// The first day on which they belong; today when blank.
    pub joined_on: String,
    /// To be added to this one that exists, by number; `kind`, name and code
    /// are then of no matter.
    pub group: String,
    pub request_key: String,
}

/// The dates of one membership, as typed: each operation takes what it needs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DatesForm {
    pub joined_on: String,
    pub left_on: String,
    /// [`Period::seen`](super::Period::seen) when the form was shown.
    pub seen: String,
}

/// Who is to belong, and from when on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members {
    pub existing: Vec<ClientNumber>,
    pub new: Vec<NewMember>,
    pub joined_on: NaiveDate,
    pub request_key: Option<Uuid>,
}

/// A new individual; the rest of the record is filled in later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMember {
    /// The row of the form, from 0.
    pub row: usize,
    pub first_name: String,
    pub last_name: String,
    pub birth_date: Option<NaiveDate>,
    /// `None`: suggest one.
    pub code: Option<Code>,
    /// Client information fields as typed, by id.
    pub fields: BTreeMap<String, String>,
}

/// A group's form that makes sense. That its code is free, and that the terms,
/// tags and people exist, only the database can say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupDetails {
    pub kind: Kind,
    /// Empty: it is called by its code.
    pub name: String,
    /// `None`: suggest one.
    pub code: Option<Code>,
    pub status: Status,
    pub age_range: Option<TermId>,
    pub tags: Vec<TagId>,
    pub new_tags: Vec<String>,
    pub alert: String,
    pub notes: String,
    pub practitioners: Vec<StaffId>,
    pub members: Members,
    pub version: Option<i32>,
}

impl GroupForm {
    /// Whether more of the form is asked for, rather than that it be done.
    pub fn asks(&self) -> bool {
        asks(&self.find, &self.more)
    }

    /// `today` is the practice's. `code_only`: the practice keeps no names.
    pub fn parse(&self, today: NaiveDate, code_only: bool) -> Result<GroupDetails, Refusal> {
        let mut fields = Fields::default();
        let kind = fields.take_or("kind", Kind::parse_group(&self.kind), || Kind::Group);
        let name = fields.take("group_name", parse::line(&self.group_name, NAME_MAX));
        let status = match self.status.as_str() {
            "" => Status::Active,
            word => fields.take_or("status", word.parse(), || Status::Active),
        };
        let age_range = fields.take("age_range", parse::optional(&self.age_range, parse::id));
        let details = GroupDetails {
            kind,
            name: if code_only { String::new() } else { name },
            code: fields.take("code", parse::optional(&self.code, |text| Code::parse(text, kind))),
            status,
            // Only a group's members are of an age.
            age_range: age_range.filter(|_| kind == Kind::Group),
            tags: fields.take("tags", self.tags.iter().map(|text| parse::id(text)).collect()),
            new_tags: fields.take("new_tags", tags::names(&self.new_tags)),
            alert: fields.take("alert", parse::line(&self.alert, 300)),
            notes: fields.take("notes", parse::lines(&self.notes, 10_000)),
            practitioners: fields
                .take("practitioners", self.practitioners.iter().map(|text| parse::id(text)).collect()),
            version: fields
                .take("version", parse::optional(&self.version, |text| parse::whole(text, 1, i32::MAX.into())))
                .map(|version| version as i32),
            members: self.members().collect(&mut fields, today, code_only),
        };
        fields.finish()?;
        Ok(details)
    }

    fn members(&self) -> MembersForm {
        MembersForm {
            members: self.members.clone(),
            new_members: self.new_members.clone(),
            joined_on: self.joined_on.clone(),
            request_key: self.request_key.clone(),
            ..MembersForm::default()
        }
    }
}

impl MembersForm {
    pub fn asks(&self) -> bool {
        asks(&self.find, &self.more)
    }

    /// At least one member, existing or new.
    pub fn parse(&self, today: NaiveDate, code_only: bool) -> Result<Members, Refusal> {
        let mut fields = Fields::default();
        let members = self.collect(&mut fields, today, code_only);
        if self.members.is_empty() && self.new_members.iter().all(NewMemberForm::is_blank) {
            fields.note("members", Problem::Nobody);
        }
        fields.finish()?;
        Ok(members)
    }

    /// Problems stand at `new_members.{row}.first_name` and so on.
    fn collect(&self, fields: &mut Fields, today: NaiveDate, code_only: bool) -> Members {
        let numbers: Result<Vec<ClientNumber>, Problem> =
            self.members.iter().map(|text| text.trim().parse().map_err(|_| Problem::Unknown)).collect();
        let mut existing = fields.take("members", numbers);
        existing.sort();
        existing.dedup();
        let joined_on = fields.take("joined_on", parse::optional(&self.joined_on, |text| past(text, today)));
        let rows = self.new_members.iter().enumerate().filter(|(_, row)| !row.is_blank());
        Members {
            existing,
            new: rows.map(|(row, form)| form.collect(fields, row, today, code_only)).collect(),
            joined_on: joined_on.unwrap_or(today),
            request_key: fields.take("request_key", parse::optional(&self.request_key, parse::id)),
        }
    }
}

impl NewMemberForm {
    pub fn is_blank(&self) -> bool {
        let own = [&self.first_name, &self.last_name, &self.birth_date, &self.code];
        own.into_iter().chain(self.fields.values()).all(|text| text.trim().is_empty())
    }

    fn collect(&self, fields: &mut Fields, row: usize, today: NaiveDate, code_only: bool) -> NewMember {
        let at = |field: &str| format!("new_members.{row}.{field}");
        if row >= NEW_MAX {
            fields.note("new_members", Problem::OutOfRange { min: 0, max: NEW_MAX as i64 });
        }
        let mut member = NewMember {
            row,
            first_name: fields.take(&at("first_name"), parse::line(&self.first_name, 80)),
            last_name: fields.take(&at("last_name"), parse::line(&self.last_name, 80)),
            birth_date: fields.take(&at("birth_date"), parse::optional(&self.birth_date, |text| past(text, today))),
            code: fields.take(&at("code"), parse::optional(&self.code, |text| Code::parse(text, Kind::Individual))),
            fields: self.fields.clone(),
        };
        if code_only {
            member = NewMember { first_name: String::new(), last_name: String::new(), ..member };
        } else if self.first_name.trim().is_empty() && self.last_name.trim().is_empty() {
            fields.note(&at("first_name"), Problem::Required);
        }
        member
    }
}

impl SelectedForm {
    /// From when on they belong.
    pub fn joined_on(&self, today: NaiveDate) -> Result<NaiveDate, Refusal> {
        let joined = parse::optional(&self.joined_on, |text| past(text, today));
        joined.map(|day| day.unwrap_or(today)).map_err(|problem| Refusal::field("joined_on", problem))
    }

    /// As the form of what is to be made; who was ticked stands apart.
    pub fn group(&self) -> GroupForm {
        GroupForm {
            kind: self.kind.clone(),
            group_name: self.group_name.clone(),
            code: self.code.clone(),
            joined_on: self.joined_on.clone(),
            request_key: self.request_key.clone(),
            ..GroupForm::default()
        }
    }
}

fn asks(find: &str, more: &str) -> bool {
    !find.trim().is_empty() || !more.is_empty()
}

fn past(text: &str, today: NaiveDate) -> Result<NaiveDate, Problem> {
    match parse::date(text)? {
        date if date > today => Err(Problem::InTheFuture),
        date => Ok(date),
    }
}
