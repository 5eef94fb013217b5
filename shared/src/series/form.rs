//! The part of a booking that says how it repeats.

use super::{DATES_MAX, Frequency, Rule, YEARS_MAX};
use crate::appointments::Modality;
use crate::parse::{self, Fields};
use crate::vocabulary::vocabulary;
use crate::{AppointmentId, ClientId, Problem, Refusal, RoomId, ServiceId, StaffId};
use chrono::{Datelike, Months, NaiveDate, NaiveDateTime, NaiveTime, Weekday};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use uuid::Uuid;

vocabulary! {
    /// Which appointments of a series a change is for.
    SeriesScope {
        This = "this", "Only this appointment";
        Later = "later", "This and later appointments";
        /// Upcoming ones, except what was changed by hand.
        All = "all", "All appointments not changed by hand";
    }
}

/// When a series ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The last possible date.
    On(NaiveDate),
    /// After this number of appointments.
    After(u8),
}

/// How an appointment repeats, as typed. The first date is that of the appointment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SeriesForm {
    /// A [`Frequency`]; empty: it does not repeat.
    pub frequency: String,
    pub every: String,
    /// Days ticked for a weekly series, by commas: `mo,th`. The weekday of the first date
    /// is always one of them.
    pub weekdays: String,
    /// `count` or `date`.
    pub ends: String,
    pub count: String,
    pub last_on: String,
}

impl Default for SeriesForm {
    fn default() -> Self {
        SeriesForm {
            frequency: String::new(),
            every: "1".into(),
            weekdays: String::new(),
            ends: "count".into(),
            count: "10".into(),
            last_on: String::new(),
        }
    }
}

/// A rule with its end, and the dates that follow: at least two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    pub rule: Rule,
    pub end: End,
    pub dates: Vec<NaiveDate>,
}

impl Series {
    /// Such as `Every week on Monday, 10 times`.
    pub fn words(&self) -> String {
        let rule = self.rule.words();
        let rule = format!("E{}", rule.strip_prefix('e').unwrap_or(&rule));
        match self.end {
            End::On(day) => format!("{rule}, until {}", day.format("%-d %B %Y")),
            End::After(count) => format!("{rule}, {count} times"),
        }
    }
}

impl SeriesForm {
    pub fn repeats(&self) -> bool {
        !self.frequency.trim().is_empty()
    }

    /// The series that begins on this date; `None` if it does not repeat.
    pub fn parse(&self, first_on: NaiveDate) -> Result<Option<Series>, Refusal> {
        if !self.repeats() {
            return Ok(None);
        }
        let mut fields = Fields::default();
        let frequency = fields.take_or("frequency", self.frequency.trim().parse(), || Frequency::Weekly);
        let every = fields.take_or("every", parse::whole(&self.every, 1, 99), || 1) as u8;
        let mut weekdays = fields.take("weekdays", weekdays(&self.weekdays));
        if frequency != Frequency::Weekly {
            weekdays.clear();
        } else if !weekdays.contains(&first_on.weekday()) {
            weekdays.push(first_on.weekday());
            weekdays.sort_by_key(Weekday::num_days_from_monday);
        }
        let end = match self.ends.trim() {
            "date" => match parse::date(&self.last_on) {
                Ok(day) if day <= first_on => Err(("last_on", Problem::EndBeforeStart)),
                Ok(day) if day > first_on + Months::new(12 * YEARS_MAX) => {
                    Err(("last_on", Problem::LongerThan { years: YEARS_MAX }))
                }
                Ok(day) => Ok(End::On(day)),
                Err(_) if self.last_on.trim().is_empty() => Err(("last_on", Problem::Required)),
                Err(problem) => Err(("last_on", problem)),
            },
            "count" => parse::whole(&self.count, 2, DATES_MAX as i64)
                .map(|count| End::After(count as u8))
                .map_err(|problem| ("count", problem)),
            _ => Err(("ends", Problem::Unknown)),
        };
        let end = match end {
            Ok(end) => end,
            Err((field, problem)) => {
                fields.note(field, problem);
                End::After(2)
            }
        };
        fields.finish()?;
        let rule = Rule { frequency, every, weekdays, first_on };
        let dates = rule.until(end);
        match end {
            _ if dates.first() != Some(&first_on) => Err(Refusal::field("frequency", Problem::FirstDateNotInRule)),
            End::After(count) if dates.len() < usize::from(count) => {
                Err(Refusal::field("count", Problem::LongerThan { years: YEARS_MAX }))
            }
            End::On(_) if dates.len() < 2 => Err(Refusal::field("last_on", Problem::OneDate)),
            End::On(day) if dates.len() == DATES_MAX && rule.dates().nth(DATES_MAX).is_some_and(|next| next <= day) => {
                Err(Refusal::field("last_on", Problem::TooManyDates { max: DATES_MAX }))
            }
            _ => Ok(Some(Series { rule, end, dates })),
        }
    }
}

