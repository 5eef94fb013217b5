//! Linked clients: labels, the four grants, and who may do what for which client.
//!
//! "B may act for A" is A's grant to B. Grants are not transitive, and a label
//! carries no power.

mod household;
mod invitation;
mod removal;

pub use household::{Household, LINKED_MAX, households};
pub use invitation::{INVITATION_DAYS, InvitationForm};
pub use removal::{Choice, Decisions, MatterKind, OpenMatter, RemovalForm, Via};

use crate::clients::Status;
use crate::parse::{self, Fields};
use crate::vocabulary::vocabulary;
use crate::{ClientId, ClientNumber, LinkId, Problem, Refusal};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// What one linked client is to the other.
    Label {
        Parent = "parent", "Parent";
        Child = "child", "Child";
        Partner = "partner", "Partner";
        Guardian = "guardian", "Guardian";
        Sibling = "sibling", "Sibling";
        Grandparent = "grandparent", "Grandparent";
        Other = "other", "Other";
    }
}

impl Label {
    /// What the other side is likely to be: a suggestion, never derived, for
    /// the labels are not closed under inversion.
    pub const fn suggested_reverse(self) -> Label {
        match self {
            Label::Parent | Label::Guardian => Label::Child,
            Label::Child => Label::Parent,
            Label::Partner => Label::Partner,
            Label::Sibling => Label::Sibling,
            Label::Grandparent | Label::Other => Label::Other,
        }
    }
}

vocabulary! {
    /// The four permissions.
    Permission {
        Book = "book", "book and manage appointments";
        Forms = "forms", "complete intake forms";
        Copies = "copies", "receive copies of appointment emails";
        Packages = "packages", "use sessions from packages";
    }
}

impl Permission {
    /// Whether something of the product asks for it today. The others are stored for later.
    pub const fn is_in_use(self) -> bool {
        matches!(self, Permission::Book | Permission::Forms | Permission::Copies)
    }
}

/// What one side may do for the other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Grants {
    pub book: bool,
    pub forms: bool,
    pub copies: bool,
    pub packages: bool,
}

impl Grants {
    pub const fn has(self, permission: Permission) -> bool {
        match permission {
            Permission::Book => self.book,
            Permission::Forms => self.forms,
            Permission::Copies => self.copies,
            Permission::Packages => self.packages,
        }
    }

    pub fn any(self) -> bool {
        Permission::ALL.iter().any(|permission| self.has(*permission))
    }
}

/// What of a client decides whether a grant to them can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    pub status: Status,
    pub has_login: bool,
    /// An address, and consent to mail.
    pub gets_mail: bool,
}

/// Which permissions would rest, and why, in words that follow the holder's name.
pub fn resting(holder: Standing) -> Vec<(&'static [Permission], &'static str)> {
    use Permission::*;
    let mut rests: Vec<(&[Permission], _)> = Vec::new();
    if holder.status != Status::Active {
        rests.push((Permission::ALL, "is inactive. Permissions are paused until they’re active again."));
    }
    if !holder.has_login {
        rests.push((&[Book], "has no portal account yet, so they can’t book."));
    }
    if !holder.gets_mail {
        rests.push((&[Copies], "has no email with consent, so copies can’t be sent."));
    }
    rests
}

/// Why something of what is granted will rest, in words that follow the holder's name.
pub fn unusable(holder: Standing, grants: Grants) -> Vec<&'static str> {
    let granted = |rest: &[Permission]| rest.iter().any(|permission| grants.has(*permission));
    resting(holder).into_iter().filter(|(rest, _)| granted(rest)).map(|(_, words)| words).collect()
}

/// The relationship editor, as typed. `own` is the client whose profile it is
/// on, `other` the one linked to them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LinkForm {
    /// What the other is to this client.
    pub other_label: String,
    /// What this client is to the other.
    pub own_label: String,
    /// What the other may do for this client.
    pub other_may: Grants,
    /// What this client may do for the other.
    pub own_may: Grants,
    /// The version that was edited; empty when creating.
    pub version: String,
}

/// What a client lets someone linked to them do for them, as posted in the portal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GrantsForm {
    pub may: Grants,
    /// The version of the link that was shown.
    pub version: String,
}

