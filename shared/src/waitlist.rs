//! The waiting list: who waits for which time, and the offers of times that became free.

use crate::parse::{self, Fields};
use crate::practice::{DayForm, Hours, HoursForm};
use crate::vocabulary::vocabulary;
use crate::{AppointmentId, ClientId, LocationId, Problem, Refusal, ServiceId, StaffId};
use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The longest note, in characters.
const NOTE_MAX: usize = 500;
/// The longest time to wait.
const YEARS_MAX: u32 = 1;
/// How long a client waits unless they say otherwise, in days.
pub const USUAL_DAYS: u64 = 60;
/// For how many things a client waits at the same time, if they enter themself.
pub const OWN_MAX: i64 = 5;

vocabulary! {
    WaitState {
        Waiting = "waiting", "Waiting";
        /// A time is offered and not yet answered.
        Offered = "offered", "Offered";
        Booked = "booked", "Booked";
        Withdrawn = "withdrawn", "Withdrawn";
        /// The last day has passed.
        Lapsed = "lapsed", "Ended";
    }
}

impl WaitState {
    /// Whether they still wait.
    pub const fn is_open(self) -> bool {
        matches!(self, WaitState::Waiting | WaitState::Offered)
    }
}

vocabulary! {
    OfferState {
        Open = "open", "Waiting for an answer";
        Accepted = "accepted", "Accepted";
        Declined = "declined", "Declined";
        /// The time to answer has passed.
        Lapsed = "lapsed", "No answer";
        Withdrawn = "withdrawn", "Withdrawn";
    }
}

/// An entry, as typed by staff or by a client.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WaitForm {
    pub client: String,
    pub service: String,
    /// Empty: anyone who offers the service.
    pub practitioner: String,
    /// Empty: anywhere.
    pub location: String,
    /// Has this appointment already, and would like an earlier one.
    pub appointment: String,
    /// Empty: today.
    pub first_on: String,
    pub last_on: String,
    /// When they can come, two periods a day. All blank: as their weekly availability says.
    pub days: Vec<DayForm>,
    /// Staff only.
    pub urgent: bool,
    pub note: String,
    /// A double submit carries the same.
    pub request_key: String,
    /// Of an entry that is changed.
    pub version: String,
}

/// Who waits, for what, and when they can come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wait {
    pub client: ClientId,
    pub service: ServiceId,
    pub practitioner: Option<StaffId>,
    pub location: Option<LocationId>,
    pub appointment: Option<AppointmentId>,
    pub first_on: NaiveDate,
    /// The last day.
    pub last_on: NaiveDate,
    pub windows: Vec<Hours>,
    pub urgent: bool,
    pub note: String,
}

impl WaitForm {
    /// `today` is the day at the venue.
    ///
    /// # Errors
    /// At each field; those of the hours at `days.{0..6}.starts` and so on.
    pub fn parse(&self, today: NaiveDate) -> Result<Wait, Refusal> {
        let mut fields = Fields::default();
        let client = fields.take_or("client", parse::id(&self.client), || ClientId(Uuid::nil()));
        let service = fields.take_or("service", parse::id(&self.service), || ServiceId(Uuid::nil()));
        let practitioner = fields.take("practitioner", parse::optional(&self.practitioner, parse::id));
        let location = fields.take("location", parse::optional(&self.location, parse::id));
        let appointment = fields.take("appointment", parse::optional(&self.appointment, parse::id));
        let first_on = fields.take("first_on", parse::optional(&self.first_on, parse::date)).unwrap_or(today);
        let last_on = match self.last_on.trim() {
            "" => Err(Problem::Required),
            text => parse::date(text),
        };
        let last_on = fields.take_or("last_on", last_on, || first_on.max(today));
        let note = fields.take("note", parse::lines(&self.note, NOTE_MAX));
        if last_on < first_on || last_on < today {
            fields.note("last_on", Problem::EndBeforeStart);
        }
        if last_on.years_since(first_on).is_some_and(|years| years >= YEARS_MAX) {
            fields.note("last_on", Problem::LongerThan { years: YEARS_MAX });
        }
        let hours = HoursForm { days: self.days.clone(), version: String::new() };
        let windows = match hours.parse() {
            Ok(windows) => windows,
            Err(Refusal::Invalid(problems)) => {
                for (field, problem) in problems.0 {
                    fields.note(&field, problem);
                }
                Vec::new()
            }
            Err(refusal) => return Err(refusal),
        };
        fields.finish()?;
        let urgent = self.urgent;
        Ok(Wait { client, service, practitioner, location, appointment, first_on, last_on, windows, urgent, note })
    }
}

