//! Clients: the words for them, the rules of codes and status, and the form
//! that creates and edits an individual.

pub mod columns;
mod details;
mod form;
pub mod own;
mod prospects;
mod query;
mod views;

pub use details::{CONTACTS_MAX, ClientDetails, Contact, PHONES_MAX, Phone};
pub use form::{ClientForm, ClientFormRules, ContactForm, PhoneForm};
pub use prospects::{EntryDetails, EntryForm, EntryKind, Prospect, ProspectDetails, ProspectForm, Stage};
pub use query::{ClientQuery, Cursor, Sort};
pub use views::{ClientPage, ClientProfile, ClientSummary, Likely, LikelyForm, LikelyRow, Page, PickerRow};

use crate::vocabulary::vocabulary;
use crate::{ClientNumber, Problem};
use serde::{Deserialize, Serialize};
use std::fmt;

vocabulary! {
    /// The four kinds of client.
    Kind {
        Individual = "individual", "Individual";
        Couple = "couple", "Couple";
        Family = "family", "Family";
        Group = "group", "Group";
    }
}

impl Kind {
    /// Its label, for many.
    pub const fn plural(self) -> &'static str {
        match self {
            Kind::Individual => "Individuals",
            Kind::Couple => "Couples",
            Kind::Family => "Families",
            Kind::Group => "Groups",
        }
    }

    /// Longest code of this kind, in characters.
    pub const fn code_max(self) -> usize {
        match self {
            Kind::Group => 30,
            _ => 6,
        }
    }
}

vocabulary! {
    /// Where a client stands with the practice.
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

/// Who is to become what, as the one value that a button sends: `412:inactive`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StatusChange {
    pub number: ClientNumber,
    pub status: Status,
}

impl fmt::Display for StatusChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.number, self.status.as_str())
    }
}

impl From<StatusChange> for String {
    fn from(change: StatusChange) -> String {
        change.to_string()
    }
}

impl TryFrom<String> for StatusChange {
    type Error = &'static str;

    fn try_from(text: String) -> Result<StatusChange, Self::Error> {
        let read = text.split_once(':').and_then(|(number, status)| {
            Some(StatusChange { number: number.parse().ok()?, status: status.parse().ok()? })
        });
        read.ok_or("expected a client’s number and a status, like 412:inactive")
    }
}

vocabulary! {
    /// What a staff member may colour a client with in their own calendar.
    Colour {
        Red = "red", "Red";
        Orange = "orange", "Orange";
        Yellow = "yellow", "Yellow";
        Green = "green", "Green";
        Teal = "teal", "Teal";
        Blue = "blue", "Blue";
        Purple = "purple", "Purple";
        Pink = "pink", "Pink";
    }
}

/// A client code: letters and digits, its length limited by kind. Unique
/// in the practice whatever its case; the database sees to that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    pub fn parse(text: &str, kind: Kind) -> Result<Code, Problem> {
        let text = crate::parse::visible(text);
        if text.is_empty() {
            Err(Problem::Required)
        } else if !text.chars().all(|c| c.is_ascii_alphanumeric()) {
            Err(Problem::CodeForm)
        } else if text.len() > kind.code_max() {
            Err(Problem::CodeLength { max: kind.code_max() })
        } else {
            Ok(Code(text))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Refusal;
    use proptest::prelude::*;

    fn rules() -> ClientFormRules {
        ClientFormRules { today: "2026-03-08".parse().unwrap(), language: "en".into(), ..Default::default() }
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
        match form.parse(&rules()) {
            Err(Refusal::Invalid(errors)) => errors.get(field).cloned(),
            Ok(_) => None,
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn contact_is_required_exactly_when_consented() {
        assert_eq!(problem(&form(), "email"), None);
        assert_eq!(problem(&ClientForm { email_consent: true, ..form() }, "email"), Some(Problem::EmailForConsent));
        assert_eq!(problem(&ClientForm { invite: true, ..form() }, "email"), Some(Problem::EmailForLink));
        assert_eq!(problem(&ClientForm { sms_consent: true, ..form() }, "mobile"), Some(Problem::MobileForSms));
        let full = ClientForm {
            email: "m@example.com".into(),
            email_consent: true,
            invite: true,
            mobile: "416 555 0123".into(),
            sms_consent: true,
            ..form()
        };
        assert!(full.parse(&rules()).is_ok());
    }

    #[test]
    fn every_problem_is_reported_together() {
        let bad = ClientForm {
            first_name: String::new(),
            last_name: String::new(),
            email: "x".into(),
            mobile: "y".into(),
            birth_date: "2027-01-01".into(),
            code: "A-1".into(),
            ..form()
        };
        let Err(Refusal::Invalid(errors)) = bad.parse(&rules()) else { panic!() };
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
