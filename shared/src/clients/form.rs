//! The form that creates and edits an individual.

use super::details::{CONTACTS_MAX, ClientDetails, Contact, PHONES_MAX, Phone};
use super::{Code, Kind, Stage, Status};
use crate::fields::{self, FieldDefinition};
use crate::health_card::{HealthCard, Province};
use crate::parse::{self, Fields};
use crate::{Problem, Refusal, tags};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The create and edit form of an individual, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientForm {
    pub first_name: String,
    pub last_name: String,
    pub preferred_name: String,
    pub pronouns: String,
    /// Terms, by id; so are gender, age range and fee programme.
    pub salutation: String,
    pub gender: String,
    pub sex_at_birth: String,
    pub birth_date: String,
    /// Where the date of birth is not known.
    pub age_range: String,
    pub code: String,
    pub status: String,
    /// A tag of the vocabulary, as `fr`.
    pub language: String,
    pub zone: String,
    pub email: String,
    pub email_consent: bool,
    pub mobile: String,
    pub sms_consent: bool,
    pub mobile_is_primary: bool,
    pub voice_consent: bool,
    pub address: String,
    pub address_unit: String,
    pub referring_provider: String,
    /// `yes`, `no`, or empty: no one has said.
    pub qualified: String,
    pub veteran_id: String,
    pub location: String,
    pub alert: String,
    pub phones: Vec<PhoneForm>,
    pub contacts: Vec<ContactForm>,
    pub card_province: String,
    pub card_number: String,
    pub card_version: String,
    pub card_expires: String,
    pub fee_programme: String,
    pub fee_programme_number: String,
    pub province: String,
    pub billing_authorisation: String,
    pub case_number: String,
    pub sessions_needed: String,
    pub billing_notes: String,
    pub tags: Vec<String>,
    /// Names of tags made in place, between commas.
    pub new_tags: String,
    /// Client information fields, by id.
    #[serde(deserialize_with = "crate::fields::by_id")]
    pub fields: BTreeMap<String, String>,
    /// Ids of the information fields that the form showed: what it did not show
    /// it does not empty.
    pub fields_shown: Vec<String>,
    pub prospect_stage: String,
    pub last_contact: String,
    pub next_step: String,
    pub next_step_on: String,
    /// Administrators and staff only; ignored from anyone else.
    pub notes: String,
    pub practitioners: Vec<String>,
    /// Send a welcome email with an invitation link on creation.
    pub invite: bool,
    /// The version that was edited; empty when creating.
    pub version: String,
    /// Creating only: made when the form was shown; the same key is answered
    /// with the first result.
    pub request_key: String,
}

/// A further telephone number, as typed; a blank row is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PhoneForm {
    pub label: String,
    pub number: String,
}

/// Someone to call, as typed; a blank row is no one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContactForm {
    pub name: String,
    pub relationship: String,
    pub phone: String,
    pub email: String,
}

/// What the practice’s settings require of a client’s record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientFormRules {
    /// The practice's date, so that no one is born tomorrow.
    pub today: NaiveDate,
    /// Code-only mode: what names a person or reaches them is forgotten, whatever is typed.
    pub code_only: bool,
    /// The tag of the language of those who say nothing.
    pub language: String,
    /// The client information fields in use.
    pub fields: Vec<FieldDefinition>,
}

impl ClientForm {
    /// Blanks what a practice that knows its clients by code alone does not
    /// keep: names, contact details, numbers of cards.
    pub fn forget_person(&mut self) {
        *self = ClientForm {
            first_name: String::new(),
            last_name: String::new(),
            preferred_name: String::new(),
            email: String::new(),
            email_consent: false,
            mobile: String::new(),
            sms_consent: false,
            mobile_is_primary: false,
            voice_consent: false,
            address: String::new(),
            address_unit: String::new(),
            veteran_id: String::new(),
            phones: Vec::new(),
            contacts: Vec::new(),
            card_province: String::new(),
            card_number: String::new(),
            card_version: String::new(),
            card_expires: String::new(),
            fee_programme_number: String::new(),
            billing_authorisation: String::new(),
            invite: false,
            ..std::mem::take(self)
        };
    }

    pub fn parse(&self, rules: &ClientFormRules) -> Result<ClientDetails, Refusal> {
        if rules.code_only {
            let mut form = self.clone();
            form.forget_person();
            return form.read(rules);
        }
        self.read(rules)
    }