/// Whether an appointment on the clocks from `starts` to `ends` lies whole within one of the
/// windows. No windows: at any time.
pub fn within(windows: &[Hours], starts: NaiveDateTime, ends: NaiveDateTime) -> bool {
    let day = starts.date().and_time(chrono::NaiveTime::MIN);
    let minute = |at: NaiveDateTime| {
        let minutes = (at - day).num_minutes();
        if at.second() > 0 { minutes + 1 } else { minutes }
    };
    let weekday = starts.weekday().number_from_monday() as i16;
    windows.is_empty()
        || windows.iter().any(|one| {
            one.weekday == weekday && i64::from(one.starts) <= minute(starts) && minute(ends) <= i64::from(one.ends)
        })
}

/// How offers are made, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OfferSettingsForm {
    pub minutes: String,
    pub by_itself: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfferSettings {
    /// How long a client has to answer.
    pub minutes: i16,
    /// Offers are made without staff.
    pub by_itself: bool,
}

impl OfferSettingsForm {
    pub fn parse(&self) -> Result<OfferSettings, Refusal> {
        let mut fields = Fields::default();
        let minutes = match self.minutes.trim() {
            "" => Err(Problem::Required),
            text => parse::whole(text, 10, 1440),
        };
        let minutes = fields.take("minutes", minutes) as i16;
        fields.finish()?;
        Ok(OfferSettings { minutes, by_itself: self.by_itself })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn at(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
    }

    fn form() -> WaitForm {
        let id = Uuid::from_u128(1).to_string();
        WaitForm { client: id.clone(), service: id, last_on: "2027-02-28".into(), ..WaitForm::default() }
    }

    #[test]
    fn an_entry_begins_today_unless_it_says_otherwise() {
        let wait = form().parse(day("2027-01-04")).unwrap();
        assert_eq!((wait.first_on, wait.last_on), (day("2027-01-04"), day("2027-02-28")));
        assert!(wait.windows.is_empty() && wait.practitioner.is_none() && !wait.urgent);
    }

    #[test]
    fn each_fault_stands_at_its_field() {
        let fault = |form: WaitForm, field: &str| match form.parse(day("2027-01-04")) {
            Err(Refusal::Invalid(errors)) => errors.get(field).cloned(),
            other => panic!("{other:?}"),
        };
        assert_eq!(fault(WaitForm { service: String::new(), ..form() }, "service"), Some(Problem::Required));
        assert_eq!(fault(WaitForm { client: "no one".into(), ..form() }, "client"), Some(Problem::Unknown));
        assert_eq!(fault(WaitForm { last_on: String::new(), ..form() }, "last_on"), Some(Problem::Required));
        assert_eq!(
            fault(WaitForm { last_on: "2027-01-03".into(), ..form() }, "last_on"),
            Some(Problem::EndBeforeStart)
        );
        let late = WaitForm { first_on: "2027-03-01".into(), ..form() };
        assert_eq!(fault(late, "last_on"), Some(Problem::EndBeforeStart));
        let long = WaitForm { last_on: "2028-01-04".into(), ..form() };
        assert_eq!(fault(long, "last_on"), Some(Problem::LongerThan { years: 1 }));
        let note = WaitForm { note: "x".repeat(10_000), ..form() };
        assert_eq!(fault(note, "note"), Some(Problem::TooLong { max: 500 }));
        let hours = DayForm { starts: "10:00".into(), ..DayForm::default() };
        assert_eq!(fault(WaitForm { days: vec![hours], ..form() }, "days.0.ends"), Some(Problem::Required));
    }

    #[test]
    fn a_time_fits_a_window_only_whole() {
        // Mondays until noon.
        let mornings = [Hours { weekday: 1, starts: 540, ends: 720 }];
        assert!(within(&mornings, at("2027-01-04 09:00"), at("2027-01-04 10:00")));
        assert!(within(&mornings, at("2027-01-04 11:00"), at("2027-01-04 12:00")));
        assert!(!within(&mornings, at("2027-01-04 11:30"), at("2027-01-04 12:30")));
        assert!(!within(&mornings, at("2027-01-05 09:00"), at("2027-01-05 10:00")), "a Tuesday");
        assert!(within(&[], at("2027-01-05 03:00"), at("2027-01-05 04:00")));
        let evening = [Hours { weekday: 1, starts: 1380, ends: 1440 }];
        assert!(within(&evening, at("2027-01-04 23:00"), at("2027-01-05 00:00")), "until midnight");
        assert!(!within(&evening, at("2027-01-04 23:30"), at("2027-01-05 00:30")), "over midnight");
    }

    #[test]
    fn the_time_to_answer_is_between_ten_minutes_and_a_day() {
        let minutes = |text: &str| OfferSettingsForm { minutes: text.into(), by_itself: true }.parse();
        assert_eq!(minutes("60"), Ok(OfferSettings { minutes: 60, by_itself: true }));
        for text in ["", "9", "1441", "soon"] {
            assert!(minutes(text).is_err(), "{text}");
        }
    }
}
