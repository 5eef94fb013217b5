//! Zones written out (`VTIMEZONE`): every change of the clocks from the year of the first event
//! to a year behind the last one, each by itself. Rules would say the same in fewer lines until a
//! government changes them.

use super::Event;
use super::lines::{Lines, local};
use crate::time::Zone;
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use std::collections::BTreeSet;

pub(super) fn write(lines: &mut Lines, events: &[Event]) {
    let (first, last) = (events.iter().map(|e| e.starts_at).min(), events.iter().map(|e| e.ends_at).max());
    let (Some(first), Some(last)) = (first, last) else { return };
    let names: BTreeSet<&str> = events.iter().map(|event| event.zone.as_str()).collect();
    for name in names {
        let zone = Zone::stored(name);
        if zone.name() != "UTC" {
            write_zone(lines, &zone, start_of_year(first), last + TimeDelta::days(366));
        }
    }
}

fn start_of_year(at: DateTime<Utc>) -> DateTime<Utc> {
    let day = at - TimeDelta::days(1);
    NaiveDate::from_ymd_opt(day.year(), 1, 1)
        .map_or(day, |date| date.and_hms_opt(0, 0, 0).unwrap_or_default().and_utc())
}

fn write_zone(lines: &mut Lines, zone: &Zone, first: DateTime<Utc>, last: DateTime<Utc>) {
    lines.plain("BEGIN", "VTIMEZONE");
    lines.plain("TZID", zone.name());
    let mut before = zone.offset_seconds(first);
    observance(lines, "19700101T000000", before, before);
    for change in zone.changes_after(first).take_while(|change| *change <= last) {
        let after = zone.offset_seconds(change);
        // The clocks of some changes are the same before and after: they have another name alone.
        if after != before {
            let onset = change.naive_utc() + TimeDelta::seconds(before.into());
            observance(lines, &local(onset), before, after);
            before = after;
        }
    }
    lines.plain("END", "VTIMEZONE");
}

/// The clocks from `onset` on, which is a time on the clocks before it.
fn observance(lines: &mut Lines, onset: &str, before: i32, after: i32) {
    // Readers take either the same way.
    let kind = if after > before { "DAYLIGHT" } else { "STANDARD" };
    lines.plain("BEGIN", kind);
    lines.plain("DTSTART", onset);
    lines.plain("TZOFFSETFROM", &offset(before));
    lines.plain("TZOFFSETTO", &offset(after));
    lines.plain("TZNAME", &offset(after));
    lines.plain("END", kind);
}

fn offset(seconds: i32) -> String {
    let (sign, all) = (if seconds < 0 { '-' } else { '+' }, seconds.abs());
    let (hours, minutes, seconds) = (all / 3600, all / 60 % 60, all % 60);
    let seconds = if seconds == 0 { String::new() } else { format!("{seconds:02}") };
    format!("{sign}{hours:02}{minutes:02}{seconds}")
}
