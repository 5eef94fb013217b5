//! Local time, resolved in one place, from one current zone database: see [`database`].
//!
//! A local time that a clock change skips moves forward by the gap; one that
//! happens twice means its first instant. A day has 23 to 25 hours.

mod database;
mod skew;
mod spoken;

pub use database::{Database, Source, Wish, bundled_version, choose, in_use, system_version, version};
pub use skew::{Skew, skew};

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};
use jiff::civil;
use jiff::tz::{AmbiguousOffset, TimeZone};
use shared::Problem;
use shared::slots::Span;

/// The zones named after places; the database has old aliases and offsets too.
pub fn zones() -> Vec<String> {
    const AREAS: [&str; 10] = [
        "Africa/",
        "America/",
        "Antarctica/",
        "Arctic/",
        "Asia/",
        "Atlantic/",
        "Australia/",
        "Europe/",
        "Indian/",
        "Pacific/",
    ];
    let names = in_use().names();
    let mut zones: Vec<String> = names.filter(|name| AREAS.iter().any(|area| name.starts_with(area))).collect();
    zones.push("UTC".to_owned());
    zones.sort();
    zones.dedup();
    zones
}

/// A zone that exists.
#[derive(Debug, Clone)]
pub struct Zone(TimeZone);

/// `9:30 am`.
fn clock_words(time: NaiveTime) -> String {
    let (is_afternoon, hour) = time.hour12();
    format!("{hour}:{:02} {}", time.minute(), if is_afternoon { "pm" } else { "am" })
}

impl Zone {
    pub fn parse(name: &str) -> Result<Zone, Problem> {
        in_use().zone(name).map(Zone)
    }

    /// A stored zone; UTC if the database has lost it since.
    pub fn stored(name: &str) -> Zone {
        Zone(in_use().zone(name).unwrap_or_else(|_| {
            tracing::error!(zone = name, "unknown zone");
            TimeZone::UTC
        }))
    }

    /// The IANA name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The zone as people say it: `Toronto` of `America/Toronto`.
    pub fn place(&self) -> String {
        let name = self.name();
        name.rsplit('/').next().unwrap_or(name).replace('_', " ")
    }

    /// The instant of a local time.
    pub fn instant(&self, local: NaiveDateTime) -> DateTime<Utc> {
        // "Compatible" is exactly the rule above.
        let instant = self.0.to_ambiguous_timestamp(civil(local)).compatible();
        let seconds = instant.map(|instant| instant.as_second()).unwrap_or_default();
        DateTime::from_timestamp(seconds, 0).unwrap_or_default()
    }

    /// The local time of an instant.
    pub fn local(&self, at: DateTime<Utc>) -> NaiveDateTime {
        at.naive_utc() + TimeDelta::seconds(self.offset_seconds(at).into())
    }

    /// How far the clocks are ahead of UTC.
    pub fn offset_seconds(&self, at: DateTime<Utc>) -> i32 {
        jiff::Timestamp::from_second(at.timestamp()).map_or(0, |timestamp| self.0.to_offset(timestamp).seconds())
    }

    pub fn date(&self, at: DateTime<Utc>) -> NaiveDate {
        self.local(at).date()
    }

    /// The day that an instant is on.
    pub fn day_of(&self, at: DateTime<Utc>) -> Span {
        self.day(self.date(at))
    }

    /// From this midnight to the next.
    pub fn day(&self, date: NaiveDate) -> Span {
        self.days(date, date)
    }

    /// From the first day's midnight to the end of the last.
    pub fn days(&self, first: NaiveDate, last: NaiveDate) -> Span {
        let next = last.checked_add_days(Days::new(1)).unwrap_or(last);
        Span { starts: self.instant(first.and_time(NaiveTime::MIN)), ends: self.instant(next.and_time(NaiveTime::MIN)) }
    }

    /// `9:30 am`.
    pub fn clock(&self, at: DateTime<Utc>) -> String {
        clock_words(self.local(at).time())
    }

