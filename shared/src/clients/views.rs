//! Clients as each list and page shows them.

use super::{ClientForm, Kind, Language, Status};
use crate::{ClientId, ClientNumber, StaffId};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// A row of the client list, for staff and practitioners.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClientRow {
    pub id: ClientId,
    pub number: ClientNumber,
    pub code: String,
    pub kind: Kind,
    pub status: Status,
    pub name: String,
    pub email: Option<String>,
    pub mobile: Option<String>,
    pub birth_date: Option<NaiveDate>,
    pub has_login: bool,
    pub has_alert: bool,
    pub next_appointment: Option<DateTime<Utc>>,
}

/// What the picker shows of a client, to staff and practitioners.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientSummary {
    pub id: ClientId,
    pub number: ClientNumber,
    pub kind: Kind,
    pub name: String,
    pub code: String,
    pub status: Status,
    /// Birth date and e-mail, to tell two of one name apart.
    pub birth_date: Option<NaiveDate>,
    pub email: Option<String>,
}

/// A client in the picker, put into words for the browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PickerRow {
    pub number: String,
    pub name: String,
    /// What tells two of one name apart.
    pub note: String,
    /// The status word and its label, if out of the ordinary; else empty.
    pub status: String,
    pub status_label: String,
}

/// A client's profile as staff and assigned practitioners see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClientProfile {
    pub id: ClientId,
    pub number: ClientNumber,
    pub kind: Kind,
    pub code: String,
    pub status: Status,
    pub name: String,
    pub first_name: String,
    pub last_name: String,
    pub preferred_name: String,
    pub pronouns: String,
    pub birth_date: Option<NaiveDate>,
    pub language: Language,
    pub zone: String,
    pub email: Option<String>,
    pub email_consent: bool,
    pub mobile: Option<String>,
    pub sms_consent: bool,
    pub mobile_is_primary: bool,
    pub alert: String,
    /// `None` for viewers who may not see notes (B9).
    pub notes: Option<String>,
    pub username: Option<String>,
    /// A claim link is on its way: valid until.
    pub invited_until: Option<DateTime<Utc>>,
    pub practitioners: Vec<(StaffId, String)>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
}

impl ClientProfile {
    /// The form filled with what is stored.
    pub fn form(&self) -> ClientForm {
        ClientForm {
            first_name: self.first_name.clone(),
            last_name: self.last_name.clone(),
            preferred_name: self.preferred_name.clone(),
            pronouns: self.pronouns.clone(),
            birth_date: self.birth_date.map(|date| date.to_string()).unwrap_or_default(),
            code: self.code.clone(),
            status: self.status.as_str().to_owned(),
            language: self.language.as_str().to_owned(),
            zone: self.zone.clone(),
            email: self.email.clone().unwrap_or_default(),
            email_consent: self.email_consent,
            mobile: self.mobile.clone().unwrap_or_default(),
            sms_consent: self.sms_consent,
            mobile_is_primary: self.mobile_is_primary,
            alert: self.alert.clone(),
            notes: self.notes.clone().unwrap_or_default(),
            practitioners: self.practitioners.iter().map(|(id, _)| id.to_string()).collect(),
            invite: false,
            version: self.version.to_string(),
            request_key: String::new(),
        }
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page<T> {
    pub rows: Vec<T>,
    /// From 1.
    pub page: u32,
    pub page_size: u32,
    /// How many there are in all, counted up to [`Page::COUNT_MAX`].
    pub total: u32,
}

impl<T> Page<T> {
    /// Beyond this a list says "more than": counting on costs more than it tells.
    pub const COUNT_MAX: u32 = 10_000;

    pub fn first(&self) -> u32 {
        (self.page - 1) * self.page_size + 1
    }

    pub fn last(&self) -> u32 {
        self.first() + self.rows.len() as u32 - 1
    }
}
