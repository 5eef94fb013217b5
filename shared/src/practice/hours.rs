//! Weekly hours, in minutes of the day at the clocks of their place: 0 is midnight, 1440 the next.

use crate::parse::{self, Fields};
use crate::slots::Span;
use crate::vocabulary::vocabulary;
use crate::{LocationId, Problem, Refusal};
use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};
use serde::{Deserialize, Serialize};

/// The minutes of a day on the clock; the end of a day is the next midnight.
pub const DAY_MINUTES: i16 = 1440;

/// A period of a week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// 1 is Monday, 7 is Sunday.
    pub weekday: i16,
    /// Minutes of the day.
    pub starts: i16,
    pub ends: i16,
}

/// Minutes of the day as a local time of a date.
pub fn local(date: NaiveDate, minute: i16) -> NaiveDateTime {
    date.and_time(NaiveTime::MIN) + TimeDelta::minutes(minute.into())
}

/// `9:30 am`; `midnight` for the end of a day.
pub fn minute_text(minute: i16) -> String {
    match minute {
        DAY_MINUTES => "midnight".to_owned(),
        minute => local(NaiveDate::MIN, minute).format("%-I:%M %P").to_string(),
    }
}

vocabulary! {
    /// Who may book within hours.
    Offered {
        Portal = "portal", "Booked online";
        /// Clients see that there are times, and ask the practice.
        Ask = "ask", "By request";
        Staff = "staff", "Team only";
    }
}

/// A period of a practitioner's week, when it holds and to which bookings it is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkingHours {
    pub hours: Hours,
    pub location: LocationId,
    pub pattern: Pattern,
}

/// When weekly hours hold, and to which bookings they are offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pattern {
    pub valid_from: NaiveDate,
    /// The last day.
    pub valid_until: Option<NaiveDate>,
    /// Every how many weeks, counted from the Monday of `valid_from`.
    pub every_weeks: i16,
    pub offered: Offered,
}

impl Pattern {
    /// Every week from a Monday long past: hours that say nothing else.
    pub fn always() -> Pattern {
        let valid_from = NaiveDate::from_ymd_opt(2000, 1, 3).unwrap_or_default();
        Pattern { valid_from, valid_until: None, every_weeks: 1, offered: Offered::Portal }
    }

    /// Whether the hours hold in the week of this date, and on it.
    pub fn holds_on(&self, date: NaiveDate) -> bool {
        let monday = |date: NaiveDate| date - TimeDelta::days(date.weekday().num_days_from_monday().into());
        let weeks = (monday(date) - monday(self.valid_from)).num_weeks();
        date >= self.valid_from
            && self.valid_until.is_none_or(|last| date <= last)
            && weeks % i64::from(self.every_weeks.max(1)) == 0
    }

    /// `Every 2 weeks from 4 January 2027, team only`; empty for [`Pattern::always`].
    pub fn words(&self) -> String {
        let date = |date: NaiveDate| date.format("%-d %B %Y").to_string();
        let mut words = match self.every_weeks {
            1 => "Every week".to_owned(),
            2 => "Every other week".to_owned(),
            weeks => format!("Every {weeks} weeks"),
        };
        if self.valid_from != Pattern::always().valid_from {
            words.push_str(&format!(" from {}", date(self.valid_from)));
        }
        if let Some(last) = self.valid_until {
            words.push_str(&format!(" until {}", date(last)));
        }
        match self.offered {
            Offered::Portal => words,
            Offered::Ask => words + ", by request",
            Offered::Staff => words + ", team only",
        }
    }

    /// What names the pattern in an address or a form; [`Pattern::of_key`] reads it.
    pub fn key(&self) -> String {
        let until = self.valid_until.map(|date| date.to_string()).unwrap_or_default();
        format!("{}~{until}~{}~{}", self.valid_from, self.every_weeks, self.offered.as_str())
    }

