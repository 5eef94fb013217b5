//! Invitations to be linked.

use super::Grants;
use crate::Refusal;
use crate::parse::{self, Fields};
use serde::{Deserialize, Serialize};

/// How long an invitation may be answered, in days.
pub const INVITATION_DAYS: i32 = 7;

/// A client asks to be linked, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InvitationForm {
    pub email: String,
    /// What the one who accepts may do for the one who asks.
    pub may: Grants,
}

impl InvitationForm {
    pub fn parse(&self) -> Result<String, Refusal> {
        let mut fields = Fields::default();
        let email = match self.email.trim() {
            "" => Err(crate::Problem::Required),
            text => parse::email(text),
        };
        let email = fields.take("email", email);
        fields.finish()?;
        Ok(email)
    }
}
