//! What clients may see and do in the portal: a closed list of permissions. The practice answers
//! each of them, and staff make exceptions for single clients.
//!
//! Who acts for someone else needs three things: the grant of that person, this permission of that
//! person's record, and a status of their own that may log in.

use crate::vocabulary::vocabulary;
use crate::{Problem, Refusal};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// Something that the portal opens.
    Permission {
        SeeAppointments = "see_appointments", "See upcoming appointments";
        Book = "book", "Book appointments";
        Move = "move", "Move appointments";
        Cancel = "cancel", "Cancel appointments";
        SeeHistory = "see_history", "See past appointments";
        EditDetails = "edit_details", "Edit contact details";
        EditAvailability = "edit_availability", "Edit availability";
        SeePractitioners = "see_practitioners", "See assigned practitioners";
        SeeForms = "see_forms", "See forms";
        CompleteForms = "complete_forms", "Complete forms";
        SeeDocuments = "see_documents", "See documents";
        InviteLinks = "invite_links", "Invite family members";
    }
}

vocabulary! {
    /// What the practice answers.
    Setting {
        /// For no one: exceptions of clients rest.
        Never = "never", "Never";
        Off = "off", "Off unless allowed";
        On = "on", "On unless denied";
    }
}

vocabulary! {
    /// A part of their own record that clients see in the portal.
    Detail {
        Name = "name", "First and last name";
        PreferredName = "preferred_name", "Preferred name";
        Email = "email", "Email";
        Mobile = "mobile", "Mobile number";
        Phones = "phones", "Further phone numbers";
        Address = "address", "Address";
        Language = "language", "Language";
        Zone = "zone", "Time zone";
    }
}

vocabulary! {
    /// What clients do with a part of their own record.
    DetailSetting {
        Hidden = "hidden", "Hidden";
        Shown = "shown", "Shown";
        Editable = "editable", "Shown, can be edited";
    }
}

/// The practice's answer for each part of the record, as it counts for one client: without the
/// permission to edit details, what could be edited is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnSettings(pub Vec<(Detail, DetailSetting)>);

impl OwnSettings {
    fn of(&self, detail: Detail) -> DetailSetting {
        let found = self.0.iter().find(|(one, _)| *one == detail);
        found.map_or(DetailSetting::Hidden, |(_, setting)| *setting)
    }

    pub fn shows(&self, detail: Detail) -> bool {
        self.of(detail) != DetailSetting::Hidden
    }

    pub fn edits(&self, detail: Detail) -> bool {
        self.of(detail) == DetailSetting::Editable
    }

    /// Whether the form has anything to edit. The email address has a form of its own.
    pub fn edits_any(&self) -> bool {
        Detail::ALL.iter().any(|detail| *detail != Detail::Email && self.edits(*detail))
    }
}

/// Whether a client has a permission: what the practice answers, and the client's exception.
pub fn effective(setting: Setting, exception: Option<bool>) -> bool {
    setting != Setting::Never && exception.unwrap_or(setting == Setting::On)
}

impl Permission {
    /// What it opens, in a sentence.
    pub const fn hint(self) -> &'static str {
        match self {
            Permission::SeeAppointments => "The list of upcoming appointments and its calendar feed.",
            Permission::Book => "Free times, booking and the waiting list.",
            Permission::Move => "Within the cancellation policy. Links in emails need “See upcoming appointments” too.",
            Permission::Cancel => {
                "Within the cancellation policy. Links in emails need “See upcoming appointments” too."
            }
            Permission::SeeHistory => "Their own past appointments. Never anyone else’s.",
            Permission::EditDetails => "Their own name and contact details.",
            Permission::EditAvailability => "The hours at which they can come.",
            Permission::SeePractitioners => "Names and work contact details of their practitioners.",
            Permission::SeeForms => "Forms that are requested, and their own completed forms.",
            Permission::CompleteForms => "Fill in and sign forms that are requested.",
            Permission::SeeDocuments => "Reports and documents that are shared with them.",
            Permission::InviteLinks => "Invite another person to be linked to them.",
        }
    }
}

