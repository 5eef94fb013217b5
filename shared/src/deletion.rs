//! Deleting a client: what stands in the way, and what of it can be cleared.

use crate::parse::Fields;
use crate::vocabulary::vocabulary;
use crate::{Problem, Refusal};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// What refers to a client and keeps the record from being deleted.
    Blocker {
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
        /// Filled in by them or about them; documents about them.
        Forms = "forms", "forms and documents";
    }
}

impl Blocker {
    /// What clearing it is called; `None` for what the practice must keep.
    pub const fn clearing(self) -> Option<&'static str> {
        match self {
            Blocker::Upcoming => Some("Cancel them"),
            Blocker::Cancelled => Some("Remove their records"),
            Blocker::Links => Some("Remove the relationships"),
            Blocker::Memberships => Some("Remove from all"),
            Blocker::Members => Some("Remove all members"),
            Blocker::Login => Some("Remove portal account"),
            Blocker::Mail => Some("Remove the emails"),
            Blocker::Merges => Some("Make them final"),
            Blocker::Past | Blocker::Managed | Blocker::Activities | Blocker::Forms => None,
        }
    }

    /// Whether clearing destroys a record of what was: to be done only where
    /// it leads to a deletion.
    pub const fn destroys(self) -> bool {
        matches!(self, Blocker::Cancelled | Blocker::Memberships | Blocker::Members | Blocker::Mail)
    }

    /// What clearing does.
    pub const fn consequence(self) -> &'static str {
        match self {
            Blocker::Upcoming => "We’ll email the people affected.",
            Blocker::Past => "Past appointments are always kept.",
            Blocker::Cancelled => "Can be removed once the cancellation email is sent.",
            Blocker::Managed => "This is part of someone else’s history.",
            Blocker::Activities => "What was done counts in reports.",
            Blocker::Links => "Neither can act for the other any more; upcoming appointments stay.",
            Blocker::Memberships => "Removes all their memberships, including from history.",
            Blocker::Members => "Removes all its members, including from history.",
            Blocker::Login => "Open sessions end right away.",
            Blocker::Mail => "Removes sent emails. Queued emails stay.",
            Blocker::Merges => "Afterwards it can no longer be undone.",
            Blocker::Forms => "Answers, signatures and documents are always kept.",
        }
    }
}

/// How many rows of one kind refer to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockerCount {
    pub what: Blocker,
    pub count: i64,
}

impl BlockerCount {
    /// As [`Blocker::clearing`], of one or of many.
    pub const fn clearing(self) -> Option<&'static str> {
        match (self.count, self.what) {
            (1, Blocker::Upcoming) => Some("Cancel it"),
            (1, Blocker::Cancelled) => Some("Remove its record"),
            (1, Blocker::Links) => Some("Remove the relationship"),
            (1, Blocker::Members) => Some("Remove the member"),
            (1, Blocker::Mail) => Some("Remove the email"),
            (1, Blocker::Merges) => Some("Make it final"),
            (_, what) => what.clearing(),
        }
    }
}

/// As `2 past appointments`.
impl std::fmt::Display for BlockerCount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let what = match (self.count, self.what) {
            (1, Blocker::Upcoming) => "upcoming appointment",
            (1, Blocker::Past) => "past appointment",
            (1, Blocker::Cancelled) => "cancelled appointment",
            (1, Blocker::Managed) => "appointment booked for someone else",
            (1, Blocker::Activities) => "activity",
            (1, Blocker::Links) => "linked person",
            (1, Blocker::Memberships) => "membership",
            (1, Blocker::Members) => "member",
            (1, Blocker::Mail) => "email to or about them",
            (1, Blocker::Merges) => "merge that can still be undone",
            (1, Blocker::Forms) => "form or document",
            (_, what) => what.label(),
        };
        write!(f, "{} {what}", self.count)
    }
}

/// Whether all that stands in the way can be cleared.
pub fn clearable(blockers: &[BlockerCount]) -> bool {
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
        let of = |what| BlockerCount { what, count: 1 };
        assert!(clearable(&[]));
        assert!(clearable(&[of(Blocker::Upcoming), of(Blocker::Mail)]));
        assert!(!clearable(&[of(Blocker::Upcoming), of(Blocker::Past)]));
        for what in Blocker::ALL {
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