    /// The clock of each instant of a day, as [`Zone::exact_clock`]; quick, for a list.
    pub fn exact_clocks(&self, day: Span) -> impl Fn(DateTime<Utc>) -> String + '_ {
        let offset = self.offset_seconds(day.starts);
        // An hour that happens twice begins with one offset and ends with another.
        let is_even = offset == self.offset_seconds(day.ends - TimeDelta::seconds(1));
        move |at| match is_even && day.starts <= at && at < day.ends {
            true => clock_words((at.naive_utc() + TimeDelta::seconds(offset.into())).time()),
            false => self.exact_clock(at),
        }
    }

    /// `9:30 am`; in an hour that happens twice `1:30 am (UTC−4)`, so that the two differ.
    pub fn exact_clock(&self, at: DateTime<Utc>) -> String {
        let clock = self.clock(at);
        if self.happens_twice(at) { format!("{clock} ({})", self.offset(at)) } else { clock }
    }

    /// As [`Zone::exact_clock`] among times of `venue`: the offset is there too if this is another time.
    pub fn clock_beside(&self, venue: &Zone, at: DateTime<Utc>) -> String {
        match self.offset_seconds(at) == venue.offset_seconds(at) {
            true => self.exact_clock(at),
            false => format!("{} ({})", self.clock(at), self.offset(at)),
        }
    }

    /// `9:30 am – 10:20 am`; see [`Zone::span_words`].
    pub fn clock_span(&self, starts: DateTime<Utc>, ends: DateTime<Utc>) -> String {
        self.span_words(starts, ends, " – ", Beside::Venue)
    }

    /// As [`Zone::clock_span`] among times of `venue`.
    pub fn span_beside(&self, venue: &Zone, starts: DateTime<Utc>, ends: DateTime<Utc>) -> String {
        self.span_words(starts, ends, " – ", Beside::Other(venue))
    }

    /// From and to. Both offsets if the clocks change in between; otherwise the offset of what
    /// happens twice, and of a time that is shown among those of another zone.
    pub fn span_words(&self, starts: DateTime<Utc>, ends: DateTime<Utc>, to: &str, beside: Beside<'_>) -> String {
        self.span_of((self.clock(starts), self.clock(ends)), starts, ends, to, beside)
    }

    /// [`Zone::span_words`] of clock times in words.
    fn span_of(
        &self,
        (first, last): (String, String),
        starts: DateTime<Utc>,
        ends: DateTime<Utc>,
        to: &str,
        beside: Beside<'_>,
    ) -> String {
        if self.offset_seconds(starts) != self.offset_seconds(ends) {
            return format!("{first} ({}){to}{last} ({})", self.offset(starts), self.offset(ends));
        }
        let elsewhere = match beside {
            Beside::Venue => false,
            Beside::Other(venue) => self.offset_seconds(starts) != venue.offset_seconds(starts),
        };
        match (elsewhere || self.happens_twice(ends), self.happens_twice(starts)) {
            (true, _) => format!("{first}{to}{last} ({})", self.offset(ends)),
            (false, true) => format!("{first} ({}){to}{last}", self.offset(starts)),
            (false, false) => format!("{first}{to}{last}"),
        }
    }

    /// `Times are in Toronto time.`: once on a page.
    pub fn note(&self) -> String {
        match self.name() {
            "UTC" => "Times are in UTC.".to_owned(),
            _ => format!("Times are in {} time.", self.place()),
        }
    }

    /// The offset of the clocks: `UTC−4`, `UTC+5:30`. Abbreviations mislead: the zone
    /// database calls Vancouver's winter MST.
    pub fn offset(&self, at: DateTime<Utc>) -> String {
        let minutes = self.offset_seconds(at) / 60;
        let sign = if minutes < 0 { '−' } else { '+' };
        match (minutes.abs() / 60, minutes.abs() % 60) {
            (0, 0) => "UTC".to_owned(),
            (hours, 0) => format!("UTC{sign}{hours}"),
            (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
        }
    }

    /// The instant of a local time that was typed.
    ///
    /// # Errors
    /// [`Problem::SkippedTime`] for one that does not exist.
    pub fn typed(&self, local: NaiveDateTime) -> Result<DateTime<Utc>, Problem> {
        match self.0.to_ambiguous_timestamp(civil(local)).offset() {
            AmbiguousOffset::Gap { before, after } => {
                // The gap begins where the clocks before it and after it part.
                let gap = TimeDelta::seconds((after.seconds() - before.seconds()).into());
                let change = self.change_after(self.instant(local) - gap - TimeDelta::seconds(1));
                let next = change.map_or(local + gap, |change| self.local(change));
                Err(Problem::SkippedTime { next: next.format("%-I:%M %P").to_string() })
            }
            _ => Ok(self.instant(local)),
        }
    }

    /// The first change of the clocks after an instant.
    fn change_after(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.changes_after(at).next()
    }

    /// The instants after `at` at which the clocks, or the name of their time, change.
    pub fn changes_after(&self, at: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
        let after = jiff::Timestamp::from_second(at.timestamp()).unwrap_or(jiff::Timestamp::MAX);
        self.0.following(after).filter_map(|change| DateTime::from_timestamp(change.timestamp().as_second(), 0))
    }

    /// `23-hour day` or `25-hour day` on the day of a clock change.
    pub fn day_note(&self, date: NaiveDate) -> Option<String> {
        let day = self.day(date);
        let minutes = (day.ends - day.starts).num_minutes();
        match (minutes / 60, minutes % 60) {
            (24, 0) | (0, _) => None,
            (hours, 0) => Some(format!("{hours}-hour day")),
            (hours, _) => Some(format!("{hours}½-hour day")),
        }
    }

    /// Whether clocks show the local time of `at` at another instant as well.
    fn happens_twice(&self, at: DateTime<Utc>) -> bool {
        let Ok(timestamp) = jiff::Timestamp::from_second(at.timestamp()) else { return false };
        let civil = self.0.to_datetime(timestamp);
        matches!(self.0.to_ambiguous_timestamp(civil).offset(), AmbiguousOffset::Fold { .. })
    }

    /// `Monday 9 March 2026`.
    pub fn long_date(&self, at: DateTime<Utc>) -> String {
        self.local(at).format("%A %-d %B %Y").to_string()
    }

    /// `Mon 9 Mar`.
    pub fn short_date(&self, at: DateTime<Utc>) -> String {
        self.local(at).format("%a %-d %b").to_string()
    }
}

