//! The second factor, as it is typed.

use super::Role;
use crate::parse::{self, Fields};
use crate::{Problem, Refusal};
use serde::{Deserialize, Serialize};

/// A code of an authenticator app, or a recovery code.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CodeForm {
    pub code: String,
    /// Where to go afterwards: a path of this site.
    pub next: String,
}

impl CodeForm {
    /// What was typed, without the space around it.
    pub fn parse(&self) -> Result<String, Refusal> {
        parse::required(&self.code, 60).map_err(|problem| Refusal::field("code", problem))
    }
}

/// The longest name of a passkey.
pub const PASSKEY_NAME_MAX: usize = 60;

/// A passkey that the browser has just made, and what its owner calls it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PasskeyForm {
    pub name: String,
    /// Names the beginning that this finishes.
    pub ceremony: String,
    /// What the browser answered, as JSON.
    pub credential: String,
}

impl PasskeyForm {
    /// The name; a passkey that was made is not lost for want of one.
    pub fn parse(&self) -> Result<String, Refusal> {
        let name = parse::line(&self.name, PASSKEY_NAME_MAX).map_err(|problem| Refusal::field("name", problem))?;
        Ok(if name.is_empty() { "Passkey".to_owned() } else { name })
    }
}

/// A login with a passkey.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PasskeyLoginForm {
    pub ceremony: String,
    pub credential: String,
    /// Where to go afterwards: a path of this site.
    pub next: String,
}

/// Another name for a passkey.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PasskeyNameForm {
    pub name: String,
}

impl PasskeyNameForm {
    pub fn parse(&self) -> Result<String, Refusal> {
        parse::required(&self.name, PASSKEY_NAME_MAX).map_err(|problem| Refusal::field("name", problem))
    }
}

/// How the person who asks was identified, before someone else's factors are taken away.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RemoveFactorsForm {
    pub checked: String,
}

impl RemoveFactorsForm {
    pub fn parse(&self) -> Result<String, Refusal> {
        parse::required(&self.checked, 500).map_err(|problem| Refusal::field("checked", problem))
    }
}

/// The longest that a new account may go without a factor that it needs, in days.
pub const FACTOR_DAYS_MAX: i64 = 90;

/// Which roles need a second factor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FactorPolicyForm {
    pub roles: Vec<String>,
    pub days: String,
    pub version: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorPolicyDetails {
    pub roles: Vec<Role>,
    pub days: i16,
    pub version: Option<i32>,
}

impl FactorPolicyForm {
    pub fn parse(&self) -> Result<FactorPolicyDetails, Refusal> {
        let mut fields = Fields::default();
        if self.roles.iter().any(|role| role.parse::<Role>().is_err()) {
            fields.note("roles", Problem::Unknown);
        }
        // In one order, so that the same choice is the same list.
        let roles = Role::ALL.iter().copied().filter(|role| self.roles.iter().any(|word| word == role.as_str()));
        let details = FactorPolicyDetails {
            roles: roles.collect(),
            days: fields.take_or("days", parse::whole(&self.days, 0, FACTOR_DAYS_MAX), || 0) as i16,
            version: parse::version(&mut fields, &self.version),
        };
        fields.finish()?;
        Ok(details)
    }
}
