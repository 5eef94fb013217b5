//! Clients as each list and page shows them.

use super::{ClientForm, Contact, ContactForm, Cursor, Kind, Phone, PhoneForm, Stage, Status};
use crate::fields::{FieldDefinition, FieldValue};
use crate::health_card::Province;
use crate::{ClientId, ClientNumber, LocationId, ProviderId, StaffId, TagId, TermId};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

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

/// What tells people apart, of a client who is being made, as typed so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LikelyForm {
    pub first_name: String,
    pub last_name: String,
    pub birth_date: String,
    pub email: String,
    pub mobile: String,
}

impl LikelyForm {
    pub fn of(form: &ClientForm) -> LikelyForm {
        LikelyForm {
            first_name: form.first_name.clone(),
            last_name: form.last_name.clone(),
            birth_date: form.birth_date.clone(),
            email: form.email.clone(),
            mobile: form.mobile.clone(),
        }
    }
}

/// What is known while someone new is typed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Likely {
    pub rows: Vec<LikelyRow>,
    /// The code that they get if none is typed.
    pub code: String,
}

/// A person who is likely to be the same person, put into words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LikelyRow {
    pub number: String,
    pub name: String,
    /// What tells two of one name apart.
    pub note: String,
    /// Why, as `same e-mail`.
    pub reason: String,
}

