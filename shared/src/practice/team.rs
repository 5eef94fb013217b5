//! The team: who works here, what they may do, and whether they can log in.

use crate::accounts::Role;
use crate::parse::{self, Fields};
use crate::{Problem, Refusal, ServiceId, StaffId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Whether a staff member can log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberState {
    Active,
    /// An invitation is out; until when it works, in words.
    Invited {
        until: String,
    },
    /// No account, and no invitation that still works.
    NotInvited,
    Deactivated,
}

/// A staff member as Settings → Team shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamMember {
    pub id: StaffId,
    pub first_name: String,
    pub last_name: String,
    pub email: String,
    pub roles: Vec<Role>,
    /// A practitioner books only with this.
    pub may_book: bool,
    pub state: MemberState,
    /// What they offer.
    pub services: Vec<ServiceId>,
    /// Appointments with them from now on.
    pub upcoming: i64,
    pub version: i32,
}

impl TeamMember {
    pub fn name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name).trim().to_owned()
    }

    /// The form filled with what is stored.
    pub fn form(&self) -> MemberForm {
        MemberForm {
            first_name: self.first_name.clone(),
            last_name: self.last_name.clone(),
            email: self.email.clone(),
            roles: self.roles.iter().map(|role| role.as_str().to_owned()).collect(),
            may_book: self.may_book,
            services: self.services.iter().map(ToString::to_string).collect(),
            version: self.version.to_string(),
            ..MemberForm::default()
        }
    }
}

/// What a role may do, in a few words.
pub fn role_note(role: Role) -> &'static str {
    match role {
        Role::Administrator => "Everything, including settings and the team.",
        Role::FrontDesk => "All clients, the calendar and private notes.",
        Role::Practitioner => "Their own clients and calendar.",
    }
}

/// A staff member, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MemberForm {
    pub first_name: String,
    pub last_name: String,
    pub email: String,
    /// Words of [`Role`].
    pub roles: Vec<String>,
    pub may_book: bool,
    pub services: Vec<String>,
    /// Of a new one: mail them an invitation.
    pub invite: bool,
    pub version: String,
    /// Made when the form was shown: a double submit carries the same.
    pub request_key: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MemberDetails {
    pub first_name: String,
    pub last_name: String,
    pub email: String,
    /// In the order of [`Role::ALL`], each once; never none.
    pub roles: Vec<Role>,
    pub may_book: bool,
    pub services: Vec<ServiceId>,
    pub invite: bool,
    pub version: Option<i32>,
    pub request_key: Option<Uuid>,
}

impl MemberForm {
    pub fn parse(&self) -> Result<MemberDetails, Refusal> {
        let mut fields = Fields::default();
        let details = MemberDetails {
            first_name: fields.take("first_name", parse::required(&self.first_name, 80)),
            last_name: fields.take("last_name", parse::required(&self.last_name, 80)),
            email: fields.take("email", parse::email(&self.email)),
            roles: fields.take("roles", roles(&self.roles)),
            may_book: self.may_book,
            services: fields.take("services", self.services.iter().map(|text| parse::id(text)).collect()),
            invite: self.invite,
            version: parse::version(&mut fields, &self.version),
            request_key: fields.take("request_key", parse::optional(&self.request_key, parse::id)),
        };
        fields.finish()?;
        Ok(details)
    }
}

fn roles(words: &[String]) -> Result<Vec<Role>, Problem> {
    let mut roles: Vec<Role> = words.iter().map(|word| word.parse()).collect::<Result<_, _>>()?;
    roles.sort_unstable();
    roles.dedup();
    if roles.is_empty() { Err(Problem::Required) } else { Ok(roles) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_team_member_has_a_role_a_name_and_an_address() {
        let ana = MemberForm {
            first_name: "Ana".into(),
            last_name: "Silva".into(),
            email: "ana@elm.test".into(),
            roles: vec!["practitioner".into(), "administrator".into(), "practitioner".into()],
            ..MemberForm::default()
        };
        assert_eq!(ana.parse().unwrap().roles, [Role::Administrator, Role::Practitioner]);
        for wrong in [
            MemberForm { roles: Vec::new(), ..ana.clone() },
            MemberForm { roles: vec!["emperor".into()], ..ana.clone() },
            MemberForm { email: "ana".into(), ..ana.clone() },
            MemberForm { first_name: " ".into(), ..ana },
        ] {
            assert!(wrong.parse().is_err(), "{wrong:?}");
        }
    }
}
