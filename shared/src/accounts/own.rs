//! One's own account, as staff change it themselves.

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
    pub version: i32,
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
