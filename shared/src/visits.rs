//! Video visits: where they are held, and when their links open.

use crate::accounts::Secret;
use crate::parse::Fields;
use crate::{Problem, Refusal};
use serde::{Deserialize, Serialize};

/// The longest address of a place, in characters.
const TEMPLATE_MAX: usize = 300;
/// The longest that a link is open before or after a visit, in minutes.
pub const WINDOW_MAX: i16 = 120;
/// How often a wrong code may be entered for a link.
pub const TRIES_MAX: i16 = 5;
/// The digits of an access code.
pub const CODE_DIGITS: usize = 6;

/// The address of a service's or practitioner's video visits, like
/// `https://meet.example.org/{room}`: `{room}` is another for each appointment, `{name}` is the
/// person who comes, `{lang}` their language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(String);

impl Template {
    /// Nothing for an empty text.
    pub fn parse(text: &str) -> Result<Option<Template>, Problem> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        if text.chars().count() > TEMPLATE_MAX {
            return Err(Problem::TooLong { max: TEMPLATE_MAX });
        }
        let rest = text.strip_prefix("https://").ok_or(Problem::NotAVisitAddress)?;
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
        let known = ["{room}", "{name}", "{lang}"].iter().fold(rest.to_owned(), |rest, name| rest.replace(name, ""));
        let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\' | '{' | '}');
        let holds = !host.is_empty() && host.contains('.') && host.chars().all(is_host) && known.chars().all(is_plain);
        if holds { Ok(Some(Template(text.to_owned()))) } else { Err(Problem::NotAVisitAddress) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where this visit is held for this person.
    pub fn address(&self, room: &str, name: &str, language: &str) -> String {
        let values = [("{room}", room), ("{name}", name), ("{lang}", language)];
        values.iter().fold(self.0.clone(), |address, (word, value)| address.replace(word, &encoded(value)))
    }
}

/// As it stands in an address (RFC 3986).
fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// When links open and close, in minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Before the start.
    pub before: i16,
    /// After the end.
    pub after: i16,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WindowForm {
    pub before: String,
    pub after: String,
}

impl WindowForm {
    pub fn parse(&self) -> Result<Window, Refusal> {
        let mut fields = Fields::default();
        let minutes = |text: &str| {
            let range = Problem::OutOfRange { min: 0, max: WINDOW_MAX.into() };
            let minutes: i16 = text.trim().parse().map_err(|_| Problem::NotANumber)?;
            if (0..=WINDOW_MAX).contains(&minutes) { Ok(minutes) } else { Err(range) }
        };
        let window = Window {
            before: fields.take_or("before", minutes(&self.before), i16::default),
            after: fields.take_or("after", minutes(&self.after), i16::default),
        };
        fields.finish()?;
        Ok(window)
    }
}

/// The access code of a link.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EnterForm {
    pub secret: Secret,
    pub code: String,
}

/// Where video visits of a service or practitioner are held.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PlaceForm {
    /// `service` or `practitioner`, and its id.
    pub of: String,
    pub id: String,
    pub template: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_visits_is_https_with_known_words_behind_the_host() {
        for text in [
            "https://meet.example.org/{room}",
            "https://meet.example.org:8443/{room}?name={name}&lang={lang}#config.prejoin=false",
            "https://doxy.example/dr-raman",
        ] {
            assert!(matches!(Template::parse(text), Ok(Some(_))), "{text}");
        }
        assert_eq!(Template::parse("  "), Ok(None));
        for text in [
            "http://meet.example.org/{room}",
            "javascript:alert(1)",
            "https://",
            "https://localhost/{room}",
            "https://{room}.example.org/",
            "https://user@meet.example.org/{room}",
            "https://meet.example.org/{rooms}",
            "https://meet.example.org/a b",
            "https://meet.example.org/\"><script>",
            "https://meet.example.org\\@evil.example/",
        ] {
            assert_eq!(Template::parse(text), Err(Problem::NotAVisitAddress), "{text}");
        }
    }

    #[test]
    fn what_is_put_into_an_address_is_encoded() {
        let template = Template::parse("https://meet.example.org/{room}?n={name}").unwrap().unwrap();
        let address = template.address("r-0_", "Zoë & {room}", "en");
        assert_eq!(address, "https://meet.example.org/r-0_?n=Zo%C3%AB%20%26%20%7Broom%7D");
    }

    #[test]
    fn the_minutes_of_a_window_are_few() {
        let parse = |before: &str, after: &str| WindowForm { before: before.into(), after: after.into() }.parse();
        assert_eq!(parse("10", "15").unwrap(), Window { before: 10, after: 15 });
        for (before, after) in [("-1", "15"), ("10", "121"), ("", "15"), ("10", "x")] {
            assert!(parse(before, after).is_err(), "{before} {after}");
        }
    }
}
