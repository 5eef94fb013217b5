//! Dates and times in the language of a message.

use super::{Beside, Zone};
use chrono::{DateTime, Datelike, Timelike, Utc};
use shared::texts::Language;

const DAYS: [&str; 7] = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];
const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

impl Zone {
    /// `Monday 9 March 2026`, `lundi 9 mars 2026`.
    pub fn date_in(&self, language: Language, at: DateTime<Utc>) -> String {
        match language {
            Language::English => self.long_date(at),
            Language::French => {
                let date = self.local(at).date();
                let first = if date.day() == 1 { "er" } else { "" };
                let day = DAYS[date.weekday().num_days_from_monday() as usize];
                format!("{day} {}{first} {} {}", date.day(), MONTHS[date.month0() as usize], date.year())
            }
        }
    }

    /// `Mon 9 Mar`, `9 mars`: for text messages.
    pub fn short_date_in(&self, language: Language, at: DateTime<Utc>) -> String {
        match language {
            Language::English => self.short_date(at),
            Language::French => {
                let date = self.local(at).date();
                let first = if date.day() == 1 { "er" } else { "" };
                format!("{}{first} {}", date.day(), MONTHS[date.month0() as usize])
            }
        }
    }

    /// `9:30 am`, `9 h 30`; with the offset in an hour that happens twice.
    pub fn exact_clock_in(&self, language: Language, at: DateTime<Utc>) -> String {
        match language {
            Language::English => self.exact_clock(at),
            Language::French => {
                let clock = self.clock_in(language, at);
                if self.happens_twice(at) { format!("{clock} ({})", self.offset(at)) } else { clock }
            }
        }
    }

    fn clock_in(&self, language: Language, at: DateTime<Utc>) -> String {
        match language {
            Language::English => self.clock(at),
            Language::French => {
                let time = self.local(at).time();
                match time.minute() {
                    0 => format!("{} h", time.hour()),
                    minutes => format!("{} h {minutes:02}", time.hour()),
                }
            }
        }
    }

    /// `9:30 am to 10:20 am`, `9 h 30 à 10 h 20`.
    pub fn span_in(
        &self,
        language: Language,
        starts: DateTime<Utc>,
        ends: DateTime<Utc>,
        beside: Beside<'_>,
    ) -> String {
        let to = match language {
            Language::English => " to ",
            Language::French => " à ",
        };
        self.span_of((self.clock_in(language, starts), self.clock_in(language, ends)), starts, ends, to, beside)
    }

    /// `Times are in Toronto time.`
    pub fn note_in(&self, language: Language) -> String {
        match (language, self.name()) {
            (Language::English, _) => self.note(),
            (Language::French, "UTC") => "Les heures sont en UTC.".to_owned(),
            (Language::French, _) => format!("Les heures sont celles de {}.", self.place()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn french_has_its_own_dates_and_clocks() {
        let (toronto, french) = (Zone::parse("America/Toronto").unwrap(), Language::French);
        assert_eq!(toronto.date_in(french, at("2026-03-09T13:30:00Z")), "lundi 9 mars 2026");
        assert_eq!(toronto.date_in(french, at("2026-08-01T16:00:00Z")), "samedi 1er août 2026");
        assert_eq!(toronto.exact_clock_in(french, at("2026-08-01T16:00:00Z")), "12 h");
        let (starts, ends) = (at("2026-03-09T13:05:00Z"), at("2026-03-09T18:00:00Z"));
        assert_eq!(toronto.span_in(french, starts, ends, Beside::Venue), "9 h 05 à 14 h");
        assert_eq!(toronto.exact_clock_in(french, at("2026-11-01T06:30:00Z")), "1 h 30 (UTC−5)");
        assert_eq!(toronto.note_in(french), "Les heures sont celles de Toronto.");
    }

    #[test]
    fn english_is_as_on_pages() {
        let (toronto, english) = (Zone::parse("America/Toronto").unwrap(), Language::English);
        let (starts, ends) = (at("2026-03-09T13:30:00Z"), at("2026-03-09T14:20:00Z"));
        assert_eq!(toronto.date_in(english, starts), "Monday 9 March 2026");
        assert_eq!(toronto.span_in(english, starts, ends, Beside::Venue), "9:30 am to 10:20 am");
    }
}
