//! Deleting a client: what stands in the way, and what of it can be cleared (A8).

use crate::parse::Fields;
use crate::vocabulary::vocabulary;
use crate::{Problem, Refusal};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// What refers to a client and keeps the record from being deleted.
    Hindrance {
        Upcoming = "upcoming", "upcoming appointments";
        Past = "past", "past appointments";
        /// Cancelled before they took place.
        Cancelled = "cancelled", "cancelled appointments";
        /// Those of others, by way of a link.
        Managed = "managed", "appointments booked for others";
        Activities = "activities", "activities";
        Links = "links", "linked people";
        /// As a member of couples, families and groups.
        Memberships = "memberships", "memberships";
        /// As the couple, family or group.
        Members = "members", "members, earlier ones among them";
        Login = "login", "portal account";
        Mail = "mail", "emails to or about them";
        Merges = "merges", "merges that can still be undone";
    }
}

impl Hindrance {
    /// What clearing it is called; `None` for what the practice must keep.
    pub const fn clearing(self) -> Option<&'static str> {
        match self {
            Hindrance::Upcoming => Some("Cancel them"),
            Hindrance::Cancelled => Some("Remove their records"),
            Hindrance::Links => Some("Remove the links"),
            Hindrance::Memberships => Some("Remove from all"),
            Hindrance::Members => Some("Remove all members"),
            Hindrance::Login => Some("Remove portal account"),
            Hindrance::Mail => Some("Remove the emails"),
            Hindrance::Merges => Some("Make them final"),
            Hindrance::Past | Hindrance::Managed | Hindrance::Activities => None,
        }
    }

    /// Whether clearing destroys a record of what was: to be done only where
    /// it leads to a deletion.
    pub const fn destroys(self) -> bool {
        matches!(self, Hindrance::Cancelled | Hindrance::Memberships | Hindrance::Members | Hindrance::Mail)
    }

    /// What clearing does.
    pub const fn consequence(self) -> &'static str {
        match self {
            Hindrance::Upcoming => "We’ll email the people affected.",
            Hindrance::Past => "Past appointments are always kept.",
            Hindrance::Cancelled => "Can be removed once the cancellation email is sent.",
            Hindrance::Managed => "This is part of someone else’s history.",
            Hindrance::Activities => "What was done counts in reports.",
            Hindrance::Links => "Neither can act for the other any more; upcoming appointments stay.",
            Hindrance::Memberships => "Removes all their memberships, including from history.",
            Hindrance::Members => "Removes all its members, including from history.",
            Hindrance::Login => "Open sessions end right away.",
            Hindrance::Mail => "Removes sent emails. Queued emails stay.",
            Hindrance::Merges => "Afterwards it can no longer be undone.",
        }
    }
}

/// So many rows of one kind refer to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocker {
    pub what: Hindrance,
    pub count: i64,
}

impl Blocker {
    /// As [`Hindrance::clearing`], of one or of many.
    pub const fn clearing(self) -> Option<&'static str> {
        match (self.count, self.what) {
            (1, Hindrance::Upcoming) => Some("Cancel it"),
            (1, Hindrance::Cancelled) => Some("Remove its record"),
            (1, Hindrance::Links) => Some("Remove the link"),
            (1, Hindrance::Members) => Some("Remove the member"),
            (1, Hindrance::Mail) => Some("Remove the email"),
            (1, Hindrance::Merges) => Some("Make it final"),
            (_, what) => what.clearing(),
        }
    }
}

/// As `2 past appointments`.
impl std::fmt::Display for Blocker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let what = match (self.count, self.what) {
            (1, Hindrance::Upcoming) => "upcoming appointment",
            (1, Hindrance::Past) => "past appointment",
            (1, Hindrance::Cancelled) => "cancelled appointment",
            (1, Hindrance::Managed) => "appointment booked for someone else",
            (1, Hindrance::Activities) => "activity",
            (1, Hindrance::Links) => "linked person",
            (1, Hindrance::Memberships) => "membership",
            (1, Hindrance::Members) => "member",
            (1, Hindrance::Mail) => "email to or about them",
            (1, Hindrance::Merges) => "merge that can still be undone",
            (_, what) => what.label(),
        };
        write!(f, "{} {what}", self.count)
    }
}

/// Whether all that stands in the way can be cleared.
pub fn clearable(blockers: &[Blocker]) -> bool {
    blockers.iter().all(|blocker| blocker.what.clearing().is_some())
}

/// The confirmation of an erasure: the client's code, typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EraseForm {
    pub code: String,
}

impl EraseForm {
    /// Whether the code is that of the client, whatever its case.
    pub fn check(&self, code: &str) -> Result<(), Refusal> {
        let mut fields = Fields::default();
        match self.code.trim() {
            "" => fields.note("code", Problem::Required),
            typed if !typed.eq_ignore_ascii_case(code) => fields.note("code", Problem::OtherCode),
            _ => {}
        }
        fields.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_history_cannot_be_cleared() {
        let of = |what| Blocker { what, count: 1 };
        assert!(clearable(&[]));
        assert!(clearable(&[of(Hindrance::Upcoming), of(Hindrance::Mail)]));
        assert!(!clearable(&[of(Hindrance::Upcoming), of(Hindrance::Past)]));
        for what in Hindrance::ALL {
            assert!(what.clearing().is_some() || !what.destroys());
        }
    }

    #[test]
    fn an_erasure_is_confirmed_by_the_code() {
        let typed = |code: &str| EraseForm { code: code.into() };
        assert!(typed(" mo1 ").check("MO1").is_ok());
        assert_eq!(typed("MO2").check("MO1"), Err(Refusal::field("code", Problem::OtherCode)));
        assert_eq!(typed("").check("MO1"), Err(Refusal::field("code", Problem::Required)));
    }
}