/// The page of settings: `book:on` for each permission.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PermissionsForm {
    pub settings: Vec<String>,
    /// As they were when the page was opened.
    pub seen: Vec<String>,
}

impl PermissionsForm {
    /// What is wanted, and what was seen.
    pub fn parse(&self) -> Result<Wanted, Refusal> {
        let parse = |pairs: &[String]| pairs.iter().map(|pair| parse_pair(pair)).collect::<Result<Vec<_>, Problem>>();
        let refused = |problem| Refusal::field("settings", problem);
        Ok(Wanted { settings: parse(&self.settings).map_err(refused)?, seen: parse(&self.seen).map_err(refused)? })
    }
}

/// What an administrator saves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    pub settings: Vec<(Permission, Setting)>,
    pub seen: Vec<(Permission, Setting)>,
}

/// The page of settings: `email:shown` for each part of the record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DetailsForm {
    pub details: Vec<String>,
    /// As they were when the page was opened.
    pub seen: Vec<String>,
}

impl DetailsForm {
    /// What is wanted, and what was seen.
    pub fn parse(&self) -> Result<WantedDetails, Refusal> {
        let parse = |pairs: &[String]| {
            let each = pairs.iter().map(|pair| {
                let (detail, setting) = pair.split_once(':').ok_or(Problem::Unknown)?;
                Ok((detail.parse()?, setting.parse()?))
            });
            each.collect::<Result<Vec<_>, Problem>>().map_err(|problem| Refusal::field("details", problem))
        };
        Ok(WantedDetails { details: parse(&self.details)?, seen: parse(&self.seen)? })
    }
}

/// What an administrator saves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WantedDetails {
    pub details: Vec<(Detail, DetailSetting)>,
    pub seen: Vec<(Detail, DetailSetting)>,
}

/// As it stands in a form.
pub fn pair(permission: Permission, setting: Setting) -> String {
    format!("{}:{}", permission.as_str(), setting.as_str())
}

fn parse_pair(pair: &str) -> Result<(Permission, Setting), Problem> {
    let (permission, setting) = pair.split_once(':').ok_or(Problem::Unknown)?;
    Ok((permission.parse()?, setting.parse()?))
}

/// An exception of one client.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExceptionForm {
    pub permission: String,
    /// `allow`, `deny`, or `practice` for no exception.
    pub answer: String,
}

impl ExceptionForm {
    /// The permission, and the exception; `None` goes back to the practice's answer.
    pub fn parse(&self) -> Result<(Permission, Option<bool>), Refusal> {
        let mut fields = crate::parse::Fields::default();
        let permission = fields.take_or("permission", choice(&self.permission), || Permission::Book);
        let answer = match self.answer.as_str() {
            "allow" => Ok(Some(true)),
            "deny" => Ok(Some(false)),
            "practice" => Ok(None),
            "" => Err(Problem::Required),
            _ => Err(Problem::Unknown),
        };
        let answer = fields.take("answer", answer);
        fields.finish()?;
        Ok((permission, answer))
    }
}

fn choice(word: &str) -> Result<Permission, Problem> {
    if word.is_empty() { Err(Problem::Required) } else { word.parse() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_beats_every_exception() {
        for exception in [None, Some(false), Some(true)] {
            assert!(!effective(Setting::Never, exception));
        }
    }

    #[test]
    fn an_exception_beats_the_answer_of_the_practice() {
        for setting in [Setting::Off, Setting::On] {
            assert_eq!(effective(setting, None), setting == Setting::On);
            assert!(effective(setting, Some(true)) && !effective(setting, Some(false)));
        }
    }

    #[test]
    fn a_form_knows_only_what_is_in_the_list() {
        for pair in ["", "book", "book:maybe", "fly:on"] {
            let form = PermissionsForm { settings: vec![pair.to_owned()], ..PermissionsForm::default() };
            assert!(form.parse().is_err(), "{pair}");
        }
        let form = ExceptionForm { permission: "book".to_owned(), answer: "practice".to_owned() };
        assert_eq!(form.parse().unwrap(), (Permission::Book, None));
    }
}
