//! An individual's record, once its form makes sense.

use super::{Code, Stage, Status};
use crate::fields::FieldValue;
use crate::health_card::Province;
use crate::{FieldId, LocationId, ProviderId, StaffId, TagId, TermId};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Most further telephone numbers of a client, and emergency contacts.
pub const PHONES_MAX: usize = 10;
pub const CONTACTS_MAX: usize = 10;

/// A client form that makes sense. That the code is free, and that zone, terms,
/// tags and people exist, only the database can say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientDetails {
    pub first_name: String,
    pub last_name: String,
    pub preferred_name: String,
    pub pronouns: String,
    pub salutation: Option<TermId>,
    pub gender: Option<TermId>,
    /// From the list or in own words.
    pub sex_at_birth: String,
    pub birth_date: Option<NaiveDate>,
    /// Only without a date of birth.
    pub age_range: Option<TermId>,
    /// `None`: suggest one.
    pub code: Option<Code>,
    pub status: Status,
    pub language: String,
    pub zone: String,
    pub email: Option<String>,
    pub email_consent: bool,
    pub mobile: Option<String>,
    pub sms_consent: bool,
    pub mobile_is_primary: bool,
    pub voice_consent: bool,
    pub address: String,
    pub address_unit: String,
    pub referring_provider: Option<ProviderId>,
    pub qualified: Option<bool>,
    pub veteran_id: String,
    pub location: Option<LocationId>,
    pub alert: String,
    pub phones: Vec<Phone>,
    pub contacts: Vec<Contact>,
    pub card_province: Option<Province>,
    /// Well formed, in capital letters and digits alone.
    pub card_number: String,
    pub card_version: String,
    pub card_expires: Option<NaiveDate>,
    pub fee_programme: Option<TermId>,
    pub fee_programme_number: String,
    pub province: Option<Province>,
    pub billing_authorisation: String,
    pub case_number: String,
    pub sessions_needed: Option<i32>,
    pub billing_notes: String,
    pub tags: Vec<TagId>,
    pub new_tags: Vec<String>,
    /// Of the fields in use, in their order.
    pub fields: Vec<(FieldId, FieldValue)>,
    pub prospect_stage: Stage,
    /// Local dates of the practice.
    pub last_contact: Option<NaiveDate>,
    pub next_step: String,
    pub next_step_on: Option<NaiveDate>,
    pub notes: String,
    pub practitioners: Vec<StaffId>,
    pub invite: bool,
    pub version: Option<i32>,
    pub request_key: Option<Uuid>,
}

/// A further telephone number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phone {
    /// As `Work`; may be empty.
    pub label: String,
    pub number: String,
}

/// Someone to call; a minor's parent without a record of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    pub name: String,
    /// In free words: it grants nothing.
    pub relationship: String,
    pub phone: String,
    pub email: String,
}