impl GrantsForm {
    pub fn parse(&self) -> Result<i32, Refusal> {
        let mut fields = Fields::default();
        let version = fields.take("version", parse::whole(&self.version, 1, i32::MAX.into()));
        fields.finish()?;
        Ok(version as i32)
    }
}

/// The youngest and the oldest age of majority that a practice may have.
pub const MAJORITY: std::ops::RangeInclusive<i64> = 14..=25;

/// What the practice decides about linked clients, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LinkSettingsForm {
    pub age_of_majority: String,
    pub version: String,
}

impl LinkSettingsForm {
    pub fn parse(&self) -> Result<(i16, Option<i32>), Refusal> {
        let mut fields = Fields::default();
        let age = match self.age_of_majority.trim() {
            "" => Err(Problem::Required),
            text => parse::whole(text, *MAJORITY.start(), *MAJORITY.end()),
        };
        let age = fields.take("age_of_majority", age) as i16;
        let version =
            fields.take("version", parse::optional(&self.version, |text| parse::whole(text, 1, i32::MAX.into())));
        fields.finish()?;
        Ok((age, version.map(|version| version as i32)))
    }
}

/// A link as seen from one of its two clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkDetails {
    pub other_label: Label,
    pub own_label: Label,
    pub other_may: Grants,
    pub own_may: Grants,
    pub version: Option<i32>,
}

impl LinkForm {
    pub fn parse(&self) -> Result<LinkDetails, Refusal> {
        let mut fields = Fields::default();
        let details = LinkDetails {
            other_label: fields.take_or("other_label", parse::id(&self.other_label), || Label::Other),
            own_label: fields.take_or("own_label", parse::id(&self.own_label), || Label::Other),
            other_may: self.other_may,
            own_may: self.own_may,
            version: fields
                .take("version", parse::optional(&self.version, |text| parse::whole(text, 1, i32::MAX.into())))
                .map(|version| version as i32),
        };
        fields.finish()?;
        Ok(details)
    }
}

/// A linked client, as it stands on a profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkView {
    pub id: LinkId,
    pub other: ClientId,
    pub other_number: ClientNumber,
    pub own_name: String,
    pub other_name: String,
    pub other_standing: Standing,
    pub own_standing: Standing,
    pub other_label: Label,
    pub own_label: Label,
    pub other_may: Grants,
    pub own_may: Grants,
    pub version: i32,
}

impl LinkView {
    pub fn form(&self) -> LinkForm {
        LinkForm {
            other_label: self.other_label.as_str().to_owned(),
            own_label: self.own_label.as_str().to_owned(),
            other_may: self.other_may,
            own_may: self.own_may,
            version: self.version.to_string(),
        }
    }
}

/// Someone an appointment may be booked for, in the portal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookingSubject {
    pub id: ClientId,
    pub name: String,
    /// As [`Self::name`] where they have no first name.
    pub first_name: String,
    /// The log-in's own client.
    pub is_self: bool,
}

vocabulary! {
    /// What became of a link.
    EventKind {
        Created = "created", "Added";
        Changed = "changed", "Changed";
        Removed = "removed", "Removed";
        /// The removal was undone.
        Restored = "restored", "Restored";
        /// Someone came of age: what others might do for them ended.
        Suspended = "suspended", "Suspended";
        /// The date of birth was corrected: what had ended so is given back.
        Resumed = "resumed", "Resumed";
    }
}

/// One entry of a link's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkEvent {
    pub at: DateTime<Utc>,
    pub kind: EventKind,
    pub other_name: String,
    /// Who did it; empty when no person did.
    pub actor_name: String,
    /// What it changed, as [`changes`] says it.
    pub changes: Vec<String>,
}

/// What `holder` is to `subject`, as people say it.
pub fn relation(holder: &str, label: Label, subject: &str) -> String {
    match label {
        Label::Other => format!("{holder} is otherwise related to {subject}"),
        label => format!("{holder} is {subject}’s {}", label.as_str()),
    }
}

/// What a change of a link means, a sentence each; `before` is `None` for a
/// new link.
pub fn changes(before: Option<&LinkDetails>, after: &LinkDetails, own: &str, other: &str) -> Vec<String> {
    let relations = [
        (before.map(|link| link.other_label), after.other_label, other, own),
        (before.map(|link| link.own_label), after.own_label, own, other),
    ];
    let mut words = Vec::new();
    for ((label_before, label, holder, subject), permissions) in
        relations.into_iter().zip(sides(before, Some(after), own, other))
    {
        if label_before != Some(label) {
            words.push(format!("{}.", relation(holder, label, subject)));
        }
        words.extend(permissions);
    }
    words
}

