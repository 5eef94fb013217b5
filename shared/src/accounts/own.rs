//! One's own account, as its owner changes it.

use super::{PasswordForm, Secret};
use crate::parse::{self, Fields};
use crate::vocabulary::vocabulary;
use crate::{Problem, Refusal};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// The colours of the site.
    Theme {
        System = "system", "Same as this device";
        Light = "light", "Light";
        Dark = "dark", "Dark";
    }
}

/// A staff member's own account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnAccount {
    pub first_name: String,
    pub last_name: String,
    pub email: String,
    /// A word of [`Theme`].
    pub theme: String,
    /// Shortcuts of a single key work.
    pub single_keys: bool,
    pub mail: MailChoices,
    pub version: i32,
}

/// What a staff member is mailed of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MailChoices {
    /// Booked online: as its practitioner, or at the front desk.
    pub booked: bool,
    pub moved: bool,
    pub cancelled: bool,
    /// In the evening, of the next day.
    pub day: bool,
}

/// Name and address, as typed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OwnDetailsForm {
    pub first_name: String,
    pub last_name: String,
    pub email: String,
    /// The current password: asked for a new address.
    pub current: Secret,
    pub version: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnDetails {
    pub first_name: String,
    pub last_name: String,
    pub email: String,
    pub current: Secret,
    pub version: Option<i32>,
}

impl OwnDetailsForm {
    pub fn parse(&self) -> Result<OwnDetails, Refusal> {
        let mut fields = Fields::default();
        let details = OwnDetails {
            first_name: fields.take("first_name", parse::line(&self.first_name, 80)),
            last_name: fields.take("last_name", parse::required(&self.last_name, 80)),
            email: fields.take("email", parse::email(&self.email)),
            current: self.current.clone(),
            version: parse::version(&mut fields, &self.version),
        };
        fields.finish()?;
        Ok(details)
    }
}

/// A new password and the current one.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OwnPasswordForm {
    pub current: Secret,
    pub password: Secret,
    pub again: Secret,
}

impl OwnPasswordForm {
    /// The new password.
    pub fn parse(&self) -> Result<Secret, Refusal> {
        if self.current.0.is_empty() {
            return Err(Refusal::field("current", Problem::Required));
        }
        let form =
            PasswordForm { password: self.password.clone(), again: self.again.clone(), ..PasswordForm::default() };
        Ok(form.parse()?.password)
    }
}

/// A client's new email address, and their current password.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OwnAddressForm {
    pub email: String,
    pub current: Secret,
}

impl OwnAddressForm {
    /// The new address.
    pub fn parse(&self) -> Result<String, Refusal> {
        let mut fields = Fields::default();
        let email = fields.take("email", parse::required(&self.email, 254).and_then(|text| parse::email(&text)));
        if self.current.0.is_empty() {
            fields.note("current", Problem::Required);
        }
        fields.finish()?;
        Ok(email)
    }
}

/// The page of the link that went to a new address.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ConfirmAddressForm {
    pub token: Secret,
    /// When empty the username stays, or is the new address if it was one.
    pub username: String,
    /// The account's password: a mistyped address may be a stranger's.
    pub current: Secret,
}

impl ConfirmAddressForm {
    /// The username, if one was typed.
    pub fn parse(&self) -> Result<Option<String>, Refusal> {
        let mut fields = Fields::default();
        let username = fields.take("username", parse::optional(&self.username, super::username));
        if self.current.0.is_empty() {
            fields.note("current", Problem::Required);
        }
        fields.finish()?;
        Ok(username)
    }
}

/// What people choose for themselves, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PreferencesForm {
    pub theme: String,
    pub single_keys: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preferences {
    pub theme: Theme,
    pub single_keys: bool,
}

impl PreferencesForm {
    pub fn parse(&self) -> Result<Preferences, Refusal> {
        let theme = self.theme.parse().map_err(|problem| Refusal::field("theme", problem))?;
        Ok(Preferences { theme, single_keys: self.single_keys })
    }
}