    pub fn of_key(key: &str) -> Option<Pattern> {
        let mut parts = key.split('~');
        let valid_from = parts.next()?.parse().ok()?;
        let valid_until = match parts.next()? {
            "" => None,
            date => Some(date.parse().ok()?),
        };
        let every_weeks = parts.next()?.parse().ok()?;
        let offered = parts.next()?.parse().ok()?;
        Some(Pattern { valid_from, valid_until, every_weeks, offered })
    }
}

impl WorkingHours {
    pub fn holds_on(&self, date: NaiveDate) -> bool {
        self.hours.weekday == date.weekday().number_from_monday() as i16 && self.pattern.holds_on(date)
    }
}

/// `open` without what is `off`: in order, and none of them empty.
pub fn without(open: &[Span], off: &[Span]) -> Vec<Span> {
    let mut left = open.to_vec();
    for gap in off {
        left = left
            .into_iter()
            .flat_map(|span| {
                let before = Span { starts: span.starts, ends: span.ends.min(gap.starts) };
                let after = Span { starts: span.starts.max(gap.ends), ends: span.ends };
                if span.overlaps(*gap) { vec![before, after] } else { vec![span] }
            })
            .filter(|span| span.starts < span.ends)
            .collect();
    }
    left.sort_by_key(|span| (span.starts, span.ends));
    left
}

/// The weekly hours, as typed: two periods a day, `{weekday}` 1 to 7 in order.
/// Blank is not working.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HoursForm {
    pub days: Vec<DayForm>,
    pub version: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DayForm {
    pub starts: String,
    pub ends: String,
    pub starts_again: String,
    pub ends_again: String,
}

pub const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// A time of the day as minutes of it.
fn minute(text: &str) -> Result<i16, Problem> {
    parse::time(text).map(|time| (time.num_seconds_from_midnight() / 60) as i16)
}

/// As [`minute`]; midnight, and 24:00, is the end of the day.
fn end_minute(text: &str) -> Result<i16, Problem> {
    match text.trim() {
        "24:00" => Ok(DAY_MINUTES),
        text => minute(text).map(|minute| if minute == 0 { DAY_MINUTES } else { minute }),
    }
}

/// What a time field shows: the end of a day is its next midnight.
fn field_text(minute: i16) -> String {
    format!("{:02}:{:02}", minute % DAY_MINUTES / 60, minute % 60)
}

fn parse_days(days: &[DayForm], fields: &mut Fields) -> Vec<Hours> {
    let mut hours = Vec::new();
    for (index, day) in days.iter().take(7).enumerate() {
        let mut ended: Option<i16> = None;
        for (suffix, starts, ends) in [("", &day.starts, &day.ends), ("_again", &day.starts_again, &day.ends_again)] {
            let (at_start, at_end) = (format!("days.{index}.starts{suffix}"), format!("days.{index}.ends{suffix}"));
            let starts = fields.take(&at_start, parse::optional(starts, minute));
            let ends = fields.take(&at_end, parse::optional(ends, end_minute));
            match (starts, ends) {
                (None, None) => {}
                (Some(_), None) => fields.note(&at_end, Problem::Required),
                (None, Some(_)) => fields.note(&at_start, Problem::Required),
                (Some(starts), Some(ends)) if ends <= starts => fields.note(&at_end, Problem::EndBeforeStart),
                (Some(starts), Some(_)) if ended.is_some_and(|ended| starts < ended) => {
                    fields.note(&at_start, Problem::Overlaps)
                }
                (Some(starts), Some(ends)) => {
                    ended = Some(ends);
                    hours.push(Hours { weekday: index as i16 + 1, starts, ends });
                }
            }
        }
    }
    hours
}

fn day_forms(hours: &[Hours]) -> Vec<DayForm> {
    let mut days = vec![DayForm::default(); 7];
    for period in hours {
        let Some(day) = days.get_mut(period.weekday as usize - 1) else { continue };
        let (starts, ends) = (field_text(period.starts), field_text(period.ends));
        if day.starts.is_empty() {
            (day.starts, day.ends) = (starts, ends);
        } else {
            (day.starts_again, day.ends_again) = (starts, ends);
        }
    }
    days
}

