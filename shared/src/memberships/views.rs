//! Couples, families and groups as pages show them to staff and practitioners.

use super::{GroupForm, Period};
use crate::clients::{Kind, Status};
use crate::links::Label;
use crate::{ClientId, ClientNumber, MembershipId, StaffId, TagId, TermId};
use serde::{Deserialize, Serialize};

/// A person who belongs, or has belonged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberRow {
    pub membership: MembershipId,
    pub client: ClientId,
    pub number: ClientNumber,
    pub name: String,
    pub code: String,
    pub status: Status,
    /// The person has been erased, and does not come back.
    pub erased: bool,
    pub period: Period,
}

/// What one member is to another, where both are seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberLink {
    pub from: ClientId,
    pub to_name: String,
    pub to_number: ClientNumber,
    /// What the other is to `from`.
    pub label: Label,
}

/// Who belongs to a couple, family or group: the people the viewer may see by
/// name, the others by number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupMembers {
    /// By day of joining.
    pub now: Vec<MemberRow>,
    /// Anyone who left last comes first.
    pub past: Vec<MemberRow>,
    pub unseen_now: u32,
    pub unseen_past: u32,
    pub links: Vec<MemberLink>,
}

/// A couple, family or group that a client belongs to, or has belonged to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Belonging {
    pub membership: MembershipId,
    pub number: ClientNumber,
    pub name: String,
    pub kind: Kind,
    pub period: Period,
}

/// What only a couple, family or group has, beside its profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupProfile {
    pub id: ClientId,
    pub number: ClientNumber,
    pub kind: Kind,
    /// As typed; empty: it is called by its code.
    pub group_name: String,
    pub code: String,
    pub status: Status,
    pub age_range: Option<(TermId, String)>,
    pub tags: Vec<(TagId, String)>,
    pub alert: String,
    /// `None` for viewers who may not see notes.
    pub notes: Option<String>,
    pub practitioners: Vec<(StaffId, String)>,
    pub version: i32,
}

/// A couple, family or group that members may be added to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRow {
    pub number: ClientNumber,
    pub name: String,
    pub code: String,
    pub kind: Kind,
    pub status: Status,
    /// How many belong to it today.
    pub size: u32,
}

/// One membership, for the page that changes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembershipView {
    pub id: MembershipId,
    pub group: GroupRow,
    pub member_number: ClientNumber,
    pub member_name: String,
    pub period: Period,
    /// Made today: it can be removed as a mistake.
    pub removable: bool,
    /// They belong today, by this membership or by another.
    pub belongs: bool,
}

impl GroupProfile {
    /// How it is called.
    pub fn name(&self) -> &str {
        if self.group_name.is_empty() { &self.code } else { &self.group_name }
    }

    /// The form filled with what is stored.
    pub fn form(&self) -> GroupForm {
        GroupForm {
            kind: self.kind.as_str().to_owned(),
            group_name: self.group_name.clone(),
            code: self.code.clone(),
            status: self.status.as_str().to_owned(),
            age_range: self.age_range.as_ref().map(|(id, _)| id.to_string()).unwrap_or_default(),
            tags: self.tags.iter().map(|(id, _)| id.to_string()).collect(),
            alert: self.alert.clone(),
            notes: self.notes.clone().unwrap_or_default(),
            practitioners: self.practitioners.iter().map(|(id, _)| id.to_string()).collect(),
            version: self.version.to_string(),
            ..GroupForm::default()
        }
    }
}
