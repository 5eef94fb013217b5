use super::*;
use proptest::prelude::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn event() -> Event {
    Event {
        id: Uuid::from_u128(7),
        sequence: 3,
        status: Status::Confirmed,
        changed_at: at("2026-11-30T10:00:00Z"),
        starts_at: at("2026-12-07T22:00:00Z"),
        ends_at: at("2026-12-07T22:50:00Z"),
        zone: "America/Vancouver".into(),
        summary: "Appointment, Elm; and Oak".into(),
        location: "Main clinic, 12 King Street".into(),
    }
}

fn letter() -> Letter<'static> {
    Letter {
        organizer: ("Elm \"Clinic\", Toronto", "mail@elm.example"),
        attendee: "ana@example.com",
        at: at("2026-11-30T10:00:05Z"),
    }
}

/// As a reader sees the lines: unfolded.
fn unfolded(file: &str) -> Vec<String> {
    file.replace("\r\n ", "").split_terminator("\r\n").map(str::to_owned).collect()
}

/// The lines of the invitation to 50 minutes from `starts_at`.
fn invited(zone: &str, starts_at: &str) -> Vec<String> {
    let starts_at = at(starts_at);
    let event = Event { zone: zone.into(), starts_at, ends_at: starts_at + chrono::TimeDelta::minutes(50), ..event() };
    unfolded(&event.invitation(&letter(), "kin.example"))
}

#[test]
fn an_invitation_to_toronto_names_its_recipient_alone_and_the_clocks_of_the_year() {
    assert_eq!(
        invited("America/Toronto", "2026-03-09T13:30:00Z"),
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Kindred//Kindred//EN",
            "CALSCALE:GREGORIAN",
            "METHOD:REQUEST",
            "BEGIN:VTIMEZONE",
            "TZID:America/Toronto",
            "BEGIN:STANDARD",
            "DTSTART:19700101T000000",
            "TZOFFSETFROM:-0500",
            "TZOFFSETTO:-0500",
            "TZNAME:-0500",
            "END:STANDARD",
            "BEGIN:DAYLIGHT",
            "DTSTART:20260308T020000",
            "TZOFFSETFROM:-0500",
            "TZOFFSETTO:-0400",
            "TZNAME:-0400",
            "END:DAYLIGHT",
            "BEGIN:STANDARD",
            "DTSTART:20261101T020000",
            "TZOFFSETFROM:-0400",
            "TZOFFSETTO:-0500",
            "TZNAME:-0500",
            "END:STANDARD",
            "END:VTIMEZONE",
            "BEGIN:VEVENT",
            "UID:00000000-0000-0000-0000-000000000007@kin.example",
            "DTSTAMP:20261130T100005Z",
            "LAST-MODIFIED:20261130T100000Z",
            "SEQUENCE:3",
            "DTSTART;TZID=America/Toronto:20260309T093000",
            "DTEND;TZID=America/Toronto:20260309T102000",
            "SUMMARY:Appointment\\, Elm\\; and Oak",
            "LOCATION:Main clinic\\, 12 King Street",
            "STATUS:CONFIRMED",
            "TRANSP:OPAQUE",
            "ORGANIZER;CN=\"Elm 'Clinic', Toronto\":mailto:mail@elm.example",
            "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE:mailto:ana@example.com",
            "END:VEVENT",
            "END:VCALENDAR",
        ]
    );
}

/// British Columbia stays on UTC−7 from November 2026 on.
#[test]
fn an_invitation_to_vancouver_has_no_clock_change_after_the_last_one() {
    assert_eq!(
        invited("America/Vancouver", "2026-12-07T22:00:00Z"),
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Kindred//Kindred//EN",
            "CALSCALE:GREGORIAN",
            "METHOD:REQUEST",
            "BEGIN:VTIMEZONE",
            "TZID:America/Vancouver",
            "BEGIN:STANDARD",
            "DTSTART:19700101T000000",
            "TZOFFSETFROM:-0800",
            "TZOFFSETTO:-0800",
            "TZNAME:-0800",
            "END:STANDARD",
            "BEGIN:DAYLIGHT",
            "DTSTART:20260308T020000",
            "TZOFFSETFROM:-0800",
            "TZOFFSETTO:-0700",
            "TZNAME:-0700",
            "END:DAYLIGHT",
            "END:VTIMEZONE",
            "BEGIN:VEVENT",
            "UID:00000000-0000-0000-0000-000000000007@kin.example",
            "DTSTAMP:20261130T100005Z",
            "LAST-MODIFIED:20261130T100000Z",
            "SEQUENCE:3",
            "DTSTART;TZID=America/Vancouver:20261207T150000",
            "DTEND;TZID=America/Vancouver:20261207T155000",
            "SUMMARY:Appointment\\, Elm\\; and Oak",
            "LOCATION:Main clinic\\, 12 King Street",
            "STATUS:CONFIRMED",
            "TRANSP:OPAQUE",
            "ORGANIZER;CN=\"Elm 'Clinic', Toronto\":mailto:mail@elm.example",
            "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE:mailto:ana@example.com",
            "END:VEVENT",
            "END:VCALENDAR",
        ]
    );
}