/// A series to be booked: what each appointment is, when the first begins, how it
/// repeats, and a choice for each date.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SeriesBookingForm {
    pub client: String,
    pub service: String,
    pub practitioner: String,
    /// Empty: the service's rooms decide.
    pub room: String,
    /// Empty: in person.
    pub modality: String,
    /// The first appointment's local time at the venue, such as `2026-03-09T09:30`.
    pub starts: String,
    pub rule: SeriesForm,
    /// What is not here is booked at the time of the series.
    pub dates: Vec<DateForm>,
    /// Why some are booked over conflicts.
    pub reason: String,
    /// Made when the form was shown; the same key is answered with the first result.
    pub request_key: String,
}

/// The choice for one date of a series.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DateForm {
    pub date: String,
    /// `book`, `skip`, or `over`: over the conflicts that were shown.
    pub choice: String,
    /// Another local time, `15:30`. Empty: that of the series.
    pub time: String,
    /// Another practitioner. Empty: that of the series.
    pub practitioner: String,
    /// Which conflicts were shown, for `over`.
    pub seen: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesBooking {
    pub client: ClientId,
    pub service: ServiceId,
    pub practitioner: StaffId,
    pub room: Option<RoomId>,
    pub modality: Modality,
    pub time: NaiveTime,
    pub series: Series,
    pub choices: HashMap<NaiveDate, DateChoice>,
    pub request_key: Uuid,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DateChoice {
    pub skip: bool,
    /// Over exactly these conflicts.
    pub over: Option<Uuid>,
    pub time: Option<NaiveTime>,
    pub practitioner: Option<StaffId>,
}

impl SeriesBookingForm {
    pub fn parse(&self) -> Result<SeriesBooking, Refusal> {
        let mut fields = Fields::default();
        let client = fields.take_or("client", parse::id(&self.client), || ClientId(Uuid::nil()));
        let service = fields.take_or("service", parse::id(&self.service), || ServiceId(Uuid::nil()));
        let practitioner = fields.take_or("practitioner", parse::id(&self.practitioner), || StaffId(Uuid::nil()));
        let room = fields.take("room", parse::optional(&self.room, parse::id));
        let modality = parse::optional(&self.modality, str::parse);
        let modality = fields.take("modality", modality).unwrap_or(Modality::InPerson);
        let starts = fields.take("starts", local_time(&self.starts));
        let request_key = fields.take_or("request_key", parse::id(&self.request_key), Uuid::nil);
        let choices = choices(&self.dates, &mut fields);
        fields.finish()?;
        let series = self.rule.parse(starts.date()).map_err(|refusal| within("rule", refusal))?;
        let series = series.ok_or(Refusal::field("rule.frequency", Problem::Required))?;
        Ok(SeriesBooking {
            client,
            service,
            practitioner,
            room,
            modality,
            time: starts.time(),
            series,
            choices,
            request_key,
        })
    }
}

impl DateForm {
    fn parse(&self, fields: &mut Fields, index: usize) -> DateChoice {
        let name = |field: &str| format!("dates.{index}.{field}");
        DateChoice {
            skip: self.choice == "skip",
            over: if self.choice == "over" { self.seen.trim().parse().ok() } else { None },
            time: fields.take(&name("time"), parse::optional(&self.time, parse::time)),
            practitioner: fields.take(&name("practitioner"), parse::optional(&self.practitioner, parse::id)),
        }
    }
}

fn choices(dates: &[DateForm], fields: &mut Fields) -> HashMap<NaiveDate, DateChoice> {
    let mut choices = HashMap::new();
    for (index, form) in dates.iter().take(DATES_MAX).enumerate() {
        if let Ok(date) = parse::date(&form.date) {
            choices.insert(date, form.parse(fields, index));
        }
    }
    choices
}

/// More dates of a series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SeriesMoreForm {
    /// One of the series.
    pub appointment: String,
    /// The last date that the series had when the form was shown.
    pub after: String,
    /// `count` or `date`.
    pub ends: String,
    /// How many more.
    pub count: String,
    pub last_on: String,
    /// What is not here is booked at the time of the series.
    pub dates: Vec<DateForm>,
    /// Why some are booked over conflicts.
    pub reason: String,
    /// A double submit carries the same.
    pub request_key: String,
}

