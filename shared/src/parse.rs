//! From the strings of a form to values. Each function says what is wrong in
//! one [`Problem`]; [`Fields`] collects them so that all are shown at the same time.

use crate::{FieldErrors, Problem, Refusal};
use chrono::{NaiveDate, NaiveTime};

/// Collects the problems of a form while its fields are parsed.
#[derive(Default)]
pub struct Fields(FieldErrors);

impl Fields {
    /// The value, or its default with the problem noted under `field`.
    pub fn take<T: Default>(&mut self, field: &str, parsed: Result<T, Problem>) -> T {
        self.take_or(field, parsed, T::default)
    }

    /// As [`Fields::take`], for values with no default.
    pub fn take_or<T>(&mut self, field: &str, parsed: Result<T, Problem>, or: impl FnOnce() -> T) -> T {
        parsed.unwrap_or_else(|problem| {
            self.0.push(field, problem);
            or()
        })
    }

    pub fn note(&mut self, field: &str, problem: Problem) {
        if self.0.get(field).is_none() {
            self.0.push(field, problem);
        }
    }

    pub fn finish(self) -> Result<(), Refusal> {
        self.0.check()
    }
}

/// Whether a character could disturb how text is shown: controls, and the
/// marks that turn the writing direction of what follows.
fn is_trick(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{FEFF}')
        // Without width or meaning: two words would look the same. Joiners are letters to some scripts.
        || matches!(c, '\u{200B}' | '\u{2060}' | '\u{00AD}')
}

/// Whether a character has neither width nor a meaning in an address, a number, a code or a username: zero-width
/// and direction marks, joiners, the byte order mark, soft hyphens, variation selectors.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}')
        || matches!(c, '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{180E}' | '\u{FEFF}')
}

/// An address, a number, a code or a username without the invisible marks that copying brings along, trimmed.
/// Not for names and texts: in some scripts joiners are part of the spelling.
pub fn visible(text: &str) -> String {
    text.chars().filter(|c| !is_invisible(*c)).collect::<String>().trim().to_owned()
}

/// A word of a search: without marks that no name holds, and of an address or a number without all that are invisible.
pub fn searched(word: &str) -> String {
    let bare = visible(word);
    if bare.is_ascii() { bare } else { word.chars().filter(|c| !is_trick(*c)).collect() }
}

/// One line: trimmed, inner white space folded to single spaces.
pub fn line(text: &str, max: usize) -> Result<String, Problem> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().any(is_trick) {
        return Err(Problem::Unprintable);
    }
    limit(text, max)
}

/// One line that must not be empty.
pub fn required(text: &str, max: usize) -> Result<String, Problem> {
    match line(text, max)? {
        text if text.is_empty() => Err(Problem::Required),
        text => Ok(text),
    }
}

/// Several lines: trimmed at the ends, line ends as `\n`.
pub fn lines(text: &str, max: usize) -> Result<String, Problem> {
    let text = text.replace("\r\n", "\n").trim().to_owned();
    if text.chars().any(is_trick) {
        return Err(Problem::Unprintable);
    }
    limit(text, max)
}

fn limit(text: String, max: usize) -> Result<String, Problem> {
    if text.chars().count() > max { Err(Problem::TooLong { max }) } else { Ok(text) }
}

/// Empty is `None`.
pub fn optional<T>(text: &str, parse: impl FnOnce(&str) -> Result<T, Problem>) -> Result<Option<T>, Problem> {
    match text.trim() {
        "" => Ok(None),
        text => parse(text).map(Some),
    }
}

/// An address that mail can be sent to; at most 254 characters (RFC 5321).
pub fn email(text: &str) -> Result<String, Problem> {
    let text = visible(text);
    let options = email_address::Options::default().with_required_tld().without_display_text().without_domain_literal();
    match email_address::EmailAddress::parse_with_options(&text, options) {
        Ok(_) if text.len() <= 254 && !text.contains(['"', ' ']) => Ok(text),
        _ => Err(Problem::NotAnEmail),
    }
}

/// A telephone number as typed, with 7 to 15 digits (E.164's most).
pub fn phone(text: &str) -> Result<String, Problem> {
    let text = line(&visible(text), 40)?;
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let only = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')' | '.' | '/' | 'x'));
    if only && (7..=15).contains(&digits) { Ok(text) } else { Err(Problem::NotAPhone) }
}