    fn read(&self, rules: &ClientFormRules) -> Result<ClientDetails, Refusal> {
        let mut fields = Fields::default();
        let past = |text: &str| match parse::date(text)? {
            date if date > rules.today => Err(Problem::InTheFuture),
            date => Ok(date),
        };
        let first_name = fields.take("first_name", parse::line(&self.first_name, 80));
        let last_name = fields.take("last_name", parse::line(&self.last_name, 80));
        if first_name.is_empty() && last_name.is_empty() && !rules.code_only {
            fields.note("first_name", Problem::Required);
        }
        let email = fields.take("email", parse::optional(&self.email, parse::email));
        let status = match self.status.as_str() {
            "" => Status::Active,
            word => fields.take_or("status", word.parse(), || Status::Active),
        };
        // Exactly when consent is on, or an invitation is asked for.
        if email.is_none() && self.email_consent {
            fields.note("email", Problem::EmailForConsent);
        }
        if email.is_none() && self.invite {
            fields.note("email", Problem::EmailForLink);
        }
        if self.invite && status != Status::Active {
            fields.note("invite", Problem::OnlyActive);
        }
        let mobile = fields.take("mobile", parse::optional(&self.mobile, parse::phone));
        if mobile.is_none() && self.sms_consent {
            fields.note("mobile", Problem::MobileForSms);
        }
        let birth_date = fields.take("birth_date", parse::optional(&self.birth_date, past));
        let age_range = fields.take("age_range", parse::optional(&self.age_range, parse::id));
        let (card_province, card_number, card_version) = self.card(&mut fields);
        let details = ClientDetails {
            preferred_name: fields.take("preferred_name", parse::line(&self.preferred_name, 80)),
            pronouns: fields.take("pronouns", parse::line(&self.pronouns, 40)),
            salutation: fields.take("salutation", parse::optional(&self.salutation, parse::id)),
            gender: fields.take("gender", parse::optional(&self.gender, parse::id)),
            sex_at_birth: fields.take("sex_at_birth", parse::line(&self.sex_at_birth, 60)),
            birth_date,
            // It follows from the date of birth.
            age_range: age_range.filter(|_| birth_date.is_none()),
            code: fields.take("code", parse::optional(&self.code, |text| Code::parse(text, Kind::Individual))),
            language: match self.language.trim() {
                "" => rules.language.clone(),
                tag => fields.take("language", parse::line(tag, 35)),
            },
            zone: fields.take("zone", parse::required(&self.zone, 60)),
            voice_consent: self.voice_consent,
            address: fields.take("address", parse::lines(&self.address, 300)),
            address_unit: fields.take("address_unit", parse::line(&self.address_unit, 40)),
            referring_provider: fields.take("referring_provider", parse::optional(&self.referring_provider, parse::id)),
            qualified: fields.take("qualified", parse::optional(&self.qualified, yes_or_no)),
            veteran_id: fields.take("veteran_id", parse::line(&self.veteran_id, 40)),
            location: fields.take("location", parse::optional(&self.location, parse::id)),
            alert: fields.take("alert", parse::line(&self.alert, 300)),
            phones: phones(&self.phones, &mut fields),
            contacts: self.contacts(&mut fields),
            card_province,
            card_number,
            card_version,
            card_expires: fields.take("card_expires", parse::optional(&self.card_expires, parse::date)),
            fee_programme: fields.take("fee_programme", parse::optional(&self.fee_programme, parse::id)),
            fee_programme_number: fields.take("fee_programme_number", parse::line(&self.fee_programme_number, 60)),
            province: fields.take("province", parse::optional(&self.province, str::parse)),
            billing_authorisation: fields.take("billing_authorisation", parse::line(&self.billing_authorisation, 60)),
            case_number: fields.take("case_number", parse::line(&self.case_number, 60)),
            sessions_needed: fields
                .take("sessions_needed", parse::optional(&self.sessions_needed, |text| parse::whole(text, 0, 9_999)))
                .map(|sessions| sessions as i32),
            billing_notes: fields.take("billing_notes", parse::lines(&self.billing_notes, 2_000)),
            tags: ids("tags", &self.tags, &mut fields),
            new_tags: self.new_tags(&mut fields),
            fields: fields::parse_all(&rules.fields, &self.fields, &mut fields),
            prospect_stage: match self.prospect_stage.as_str() {
                "" => Stage::New,
                word => fields.take_or("prospect_stage", word.parse(), || Stage::New),
            },
            last_contact: fields.take("last_contact", parse::optional(&self.last_contact, past)),
            next_step: fields.take("next_step", parse::line(&self.next_step, 200)),
            next_step_on: fields.take("next_step_on", parse::optional(&self.next_step_on, parse::date)),
            notes: fields.take("notes", parse::lines(&self.notes, 10_000)),
            practitioners: ids("practitioners", &self.practitioners, &mut fields),
            version: fields
                .take("version", parse::optional(&self.version, |text| parse::whole(text, 1, i32::MAX.into())))
                .map(|version| version as i32),
            request_key: fields.take("request_key", parse::optional(&self.request_key, parse::id)),
            first_name,
            last_name,
            status,
            email,
            email_consent: self.email_consent,
            mobile_is_primary: self.mobile_is_primary && mobile.is_some(),
            mobile,
            sms_consent: self.sms_consent,
            invite: self.invite,
        };
        fields.finish()?;
        Ok(details)
    }

