//! Clients: the words for them, the rules of codes and status, and the form
//! that creates and edits an individual.

use crate::parse::{self, Fields};
use crate::vocabulary::vocabulary;
use crate::{ClientId, ClientNumber, Problem, Refusal, StaffId};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

vocabulary! {
    /// The four kinds of client (A1).
    Kind {
        Individual = "individual", "Individual";
        Couple = "couple", "Couple";
        Family = "family", "Family";
        Group = "group", "Group";
    }
}

impl Kind {
    /// Longest code of this kind, in characters (A2).
    pub const fn code_max(self) -> usize {
        match self {
            Kind::Group => 30,
            _ => 6,
        }
    }
}

vocabulary! {
    /// Where a client stands with the practice (B7).
    Status {
        Active = "active", "Active";
        Inactive = "inactive", "Inactive";
        /// Has never used the services.
        Prospect = "prospect", "Prospect";
    }
}

impl Status {
    pub const fn may_log_in(self) -> bool {
        matches!(self, Status::Active)
    }

    pub const fn may_be_booked(self) -> bool {
        matches!(self, Status::Active)
    }

    pub const fn may_pay(self) -> bool {
        matches!(self, Status::Active)
    }
}

vocabulary! {
    /// Languages a client may prefer; mail is in English until others come.
    Language {
        English = "en", "English";
        French = "fr", "Français";
        Spanish = "es", "Español";
        Portuguese = "pt", "Português";
        Arabic = "ar", "العربية";
        Chinese = "zh", "中文";
        Hindi = "hi", "हिन्दी";
        Punjabi = "pa", "ਪੰਜਾਬੀ";
        Ukrainian = "uk", "Українська";
    }
}

/// A client code (A2): letters and digits, its length limited by kind. Unique
/// in the practice whatever its case; the database sees to that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    pub fn parse(text: &str, kind: Kind) -> Result<Code, Problem> {
        let text = text.trim();
        if text.is_empty() {
            Err(Problem::Required)
        } else if !text.chars().all(|c| c.is_ascii_alphanumeric()) {
            Err(Problem::CodeForm)
        } else if text.len() > kind.code_max() {
            Err(Problem::CodeLength { max: kind.code_max() })
        } else {
            Ok(Code(text.to_owned()))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

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

/// How a person is called: the preferred name instead of the first, if there is one.
pub fn display_name(first: &str, preferred: &str, last: &str) -> String {
    let first = if preferred.is_empty() { first } else { preferred };
    format!("{first} {last}").trim().to_owned()
}

/// The stem of a suggested code: the initials, from names in any script.
/// The database appends the first number that is free.
pub fn code_stem(first: &str, last: &str) -> String {
    let initial = |name: &str| name.chars().find(char::is_ascii_alphabetic).map(|c| c.to_ascii_uppercase());
    match (initial(first), initial(last)) {
        (Some(first), Some(last)) => format!("{first}{last}"),
        (Some(only), None) | (None, Some(only)) => only.to_string(),
        (None, None) => "C".to_owned(),
    }
}

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

/// What the client list is asked for; the address bar holds it all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientQuery {
    /// Part of a name, e-mail, code, client number or telephone number.
    pub q: String,
    /// A status word, or empty for all.
    pub status: String,
    /// From 1.
    pub page: Option<u32>,
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, 8).unwrap()
    }

    fn form() -> ClientForm {
        ClientForm {
            first_name: "Mia".into(),
            last_name: "Okafor".into(),
            zone: "America/Toronto".into(),
            ..Default::default()
        }
    }

    fn problem(form: &ClientForm, field: &str) -> Option<Problem> {
        match form.parse(today()) {
            Err(Refusal::Invalid(errors)) => errors.get(field).cloned(),
            Ok(_) => None,
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn contact_is_required_exactly_when_consented() {
        assert_eq!(problem(&form(), "email"), None);
        assert_eq!(problem(&ClientForm { email_consent: true, ..form() }, "email"), Some(Problem::EmailForConsent));
        assert_eq!(problem(&ClientForm { invite: true, ..form() }, "email"), Some(Problem::EmailForInvitation));
        assert_eq!(problem(&ClientForm { sms_consent: true, ..form() }, "mobile"), Some(Problem::MobileForSms));
        let full = ClientForm {
            email: "m@example.com".into(),
            email_consent: true,
            invite: true,
            mobile: "416 555 0123".into(),
            sms_consent: true,
            ..form()
        };
        assert!(full.parse(today()).is_ok());
    }

    #[test]
    fn every_problem_is_told_at_once() {
        let bad = ClientForm {
            first_name: String::new(),
            last_name: String::new(),
            email: "x".into(),
            mobile: "y".into(),
            birth_date: "2027-01-01".into(),
            code: "A-1".into(),
            ..form()
        };
        let Err(Refusal::Invalid(errors)) = bad.parse(today()) else { panic!() };
        for field in ["first_name", "email", "mobile", "birth_date", "code"] {
            assert!(errors.get(field).is_some(), "{field}");
        }
    }

    #[test]
    fn only_active_clients_act() {
        assert!(Status::Active.may_log_in() && Status::Active.may_be_booked() && Status::Active.may_pay());
        for status in [Status::Inactive, Status::Prospect] {
            assert!(!status.may_log_in() && !status.may_be_booked() && !status.may_pay());
        }
    }

    #[test]
    fn a_stem_comes_from_any_name() {
        assert_eq!(code_stem("Mia", "Okafor"), "MO");
        assert_eq!(code_stem("Élodie", ""), "L");
        assert_eq!(code_stem("王", "小明"), "C");
    }

    proptest! {
        #[test]
        fn a_code_is_letters_and_digits_within_its_kind(text in "\\PC{0,40}", kind in prop::sample::select(Kind::ALL)) {
            let fits = !text.trim().is_empty()
                && text.trim().chars().all(|c| c.is_ascii_alphanumeric())
                && text.trim().len() <= kind.code_max();
            prop_assert_eq!(Code::parse(&text, kind).is_ok(), fits);
        }

        #[test]
        fn valid_codes_are_taken(text in "[A-Za-z0-9]{1,6}") {
            for kind in Kind::ALL {
                prop_assert!(Code::parse(&text, *kind).is_ok());
            }
        }
    }
}
