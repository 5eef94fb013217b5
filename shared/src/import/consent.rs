//! Columns that say whether someone agreed to be written to or called. A no in one
//! of them counts whatever the column becomes and whatever was chosen for all rows.

use super::row::fold;

/// What someone agreed to, or did not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    Email,
    Sms,
    Voice,
    /// Not said: *Marketing*, *Do not contact*.
    Any,
}

/// A column of consents, by its heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsentColumn {
    pub channel: Channel,
    /// A yes there is a no: *Email opt-out*, *Do not text*.
    pub opts_out: bool,
    /// It is a parent's, by its heading.
    pub of_parent: bool,
}

/// What a cell of such a column says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    Yes,
    No,
    Nothing,
    Unclear,
}

const EMAIL: &[&str] = &["email", "emails", "mail", "mails", "mailing", "mailings", "emailing", "courriel"];
const SMS: &[&str] = &["sms", "text", "texts", "texting"];
const VOICE: &[&str] = &["phone", "telephone", "call", "calls", "calling", "voice", "voicemail"];
/// Such a word beside a channel makes it a consent.
const GRANTS: &[&str] = &[
    "ok",
    "okay",
    "allow",
    "allowed",
    "allows",
    "consent",
    "consents",
    "consented",
    "permission",
    "permitted",
    "may",
    "can",
    "agree",
    "agrees",
    "agreed",
    "accept",
    "accepts",
    "accepted",
    "authorised",
    "authorized",
    "subscribe",
    "subscribed",
    "subscriber",
    "receive",
    "receives",
    "wants",
    "communication",
    "communications",
    "reminders",
    "marketing",
    "newsletter",
    "newsletters",
    "promotions",
    "promotional",
];
/// These only behind the channel: a *Notification email* is an address.
const AFTER: &[&str] = &["reminder", "notification", "notifications"];
/// Consents by themselves.
const ALONE: &[&str] =
    &["marketing", "newsletter", "newsletters", "reminders", "subscribed", "promotions", "promotional", "casl"];
const REFUSES: &[&str] = &[
    "unsubscribe",
    "unsubscribed",
    "decline",
    "declined",
    "refuse",
    "refused",
    "stop",
    "blocked",
    "suppressed",
    "excluded",
    "never",
];
/// A heading with one of these is of something else.
const OTHER: &[&str] = &[
    "date",
    "form",
    "signed",
    "on",
    "by",
    "type",
    "label",
    "source",
    "treatment",
    "photo",
    "photos",
    "telehealth",
    "number",
    "model",
    "provider",
    "carrier",
    "preferred",
    "last",
];
const MORE: &[&str] = &["opt", "opted", "in", "out", "no", "not", "do", "dont", "contact", "to", "hipaa"];
const PARENTS: &[&str] = &["parent", "parents", "guardian", "guardians", "mother", "mothers", "father", "fathers"];

