//! The first start: the first administrator, and what the practice begins with.

use super::{CURRENCIES, Section};
use crate::accounts::Secret;
use crate::parse::{self, Fields};
use crate::vocabulary::vocabulary;
use crate::{Problem, Refusal};
use serde::{Deserialize, Serialize};

/// The first administrator, as typed on the page of the set-up link.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SetupForm {
    pub token: Secret,
    pub first_name: String,
    pub last_name: String,
    pub email: String,
    pub password: Secret,
    pub again: Secret,
}

vocabulary! {
    /// What a practice does: decides what it begins with, and nothing later.
    PracticeKind {
        Clinic = "clinic", "Clinic";
        Counselling = "counselling", "Counselling";
        Tutoring = "tutoring", "Tutoring";
        Other = "other", "Something else";
    }
}

/// A service that a new practice begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstService {
    pub name: &'static str,
    pub description: &'static str,
    pub duration_minutes: i32,
    pub buffer_minutes: i32,
    pub price_cents: i64,
}

const fn service(
    name: &'static str,
    description: &'static str,
    duration_minutes: i32,
    buffer_minutes: i32,
    price_cents: i64,
) -> FirstService {
    FirstService { name, description, duration_minutes, buffer_minutes, price_cents }
}

impl PracticeKind {
    /// What it calls a client, one and many.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            PracticeKind::Clinic => ("patient", "patients"),
            PracticeKind::Counselling | PracticeKind::Other => ("client", "clients"),
            PracticeKind::Tutoring => ("student", "students"),
        }
    }

    /// Sections that it does without at first.
    pub const fn sections_off(self) -> &'static [Section] {
        match self {
            PracticeKind::Clinic | PracticeKind::Counselling => &[],
            PracticeKind::Tutoring | PracticeKind::Other => &[Section::Coverage],
        }
    }

    /// Three services to begin with; all of them can be changed.
    pub const fn services(self) -> [FirstService; 3] {
        match self {
            PracticeKind::Clinic => [
                service("First visit", "History, examination and a plan.", 60, 10, 12_000),
                service("Follow-up visit", "Review and treatment.", 30, 5, 7_500),
                service("Extended visit", "For more than one concern.", 45, 10, 9_500),
            ],
            PracticeKind::Counselling => [
                service("First session", "We get to know each other and agree on goals.", 60, 15, 15_000),
                service("Individual session", "One person.", 50, 10, 14_000),
                service("Couple or family session", "Two or more people together.", 75, 15, 18_000),
            ],
            PracticeKind::Tutoring => [
                service("Assessment", "We find out where to start.", 60, 10, 8_000),
                service("Lesson", "One student.", 60, 5, 6_000),
                service("Short lesson", "For younger students.", 30, 5, 3_500),
            ],
            PracticeKind::Other => [
                service("First appointment", "We get to know each other.", 60, 10, 10_000),
                service("Appointment", "", 60, 10, 9_000),
                service("Short appointment", "", 30, 5, 5_000),
            ],
        }
    }

    /// For the card that offers it.
    pub fn note(self) -> String {
        let services: Vec<&str> = self.services().iter().map(|service| service.name).collect();
        match self {
            PracticeKind::Other => "General words and services you can change.".to_owned(),
            _ => format!("Starts with: {}.", services.join(", ")),
        }
    }
}

/// What the practice begins with, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FirstRunForm {
    pub kind: String,
    pub name: String,
    pub zone: String,
    pub currency: String,
    /// The person sees clients too.
    pub practitioner: bool,
}

/// That the zone exists only the database's side can say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstRun {
    pub kind: PracticeKind,
    pub name: String,
    pub zone: String,
    pub currency: String,
    pub practitioner: bool,
}

impl FirstRunForm {
    pub fn parse(&self) -> Result<FirstRun, Refusal> {
        let mut fields = Fields::default();
        let required = if self.kind.is_empty() { Err(Problem::Required) } else { self.kind.parse() };
        let kind = fields.take_or("kind", required, || PracticeKind::Other);
        let name = fields.take("name", parse::required(&self.name, 120));
        let zone = fields.take("zone", parse::required(&self.zone, 60));
        let currency = self.currency.trim().to_owned();
        if !CURRENCIES.contains(&currency.as_str()) {
            fields.note("currency", Problem::Unknown);
        }
        fields.finish()?;
        Ok(FirstRun { kind, name, zone, currency, practitioner: self.practitioner })
    }
}

/// What leads a new practice to its first booking, from the data. Each is
/// `true` once it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Checklist {
    /// There is a phone number or an email address to reach the practice.
    pub details: bool,
    /// There is a location with an address.
    pub location: bool,
    /// A practitioner who can log in, or is invited.
    pub practitioner: bool,
    /// A practitioner has weekly hours.
    pub hours: bool,
    /// An active service that an active practitioner offers.
    pub services: bool,
    pub client: bool,
    /// A client has been invited or has an account.
    pub invited: bool,
    pub booked: bool,
}

impl Checklist {
    pub fn is_complete(self) -> bool {
        let all = [
            self.details,
            self.location,
            self.practitioner,
            self.hours,
            self.services,
            self.client,
            self.invited,
            self.booked,
        ];
        all.iter().all(|done| *done)
    }
}

#[cfg(test)]
mod tests {
    use super::super::CLIENT_WORDS;
    use super::*;

    #[test]
    fn every_kind_begins_with_a_known_word_and_three_services() {
        for kind in PracticeKind::ALL {
            assert!(CLIENT_WORDS.contains(&kind.words()), "{kind}");
            let mut names = kind.services().map(|service| service.name);
            names.sort_unstable();
            assert!(names.windows(2).all(|two| two[0] != two[1]), "{kind}");
            assert!(kind.services().iter().all(|service| (5..=720).contains(&service.duration_minutes)), "{kind}");
        }
    }

    #[test]
    fn a_practice_begins_with_a_kind_a_name_a_zone_and_a_currency() {
        let form = FirstRunForm {
            kind: "tutoring".into(),
            name: "Elm".into(),
            zone: "America/Toronto".into(),
            currency: "CAD".into(),
            practitioner: true,
        };
        assert_eq!(form.parse().unwrap().kind, PracticeKind::Tutoring);
        for wrong in [
            FirstRunForm { kind: String::new(), ..form.clone() },
            FirstRunForm { kind: "castle".into(), ..form.clone() },
            FirstRunForm { name: String::new(), ..form.clone() },
            FirstRunForm { currency: "JPY".into(), ..form },
        ] {
            assert!(wrong.parse().is_err(), "{wrong:?}");
        }
    }
}
