//! The practice: services, practitioners, working hours, settings.

mod decisions;
mod first_run;
mod team;

pub use decisions::*;
pub use first_run::*;
pub use team::*;

use crate::accounts::Role;
use crate::parse::{self, Fields};
use crate::vocabulary::vocabulary;
use crate::{Problem, Refusal, ServiceId, StaffId};
use chrono::NaiveTime;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceView {
    pub id: ServiceId,
    pub name: String,
    pub description: String,
    pub duration_minutes: i32,
    pub buffer_minutes: i32,
    pub price_cents: i64,
    pub in_portal: bool,
    pub active: bool,
    pub version: i32,
    /// Who offers it, by name.
    pub practitioners: Vec<(StaffId, String)>,
}

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

/// Notes on somebody who works here, as typed.
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

/// A service, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServiceForm {
    pub name: String,
    pub description: String,
    pub duration_minutes: String,
    pub buffer_minutes: String,
    pub price: String,
    pub in_portal: bool,
    pub active: bool,
    pub practitioners: Vec<String>,
    pub version: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceDetails {
    pub name: String,
    pub description: String,
    pub duration_minutes: i32,
    pub buffer_minutes: i32,
    pub price_cents: i64,
    pub in_portal: bool,
    pub active: bool,
    pub practitioners: Vec<StaffId>,
    pub version: Option<i32>,
}

impl ServiceForm {
    pub fn parse(&self) -> Result<ServiceDetails, Refusal> {
        let mut fields = Fields::default();
        let details = ServiceDetails {
            name: fields.take("name", parse::required(&self.name, 80)),
            description: fields.take("description", parse::lines(&self.description, 1_000)),
            duration_minutes: fields.take("duration_minutes", parse::whole(&self.duration_minutes, 5, 720)) as i32,
            buffer_minutes: fields
                .take("buffer_minutes", parse::optional(&self.buffer_minutes, |text| parse::whole(text, 0, 240)))
                .unwrap_or(0) as i32,
            price_cents: fields.take("price", parse::optional(&self.price, parse::cents)).unwrap_or(0),
            in_portal: self.in_portal,
            active: self.active,
            practitioners: fields
                .take("practitioners", self.practitioners.iter().map(|text| parse::id(text)).collect()),
            version: fields
                .take("version", parse::optional(&self.version, |text| parse::whole(text, 1, i32::MAX.into())))
                .map(|version| version as i32),
        };
        fields.finish()?;
        Ok(details)
    }
}

/// A period of a practitioner's week, in the location's local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// 1 is Monday, 7 is Sunday.
    pub weekday: i16,
    pub starts: NaiveTime,
    pub ends: NaiveTime,
}

/// The weekly hours, as typed: two periods a day, `{weekday}` 1 to 7 in order.
/// Blank is not working.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HoursForm {
    pub days: Vec<DayForm>,
    pub version: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DayForm {
    pub starts: String,
    pub ends: String,
    pub starts_again: String,
    pub ends_again: String,
}

pub const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

impl HoursForm {
    /// Problems stand at `days.{0..6}.starts` and so on.
    pub fn parse(&self) -> Result<Vec<Hours>, Refusal> {
        let mut fields = Fields::default();
        let mut hours = Vec::new();
        for (index, day) in self.days.iter().take(7).enumerate() {
            let mut ended: Option<NaiveTime> = None;
            for (suffix, starts, ends) in [("", &day.starts, &day.ends), ("_again", &day.starts_again, &day.ends_again)]
            {
                let (at_start, at_end) = (format!("days.{index}.starts{suffix}"), format!("days.{index}.ends{suffix}"));
                let starts = fields.take(&at_start, parse::optional(starts, parse::time));
                let ends = fields.take(&at_end, parse::optional(ends, parse::time));
                match (starts, ends) {
                    (None, None) => {}
                    (Some(_), None) => fields.note(&at_end, Problem::Required),
                    (None, Some(_)) => fields.note(&at_start, Problem::Required),
                    (Some(starts), Some(ends)) if ends <= starts => fields.note(&at_end, Problem::EndBeforeStart),
                    (Some(starts), Some(_)) if ended.is_some_and(|ended| starts < ended) => {
                        fields.note(&at_start, Problem::Overlaps)
                    }
                    (Some(starts), Some(ends)) => {
                        ended = Some(ends);
                        hours.push(Hours { weekday: index as i16 + 1, starts, ends });
                    }
                }
            }
        }
        fields.finish()?;
        Ok(hours)
    }

