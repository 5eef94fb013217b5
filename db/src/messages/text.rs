//! What makes text safe in headers and bodies, and the links in it.

/// As one line: line ends and other controls become spaces, so that no value
/// can add a header to a mail or a line to its body; the marks that turn the
/// writing direction of what follows are dropped.
pub fn one_line(text: &str) -> String {
    let turns = |c: &char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{FEFF}');
    let plain: String = text.chars().filter(|c| !turns(c)).map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Longest subject, in characters.
const SUBJECT_MAX: usize = 200;

pub(super) fn subject(text: &str) -> String {
    one_line(text).chars().take(SUBJECT_MAX).collect()
}

/// A stretch of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    Text(&'a str),
    Link(&'a str),
}

/// The body in order, with the links to this site apart. Nothing else becomes
/// a link: a name may look like an address.
pub fn split_links<'a>(body: &'a str, base_url: &str) -> Vec<Part<'a>> {
    let start = format!("{base_url}/");
    let mut parts = Vec::new();
    let mut rest = body;
    while let Some(at) = rest.find(&start) {
        let link = &rest[at..];
        let end = link.find(|c: char| !is_of_link(c)).unwrap_or(link.len());
        let link = link[..end].trim_end_matches(['.', ',', ';', ':', '!', '?']);
        if at > 0 {
            parts.push(Part::Text(&rest[..at]));
        }
        parts.push(Part::Link(link));
        rest = &rest[at + link.len()..];
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest));
    }
    parts
}

fn is_of_link(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~:/?#@!$&*+,;=%".contains(c)
}

/// Where the links lead whose end is a secret.
const SECRET_PATHS: [&str; 9] =
    ["/claim/", "/reset/", "/register/", "/confirm-email/", "/not-me/", "/offers/", "/m/", "/visit/", "/invitations/"];

/// The body with `note` in the places of the links that let someone in,
/// whatever address the server had when they were made.
pub(super) fn without_secrets(body: &str, note: &str) -> String {
    let is_secret = |word: &str| SECRET_PATHS.iter().any(|path| word.contains(path));
    body.split_inclusive(char::is_whitespace)
        .map(|word| {
            if !is_secret(word) {
                return word.to_owned();
            }
            let end = &word[word.trim_end().len()..];
            format!("({note}){end}")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_adds_a_line() {
        assert_eq!(one_line("Hi\r\nBcc: x@example.com\u{2028}a\u{85}b\0c"), "Hi Bcc: x@example.com a b c");
        assert_eq!(one_line("Ana\u{202E}nosliW 🙂"), "AnanosliW 🙂");
    }

    #[test]
    fn only_our_own_links_are_links() {
        let body = "Go to https://k.test/claim/abc_-9.\nNot https://evil.test/<b>";
        assert_eq!(
            split_links(body, "https://k.test"),
            [
                Part::Text("Go to "),
                Part::Link("https://k.test/claim/abc_-9"),
                Part::Text(".\nNot https://evil.test/<b>")
            ]
        );
        assert!(split_links("", "https://k.test").is_empty());
        assert_eq!(
            split_links("https://k.test.evil.test/x", "https://k.test"),
            [Part::Text("https://k.test.evil.test/x")]
        );
    }

    #[test]
    fn secrets_are_removed_and_lines_kept() {
        let body = "Here:\n\nhttp://old.test/claim/s3cret\n\nBye\n";
        assert_eq!(without_secrets(body, "link removed"), "Here:\n\n(link removed)\n\nBye\n");
    }
}
