//! Logging in: roles, and the forms for log-in, claim and reset.

use crate::clients::{ClientForm, ContactForm, PhoneForm};
use crate::parse::{self, Fields};
use crate::vocabulary::vocabulary;
use crate::{Problem, Refusal};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

vocabulary! {
    /// What a staff member may be; one person may be several.
    Role {
        Administrator = "administrator", "Administrator";
        FrontDesk = "front_desk", "Front desk";
        Practitioner = "practitioner", "Practitioner";
    }
}

impl Role {
    /// The earlier name of [`Role::FrontDesk`].
    #[expect(non_upper_case_globals, reason = "it is written like a variant")]
    pub const Staff: Role = Role::FrontDesk;
}

/// Text that must not reach a log.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Shortest password, in characters (NIST SP 800-63B asks for 8 or more).
pub const PASSWORD_MIN: usize = 10;
/// Longest: beyond this hashing is only a burden.
pub const PASSWORD_MAX: usize = 200;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LoginForm {
    pub username: String,
    pub password: Secret,
    /// Where to go afterwards: a path of this site.
    pub next: String,
}

/// A new password, typed twice, with the link's secret.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PasswordForm {
    pub token: Secret,
    /// Not for a reset: the username wanted; the e-mail address when empty.
    pub username: String,
    pub password: Secret,
    pub again: Secret,
}

/// What a [`PasswordForm`] holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordDetails {
    pub password: Secret,
    /// If one was typed.
    pub username: Option<String>,
}

impl PasswordForm {
    pub fn parse(&self) -> Result<PasswordDetails, Refusal> {
        let mut fields = Fields::default();
        let username = fields.take("username", parse::optional(&self.username, username));
        let length = self.password.0.chars().count();
        if length < PASSWORD_MIN {
            fields.note("password", Problem::TooShort { min: PASSWORD_MIN });
        } else if length > PASSWORD_MAX {
            fields.note("password", Problem::TooLong { max: PASSWORD_MAX });
        } else if self.password != self.again {
            fields.note("again", Problem::PasswordsDiffer);
        }
        fields.finish()?;
        Ok(PasswordDetails { password: self.password.clone(), username })
    }
}

/// A username: an e-mail address, or 3 to 60 letters, digits, `.`, `-`, `_`.
pub fn username(text: &str) -> Result<String, Problem> {
    let text = parse::required(text, 254)?;
    if text.contains('@') {
        return parse::email(&text);
    }
    let length = text.chars().count();
    if length < 3 {
        Err(Problem::TooShort { min: 3 })
    } else if length > 60 {
        Err(Problem::TooLong { max: 60 })
    } else if text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')) {
        Ok(text)
    } else {
        Err(Problem::CodeForm)
    }
}

/// Somebody who wants to become a client (B8).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RegistrationForm {
    pub first_name: String,
    pub last_name: String,
    pub email: String,
    /// Where to go on afterwards: a path of this site.
    pub next: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationDetails {
    pub first_name: String,
    pub last_name: String,
    pub email: String,
}

impl RegistrationForm {
    pub fn parse(&self) -> Result<RegistrationDetails, Refusal> {
        let mut fields = Fields::default();
        let details = RegistrationDetails {
            first_name: fields.take("first_name", parse::required(&self.first_name, 80)),
            last_name: fields.take("last_name", parse::required(&self.last_name, 80)),
            email: fields.take("email", parse::required(&self.email, 254).and_then(|text| parse::email(&text))),
        };
        fields.finish()?;
        Ok(details)
    }
}

/// The page that a registration's link leads to: a password, and what the create
/// window asks of a client that they can say themselves (B1, B2, B4, B5). What
/// staff alone decide has no place in it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FinishForm {
    pub token: Secret,
    /// The e-mail address when empty.
    pub username: String,
    pub password: Secret,
    pub again: Secret,
    pub first_name: String,
    pub last_name: String,
    pub preferred_name: String,
    pub pronouns: String,
    pub salutation: String,
    pub gender: String,
    pub sex_at_birth: String,
    pub birth_date: String,
    pub language: String,
    pub zone: String,
    pub email_consent: bool,
    pub mobile: String,
    pub sms_consent: bool,
    pub mobile_is_primary: bool,
    pub voice_consent: bool,
    pub address: String,
    pub address_unit: String,
    pub phones: Vec<PhoneForm>,
    pub contacts: Vec<ContactForm>,
    /// Client information fields, by their ids.
    #[serde(deserialize_with = "crate::fields::by_id")]
    pub fields: BTreeMap<String, String>,
}

impl FinishForm {
    pub fn password(&self) -> PasswordForm {
        PasswordForm {
            token: self.token.clone(),
            username: self.username.clone(),
            password: self.password.clone(),
            again: self.again.clone(),
        }
    }

    /// The form of the client, who is reached at the address of the registration.
    pub fn client(self, email: String) -> ClientForm {
        ClientForm {
            first_name: self.first_name,
            last_name: self.last_name,
            preferred_name: self.preferred_name,
            pronouns: self.pronouns,
            salutation: self.salutation,
            gender: self.gender,
            sex_at_birth: self.sex_at_birth,
            birth_date: self.birth_date,
            language: self.language,
            zone: self.zone,
            email,
            email_consent: self.email_consent,
            mobile: self.mobile,
            sms_consent: self.sms_consent,
            mobile_is_primary: self.mobile_is_primary,
            voice_consent: self.voice_consent,
            address: self.address,
            address_unit: self.address_unit,
            phones: self.phones,
            contacts: self.contacts,
            fields: self.fields,
            ..ClientForm::default()
        }
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ResetForm {
    pub username: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_stay_out_of_debug() {
        let form = LoginForm { password: Secret("hunter2hunter2".into()), ..Default::default() };
        assert!(!format!("{form:?}").contains("hunter2"));
    }

    #[test]
    fn a_password_is_long_enough_and_typed_twice() {
        let form = |password: &str, again: &str| PasswordForm {
            password: Secret(password.into()),
            again: Secret(again.into()),
            ..Default::default()
        };
        assert!(form("correct horse", "correct horse").parse().is_ok());
        assert!(form("correct horse", "correct house").parse().is_err());
        assert!(form("short", "short").parse().is_err());
        let long = "x".repeat(PASSWORD_MAX + 1);
        assert!(form(&long, &long).parse().is_err());
    }
}
