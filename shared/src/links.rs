//! Linked clients: labels, the four grants, and who may do what for whom.
//!
//! "B may act for A" is A's grant to B. Grants are not transitive, and a label
//! carries no power.

use crate::clients::Status;
use crate::parse::{self, Fields};
use crate::vocabulary::vocabulary;
use crate::{AppointmentId, ClientId, ClientNumber, LinkId, Refusal};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// What one linked client is to the other (D2).
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
    /// The four permissions (D3).
    Permission {
        Book = "book", "book and manage appointments";
        Forms = "forms", "complete intake forms";
        Copies = "copies", "receive copies of appointment emails";
        Packages = "packages", "use sessions from packages";
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
        let words = "has no portal account yet, so they can’t book or complete forms.";
        rests.push((&[Book, Forms, Packages], words));
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
pub struct BookableClient {
    pub id: ClientId,
    pub name: String,
    /// The log-in's own client.
    pub is_self: bool,
}

/// A future appointment that a removal of the link must decide on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenAppointment {
    pub id: AppointmentId,
    pub starts_at: DateTime<Utc>,
    pub zone: String,
    pub service: String,
    pub practitioner: String,
    /// Who attends, and who booked it for them.
    pub attendee: String,
    pub proxy: String,
}

/// The removal of a link: which of the open appointments to cancel; those not
/// named are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RemovalForm {
    pub cancel: Vec<String>,
}

impl RemovalForm {
    pub fn parse(&self) -> Result<Vec<AppointmentId>, Refusal> {
        let mut fields = Fields::default();
        let ids = self.cancel.iter().map(|text| parse::id(text)).collect();
        let cancel = fields.take("cancel", ids);
        fields.finish()?;
        Ok(cancel)
    }
}

/// One entry of a link's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkEvent {
    pub at: DateTime<Utc>,
    /// `created`, `changed` or `removed`.
    pub kind: String,
    pub other_name: String,
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
    let mut words = Vec::new();
    let mut side = |holder: &str, subject: &str, label: (Option<Label>, Label), may: (Grants, Grants)| {
        if label.0 != Some(label.1) {
            words.push(format!("{}.", relation(holder, label.1, subject)));
        }
        for permission in Permission::ALL {
            match (may.0.has(*permission), may.1.has(*permission)) {
                (false, true) => words.push(format!("{holder} may {} for {subject}.", permission.label())),
                (true, false) => words.push(format!("{holder} may no longer {} for {subject}.", permission.label())),
                _ => {}
            }
        }
    };
    let had = |grants: fn(&LinkDetails) -> Grants| before.map(grants).unwrap_or_default();
    side(
        other,
        own,
        (before.map(|link| link.other_label), after.other_label),
        (had(|link| link.other_may), after.other_may),
    );
    side(own, other, (before.map(|link| link.own_label), after.own_label), (had(|link| link.own_may), after.own_may));
    words
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
    fn a_change_says_who_may_what_for_whom() {
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
        assert_eq!(relation("Mia", Label::Other, "Ruth"), "Mia is otherwise related to Ruth");
    }

    #[test]
    fn a_forged_label_is_refused() {
        let form = LinkForm { other_label: "boss".into(), own_label: String::new(), ..LinkForm::default() };
        let Err(Refusal::Invalid(errors)) = form.parse() else { panic!() };
        assert!(errors.get("other_label").is_some() && errors.get("own_label").is_some());
    }
}
