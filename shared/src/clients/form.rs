//! The form that creates and edits an individual.

use super::{Code, Kind, Language, Status};
use crate::parse::{self, Fields};
use crate::{Problem, Refusal, StaffId};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The create and edit form of an individual, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientForm {
    pub first_name: String,
    pub last_name: String,
    pub preferred_name: String,
    pub pronouns: String,
    pub birth_date: String,
    pub code: String,
    pub status: String,
    pub language: String,
    pub zone: String,
    pub email: String,
    pub email_consent: bool,
    pub mobile: String,
    pub sms_consent: bool,
    pub mobile_is_primary: bool,
    pub alert: String,
    /// Administrators and staff only (B9); ignored from anybody else.
    pub notes: String,
    pub practitioners: Vec<String>,
    /// Send a welcome e-mail with a claim link on creation (B17).
    pub invite: bool,
    /// The version that was edited; empty when creating.
    pub version: String,
    /// Creating only: made when the form was shown; the same key is answered
    /// with the first result.
    pub request_key: String,
}

/// A client form that makes sense. That the code is free and the zone exists
/// only the database can say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientDetails {
    pub first_name: String,
    pub last_name: String,
    pub preferred_name: String,
    pub pronouns: String,
    pub birth_date: Option<NaiveDate>,
    /// `None`: suggest one.
    pub code: Option<Code>,
    pub status: Status,
    pub language: Language,
    pub zone: String,
    pub email: Option<String>,
    pub email_consent: bool,
    pub mobile: Option<String>,
    pub sms_consent: bool,
    pub mobile_is_primary: bool,
    pub alert: String,
    pub notes: String,
    pub practitioners: Vec<StaffId>,
    pub invite: bool,
    pub version: Option<i32>,
    pub request_key: Option<Uuid>,
}

impl ClientForm {
    /// `today` is the practice's, so that nobody is born tomorrow.
    pub fn parse(&self, today: NaiveDate) -> Result<ClientDetails, Refusal> {
        let mut fields = Fields::default();
        let first_name = fields.take("first_name", parse::line(&self.first_name, 80));
        let last_name = fields.take("last_name", parse::line(&self.last_name, 80));
        if first_name.is_empty() && last_name.is_empty() {
            fields.note("first_name", Problem::Required);
        }
        let email = fields.take("email", parse::optional(&self.email, parse::email));
        let status = match self.status.as_str() {
            "" => Status::Active,
            word => fields.take_or("status", word.parse(), || Status::Active),
        };
        // B3: exactly when consent is on, or an invitation is asked for.
        if email.is_none() && self.email_consent {
            fields.note("email", Problem::EmailForConsent);
        }
        if email.is_none() && self.invite {
            fields.note("email", Problem::EmailForInvitation);
        }
        if self.invite && status != Status::Active {
            fields.note("invite", Problem::OnlyActive);
        }
        let mobile = fields.take("mobile", parse::optional(&self.mobile, parse::phone));
        if mobile.is_none() && self.sms_consent {
            fields.note("mobile", Problem::MobileForSms);
        }
        let details = ClientDetails {
            preferred_name: fields.take("preferred_name", parse::line(&self.preferred_name, 80)),
            pronouns: fields.take("pronouns", parse::line(&self.pronouns, 40)),
            birth_date: fields.take(
                "birth_date",
                parse::optional(&self.birth_date, |text| match parse::date(text)? {
                    date if date > today => Err(Problem::InTheFuture),
                    date => Ok(date),
                }),
            ),
            code: fields.take("code", parse::optional(&self.code, |text| Code::parse(text, Kind::Individual))),
            language: match self.language.as_str() {
                "" => Language::English,
                word => fields.take_or("language", word.parse(), || Language::English),
            },
            zone: fields.take("zone", parse::required(&self.zone, 60)),
            alert: fields.take("alert", parse::line(&self.alert, 300)),
            notes: fields.take("notes", parse::lines(&self.notes, 10_000)),
            practitioners: fields.take(
                "practitioners",
                self.practitioners.iter().map(|text| parse::id(text)).collect::<Result<Vec<_>, _>>(),
            ),
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
}