/// The words of a heading: `hipaa_allowEmail` is three, and so is `noemailok`.
fn words(heading: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut before_lower = false;
    for c in heading.chars() {
        if c == '\'' || c == '’' {
            continue;
        }
        if !c.is_alphanumeric() || (c.is_uppercase() && before_lower) {
            words.push(String::new());
        }
        before_lower = c.is_lowercase();
        if let Some(word) = words.last_mut()
            && c.is_alphanumeric()
        {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words.into_iter().flat_map(|word| divided(&word).unwrap_or_else(|| vec![word])).collect()
}

/// A word that is written together from words of ours.
fn divided(word: &str) -> Option<Vec<String>> {
    let known = || [EMAIL, SMS, VOICE, GRANTS, ALONE, REFUSES, MORE].into_iter().flatten();
    if word.is_empty() || word.len() > 40 {
        return word.is_empty().then(Vec::new);
    }
    let mut starts: Vec<&&str> = known().filter(|start| word.starts_with(**start)).collect();
    starts.sort_by_key(|start| std::cmp::Reverse(start.len()));
    starts.into_iter().find_map(|start| {
        let mut rest = divided(&word[start.len()..])?;
        rest.insert(0, (*start).to_owned());
        Some(rest)
    })
}

/// Whether a column holds consents, by its heading.
pub fn consent_column(heading: &str) -> Option<ConsentColumn> {
    let words = words(heading);
    let place = |among: &[&str]| words.iter().position(|word| among.contains(&word.as_str()));
    let has = |among: &[&str]| place(among).is_some();
    let follow =
        |first: &[&str], then: &str| words.windows(2).any(|pair| first.contains(&pair[0].as_str()) && pair[1] == then);
    if words.is_empty() || has(OTHER) {
        return None;
    }
    let (channel, at) = match (place(EMAIL), place(SMS), place(VOICE)) {
        (Some(at), ..) => (Channel::Email, at),
        (_, Some(at), _) => (Channel::Sms, at),
        (.., Some(at)) => (Channel::Voice, at),
        _ => (Channel::Any, 0),
    };
    let opt = ["opt", "opted"];
    // Behind its noun a no is a number: *Phone no.*
    let negated = follow(&["do"], "not") || has(&["dont"]) || place(&["no", "not"]).is_some_and(|no| no < at);
    let opts_out = follow(&opt, "out") || has(REFUSES) || negated;
    let grants = has(GRANTS) || follow(&opt, "in") || place(AFTER).is_some_and(|after| after > at);
    let is_consent = match channel {
        Channel::Any => {
            let whole = ["consent", "consents", "given", "to", "contact", "yes", "no", "y", "n"];
            follow(&opt, "in")
                || follow(&opt, "out")
                || has(ALONE)
                || has(&["unsubscribe", "unsubscribed"])
                || has(&["contact"]) && (grants || follow(&["do"], "not") || has(&["dont"]))
                || has(&["consent", "consents"]) && words.iter().all(|word| whole.contains(&word.as_str()))
        }
        _ => grants || opts_out,
    };
    is_consent.then(|| ConsentColumn { channel, opts_out, of_parent: has(PARENTS) })
}

/// Yes or no in the words that lists of consents use.
fn answer(cell: &str) -> Option<bool> {
    let words = fold(cell);
    let start = words.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    match words.as_str() {
        "opted in" | "opt in" | "opt-in" | "optin" | "subscribed" | "allowed" | "allow" | "agreed" | "granted"
        | "given" | "ok" | "okay" | "consented" | "accepted" | "consent" | "ja" | "sí" | "si" | "t" => {
            return Some(true);
        }
        _ => {}
    }
    match start {
        "no" | "not" | "non" | "nein" | "never" | "none" | "stop" | "f" => Some(false),
        _ if refuses(cell) => Some(false),
        _ => super::row::yes_no(cell),
    }
}

/// A refusal whatever the heading asks.
fn refuses(cell: &str) -> bool {
    let words = fold(cell).replace('-', " ");
    let said =
        ["opted out", "opt out", "optout", "unsubscribed", "declined", "refused", "withdrawn", "revoked", "denied"];
    said.iter().any(|said| words.starts_with(said)) || words.starts_with("do not") || words.starts_with("don't")
}

impl ConsentColumn {
    pub(super) fn said(self, cell: &str) -> Said {
        if cell.trim().is_empty() {
            return Said::Nothing;
        }
        match (answer(cell), self.opts_out) {
            (Some(false), true) if refuses(cell) => Said::No,
            (Some(false), true) => Said::Nothing,
            (Some(true), true) if fold(cell).contains("in") => Said::Nothing,
            (Some(true), true) | (Some(false), false) => Said::No,
            (Some(true), false) => Said::Yes,
            (None, _) => Said::Unclear,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_of_consents_are_recognised() {
        use Channel::*;
        for (heading, channel, opts_out) in [
            ("E-mail OK", Email, false),
            ("Email allowed?", Email, false),
            ("hipaa_allowemail", Email, false),
            ("hipaa_allowsms", Sms, false),
            ("EmailOptIn", Email, false),
            ("email opt-out", Email, true),
            ("Do not email", Email, true),
            ("noemail", Email, true),
            ("Unsubscribed", Any, true),
            ("SMS consent", Sms, false),
            ("OK to text?", Sms, false),
            ("Text reminders (Y/N)", Sms, false),
            ("Email notifications", Email, false),
            ("OK to phone", Voice, false),
            ("Telephone reminders (Y/N)", Voice, false),
            ("Phone consent", Voice, false),
            ("Marketing", Any, false),
            ("Reminders", Any, false),
            ("Do Not Contact", Any, true),
            ("Consent", Any, false),
        ] {
            let found = consent_column(heading).map(|found| (found.channel, found.opts_out));
            assert_eq!(found, Some((channel, opts_out)), "{heading}");
        }
        for heading in [
            "",
            "E-mail",
            "Email address",
            "Phone no.",
            "Mobile No",
            "Contact email",
            "Contact phone",
            "Notification email",
            "Telehealth consent",
            "Photo consent",
            "Consent to treatment",
            "Email consent date",
            "Text",
            "Phone type",
            "Notes",
            "Cell phone",
            "Emergency contact phone",
            "Guardian consent",
            "Call name",
            "Mailing address",
        ] {
            assert_eq!(consent_column(heading), None, "{heading}");
        }
        assert!(consent_column("Parent email consent").unwrap().of_parent);
    }

    #[test]
    fn a_yes_to_opting_out_is_a_no() {
        let (wants, out) = (consent_column("Email OK").unwrap(), consent_column("Email opt-out").unwrap());
        for no in
            ["no", "NO", "N", "0", "false", "No, asked in 2020", "unsubscribed", "Opted out", "never", "do not email"]
        {
            assert_eq!(wants.said(no), Said::No, "{no}");
        }
        for yes in ["yes", "Y", "1", "TRUE", "opted in", "x"] {
            assert_eq!(wants.said(yes), Said::Yes, "{yes}");
        }
        assert_eq!((wants.said(""), wants.said("mornings")), (Said::Nothing, Said::Unclear));
        for no in ["yes", "1", "x", "opted out", "Unsubscribed"] {
            assert_eq!(out.said(no), Said::No, "{no}");
        }
        assert_eq!(
            (out.said("no"), out.said("0"), out.said("opted in")),
            (Said::Nothing, Said::Nothing, Said::Nothing)
        );
    }
}