/// The address of a website: http or https, which is added where there is none, and a host with a dot.
pub fn website(text: &str) -> Result<String, Problem> {
    let text = line(text, 200)?;
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        None => ("https".to_owned(), text.as_str()),
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let named = host.split('.').count() > 1
        && host.split('.').all(|label| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-'));
    let plain = !rest.contains([' ', '"', '<', '>', '\\']);
    if matches!(scheme.as_str(), "http" | "https") && named && plain {
        Ok(format!("{scheme}://{rest}"))
    } else {
        Err(Problem::NotAWebsite)
    }
}

/// A date as browsers send it, `2026-03-08`, between the years 1900 and 2200.
pub fn date(text: &str) -> Result<NaiveDate, Problem> {
    use chrono::Datelike;
    NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d")
        .ok()
        .filter(|date| (1900..2200).contains(&date.year()))
        .ok_or(Problem::NotADate)
}

/// A time of day as browsers send it, `09:30`.
pub fn time(text: &str) -> Result<NaiveTime, Problem> {
    let text = text.trim();
    NaiveTime::parse_from_str(text, "%H:%M")
        .or_else(|_| NaiveTime::parse_from_str(text, "%H:%M:%S"))
        .map_err(|_| Problem::NotATime)
}

/// A whole number within bounds, both included.
pub fn whole(text: &str, min: i64, max: i64) -> Result<i64, Problem> {
    let number: i64 = text.trim().parse().map_err(|_| Problem::NotANumber)?;
    if (min..=max).contains(&number) { Ok(number) } else { Err(Problem::OutOfRange { min, max }) }
}

/// An amount such as `120` or `120.50`, in cents.
pub fn cents(text: &str) -> Result<i64, Problem> {
    let text = text.trim();
    let (whole_part, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    if fraction.len() > 2 || !fraction.chars().all(|c| c.is_ascii_digit()) {
        return Err(Problem::NotANumber);
    }
    let units = whole(whole_part, 0, 100_000)?;
    let hundredths: i64 = format!("{fraction:0<2}").parse().map_err(|_| Problem::NotANumber)?;
    Ok(units * 100 + hundredths)
}

/// The version that a form was made from, in the field `version`.
pub fn version(fields: &mut Fields, text: &str) -> Option<i32> {
    fields.take("version", optional(text, |text| whole(text, 1, i32::MAX.into()))).map(|version| version as i32)
}

/// An id that came in a form.
pub fn id<T: std::str::FromStr>(text: &str) -> Result<T, Problem> {
    match text.trim() {
        "" => Err(Problem::Required),
        text => text.parse().map_err(|_| Problem::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_address_needs_a_domain_and_no_display_name() {
        assert!(email("ana@example.com").is_ok());
        for bad in ["", "ana", "ana@", "ana@host", "Ana <ana@example.com>", "a b@example.com", "a@b.c\r\nBcc: x@y.z"] {
            assert_eq!(email(bad), Err(Problem::NotAnEmail), "{bad:?}");
        }
    }

    #[test]
    fn writing_direction_tricks_are_refused() {
        assert_eq!(line("Ana\u{202E}nosliW", 50), Err(Problem::Unprintable));
        assert_eq!(line("\u{0007}", 50), Err(Problem::Unprintable));
        assert_eq!(line("  José   🙂 ", 50).as_deref(), Ok("José 🙂"));
    }

    #[test]
    fn an_address_or_number_is_read_without_invisible_marks() {
        assert_eq!(email("\u{FEFF}\u{200B}ana@exam\u{200D}ple.com\u{00A0}").as_deref(), Ok("ana@example.com"));
        assert_eq!(phone("\u{202A}416\u{00A0}555 0123\u{202C}").as_deref(), Ok("416 555 0123"));
        assert_eq!(visible("\u{00A0}ana\u{00AD}ng\u{2066} "), "anang");
        assert_eq!(searched("\u{200E}416\u{200D}555"), "416555");
        // A joiner inside a Persian word is its spelling.
        assert_eq!(searched("\u{FEFF}نیلو\u{200C}فر"), "نیلو\u{200C}فر");
    }

    #[test]
    fn amounts_are_exact() {
        assert_eq!(cents("120"), Ok(12_000));
        assert_eq!(cents("0.5"), Ok(50));
        assert_eq!(cents("19,99"), Ok(1_999));
        assert_eq!(cents("1.999"), Err(Problem::NotANumber));
        assert_eq!(cents("-1"), Err(Problem::OutOfRange { min: 0, max: 100_000 }));
    }

    proptest! {
        #[test]
        fn nothing_makes_parsing_panic(text in "\\PC*") {
            let _ = (line(&text, 5), lines(&text, 5), email(&text), phone(&text), date(&text), time(&text), cents(&text));
        }

        #[test]
        fn a_line_once_parsed_stays_the_same(text in "\\PC{0,40}") {
            if let Ok(once) = line(&text, 100) {
                prop_assert_eq!(line(&once, 100), Ok(once.clone()));
            }
        }
    }
}
