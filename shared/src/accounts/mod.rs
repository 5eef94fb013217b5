//! Logging in: roles, and the forms for log-in, claim and reset.

mod browser;
mod factors;
mod own;

pub use browser::browser;
pub use factors::*;
pub use own::*;

use crate::clients::{ClientForm, ContactForm, PhoneForm};
use crate::parse::{self, Fields};
use crate::vocabulary::vocabulary;
use crate::{Problem, Refusal};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use unicode_normalization::UnicodeNormalization;

vocabulary! {
    /// What a staff member may be; one person may be several.
    Role {
        Administrator = "administrator", "Administrator";
        FrontDesk = "front_desk", "Front desk";
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

impl Secret {
    /// A password as it is hashed. Keyboards write `é` in one piece or in two; in NFKC, as NIST SP 800-63B asks,
    /// it is the same password.
    pub fn normalized(&self) -> Secret {
        Secret(self.0.nfkc().collect())
    }
}

/// Shortest password, in characters once normalised (NIST SP 800-63B asks for 8 or more).
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
        let password = new_password(&self.password);
        if password.as_ref().is_ok_and(|password| *password != self.again.normalized()) {
            fields.note("again", Problem::PasswordsDiffer);
        }
        let password = fields.take("password", password);
        fields.finish()?;
        Ok(PasswordDetails { password, username })
    }
}

/// A new password, normalised and of a permitted length.
pub fn new_password(typed: &Secret) -> Result<Secret, Problem> {
    let password = typed.normalized();
    match password.0.chars().count() {
        length if length < PASSWORD_MIN => Err(Problem::TooShort { min: PASSWORD_MIN }),
        length if length > PASSWORD_MAX => Err(Problem::TooLong { max: PASSWORD_MAX }),
        _ => Ok(password),
    }
}

/// A username: an email address, or 3 to 60 letters, digits, `.`, `-`, `_`.
pub fn username(text: &str) -> Result<String, Problem> {
    let text = parse::required(&parse::visible(text), 254)?;
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

/// The username of an account whose link went to `address`: what was typed, or else the address. A username with an @
/// can be no other address: it would take the name of its owner, and whether it is free would tell who is known here.
pub fn own_username(typed: Option<String>, address: &str) -> Result<String, Problem> {
    match typed {
        None => Ok(address.to_owned()),
        Some(typed) if !typed.contains('@') => Ok(typed),
        Some(typed) if same_address(&typed, address) => Ok(address.to_owned()),
        Some(_) => Err(Problem::NotOwnAddress),
    }
}

/// Whether mail to the one reaches the other: letter case aside, they are the same.
pub fn same_address(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// A person who wants to become a client.
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
/// window asks of a client that they can say themselves. What
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

    #[test]
    fn a_password_is_counted_and_compared_once_normalised() {
        let form = |password: &str, again: &str| {
            let (password, again) = (Secret(password.into()), Secret(again.into()));
            PasswordForm { password, again, ..Default::default() }.parse()
        };
        // One field in NFC, the other in NFD.
        let details = form("Gr\u{fc}\u{df}e-f\u{fc}r-Zo\u{eb}-1", "Gru\u{308}\u{df}e-fu\u{308}r-Zoe\u{308}-1").unwrap();
        assert_eq!(details.password.0, "Gr\u{fc}\u{df}e-f\u{fc}r-Zo\u{eb}-1");
        let accents = "e\u{301}".repeat(PASSWORD_MAX);
        assert!(form(&accents, &accents).is_ok());
        let short = "e\u{301}".repeat(7);
        assert_eq!(form(&short, &short), Err(Refusal::field("password", Problem::TooShort { min: PASSWORD_MIN })));
    }

    #[test]
    fn a_username_with_an_at_sign_is_the_own_address() {
        let own = |typed: &str| own_username(username(typed).ok().filter(|text| !text.is_empty()), "ana@example.com");
        assert_eq!(own("ANA@Example.com\u{200B}").as_deref(), Ok("ana@example.com"));
        assert_eq!(own("").as_deref(), Ok("ana@example.com"));
        assert_eq!(own("ana.ng").as_deref(), Ok("ana.ng"));
        assert_eq!(own("victim@example.com"), Err(Problem::NotOwnAddress));
    }
}
