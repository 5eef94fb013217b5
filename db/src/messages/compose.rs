//! The words of every mail. Pure; values come in as they are and are made
//! safe here, by [`one_line`].

use super::recipients::Recipient;
use super::text::{one_line, subject};
use crate::time::Zone;
use chrono::{DateTime, Utc};
use shared::practice::fill_welcome;

/// Subject and plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mail {
    pub subject: String,
    pub body: String,
}

/// What mail needs of the practice.
#[derive(Debug, Clone)]
pub(super) struct Sender {
    pub name: String,
    pub welcome_subject: String,
    pub welcome_body: String,
    /// How the practice is reached; empty for what was not given.
    pub phone: String,
    pub email: String,
    pub website: String,
    pub address: String,
}

impl Sender {
    /// The foot of every mail: who writes, and how they are reached.
    fn foot(&self) -> String {
        let mut lines = vec![one_line(&self.name)];
        lines.extend([&self.phone, &self.email, &self.website, &self.address].map(|text| one_line(text)));
        lines.retain(|line| !line.is_empty());
        lines.join("\n")
    }

    /// The text, and the foot below it.
    pub(super) fn signed(&self, text: &str) -> String {
        format!("{}\n\n-- \n{}\n", text.trim_end(), self.foot())
    }
}

/// An appointment, as far as mail tells of it.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub cancelled: bool,
    pub service: String,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    /// The venue's IANA zone when it was booked.
    pub zone: String,
    pub practitioner: String,
    pub location: String,
    pub address: String,
    /// How the person who attends is called.
    pub first_name: String,
    /// Their whole name: for themself only.
    pub name: String,
}

/// About an appointment. A linked client's copy names the person by first
/// name and reveals nothing else: not who booked, nor who else is told.
pub(super) fn appointment(told: &Told, to: &Recipient, base_url: &str) -> Mail {
    let venue = Zone::stored(&told.zone);
    let first_name = one_line(&told.first_name);
    let happened = if told.cancelled { "cancelled" } else { "confirmed" };
    let day_and_time = format!(
        "{}, {} {}",
        venue.long_date(told.starts_at),
        venue.clock(told.starts_at),
        venue.abbreviation(told.starts_at)
    );
    let (about, sentence, whom) = if to.linked {
        (format!(" for {first_name}"), format!("An appointment for {first_name} is {happened}."), first_name.clone())
    } else {
        (String::new(), format!("Your appointment is {happened}."), one_line(&told.name))
    };
    let place: Vec<String> = [&told.location, &told.address]
        .into_iter()
        .map(|part| one_line(part))
        .filter(|part| !part.is_empty())
        .collect();
    let minutes = (told.ends_at - told.starts_at).num_minutes();
    let mut lines = vec![
        format!("Hello {},", one_line(&to.first_name)),
        String::new(),
        sentence,
        String::new(),
        format!("What: {}, {minutes} minutes", one_line(&told.service)),
        format!("When: {}", span(&venue, told)),
    ];
    lines.extend(to.zone.as_deref().and_then(|zone| elsewhere(&venue, zone, told)));
    lines.push(format!("With: {}", one_line(&told.practitioner)));
    lines.push(format!("Where: {}", place.join(", ")));
    lines.push(format!("For: {whom}"));
    lines.push(String::new());
    if to.linked {
        lines.push(format!("This is a copy for you, because you get copies of {first_name}'s appointment emails."));
        lines.push(String::new());
    } else if to.has_login {
        lines.push(format!("All your appointments: {base_url}/my/appointments"));
        lines.push(String::new());
    }
    Mail { subject: subject(&format!("Appointment {happened}{about}: {day_and_time}")), body: lines.join("\n") + "\n" }
}

/// `Monday 9 March 2026, 9:30 am to 10:20 am EDT`; both abbreviations where
/// the clocks change in between.
fn span(zone: &Zone, told: &Told) -> String {
    let (starts, ends) = (told.starts_at, told.ends_at);
    let (first, last) = (zone.abbreviation(starts), zone.abbreviation(ends));
    let first = if first == last { String::new() } else { format!(" {first}") };
    format!("{}, {}{first} to {} {last}", zone.long_date(starts), zone.clock(starts), zone.clock(ends))
}

/// The same in the recipient's own zone, if their clocks then show another time.
fn elsewhere(venue: &Zone, own: &str, told: &Told) -> Option<String> {
    let own = Zone::parse(own).ok()?;
    let differs = |at| own.local(at) != venue.local(at);
    (differs(told.starts_at) || differs(told.ends_at)).then(|| format!("In your time zone: {}", span(&own, told)))
}

/// The practice's own words (B17), with the claim link in the body alone: a
/// subject shows where a body does not.
pub(super) fn welcome(to: &Recipient, practice: &Sender, link: &str) -> Mail {
    let (first_name, name) = (one_line(&to.first_name), one_line(&practice.name));
    Mail {
        subject: subject(&fill_welcome(&practice.welcome_subject, &first_name, &name, "{link}")),
        body: fill_welcome(&practice.welcome_body, &first_name, &name, link),
    }
}

pub(super) fn reset(to: &Recipient, practice: &Sender, username: &str, link: &str) -> Mail {
    let (first_name, name, username) = (one_line(&to.first_name), one_line(&practice.name), one_line(username));
    Mail {
        subject: subject(&format!("Reset your {name} password")),
        body: format!(
            "Hi {first_name},\n\n\
             We got a request to reset your {name} password for the username {username}. \
             Set a new one here (expires in 2 hours):\n\n\
             {link}\n\n\
             Didn’t ask for this? Ignore this email. Your password won’t change.\n"
        ),
    }
}