impl HoursForm {
    /// Problems stand at `days.{0..6}.starts` and so on.
    pub fn parse(&self) -> Result<Vec<Hours>, Refusal> {
        let mut fields = Fields::default();
        let hours = parse_days(&self.days, &mut fields);
        fields.finish()?;
        Ok(hours)
    }

    /// The form filled with what is stored.
    pub fn of(hours: &[Hours], version: i32) -> HoursForm {
        HoursForm { days: day_forms(hours), version: version.to_string() }
    }
}

/// One weekly pattern of a practitioner, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WeekForm {
    pub days: Vec<DayForm>,
    /// Empty: from always.
    pub valid_from: String,
    pub valid_until: String,
    pub every_weeks: String,
    /// Empty: [`Offered::Portal`].
    pub offered: String,
    /// The [`Pattern::key`] that is changed; empty for a new one.
    pub pattern: String,
    pub version: String,
}

/// One weekly pattern: what it replaces, what it is, and its hours. Without hours it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Week {
    pub replaces: Option<Pattern>,
    pub pattern: Pattern,
    pub hours: Vec<Hours>,
}

impl WeekForm {
    /// Problems stand at `days.{0..6}.starts` and so on, and at the fields' names.
    pub fn parse(&self) -> Result<Week, Refusal> {
        let mut fields = Fields::default();
        let hours = parse_days(&self.days, &mut fields);
        let always = Pattern::always();
        let valid_from = fields.take("valid_from", parse::optional(&self.valid_from, parse::date));
        let valid_until = fields.take("valid_until", parse::optional(&self.valid_until, parse::date));
        let every_weeks =
            fields.take("every_weeks", parse::optional(&self.every_weeks, |text| parse::whole(text, 1, 12)));
        let every_weeks = every_weeks.unwrap_or(1) as i16;
        let offered = fields.take("offered", parse::optional(&self.offered, |text| text.parse()));
        if every_weeks > 1 && valid_from.is_none() {
            // Which week is the first one would be unclear.
            fields.note("valid_from", Problem::Required);
        }
        if valid_from.zip(valid_until).is_some_and(|(first, last)| last < first) {
            fields.note("valid_until", Problem::EndBeforeStart);
        }
        fields.finish()?;
        let valid_from = valid_from.unwrap_or(always.valid_from);
        let pattern = Pattern { valid_from, valid_until, every_weeks, offered: offered.unwrap_or(Offered::Portal) };
        Ok(Week { replaces: Pattern::of_key(&self.pattern), pattern, hours })
    }