impl Default for SeriesMoreForm {
    fn default() -> Self {
        SeriesMoreForm {
            appointment: String::new(),
            after: String::new(),
            ends: "count".into(),
            count: "10".into(),
            last_on: String::new(),
            dates: Vec::new(),
            reason: String::new(),
            request_key: String::new(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesMore {
    pub appointment: AppointmentId,
    pub after: NaiveDate,
    /// After this number of dates, or on this date.
    pub end: End,
    pub choices: HashMap<NaiveDate, DateChoice>,
    pub request_key: Uuid,
}

impl SeriesMoreForm {
    pub fn parse(&self) -> Result<SeriesMore, Refusal> {
        let mut fields = Fields::default();
        let appointment = fields.take_or("appointment", parse::id(&self.appointment), || AppointmentId(Uuid::nil()));
        let after = fields.take("after", parse::date(&self.after));
        let request_key = fields.take_or("request_key", parse::id(&self.request_key), Uuid::nil);
        let choices = choices(&self.dates, &mut fields);
        let end = match self.ends.trim() {
            "date" => {
                let day = match self.last_on.trim() {
                    "" => Err(Problem::Required),
                    text => parse::date(text),
                };
                let day = fields.take("last_on", day);
                if day <= after {
                    fields.note("last_on", Problem::EndBeforeStart);
                }
                End::On(day)
            }
            "count" => End::After(fields.take("count", parse::whole(&self.count, 1, DATES_MAX as i64)) as u8),
            _ => {
                fields.note("ends", Problem::Unknown);
                End::After(1)
            }
        };
        fields.finish()?;
        Ok(SeriesMore { appointment, after, end, choices, request_key })
    }
}

impl Rule {
    /// The dates behind `after` until the end of an extension.
    ///
    /// # Errors
    /// At `count` or `last_on`: no date at all, or more than a series may have.
    pub fn more(&self, after: NaiveDate, end: End) -> Result<Vec<NaiveDate>, Refusal> {
        let last = self.first_on + Months::new(12 * YEARS_MAX);
        let before = self.dates().take_while(|date| *date <= after).count();
        let later = self.dates().skip(before);
        let (field, dates): (_, Vec<NaiveDate>) = match end {
            End::On(day) => ("last_on", later.take_while(|date| *date <= day).take(DATES_MAX + 1).collect()),
            End::After(count) => ("count", later.take(usize::from(count)).collect()),
        };
        if dates.is_empty() {
            return Err(Refusal::field(field, Problem::EndBeforeStart));
        }
        if before + dates.len() > DATES_MAX {
            return Err(Refusal::field(field, Problem::TooManyDates { max: DATES_MAX }));
        }
        if dates.last().is_some_and(|day| *day > last) {
            return Err(Refusal::field(field, Problem::LongerThan { years: YEARS_MAX }));
        }
        Ok(dates)
    }
}

/// The same problems, of fields within another.
fn within(outer: &str, refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Invalid(mut errors) => {
            for (field, _) in &mut errors.0 {
                *field = format!("{outer}.{field}");
            }
            Refusal::Invalid(errors)
        }
        other => other,
    }
}

fn local_time(text: &str) -> Result<NaiveDateTime, Problem> {
    match text.trim() {
        "" => Err(Problem::Required),
        text => NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M")
            .ok()
            .filter(|local| parse::date(&local.date().to_string()).is_ok())
            .ok_or(Problem::NotATime),
    }
}

/// Another time for appointments of a series.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SeriesMoveForm {
    /// The one whose new time is typed; the others move by as much.
    pub appointment: String,
    pub version: String,
    pub scope: String,
    /// Its new local time at the venue.
    pub local: String,
    /// Empty: as each was.
    pub practitioner: String,
    pub reason: String,
    /// Move although there are conflicts, and which were shown.
    pub overbook: bool,
    pub seen: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeriesMove {
    pub appointment: AppointmentId,
    pub version: i32,
    pub scope: SeriesScope,
    pub local: NaiveDateTime,
    pub practitioner: Option<StaffId>,
    pub over: Option<Uuid>,
}

impl SeriesMoveForm {
    pub fn parse(&self) -> Result<SeriesMove, Refusal> {
        let mut fields = Fields::default();
        let moved = SeriesMove {
            appointment: fields.take_or("appointment", parse::id(&self.appointment), || AppointmentId(Uuid::nil())),
            version: parse::version(&mut fields, &self.version).unwrap_or_default(),
            scope: fields.take_or("scope", self.scope.trim().parse(), || SeriesScope::This),
            local: fields.take("local", local_time(&self.local)),
            practitioner: fields.take("practitioner", parse::optional(&self.practitioner, parse::id)),
            over: if self.overbook { self.seen.trim().parse().ok() } else { None },
        };
        fields.finish()?;
        Ok(moved)
    }
}

/// `mo,th`, in any order; sorted from Monday.
fn weekdays(text: &str) -> Result<Vec<Weekday>, Problem> {
    let words = text.split([',', ' ']).filter(|word| !word.is_empty());
    let mut days: Vec<Weekday> = words.map(weekday).collect::<Result<_, _>>()?;
    days.sort_by_key(Weekday::num_days_from_monday);
    days.dedup();
    Ok(days)
}

fn weekday(word: &str) -> Result<Weekday, Problem> {
    match word.to_ascii_lowercase().as_str() {
        "mo" => Ok(Weekday::Mon),
        "tu" => Ok(Weekday::Tue),
        "we" => Ok(Weekday::Wed),
        "th" => Ok(Weekday::Thu),
        "fr" => Ok(Weekday::Fri),
        "sa" => Ok(Weekday::Sat),
        "su" => Ok(Weekday::Sun),
        _ => Err(Problem::Unknown),
    }
}