    /// The province, number and version of the health card.
    fn card(&self, fields: &mut Fields) -> (Option<Province>, String, String) {
        let province: Option<Province> = fields.take("card_province", parse::optional(&self.card_province, str::parse));
        let number = fields.take("card_number", parse::line(&self.card_number, 40));
        let version = fields.take("card_version", parse::line(&self.card_version, 10));
        if number.is_empty() {
            if !version.is_empty() {
                fields.note("card_number", Problem::Required);
            }
            return (province, number, version);
        }
        let Some(issuer) = province else {
            fields.note("card_province", Problem::Required);
            return (province, number, version);
        };
        match HealthCard::parse(issuer, &number, &version) {
            Ok(card) => return (province, card.number, card.version),
            Err(Problem::CardVersion) => fields.note("card_version", Problem::CardVersion),
            Err(problem) => fields.note("card_number", problem),
        }
        (province, number, version)
    }

    fn contacts(&self, fields: &mut Fields) -> Vec<Contact> {
        let mut contacts = Vec::new();
        for (row, contact) in self.contacts.iter().enumerate() {
            let name = |part: &str| format!("contacts.{row}.{part}");
            let read = Contact {
                name: fields.take(&name("name"), parse::line(&contact.name, 80)),
                relationship: fields.take(&name("relationship"), parse::line(&contact.relationship, 40)),
                phone: fields.take(&name("phone"), parse::optional(&contact.phone, parse::phone)).unwrap_or_default(),
                email: fields.take(&name("email"), parse::optional(&contact.email, parse::email)).unwrap_or_default(),
            };
            if read == Contact::default() {
                continue;
            }
            if read.name.is_empty() {
                fields.note(&name("name"), Problem::Required);
            }
            contacts.push(read);
        }
        if contacts.len() > CONTACTS_MAX {
            fields.note("contacts", Problem::TooMany { max: CONTACTS_MAX });
        }
        contacts
    }

    /// Names of new tags, each once whatever its case.
    fn new_tags(&self, fields: &mut Fields) -> Vec<String> {
        fields.take("new_tags", tags::names(&self.new_tags))
    }
}

fn yes_or_no(text: &str) -> Result<bool, Problem> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(Problem::Unknown),
    }
}

/// The ids of a list of checkboxes, each once.
fn ids<T: std::str::FromStr + Ord>(field: &str, texts: &[String], fields: &mut Fields) -> Vec<T> {
    let mut ids: Vec<T> = fields.take(field, texts.iter().map(|text| parse::id(text)).collect());
    ids.sort();
    ids.dedup();
    ids
}
/// Further telephone numbers; a blank row is none.
pub(super) fn phones(rows: &[PhoneForm], fields: &mut Fields) -> Vec<Phone> {
    let mut phones = Vec::new();
    for (row, phone) in rows.iter().enumerate() {
        let name = |part: &str| format!("phones.{row}.{part}");
        let label = fields.take(&name("label"), parse::line(&phone.label, 40));
        let number = fields.take(&name("number"), parse::optional(&phone.number, parse::phone));
        match number {
            Some(number) => phones.push(Phone { label, number }),
            None if !label.is_empty() => fields.note(&name("number"), Problem::Required),
            None => {}
        }
    }
    if phones.len() > PHONES_MAX {
        fields.note("phones", Problem::TooMany { max: PHONES_MAX });
    }
    phones
}