/// As [`changes`], of the permissions alone: labels are the practice's own. `None` is no link.
pub fn permission_changes(
    before: Option<&LinkDetails>,
    after: Option<&LinkDetails>,
    own: &str,
    other: &str,
) -> Vec<String> {
    sides(before, after, own, other).concat()
}

/// What the other may do for this one, and then the reverse.
fn sides(before: Option<&LinkDetails>, after: Option<&LinkDetails>, own: &str, other: &str) -> [Vec<String>; 2] {
    let grants =
        |of: fn(&LinkDetails) -> Grants| (before.map(of).unwrap_or_default(), after.map(of).unwrap_or_default());
    [permissions(grants(|link| link.other_may), other, own), permissions(grants(|link| link.own_may), own, other)]
}

fn permissions((before, after): (Grants, Grants), holder: &str, subject: &str) -> Vec<String> {
    let sentence = |permission: &Permission| match (before.has(*permission), after.has(*permission)) {
        (false, true) => Some(format!("{holder} may {} for {subject}.", permission.label())),
        (true, false) => Some(format!("{holder} may no longer {} for {subject}.", permission.label())),
        _ => None,
    };
    Permission::ALL.iter().filter_map(sentence).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_label_suggests_a_reverse_and_a_grandparent_is_no_parent() {
        for label in Label::ALL {
            let _ = label.suggested_reverse();
        }
        assert_eq!(Label::Grandparent.suggested_reverse(), Label::Other);
        assert_eq!(Label::Parent.suggested_reverse(), Label::Child);
    }

    #[test]
    fn a_grant_that_cannot_be_used_says_why() {
        let ready = Standing { status: Status::Active, has_login: true, gets_mail: true };
        let all = Grants { book: true, forms: true, copies: true, packages: true };
        assert!(unusable(ready, all).is_empty());
        assert_eq!(unusable(Standing { status: Status::Inactive, ..ready }, all).len(), 1);
        assert_eq!(unusable(Standing { has_login: false, gets_mail: false, ..ready }, all).len(), 2);
        assert!(
            unusable(Standing { has_login: false, ..ready }, Grants { copies: true, ..Grants::default() }).is_empty()
        );
        assert!(
            unusable(Standing { status: Status::Inactive, has_login: false, gets_mail: false }, Grants::default())
                .is_empty()
        );
    }

    #[test]
    fn a_change_lists_the_permissions_of_each_side() {
        let nothing = Grants::default();
        let link = |other_may| LinkDetails {
            other_label: Label::Parent,
            own_label: Label::Child,
            other_may,
            own_may: nothing,
            version: None,
        };
        let book = link(Grants { book: true, ..nothing });
        let copies = link(Grants { copies: true, ..nothing });
        assert_eq!(
            changes(None, &book, "Mia", "Ana"),
            ["Ana is Mia’s parent.", "Ana may book and manage appointments for Mia.", "Mia is Ana’s child."]
        );
        assert_eq!(
            changes(Some(&book), &copies, "Mia", "Ana"),
            [
                "Ana may no longer book and manage appointments for Mia.",
                "Ana may receive copies of appointment emails for Mia."
            ]
        );
        assert!(changes(Some(&book), &book, "Mia", "Ana").is_empty());
        assert_eq!(
            permission_changes(None, Some(&book), "Mia", "Ana"),
            ["Ana may book and manage appointments for Mia."],
            "a label is not told"
        );
        assert_eq!(
            permission_changes(Some(&book), None, "Mia", "Ana"),
            ["Ana may no longer book and manage appointments for Mia."]
        );
        assert_eq!(relation("Mia", Label::Other, "Ruth"), "Mia is otherwise related to Ruth");
    }

    #[test]
    fn a_forged_label_is_refused() {
        let form = LinkForm { other_label: "boss".into(), own_label: String::new(), ..LinkForm::default() };
        let Err(Refusal::Invalid(errors)) = form.parse() else { panic!() };
        assert!(errors.get("other_label").is_some() && errors.get("own_label").is_some());
    }
}