/// A client's profile as staff and assigned practitioners see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClientProfile {
    /// What is left tells no one who it was, and stays as it is.
    pub erased: bool,
    /// Has had an appointment or an activity, and can be no prospect any more.
    pub was_used: bool,
    pub id: ClientId,
    pub number: ClientNumber,
    pub kind: Kind,
    pub code: String,
    pub status: Status,
    /// The code, for anyone who has no name.
    pub name: String,
    pub first_name: String,
    pub last_name: String,
    pub preferred_name: String,
    pub pronouns: String,
    /// Terms and the like with their words, retired ones too.
    pub salutation: Option<(TermId, String)>,
    pub gender: Option<(TermId, String)>,
    pub sex_at_birth: String,
    pub birth_date: Option<NaiveDate>,
    /// As stored: where the date of birth is not known.
    pub age_range: Option<(TermId, String)>,
    /// Today's: from the date of birth or, without one, as stored.
    pub shown_age_range: Option<String>,
    /// A tag, and its words.
    pub language: String,
    pub language_label: String,
    pub zone: String,
    pub email: Option<String>,
    pub email_consent: bool,
    pub mobile: Option<String>,
    pub sms_consent: bool,
    pub mobile_is_primary: bool,
    pub voice_consent: bool,
    pub address: String,
    pub address_unit: String,
    pub referring_provider: Option<(ProviderId, String)>,
    pub qualified: Option<bool>,
    pub veteran_id: String,
    pub location: Option<(LocationId, String)>,
    pub alert: String,
    pub phones: Vec<Phone>,
    pub contacts: Vec<Contact>,
    pub card_province: Option<Province>,
    pub card_number: String,
    pub card_version: String,
    pub card_expires: Option<NaiveDate>,
    pub fee_programme: Option<(TermId, String)>,
    pub fee_programme_number: String,
    pub province: Option<Province>,
    pub billing_authorisation: String,
    pub case_number: String,
    pub sessions_needed: Option<i32>,
    pub billing_notes: String,
    /// By name.
    pub tags: Vec<(TagId, String)>,
    /// Of the fields in use, in their order; those that are filled in.
    pub fields: Vec<(FieldDefinition, FieldValue)>,
    pub prospect_stage: Stage,
    pub last_contact: Option<NaiveDate>,
    pub next_step: String,
    pub next_step_on: Option<NaiveDate>,
    /// `None` for viewers who may not see notes.
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
        fn id<T: ToString>(chosen: &Option<(T, String)>) -> String {
            chosen.as_ref().map(|(id, _)| id.to_string()).unwrap_or_default()
        }
        fn text<T: ToString>(value: &Option<T>) -> String {
            value.as_ref().map(ToString::to_string).unwrap_or_default()
        }
        let province = |province: Option<Province>| province.map(Province::as_str).unwrap_or_default().to_owned();
        let phone = |phone: &Phone| PhoneForm { label: phone.label.clone(), number: phone.number.clone() };
        let contact = |contact: &Contact| ContactForm {
            name: contact.name.clone(),
            relationship: contact.relationship.clone(),
            phone: contact.phone.clone(),
            email: contact.email.clone(),
        };
        ClientForm {
            fields_shown: Vec::new(),
            first_name: self.first_name.clone(),
            last_name: self.last_name.clone(),
            preferred_name: self.preferred_name.clone(),
            pronouns: self.pronouns.clone(),
            salutation: id(&self.salutation),
            gender: id(&self.gender),
            sex_at_birth: self.sex_at_birth.clone(),
            birth_date: text(&self.birth_date),
            age_range: id(&self.age_range),
            code: self.code.clone(),
            status: self.status.as_str().to_owned(),
            language: self.language.clone(),
            zone: self.zone.clone(),
            email: text(&self.email),
            email_consent: self.email_consent,
            mobile: text(&self.mobile),
            sms_consent: self.sms_consent,
            mobile_is_primary: self.mobile_is_primary,
            voice_consent: self.voice_consent,
            address: self.address.clone(),
            address_unit: self.address_unit.clone(),
            referring_provider: id(&self.referring_provider),
            qualified: match self.qualified {
                Some(true) => "yes".to_owned(),
                Some(false) => "no".to_owned(),
                None => String::new(),
            },
            veteran_id: self.veteran_id.clone(),
            location: id(&self.location),
            alert: self.alert.clone(),
            phones: self.phones.iter().map(phone).collect(),
            contacts: self.contacts.iter().map(contact).collect(),
            card_province: province(self.card_province),
            card_number: self.card_number.clone(),
            card_version: self.card_version.clone(),
            card_expires: text(&self.card_expires),
            fee_programme: id(&self.fee_programme),
            fee_programme_number: self.fee_programme_number.clone(),
            province: province(self.province),
            billing_authorisation: self.billing_authorisation.clone(),
            case_number: self.case_number.clone(),
            sessions_needed: text(&self.sessions_needed),
            billing_notes: self.billing_notes.clone(),
            tags: self.tags.iter().map(|(id, _)| id.to_string()).collect(),
            new_tags: String::new(),
            fields: self.fields.iter().map(|(field, value)| (field.id.to_string(), value.form())).collect(),
            prospect_stage: self.prospect_stage.as_str().to_owned(),
            last_contact: text(&self.last_contact),
            next_step: self.next_step.clone(),
            next_step_on: text(&self.next_step_on),
            notes: self.notes.clone().unwrap_or_default(),
            practitioners: self.practitioners.iter().map(|(id, _)| id.to_string()).collect(),
            invite: false,
            version: self.version.to_string(),
            request_key: String::new(),
        }
    }
}

/// One page of the client list, which is too long to have its pages numbered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClientPage<T> {
    pub rows: Vec<T>,
    /// How many stand before the first row, where that is known.
    pub skipped: Option<u32>,
    /// How many there are, as far as they were counted.
    pub total: u32,
    /// There are more than `total`.
    pub more: bool,
    /// How many of the total only resemble what was typed; they come last.
    pub close: u32,
    /// The rows from this one on only resemble what was typed.
    pub near_from: Option<usize>,
    /// As `before`: the page before this one.
    pub previous: Option<Cursor>,
    /// As `after`: the page behind this one.
    pub next: Option<Cursor>,
    /// Whether the last page can be gone to.
    pub last: bool,
}

impl<T> ClientPage<T> {
    /// Beyond this a list says "more than": counting on costs more than it tells.
    pub const COUNT_MAX: u32 = 5_000;

    /// The same page with other rows for the same clients.
    pub fn with<U>(self, rows: Vec<U>) -> ClientPage<U> {
        let ClientPage { rows: _, skipped, total, more, close, near_from, previous, next, last } = self;
        ClientPage { rows, skipped, total, more, close, near_from, previous, next, last }
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
