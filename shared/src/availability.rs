//! Time off, closed days and extra hours.

use crate::parse::{self, Fields};
use crate::vocabulary::vocabulary;
use crate::{LocationId, Problem, Refusal, StaffId};
use chrono::{Days, NaiveDateTime, NaiveTime};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// How an exception differs from the weekly hours.
    Kind {
        Off = "off", "Time off";
        Open = "open", "Extra hours";
    }
}

/// Time off, a closed day or extra hours, as typed. Without times it is of whole days.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExceptionForm {
    pub kind: String,
    /// Empty: everyone.
    pub practitioner: String,
    /// Empty: everywhere.
    pub location: String,
    pub first_day: String,
    /// Empty: the first day.
    pub last_day: String,
    pub starts: String,
    pub ends: String,
    pub reason: String,
    /// A double submit carries the same.
    pub request_key: String,
}

/// An exception on the clocks of its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExceptionDetails {
    pub kind: Kind,
    pub practitioner: Option<StaffId>,
    pub location: Option<LocationId>,
    pub starts: NaiveDateTime,
    /// Exclusive: the next midnight for the end of a day.
    pub ends: NaiveDateTime,
    pub reason: String,
    pub request_key: Option<uuid::Uuid>,
}

/// The longest exception.
const YEARS_MAX: u32 = 2;

impl ExceptionForm {
    /// # Errors
    /// At each field; `practitioner` for extra hours of no one.
    pub fn parse(&self) -> Result<ExceptionDetails, Refusal> {
        let mut fields = Fields::default();
        let kind = fields.take("kind", self.kind.trim().parse().map(Some)).unwrap_or(Kind::Off);
        let practitioner = fields.take("practitioner", parse::optional(&self.practitioner, parse::id));
        let location = fields.take("location", parse::optional(&self.location, parse::id));
        let first = fields.take("first_day", parse::optional(&self.first_day, parse::date));
        let last = fields.take("last_day", parse::optional(&self.last_day, parse::date)).or(first);
        let starts = fields.take("starts", parse::optional(&self.starts, parse::time));
        let ends = fields.take("ends", parse::optional(&self.ends, parse::time));
        let reason = fields.take("reason", parse::line(&self.reason, 120));
        let request_key = fields.take("request_key", parse::optional(&self.request_key, parse::id));
        if self.first_day.trim().is_empty() {
            fields.note("first_day", Problem::Required);
        }
        if kind == Kind::Open && practitioner.is_none() && self.practitioner.trim().is_empty() {
            fields.note("practitioner", Problem::Required);
        }
        match (starts, ends) {
            (Some(_), None) if self.ends.trim().is_empty() => fields.note("ends", Problem::Required),
            (None, Some(_)) if self.starts.trim().is_empty() => fields.note("starts", Problem::Required),
            (None, None) if kind == Kind::Open && self.starts.trim().is_empty() => {
                fields.note("starts", Problem::Required)
            }
            _ => {}
        }
        let (first, last) = (first.unwrap_or_default(), last.unwrap_or_default());
        let starts_at = first.and_time(starts.unwrap_or(NaiveTime::MIN));
        // Midnight as an end is the end of that day.
        let ends_at = match ends.filter(|end| *end != NaiveTime::MIN) {
            Some(end) => last.and_time(end),
            None => last.checked_add_days(Days::new(1)).unwrap_or(last).and_time(NaiveTime::MIN),
        };
        if ends_at <= starts_at {
            fields.note(if last < first || ends.is_none() { "last_day" } else { "ends" }, Problem::EndBeforeStart);
        }
        if last.years_since(first).is_some_and(|years| years >= YEARS_MAX) {
            fields.note("last_day", Problem::LongerThan { years: YEARS_MAX });
        }
        fields.finish()?;
        Ok(ExceptionDetails { kind, practitioner, location, starts: starts_at, ends: ends_at, reason, request_key })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(first: &str, last: &str, starts: &str, ends: &str) -> ExceptionForm {
        ExceptionForm {
            kind: "off".into(),
            first_day: first.into(),
            last_day: last.into(),
            starts: starts.into(),
            ends: ends.into(),
            ..ExceptionForm::default()
        }
    }

    fn at(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
    }

    #[test]
    fn whole_days_last_until_the_next_midnight() {
        let one = form("2027-02-01", "", "", "").parse().unwrap();
        assert_eq!((one.starts, one.ends), (at("2027-02-01 00:00"), at("2027-02-02 00:00")));
        let week = form("2027-02-01", "2027-02-05", "", "").parse().unwrap();
        assert_eq!(week.ends, at("2027-02-06 00:00"));
        let evening = form("2027-02-01", "", "18:00", "00:00").parse().unwrap();
        assert_eq!((evening.starts, evening.ends), (at("2027-02-01 18:00"), at("2027-02-02 00:00")));
        let trip = form("2027-02-01", "2027-02-03", "15:00", "10:00").parse().unwrap();
        assert_eq!((trip.starts, trip.ends), (at("2027-02-01 15:00"), at("2027-02-03 10:00")));
    }

    #[test]
    fn each_fault_stands_at_its_field() {
        let fault = |form: ExceptionForm, field: &str| match form.parse() {
            Err(Refusal::Invalid(errors)) => errors.get(field).cloned(),
            other => panic!("{other:?}"),
        };
        assert_eq!(fault(form("", "", "", ""), "first_day"), Some(Problem::Required));
        assert_eq!(fault(form("soon", "", "", ""), "first_day"), Some(Problem::NotADate));
        assert_eq!(fault(form("2027-02-02", "2027-02-01", "", ""), "last_day"), Some(Problem::EndBeforeStart));
        assert_eq!(fault(form("2027-02-02", "", "10:00", ""), "ends"), Some(Problem::Required));
        assert_eq!(fault(form("2027-02-02", "", "10:00", "09:00"), "ends"), Some(Problem::EndBeforeStart));
        let years = Problem::LongerThan { years: 2 };
        assert_eq!(fault(form("2027-02-02", "2029-02-02", "", ""), "last_day"), Some(years));
        let open = ExceptionForm { kind: "open".into(), ..form("2027-02-02", "", "", "") };
        assert_eq!(fault(open.clone(), "practitioner"), Some(Problem::Required));
        assert_eq!(fault(open, "starts"), Some(Problem::Required));
    }
}
