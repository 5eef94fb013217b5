//! The practice: services, practitioners, working hours, settings.

mod decisions;
mod first_run;
mod hours;
mod sections;
mod services;
mod team;

pub use decisions::*;
pub use first_run::*;
pub use hours::*;
pub use sections::*;
pub use services::*;
pub use team::*;

use crate::accounts::Role;
use crate::parse::{self, Fields};
use crate::{Problem, Refusal, StaffId};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffView {
    pub id: StaffId,
    pub name: String,
    pub email: String,
    pub roles: Vec<Role>,
    pub may_book: bool,
    pub active: bool,
    pub version: i32,
}

/// Notes on someone who works here, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StaffNotesForm {
    pub notes: String,
    /// The version that was edited.
    pub version: String,
}

impl StaffNotesForm {
    /// The notes, and the version.
    pub fn parse(&self) -> Result<(String, Option<i32>), Refusal> {
        let mut fields = Fields::default();
        let notes = fields.take("notes", parse::lines(&self.notes, 10_000));
        let version =
            fields.take("version", parse::optional(&self.version, |text| parse::whole(text, 1, i32::MAX.into())));
        fields.finish()?;
        Ok((notes, version.map(|version| version as i32)))
    }
}

/// What clients see of a practitioner, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StaffPublicForm {
    pub title: String,
    pub phone: String,
    pub languages: String,
    pub shows_phone: bool,
    pub shows_email: bool,
    pub shows_languages: bool,
    /// The version that was edited; 0 before there is any.
    pub version: String,
}

/// What clients see of a practitioner.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StaffPublicDetails {
    pub title: String,
    pub phone: String,
    pub languages: String,
    pub shows_phone: bool,
    pub shows_email: bool,
    pub shows_languages: bool,
    pub version: i32,
}

impl StaffPublicForm {
    pub fn parse(&self) -> Result<StaffPublicDetails, Refusal> {
        let mut fields = Fields::default();
        let phone = fields.take("phone", parse::optional(&self.phone, parse::phone)).unwrap_or_default();
        if phone.is_empty() && self.shows_phone {
            fields.note("phone", Problem::Required);
        }
        let details = StaffPublicDetails {
            title: fields.take("title", parse::line(&self.title, 80)),
            phone,
            languages: fields.take("languages", parse::line(&self.languages, 120)),
            shows_phone: self.shows_phone,
            shows_email: self.shows_email,
            shows_languages: self.shows_languages,
            version: fields.take("version", parse::whole(&self.version, 0, i32::MAX.into())) as i32,
        };
        fields.finish()?;
        Ok(details)
    }
}

/// The practice's settings that every page needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Practice {
    pub name: String,
    /// IANA zone.
    pub zone: String,
    pub currency: String,
    pub client_word: String,
    pub client_word_plural: String,
    pub client_login: bool,
    /// Code-only mode: clients are known by their codes; names and contact details are neither asked for nor stored.
    pub code_only: bool,
    /// Clients may register themselves while booking.
    pub client_registration: bool,
    pub slot_step_minutes: i16,
    /// How many upcoming appointments can be booked online for one person.
    pub portal_bookings_max: i16,
    pub welcome_subject: String,
    pub welcome_body: String,
    /// How clients reach the practice; empty for what was not given.
    pub phone: String,
    pub email: String,
    /// With its scheme.
    pub website: String,
    /// Of one or more lines.
    pub address: String,
    /// [`Section`]s that the practice does without.
    pub sections_off: Vec<String>,
    /// Its people and its diary are the demo's.
    pub demo: bool,
    pub version: i32,
}

impl Practice {
    /// Whether the practice has this section.
    pub fn shows(&self, section: Section) -> bool {
        !self.sections_off.iter().any(|off| off == section.as_str())
    }

    /// Whether the page at this path is there: it belongs to no section, or to one that is on.
    pub fn has_page(&self, path: &str) -> bool {
        Section::of_path(path).is_none_or(|section| self.shows(section))
    }

    /// What a `tel:` link has behind the colon: the digits, with the plus before them.
    pub fn phone_link(&self) -> String {
        phone_link(&self.phone)
    }

    /// Whether clients can be given a log-in: a claim link is mailed.
    pub fn invites(&self) -> bool {
        self.client_login && !self.code_only
    }

    /// Whether clients may register themselves.
    pub fn may_register(&self) -> bool {
        self.client_registration && self.invites()
    }

    /// What clients are found by, for the hint at a search.
    pub fn found_by(&self) -> &'static str {
        if self.code_only { "Code or number" } else { "Name, email, code, number or phone" }
    }
}

/// `tel:` links hold digits and a leading plus; an extension is behind `;ext=` (RFC 3966).
pub fn phone_link(phone: &str) -> String {
    let (number, extension) = phone.split_once('x').unwrap_or((phone, ""));
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let plus = if number.trim_start().starts_with('+') { "+" } else { "" };
    match digits(extension) {
        extension if extension.is_empty() => format!("tel:{plus}{}", digits(number)),
        extension => format!("tel:{plus}{};ext={extension}", digits(number)),
    }
}