/// To the address from before. It says neither whose account it is nor what the
/// address is now: the old one may have been mistyped, or the new one a thief's.
pub(super) fn address_change(practice: &Sender) -> Mail {
    let name = one_line(&practice.name);
    Mail {
        subject: subject(&format!("Your email address at {name} was changed")),
        body: format!(
            "Hi,\n\n\
             Your email address at {name} was changed. Messages and password links no longer come to this address.\n\n\
             Didn’t ask for this? Contact {name} right away.\n"
        ),
    }
}

/// To a staff member, with the link that lets them choose a password.
pub(super) fn invitation(to: &Recipient, practice: &Sender, link: &str) -> Mail {
    let (first_name, name) = (one_line(&to.first_name), one_line(&practice.name));
    Mail {
        subject: subject(&format!("You’re invited to {name}")),
        body: format!(
            "Hello {first_name},\n\n\
             {name} has added you to its team. Choose a password with the link below. \
             It works once and expires in 72 hours:\n\n\
             {link}\n\n\
             If you did not expect this email, you can ignore it.\n"
        ),
    }
}

/// Without the name that was typed: until the link is followed it is a stranger's
/// words, and this goes to whatever address they typed.
pub(super) fn registration(practice: &Sender, link: &str) -> Mail {
    let name = one_line(&practice.name);
    Mail {
        subject: subject(&format!("Your account at {name}")),
        body: format!(
            "Hi,\n\n\
             Finish setting up your {name} account. The link expires in 72 hours:\n\n\
             {link}\n\n\
             Didn’t request this? Ignore this email. No account is created.\n"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn told() -> Told {
        Told {
            cancelled: false,
            service: "Physiotherapy".into(),
            starts_at: at("2026-03-09T13:30:00Z"),
            ends_at: at("2026-03-09T14:20:00Z"),
            zone: "America/Toronto".into(),
            practitioner: "Sam Chen".into(),
            location: "Main clinic".into(),
            address: "12 King Street\nToronto".into(),
            first_name: "Mia".into(),
            name: "Mia Okafor".into(),
        }
    }

    fn to(linked: bool, zone: &str) -> Recipient {
        Recipient {
            address: "a@example.com".into(),
            client: None,
            linked,
            first_name: "Ana".into(),
            zone: Some(zone.into()),
            has_login: true,
        }
    }

    fn practice() -> Sender {
        Sender {
            name: "Elm".into(),
            welcome_subject: "Welcome to {practice} {link}".into(),
            welcome_body: "Hello {first_name}: {link}".into(),
            phone: "416 555 0123".into(),
            email: String::new(),
            website: "https://elm.example".into(),
            address: "12 King Street\nToronto".into(),
        }
    }

    #[test]
    fn every_mail_says_who_writes_and_how_they_are_reached() {
        assert_eq!(
            practice().signed("Hello\n\n"),
            "Hello\n\n-- \nElm\n416 555 0123\nhttps://elm.example\n12 King Street Toronto\n"
        );
        let silent = Sender { phone: String::new(), website: String::new(), address: String::new(), ..practice() };
        assert_eq!(silent.signed("Hello"), "Hello\n\n-- \nElm\n");
    }

    #[test]
    fn the_time_is_the_venues_and_the_recipients() {
        let mail = appointment(&told(), &to(false, "America/Toronto"), "https://k.test");
        assert_eq!(mail.subject, "Appointment confirmed: Monday 9 March 2026, 9:30 am EDT");
        assert!(mail.body.contains("When: Monday 9 March 2026, 9:30 am to 10:20 am EDT\nWith: Sam Chen\nWhere: Main clinic, 12 King Street Toronto\nFor: Mia Okafor\n"));
        let mail = appointment(&told(), &to(false, "Asia/Tokyo"), "https://k.test");
        assert!(mail.body.contains("In your time zone: Monday 9 March 2026, 10:30 pm to 11:20 pm JST"));
        // Other names of the same time say nothing new.
        assert!(!appointment(&told(), &to(false, "America/New_York"), "").body.contains("In your time zone"));
    }

    #[test]
    fn a_clock_change_in_between_shows() {
        let told = Told { starts_at: at("2026-11-01T05:30:00Z"), ends_at: at("2026-11-01T06:30:00Z"), ..told() };
        let mail = appointment(&told, &to(false, "America/Toronto"), "");
        assert!(mail.body.contains("1:30 am EDT to 1:30 am EST"), "{}", mail.body);
    }

    #[test]
    fn a_copy_says_for_whom_and_no_more() {
        let mail = appointment(&Told { cancelled: true, ..told() }, &to(true, "America/Toronto"), "https://k.test");
        assert!(mail.subject.starts_with("Appointment cancelled for Mia: "));
        assert!(mail.body.contains("An appointment for Mia is cancelled.") && !mail.body.contains("Okafor"));
        assert!(!mail.body.contains("https://"));
    }

    #[test]
    fn no_value_forges_a_line_or_a_header() {
        let evil = "Mia\r\nBcc: x@example.com\r\n\r\nPay at https://evil.test";
        let told = Told { first_name: evil.into(), name: evil.into(), service: evil.into(), ..told() };
        for linked in [false, true] {
            let mail = appointment(&told, &to(linked, "America/Toronto"), "");
            assert!(
                !mail.subject.contains(['\r', '\n']) && !mail.body.contains("\nBcc") && !mail.body.contains("\nPay")
            );
        }
        let mail = welcome(
            &Recipient { first_name: "{link}\r\nBcc: x".into(), ..to(false, "UTC") },
            &practice(),
            "https://k.test/claim/s",
        );
        assert_eq!(mail.subject, "Welcome to Elm {link}");
        assert_eq!(mail.body, "Hello {link} Bcc: x: https://k.test/claim/s");
    }
}