    /// The form filled with what is stored.
    pub fn of(pattern: Pattern, hours: &[Hours], version: i32) -> WeekForm {
        let from = Some(pattern.valid_from).filter(|from| *from != Pattern::always().valid_from);
        let text = |date: Option<NaiveDate>| date.map(|date| date.to_string()).unwrap_or_default();
        WeekForm {
            days: day_forms(hours),
            valid_from: text(from),
            valid_until: text(pattern.valid_until),
            every_weeks: pattern.every_weeks.to_string(),
            offered: pattern.offered.as_str().to_owned(),
            pattern: if hours.is_empty() { String::new() } else { pattern.key() },
            version: version.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Utc};
    use proptest::prelude::*;

    fn day(starts: &str, ends: &str, starts_again: &str, ends_again: &str) -> HoursForm {
        HoursForm {
            days: vec![DayForm {
                starts: starts.into(),
                ends: ends.into(),
                starts_again: starts_again.into(),
                ends_again: ends_again.into(),
            }],
            version: "1".into(),
        }
    }

    #[test]
    fn hours_are_whole_ordered_and_apart() {
        assert_eq!(day("09:00", "12:00", "13:00", "17:00").parse().unwrap().len(), 2);
        assert!(day("", "", "", "").parse().unwrap().is_empty());
        for bad in [
            day("09:00", "", "", ""),
            day("", "09:00", "", ""),
            day("10:00", "09:00", "", ""),
            day("09:00", "12:00", "11:00", "13:00"),
            day("9am", "12:00", "", ""),
        ] {
            assert!(bad.parse().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_day_may_last_until_midnight() {
        for end in ["00:00", "24:00"] {
            let hours = day("18:00", end, "", "").parse().unwrap();
            assert_eq!(hours, [Hours { weekday: 1, starts: 1080, ends: 1440 }], "{end}");
        }
        assert_eq!(minute_text(1440), "midnight");
        assert_eq!(HoursForm::of(&[Hours { weekday: 1, starts: 0, ends: 1440 }], 1).days[0].ends, "00:00");
        assert!(day("00:00", "00:00", "", "").parse().unwrap() == [Hours { weekday: 1, starts: 0, ends: 1440 }]);
    }

    #[test]
    fn hours_survive_their_form() {
        let form = HoursForm {
            days: vec![DayForm { starts: "09:00".into(), ends: "12:00".into(), ..DayForm::default() }; 7],
            version: "3".into(),
        };
        assert_eq!(HoursForm::of(&form.parse().unwrap(), 3), form);
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        let pattern = Pattern {
            valid_from: date("2027-01-06"),
            valid_until: Some(date("2027-06-30")),
            every_weeks: 2,
            offered: Offered::Ask,
        };
        let hours = [Hours { weekday: 3, starts: 540, ends: 1440 }];
        let week = WeekForm::of(pattern, &hours, 1).parse().unwrap();
        assert_eq!(week, Week { replaces: Some(pattern), pattern, hours: hours.to_vec() });
    }

    #[test]
    fn every_other_week_counts_from_the_monday_of_the_first_day() {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        // A Wednesday.
        let pattern = Pattern { valid_from: date("2027-01-06"), every_weeks: 2, ..Pattern::always() };
        let holds = |text: &str| pattern.holds_on(date(text));
        assert!(!holds("2027-01-05"), "before the first day");
        assert!(holds("2027-01-06") && holds("2027-01-10"), "the rest of the first week");
        assert!(!holds("2027-01-11") && !holds("2027-01-17"), "the week after it");
        assert!(holds("2027-01-18") && holds("2027-01-24"), "the third");
        let ends = Pattern { valid_until: Some(date("2027-01-18")), ..pattern };
        assert!(ends.holds_on(date("2027-01-18")) && !ends.holds_on(date("2027-01-19")));
    }

    #[test]
    fn hours_of_every_other_week_need_a_first_day() {
        let form = WeekForm { every_weeks: "2".into(), ..WeekForm::default() };
        assert_eq!(form.parse(), Err(Refusal::field("valid_from", Problem::Required)));
        let form = WeekForm { valid_from: "2027-02-01".into(), valid_until: "2027-01-31".into(), ..form };
        assert_eq!(form.parse(), Err(Refusal::field("valid_until", Problem::EndBeforeStart)));
    }

    prop_compose! {
        fn spans(max: usize)(pairs in prop::collection::vec((0i64..500, 1i64..100), 0..max)) -> Vec<Span> {
            let at = |minute: i64| DateTime::<Utc>::from_timestamp(minute * 60, 0).unwrap();
            pairs.into_iter().map(|(starts, length)| Span { starts: at(starts), ends: at(starts + length) }).collect()
        }
    }

    proptest! {
        /// Against the plain reading, minute by minute.
        #[test]
        fn what_is_off_is_open_no_more(open in spans(5), off in spans(5)) {
            let left = without(&open, &off);
            let within = |spans: &[Span], at| spans.iter().any(|span| span.starts <= at && at < span.ends);
            for minute in 0..620 {
                let at = DateTime::<Utc>::from_timestamp(minute * 60, 0).unwrap();
                prop_assert_eq!(within(&left, at), within(&open, at) && !within(&off, at));
            }
            prop_assert!(left.iter().all(|span| span.starts < span.ends));
        }
    }
}
