//! Reminders of appointments: the rules that administrators set.

use crate::parse::{self, Fields};
use crate::{Problem, Refusal, RuleId};
use chrono::NaiveTime;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The longest time before an appointment, in hours: a week.
pub const HOURS_MAX: i64 = 168;

/// When clients are reminded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reminder {
    /// Elapsed hours before the start.
    HoursBefore(i16),
    /// At a local time of the venue, on the calendar day before.
    DayBefore(NaiveTime),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReminderRule {
    pub id: RuleId,
    pub when: Reminder,
}

impl fmt::Display for Reminder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reminder::HoursBefore(1) => f.write_str("1 hour before"),
            Reminder::HoursBefore(hours) => write!(f, "{hours} hours before"),
            Reminder::DayBefore(at) => write!(f, "The day before at {}", at.format("%-I:%M %P")),
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReminderForm {
    /// `hours_before` or `day_before`.
    pub kind: String,
    pub hours: String,
    pub at: String,
}

impl ReminderForm {
    pub fn parse(&self) -> Result<Reminder, Refusal> {
        let mut fields = Fields::default();
        let when = match self.kind.trim() {
            "hours_before" => {
                let hours = match self.hours.trim() {
                    "" => Err(Problem::Required),
                    text => parse::whole(text, 1, HOURS_MAX),
                };
                Reminder::HoursBefore(fields.take_or("hours", hours, || 1) as i16)
            }
            "day_before" => {
                let at = match self.at.trim() {
                    "" => Err(Problem::Required),
                    text => parse::time(text),
                };
                Reminder::DayBefore(fields.take("at", at))
            }
            _ => {
                fields.note("kind", Problem::Unknown);
                Reminder::HoursBefore(1)
            }
        };
        fields.finish()?;
        Ok(when)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(kind: &str, hours: &str, at: &str) -> ReminderForm {
        ReminderForm { kind: kind.into(), hours: hours.into(), at: at.into() }
    }

    #[test]
    fn a_rule_is_said_in_words() {
        assert_eq!(form("hours_before", "24", "").parse().unwrap().to_string(), "24 hours before");
        assert_eq!(form("day_before", "x", "17:00").parse().unwrap().to_string(), "The day before at 5:00 pm");
    }

    #[test]
    fn only_the_field_that_counts_is_read() {
        let range = Problem::OutOfRange { min: 1, max: HOURS_MAX };
        assert_eq!(form("hours_before", "169", "x").parse(), Err(Refusal::field("hours", range)));
        assert_eq!(form("day_before", "", "").parse(), Err(Refusal::field("at", Problem::Required)));
        assert_eq!(form("", "", "").parse(), Err(Refusal::field("kind", Problem::Unknown)));
    }
}
