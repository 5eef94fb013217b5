//! The lines of a calendar file: names, values, folding.

use crate::messages::one_line;
use crate::time::Zone;
use chrono::{DateTime, NaiveDateTime, Utc};

/// The most octets of a line, without its end.
const WIDTH: usize = 75;

pub(super) struct Lines(String);

impl Lines {
    pub(super) fn calendar() -> Lines {
        let mut lines = Lines(String::new());
        for (name, value) in [
            ("BEGIN", "VCALENDAR"),
            ("VERSION", "2.0"),
            ("PRODID", "-//Kindred//Kindred//EN"),
            ("CALSCALE", "GREGORIAN"),
        ] {
            lines.plain(name, value);
        }
        lines
    }

    pub(super) fn finish(mut self) -> String {
        self.plain("END", "VCALENDAR");
        self.0
    }

    /// A value that needs no escaping.
    pub(super) fn plain(&mut self, name: &str, value: &str) {
        self.fold(&format!("{name}:{value}"));
    }

    /// Words of people.
    pub(super) fn text(&mut self, name: &str, value: &str) {
        let mut escaped = String::with_capacity(value.len());
        for c in one_line(value).chars() {
            if matches!(c, '\\' | ';' | ',') {
                escaped.push('\\');
            }
            escaped.push(c);
        }
        self.plain(name, &escaped);
    }

    /// A person by their address, with a name if there is one.
    pub(super) fn named(&mut self, property: &str, name: &str, parameters: &str, address: &str) {
        // A quoted parameter holds anything but quotes.
        let name = one_line(name).replace('"', "'");
        let name = if name.is_empty() { String::new() } else { format!(";CN=\"{name}\"") };
        self.plain(&format!("{property}{name}{parameters}"), &format!("mailto:{}", one_line(address)));
    }

    /// The time on the venue's clocks. What they show a second time, an hour after the first, has
    /// no local form: it stands in UTC.
    pub(super) fn time(&mut self, name: &str, zone: &Zone, at: DateTime<Utc>) {
        let shown = zone.local(at);
        if zone.name() == "UTC" || zone.instant(shown) != at {
            self.plain(name, &utc(at));
        } else {
            self.plain(&format!("{name};TZID={}", zone.name()), &local(shown));
        }
    }

    fn fold(&mut self, line: &str) {
        let mut used = 0;
        for c in line.chars() {
            if used + c.len_utf8() > WIDTH {
                self.0.push_str("\r\n ");
                used = 1;
            }
            self.0.push(c);
            used += c.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

pub(super) fn utc(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

pub(super) fn local(at: NaiveDateTime) -> String {
    at.format("%Y%m%dT%H%M%S").to_string()
}
