//! What the views say alike.

use super::Calendar;
use chrono::{DateTime, NaiveDate, Utc};
use db::calendar::{Attendee, Entry};
use db::time::Zone;
use shared::appointments::AppointmentStatus;
use shared::attendance::Attendance;

/// `9:00` and `–9:50 am`, or `11:30 am` and `–12:20 pm`. In hours that clocks show twice
/// both are exact.
pub(super) fn brief(zone: &Zone, starts: DateTime<Utc>, ends: DateTime<Utc>) -> (String, String) {
    let (first, last) = (zone.exact_clock(starts), zone.exact_clock(ends));
    let plain = zone.clock(starts) == first && zone.clock(ends) == last;
    match (first.split_once(' '), last.split_once(' ')) {
        (Some((hour, half)), Some((_, other))) if plain && half == other => (hour.to_owned(), format!("–{last}")),
        _ => (first, format!("–{last}")),
    }
}

/// Who attends, as one line: `Mia Okafor`, `Mia Okafor and 2 more`, or whose session it is.
pub(super) fn names(entry: &Entry) -> String {
    if let Some(party) = &entry.party {
        return party.clone();
    }
    match (entry.attendees.as_slice(), entry.others()) {
        ([], 0) => "No one yet".to_owned(),
        ([], others) => format!("{others} attending"),
        ([one], 0) => one.name.clone(),
        ([one, other], 0) => format!("{}, {}", one.name, other.name),
        ([one, rest @ ..], others) => format!("{} and {} more", one.name, rest.len() + others),
    }
}

/// What became of those who attend, as a class and words; nothing while all are expected.
pub(super) fn attendance(entry: &Entry) -> Option<(&'static str, String)> {
    if is_cancelled(entry) {
        return None;
    }
    let all: Vec<Attendance> = entry.attendees.iter().map(|one| one.attendance).collect();
    let first = *all.first()?;
    if all.iter().all(|one| *one == first) {
        return (first != Attendance::Expected).then(|| (first.as_str(), first.label().to_owned()));
    }
    let here = all.iter().filter(|one| is_here(**one)).count();
    Some(("arrived", format!("{here} of {} here", all.len())))
}

pub(super) fn is_here(attendance: Attendance) -> bool {
    matches!(attendance, Attendance::Arrived | Attendance::InSession | Attendance::Attended)
}

/// The same by their codes.
pub(super) fn codes(attendees: &[Attendee]) -> String {
    attendees.iter().map(|one| one.code.clone()).collect::<Vec<_>>().join(", ")
}

/// `aged 6` of a minor.
pub(super) fn minor(attendee: &Attendee, today: NaiveDate) -> Option<String> {
    let years = attendee.birth_date.and_then(|born| today.years_since(born))?;
    (years < 18).then(|| format!("aged {years}"))
}

pub(super) fn is_cancelled(entry: &Entry) -> bool {
    entry.status == AppointmentStatus::Cancelled
}

/// How many appointments stand.
pub(super) fn standing(entries: &[Entry]) -> usize {
    entries.iter().filter(|entry| !is_cancelled(entry)).count()
}

/// How many appointments the viewer sees, and how many more they only know as
/// busy; `clients` is the plural of the word that the view is limited to.
pub(super) fn counted(seen: usize, busy: usize, clients: Option<&str>) -> String {
    let appointments = match (seen, busy, clients) {
        (0, 1.., Some(clients)) => format!("No appointments with your {clients}"),
        (0, ..) => "No appointments".to_owned(),
        (1, ..) => "1 appointment".to_owned(),
        (many, ..) => format!("{many} appointments"),
    };
    if busy == 0 { appointments } else { format!("{appointments}, {busy} busy") }
}

/// Of which practice a page on paper is, and when it was printed.
pub(super) fn printed(calendar: &Calendar) -> String {
    let Calendar { page, zone, now, .. } = calendar;
    format!("{} · Printed {}, {}. {}", page.practice.name, zone.long_date(*now), zone.exact_clock(*now), zone.note())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDateTime;

    fn utc(text: &str) -> DateTime<Utc> {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap().and_utc()
    }

    #[test]
    fn a_time_says_its_half_of_the_day_once() {
        let zone = Zone::parse("America/Toronto").unwrap();
        let brief = |from: &str, to: &str| {
            let (first, last) = brief(&zone, utc(from), utc(to));
            format!("{first}{last}")
        };
        assert_eq!(brief("2026-12-01 14:00", "2026-12-01 14:50"), "9:00–9:50 am");
        assert_eq!(brief("2026-12-01 16:30", "2026-12-01 17:20"), "11:30 am–12:20 pm");
        assert_eq!(brief("2026-11-01 05:30", "2026-11-01 06:15"), "1:30 am (UTC−4)–1:15 am (UTC−5)");
    }
}