/// Among which times a time is shown.
#[derive(Debug, Clone, Copy)]
pub enum Beside<'a> {
    /// Those of its own zone.
    Venue,
    /// Those of another.
    Other(&'a Zone),
}

fn civil(local: NaiveDateTime) -> civil::DateTime {
    let time = (local.hour() as i8, local.minute() as i8, local.second() as i8);
    civil::date(local.year() as i16, local.month() as i8, local.day() as i8).at(time.0, time.1, time.2, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
    }

    fn utc(text: &str) -> DateTime<Utc> {
        local(text).and_utc()
    }

    #[test]
    fn the_clocks_of_a_day_are_those_of_each_instant() {
        for name in ["America/Toronto", "Australia/Lord_Howe", "America/Asuncion", "Asia/Kathmandu", "UTC"] {
            let zone = Zone::stored(name);
            for date in NaiveDate::from_ymd_opt(2026, 1, 1).unwrap().iter_days().take(366) {
                let day = zone.day(date);
                let clock = zone.exact_clocks(day);
                let mut at = day.starts;
                while at < day.ends {
                    assert_eq!(clock(at), zone.exact_clock(at), "{name}, {at}");
                    assert!(clock(at).starts_with(&zone.local(at).format("%-I:%M %P").to_string()));
                    at += TimeDelta::minutes(45);
                }
            }
        }
    }

    #[test]
    fn a_skipped_time_moves_forward_by_the_gap() {
        let toronto = Zone::parse("America/Toronto").unwrap();
        assert_eq!(toronto.instant(local("2026-03-08 02:30")), utc("2026-03-08 07:30"));
        assert_eq!(toronto.local(utc("2026-03-08 07:30")), local("2026-03-08 03:30"));
    }

    #[test]
    fn a_time_that_happens_twice_is_its_first_instant() {
        let toronto = Zone::parse("America/Toronto").unwrap();
        assert_eq!(toronto.instant(local("2026-11-01 01:30")), utc("2026-11-01 05:30"));
    }

    #[test]
    fn the_two_times_of_a_repeated_hour_have_different_words() {
        let toronto = Zone::parse("America/Toronto").unwrap();
        assert_eq!(toronto.exact_clock(utc("2026-11-01 05:30")), "1:30 am (UTC−4)");
        assert_eq!(toronto.exact_clock(utc("2026-11-01 06:30")), "1:30 am (UTC−5)");
        assert_eq!(toronto.exact_clock(utc("2026-11-01 07:30")), "2:30 am");
    }

    #[test]
    fn a_day_has_23_to_25_hours() {
        let toronto = Zone::parse("America/Toronto").unwrap();
        let hours = |date: &str| {
            let day = toronto.day(date.parse().unwrap());
            (day.ends - day.starts).num_hours()
        };
        assert_eq!((hours("2026-03-08"), hours("2026-03-09"), hours("2026-11-01")), (23, 24, 25));
    }

    #[test]
    fn a_typed_time_that_the_clocks_skip_is_refused() {
        let toronto = Zone::parse("America/Toronto").unwrap();
        let skipped = |next: &str| Err(Problem::SkippedTime { next: next.to_owned() });
        assert_eq!(toronto.typed(local("2027-03-14 02:00")), skipped("3:00 am"));
        assert_eq!(toronto.typed(local("2027-03-14 02:59")), skipped("3:00 am"));
        assert_eq!(toronto.typed(local("2027-03-14 03:00")), Ok(utc("2027-03-14 07:00")));
        assert_eq!(toronto.typed(local("2027-03-14 01:59")), Ok(utc("2027-03-14 06:59")));
        let havana = Zone::parse("America/Havana").unwrap();
        assert_eq!(havana.typed(local("2026-03-08 00:10")), skipped("1:00 am"));
    }

    #[test]
    fn only_a_day_of_a_clock_change_has_a_note() {
        let toronto = Zone::parse("America/Toronto").unwrap();
        let note = |date: &str| toronto.day_note(date.parse().unwrap());
        assert_eq!(note("2027-03-14").as_deref(), Some("23-hour day"));
        assert_eq!(note("2027-11-07").as_deref(), Some("25-hour day"));
        assert_eq!((note("2027-03-13"), note("2027-03-15")), (None, None));
        let lord_howe = Zone::parse("Australia/Lord_Howe").unwrap();
        assert_eq!(lord_howe.day_note("2027-04-04".parse().unwrap()).as_deref(), Some("24½-hour day"));
    }

    #[test]
    fn offsets_stand_only_where_a_time_would_be_unclear() {
        let toronto = Zone::parse("America/Toronto").unwrap();
        let span = |starts, ends| toronto.clock_span(utc(starts), utc(ends));
        assert_eq!(span("2027-11-07 14:00", "2027-11-07 15:00"), "9:00 am – 10:00 am");
        assert_eq!(span("2027-11-07 05:00", "2027-11-07 05:30"), "1:00 am – 1:30 am (UTC−4)");
        assert_eq!(span("2027-11-07 05:30", "2027-11-07 06:20"), "1:30 am (UTC−4) – 1:20 am (UTC−5)");
        assert_eq!(span("2027-11-07 06:30", "2027-11-07 07:20"), "1:30 am (UTC−5) – 2:20 am");
        assert_eq!(span("2027-03-14 06:30", "2027-03-14 07:30"), "1:30 am (UTC−5) – 3:30 am (UTC−4)");
        let (kolkata, montreal) = (Zone::parse("Asia/Kolkata").unwrap(), Zone::parse("America/Montreal").unwrap());
        let beside = |zone: &Zone| zone.span_beside(&toronto, utc("2027-11-07 14:00"), utc("2027-11-07 15:00"));
        assert_eq!(beside(&kolkata), "7:30 pm – 8:30 pm (UTC+5:30)");
        assert_eq!(beside(&montreal), "9:00 am – 10:00 am");
        assert_eq!(kolkata.clock_beside(&toronto, utc("2027-11-07 14:00")), "7:30 pm (UTC+5:30)");
        assert_eq!(
            (toronto.note(), Zone::stored("UTC").note()),
            ("Times are in Toronto time.".into(), "Times are in UTC.".into())
        );
    }

    #[test]
    fn the_words_are_the_venues() {
        let vancouver = Zone::parse("America/Vancouver").unwrap();
        assert_eq!(vancouver.clock(utc("2026-01-05 17:30")), "9:30 am");
        assert_eq!(vancouver.long_date(utc("2026-01-06 05:00")), "Monday 5 January 2026");
        assert!(Zone::parse("Mars/Olympus").is_err());
    }
}