/// The clocks of Chile change at midnight, and its summer is at the turn of the year.
#[test]
fn an_invitation_to_santiago_has_the_clock_changes_of_the_south() {
    assert_eq!(
        invited("America/Santiago", "2026-09-07T13:00:00Z"),
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Kindred//Kindred//EN",
            "CALSCALE:GREGORIAN",
            "METHOD:REQUEST",
            "BEGIN:VTIMEZONE",
            "TZID:America/Santiago",
            "BEGIN:STANDARD",
            "DTSTART:19700101T000000",
            "TZOFFSETFROM:-0300",
            "TZOFFSETTO:-0300",
            "TZNAME:-0300",
            "END:STANDARD",
            "BEGIN:STANDARD",
            "DTSTART:20260405T000000",
            "TZOFFSETFROM:-0300",
            "TZOFFSETTO:-0400",
            "TZNAME:-0400",
            "END:STANDARD",
            "BEGIN:DAYLIGHT",
            "DTSTART:20260906T000000",
            "TZOFFSETFROM:-0400",
            "TZOFFSETTO:-0300",
            "TZNAME:-0300",
            "END:DAYLIGHT",
            "BEGIN:STANDARD",
            "DTSTART:20270404T000000",
            "TZOFFSETFROM:-0300",
            "TZOFFSETTO:-0400",
            "TZNAME:-0400",
            "END:STANDARD",
            "BEGIN:DAYLIGHT",
            "DTSTART:20270905T000000",
            "TZOFFSETFROM:-0400",
            "TZOFFSETTO:-0300",
            "TZNAME:-0300",
            "END:DAYLIGHT",
            "END:VTIMEZONE",
            "BEGIN:VEVENT",
            "UID:00000000-0000-0000-0000-000000000007@kin.example",
            "DTSTAMP:20261130T100005Z",
            "LAST-MODIFIED:20261130T100000Z",
            "SEQUENCE:3",
            "DTSTART;TZID=America/Santiago:20260907T100000",
            "DTEND;TZID=America/Santiago:20260907T105000",
            "SUMMARY:Appointment\\, Elm\\; and Oak",
            "LOCATION:Main clinic\\, 12 King Street",
            "STATUS:CONFIRMED",
            "TRANSP:OPAQUE",
            "ORGANIZER;CN=\"Elm 'Clinic', Toronto\":mailto:mail@elm.example",
            "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE:mailto:ana@example.com",
            "END:VEVENT",
            "END:VCALENDAR",
        ]
    );
}

#[test]
fn a_cancellation_asks_the_calendar_to_remove_the_event() {
    let lines = unfolded(&Event { status: Status::Cancelled, ..event() }.invitation(&letter(), "kin.example"));
    for line in ["METHOD:CANCEL", "STATUS:CANCELLED", "TRANSP:TRANSPARENT"] {
        assert!(lines.contains(&line.to_owned()), "{line}");
    }
}

#[test]
fn the_second_of_two_equal_hours_stands_in_utc() {
    let first = Event {
        zone: "America/Toronto".into(),
        starts_at: at("2026-11-01T05:30:00Z"),
        ends_at: at("2026-11-01T06:30:00Z"),
        ..event()
    };
    let lines = unfolded(&first.invitation(&letter(), "kin.example"));
    assert!(lines.contains(&"DTSTART;TZID=America/Toronto:20261101T013000".to_owned()));
    assert!(lines.contains(&"DTEND:20261101T063000Z".to_owned()));
}

#[test]
fn a_feed_in_which_nothing_changed_is_the_same_file() {
    let events = [event(), Event { zone: "America/Toronto".into(), id: Uuid::from_u128(8), ..event() }];
    let file = feed("Elm, Ana", "America/Toronto", &events, "kin.example");
    assert_eq!(file, feed("Elm, Ana", "America/Toronto", &events, "kin.example"));
    let lines = unfolded(&file);
    assert_eq!(lines.iter().filter(|line| *line == "BEGIN:VTIMEZONE").count(), 2);
    assert_eq!(lines.iter().filter(|line| *line == "BEGIN:VEVENT").count(), 2);
    for line in ["METHOD:PUBLISH", "X-WR-CALNAME:Elm\\, Ana", "X-PUBLISHED-TTL:PT1H", "DTSTAMP:20261130T100000Z"] {
        assert!(lines.contains(&line.to_owned()), "{line}");
    }
    assert!(!file.contains("ATTENDEE") && !file.contains("ORGANIZER") && !file.contains("VALARM"));
}

#[test]
fn the_host_is_the_address_without_scheme_and_port() {
    for (url, name) in [
        ("https://kin.example", "kin.example"),
        ("http://127.0.0.1:3000", "127.0.0.1"),
        ("https://kin.example:8443/", "kin.example"),
        ("http://[::1]:3000", "[::1]"),
    ] {
        assert_eq!(host(url), name);
    }
}

proptest! {
    /// Whatever people type, no line is longer than 75 octets, none is forged, and the words
    /// can be read back.
    #[test]
    fn words_of_any_kind_stay_in_their_line(summary in "\\PC{0,120}|[\\s\\S]{0,60}", location in "[\\s\\S]{0,60}") {
        let plain = Event { summary: String::new(), location: String::from("x"), ..event() }.invitation(&letter(), "k");
        let file = Event { summary: summary.clone(), location: format!("x{location}"), ..event() }.invitation(&letter(), "k");
        prop_assert!(file.split_terminator("\r\n").all(|line| line.len() <= 75 && !line.contains(['\r', '\n'])));
        let lines = unfolded(&file);
        prop_assert_eq!(lines.len(), unfolded(&plain).len());
        let shown = lines.iter().find_map(|line| line.strip_prefix("SUMMARY:")).unwrap();
        let read = shown.replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\");
        // Undone one after another, a backslash before a comma would be taken for an escape.
        if !summary.contains('\\') {
            prop_assert_eq!(read, crate::messages::one_line(&summary));
        }
    }
}