    /// The form filled with what is stored.
    pub fn of(hours: &[Hours], version: i32) -> HoursForm {
        let mut days = vec![DayForm::default(); 7];
        for period in hours {
            let Some(day) = days.get_mut(period.weekday as usize - 1) else { continue };
            let (starts, ends) = (period.starts.format("%H:%M").to_string(), period.ends.format("%H:%M").to_string());
            if day.starts.is_empty() {
                (day.starts, day.ends) = (starts, ends);
            } else {
                (day.starts_again, day.ends_again) = (starts, ends);
            }
        }
        HoursForm { days, version: version.to_string() }
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
    /// A9: clients are known by their codes alone; names and contact details are neither asked for nor stored.
    pub code_only: bool,
    /// Clients may register themselves while booking (B8).
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
    /// [`Section`]s of a client's record that forms leave out.
    pub sections_off: Vec<String>,
    /// Its people and its diary are the demo's.
    pub demo: bool,
    pub version: i32,
}

impl Practice {
    /// Whether forms have this section of a client's record.
    pub fn shows(&self, section: Section) -> bool {
        !self.sections_off.iter().any(|off| off == section.as_str())
    }

    /// What a `tel:` link has behind the colon: the digits, with the plus before them.
    pub fn phone_link(&self) -> String {
        phone_link(&self.phone)
    }

    /// Whether clients can be given a log-in: a claim link is mailed.
    pub fn invites(&self) -> bool {
        self.client_login && !self.code_only
    }

    /// Whether clients may register themselves (B8).
    pub fn may_register(&self) -> bool {
        self.client_registration && self.invites()
    }

    /// What clients are found by, for the hint at a search.
    pub fn found_by(&self) -> &'static str {
        if self.code_only { "Code or number" } else { "Name, email, code, number or phone" }
    }
}

vocabulary! {
    /// A section of a client's record that a practice may do without.
    Section {
        Coverage = "coverage", "Coverage and insurance";
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

/// The editable text of the welcome e-mail (B17).
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
    fn hours_are_whole_ordered_and_apart() {
        let day = |starts: &str, ends: &str, starts_again: &str, ends_again: &str| HoursForm {
            days: vec![DayForm {
                starts: starts.into(),
                ends: ends.into(),
                starts_again: starts_again.into(),
                ends_again: ends_again.into(),
            }],
            version: "1".into(),
        };
        assert_eq!(day("09:00", "12:00", "13:00", "17:00").parse().unwrap().len(), 2);
        assert!(day("", "", "", "").parse().unwrap().is_empty());
        for bad in [
            day("09:00", "", "", ""),
            day("", "09:00", "", ""),
            day("10:00", "09:00", "", ""),
            day("09:00", "12:00", "11:00", "13:00"),
            day("9am", "12:00", "", ""),
        ] {
            assert!(bad.parse().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn hours_survive_their_form() {
        let form = HoursForm {
            days: vec![DayForm { starts: "09:00".into(), ends: "12:00".into(), ..DayForm::default() }; 7],
            version: "3".into(),
        };
        assert_eq!(HoursForm::of(&form.parse().unwrap(), 3), form);
    }

    #[test]
    fn a_welcome_needs_its_link() {
        let form = WelcomeForm { subject: "Hello".into(), body: "Welcome".into(), version: String::new() };
        assert!(form.parse().is_err());
        assert!(WelcomeForm { body: "Go to {link}".into(), ..form }.parse().is_ok());
    }

    #[test]
    fn a_placeholder_that_there_is_not_is_told_at_its_field() {
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
