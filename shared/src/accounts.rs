//! Logging in: roles, and the forms for log-in, claim and reset.

use crate::fields::{self, FieldDefinition, FieldValue};
use crate::parse::{self, Fields};
use crate::vocabulary::vocabulary;
use crate::{FieldId, Problem, Refusal};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

vocabulary! {
    /// What a staff member may be; one person may be several.
    Role {
        Administrator = "administrator", "Administrator";
        Staff = "staff", "Staff";
        Practitioner = "practitioner", "Practitioner";
    }
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
    /// Claim only: the username wanted; the e-mail address when empty.
    pub username: String,
    pub password: Secret,
    pub again: Secret,
    /// Registration only: whether they agree to be written to (B2).
    pub email_consent: bool,
    /// Registration only: client information fields, by their ids.
    #[serde(deserialize_with = "fields::by_id")]
    pub fields: BTreeMap<String, String>,
}

/// What a [`PasswordForm`] holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordDetails {
    pub password: Secret,
    /// If one was typed.
    pub username: Option<String>,
    pub fields: Vec<(FieldId, FieldValue)>,
}

impl PasswordForm {
    /// `asked`: the information fields that the page asks for.
    pub fn parse(&self, asked: &[FieldDefinition]) -> Result<PasswordDetails, Refusal> {
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
        let values = fields::parse_all(asked, &self.fields, &mut fields);
        fields.finish()?;
        Ok(PasswordDetails { password: self.password.clone(), username, fields: values })
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
        assert!(form("correct horse", "correct horse").parse(&[]).is_ok());
        assert!(form("correct horse", "correct house").parse(&[]).is_err());
        assert!(form("short", "short").parse(&[]).is_err());
        let long = "x".repeat(PASSWORD_MAX + 1);
        assert!(form(&long, &long).parse(&[]).is_err());
    }
}
