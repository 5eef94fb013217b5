//! Local time, resolved in one place, from one current zone database: the
//! system's, with jiff's bundled copy behind it.
//!
//! A local time that a clock change skips moves forward by the gap; one that
//! happens twice means its first instant. A day has 23 to 25 hours.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
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
    let names = jiff::tz::db().available().map(|name| name.to_string());
    let mut zones: Vec<String> = names.filter(|name| AREAS.iter().any(|area| name.starts_with(area))).collect();
    zones.push("UTC".to_owned());
    zones.sort();
    zones.dedup();
    zones
}

/// A zone that exists.
#[derive(Debug, Clone)]
pub struct Zone(TimeZone);

impl Zone {
    pub fn parse(name: &str) -> Result<Zone, Problem> {
        TimeZone::get(name).map(Zone).map_err(|_| Problem::UnknownZone)
    }

    /// A stored zone; UTC if the database has lost it since.
    pub fn stored(name: &str) -> Zone {
        Zone(TimeZone::get(name).unwrap_or_else(|_| {
            tracing::error!(zone = name, "unknown zone");
            TimeZone::UTC
        }))
    }

    /// The IANA name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The instant of a local time.
    pub fn instant(&self, local: NaiveDateTime) -> DateTime<Utc> {
        let civil = civil::date(local.year() as i16, local.month() as i8, local.day() as i8).at(
            local.hour() as i8,
            local.minute() as i8,
            local.second() as i8,
            0,
        );
        // "Compatible" is exactly the rule above.
        let instant = self.0.to_ambiguous_timestamp(civil).compatible();
        let seconds = instant.map(|instant| instant.as_second()).unwrap_or_default();
        DateTime::from_timestamp(seconds, 0).unwrap_or_default()
    }

    /// The local time of an instant.
    pub fn local(&self, at: DateTime<Utc>) -> NaiveDateTime {
        let Ok(timestamp) = jiff::Timestamp::from_second(at.timestamp()) else { return at.naive_utc() };
        let offset = self.0.to_offset(timestamp).seconds();
        at.naive_utc() + chrono::TimeDelta::seconds(offset.into())
    }

    pub fn date(&self, at: DateTime<Utc>) -> NaiveDate {
        self.local(at).date()
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
        self.local(at).format("%-I:%M %P").to_string()
    }

    /// `9:30 am`; in an hour that happens twice `1:30 am EDT`, so that the two differ.
    pub fn exact_clock(&self, at: DateTime<Utc>) -> String {
        let clock = self.clock(at);
        if self.happens_twice(at) { format!("{clock} {}", self.abbreviation(at)) } else { clock }
    }

    /// `9:30 am – 10:20 am`, with the abbreviations of [`Zone::zoned_span`] if
    /// the clocks change in between or either hour happens twice.
    pub fn clock_span(&self, starts: DateTime<Utc>, ends: DateTime<Utc>) -> String {
        let changes = self.abbreviation(starts) != self.abbreviation(ends);
        if changes || self.happens_twice(starts) || self.happens_twice(ends) {
            return self.zoned_span(starts, ends);
        }
        format!("{} – {}", self.clock(starts), self.clock(ends))
    }

    /// `9:30 am – 10:20 am EDT`, or `1:30 am EDT – 1:20 am EST`.
    pub fn zoned_span(&self, starts: DateTime<Utc>, ends: DateTime<Utc>) -> String {
        let (first, last) = (self.abbreviation(starts), self.abbreviation(ends));
        let first = if first == last { String::new() } else { format!(" {first}") };
        format!("{}{first} – {} {last}", self.clock(starts), self.clock(ends))
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

    /// `EST`, or `UTC-03` where there is no such name.
    pub fn abbreviation(&self, at: DateTime<Utc>) -> String {
        let Ok(timestamp) = jiff::Timestamp::from_second(at.timestamp()) else { return String::new() };
        let info = self.0.to_offset_info(timestamp);
        match info.abbreviation() {
            name if name.starts_with(['+', '-']) => format!("UTC{name}"),
            name => name.to_owned(),
        }
    }
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
        assert_eq!(toronto.exact_clock(utc("2026-11-01 05:30")), "1:30 am EDT");
        assert_eq!(toronto.exact_clock(utc("2026-11-01 06:30")), "1:30 am EST");
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
    fn the_words_are_the_venues() {
        let vancouver = Zone::parse("America/Vancouver").unwrap();
        assert_eq!(vancouver.clock(utc("2026-01-05 17:30")), "9:30 am");
        assert_eq!(vancouver.long_date(utc("2026-01-06 05:00")), "Monday 5 January 2026");
        assert!(Zone::parse("Mars/Olympus").is_err());
    }
}