/// A telephone number in groups, where its ten digits say how: `4165550142` is `416 555 0142`. Anything
/// else stays as it was typed.
pub fn phone_words(phone: &str) -> String {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    let plain = phone.chars().all(|c| c.is_ascii_digit() || "+-(). ".contains(c));
    let local = match (digits.len(), phone.trim_start().starts_with('+')) {
        (10, false) => Some(("", digits.as_str())),
        (11, plus) if digits.starts_with('1') => Some((if plus { "+1 " } else { "1 " }, &digits[1..])),
        _ => None,
    };
    match local {
        Some((before, ten)) if plain => format!("{before}{} {} {}", &ten[..3], &ten[3..6], &ten[6..]),
        _ => phone.to_owned(),
    }
}

/// The editable text of the welcome e-mail.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WelcomeForm {
    pub subject: String,
    pub body: String,
    pub version: String,
}

impl WelcomeForm {
    /// The body must hold `{link}`, or the mail would be of no use.
    pub fn parse(&self) -> Result<(String, String, Option<i32>), Refusal> {
        let mut fields = Fields::default();
        let subject = fields.take("subject", parse::required(&self.subject, 150));
        let body = fields.take("body", parse::lines(&self.body, 5_000));
        if !body.contains("{link}") {
            fields.note("body", Problem::LinkMissing);
        }
        for (field, text) in [("subject", &subject), ("body", &body)] {
            if let Some(word) = unknown_placeholder(text) {
                fields.note(field, Problem::UnknownPlaceholder { word });
            }
        }
        let version =
            fields.take("version", parse::optional(&self.version, |text| parse::whole(text, 1, i32::MAX.into())));
        fields.finish()?;
        Ok((subject, body, version.map(|version| version as i32)))
    }
}

const PLACEHOLDERS: [&str; 3] = ["{first_name}", "{practice}", "{link}"];

/// The first word in braces that nothing is filled in for.
fn unknown_placeholder(text: &str) -> Option<String> {
    text.match_indices('{').find_map(|(at, _)| {
        let word = &text[at..=at + text[at..].find('}')?];
        let is_word = word.len() > 2
            && word[1..word.len() - 1].chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | ' ' | '-'));
        (is_word && !PLACEHOLDERS.contains(&word)).then(|| word.chars().take(40).collect())
    })
}

/// The welcome text with its placeholders filled in. What is filled in is not
/// looked through again: a name may hold braces.
pub fn fill_welcome(text: &str, first_name: &str, practice: &str, link: &str) -> String {
    let words = [("{first_name}", first_name), ("{practice}", practice), ("{link}", link)];
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        filled.push_str(&rest[..at]);
        rest = &rest[at..];
        let (word, value) = words.into_iter().find(|(word, _)| rest.starts_with(word)).unwrap_or(("{", "{"));
        filled.push_str(value);
        rest = &rest[word.len()..];
    }
    filled + rest
}

/// `125.00` from 12500 cents.
pub fn price(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_digits_stand_in_groups_and_other_numbers_as_typed() {
        for (typed, shown) in [
            ("4165550142", "416 555 0142"),
            ("(416) 555-0142", "416 555 0142"),
            ("14165550142", "1 416 555 0142"),
            ("+1 416.555.0142", "+1 416 555 0142"),
            ("+44 20 7946 0958", "+44 20 7946 0958"),
            ("416 555 0142 x5", "416 555 0142 x5"),
            ("555 0142", "555 0142"),
            ("", ""),
        ] {
            assert_eq!(phone_words(typed), shown);
        }
    }

    #[test]
    fn a_welcome_needs_its_link() {
        let form = WelcomeForm { subject: "Hello".into(), body: "Welcome".into(), version: String::new() };
        assert!(form.parse().is_err());
        assert!(WelcomeForm { body: "Go to {link}".into(), ..form }.parse().is_ok());
    }

    #[test]
    fn an_unknown_placeholder_is_reported_at_its_field() {
        let problem = |subject: &str, body: &str, field: &str| {
            let form = WelcomeForm { subject: subject.into(), body: body.into(), version: String::new() };
            match form.parse() {
                Ok(_) => None,
                Err(Refusal::Invalid(errors)) => errors.get(field).cloned(),
                Err(other) => panic!("{other:?}"),
            }
        };
        let unknown = |word: &str| Some(Problem::UnknownPlaceholder { word: word.into() });
        assert_eq!(problem("Hello {name}", "{link}", "subject"), unknown("{name}"));
        assert_eq!(problem("Hello {name}", "{link}", "body"), None);
        assert_eq!(problem("Hello", "{first_name}, {last-name}: {link}", "body"), unknown("{last-name}"));
        assert_eq!(problem("Hello", "{link}, {First name}", "body"), unknown("{First name}"));
        for text in ["{first_name} of {practice}: {link}", "{link} {:-)}", "{link} {a: 1}", "} {link} {", "{{link}}"] {
            assert_eq!((problem("{practice}", text, "subject"), problem("x", text, "body")), (None, None), "{text}");
        }
    }

    #[test]
    fn a_phone_link_holds_digits_alone() {
        for (typed, link) in [
            ("416 555 0123", "tel:4165550123"),
            ("+1 (416) 555-0123", "tel:+14165550123"),
            ("416.555.0123 x 45", "tel:4165550123;ext=45"),
        ] {
            assert_eq!(phone_link(typed), link);
        }
    }

    #[test]
    fn a_welcome_is_filled_in_once() {
        let fill = |text: &str| fill_welcome(text, "{link}", "Kin", "https://kin.test/x");
        assert_eq!(fill("Hi {first_name}, {practice}: {link}"), "Hi {link}, Kin: https://kin.test/x");
        assert_eq!(fill("{{practice}} {other} {"), "{Kin} {other} {");
    }
}
