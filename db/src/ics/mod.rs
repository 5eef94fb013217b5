//! Calendar files (RFC 5545): what is mailed with an appointment and what a feed consists of.
//! Pure: the same events make the same bytes. They hold no notes, no alerts and no one but the
//! recipient. An event stands in the venue's time with its zone written out, so that a device
//! with an old zone database shows the right hour.
//!
//! Written here and not by the crate `icalendar`: without its parser that cannot write a zone.

mod lines;
mod zones;

use crate::time::Zone;
use chrono::{DateTime, Utc};
use lines::Lines;
use uuid::Uuid;

/// An appointment as a calendar shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The same for as long as the person attends, whatever changes.
    pub id: Uuid,
    /// Rises with every change: calendars ignore what has not risen.
    pub sequence: i32,
    pub status: Status,
    pub changed_at: DateTime<Utc>,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    /// The venue's IANA zone.
    pub zone: String,
    pub summary: String,
    pub location: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Tentative,
    Confirmed,
    Cancelled,
}

impl Status {
    fn word(self) -> &'static str {
        match self {
            Status::Tentative => "TENTATIVE",
            Status::Confirmed => "CONFIRMED",
            Status::Cancelled => "CANCELLED",
        }
    }
}

/// What a mailed file asks of the recipient's calendar. It stands in the file and in the type of
/// the mail's part: where the two differ, Outlook shows neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Request,
    Cancel,
}

impl Method {
    pub fn word(self) -> &'static str {
        match self {
            Method::Request => "REQUEST",
            Method::Cancel => "CANCEL",
        }
    }
}

/// The sender and the recipient of an invitation.
#[derive(Debug, Clone, Copy)]
pub struct Letter<'a> {
    /// The name and the address that the mail is from.
    pub organizer: (&'a str, &'a str),
    pub attendee: &'a str,
    /// When it is written.
    pub at: DateTime<Utc>,
}

impl Event {
    /// An event that was cancelled is removed; any other is put in, or changed.
    pub fn method(&self) -> Method {
        if self.status == Status::Cancelled { Method::Cancel } else { Method::Request }
    }

    /// The file of one mail. `host` is this server's: the ids of two practices never collide.
    pub fn invitation(&self, letter: &Letter<'_>, host: &str) -> String {
        let mut lines = Lines::calendar();
        lines.plain("METHOD", self.method().word());
        zones::write(&mut lines, std::slice::from_ref(self));
        self.write(&mut lines, host, letter.at, |lines| {
            let (name, address) = letter.organizer;
            lines.named("ORGANIZER", name, "", address);
            lines.named("ATTENDEE", "", ";ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE", letter.attendee);
        });
        lines.finish()
    }

    /// The file that a person downloads. It becomes the same event as that of the mails.
    pub fn file(&self, host: &str) -> String {
        let mut lines = Lines::calendar();
        lines.plain("METHOD", "PUBLISH");
        zones::write(&mut lines, std::slice::from_ref(self));
        self.write(&mut lines, host, self.changed_at, |_| {});
        lines.finish()
    }

    fn write(&self, lines: &mut Lines, host: &str, at: DateTime<Utc>, people: impl FnOnce(&mut Lines)) {
        let zone = Zone::stored(&self.zone);
        lines.plain("BEGIN", "VEVENT");
        lines.plain("UID", &format!("{}@{host}", self.id));
        lines.plain("DTSTAMP", &lines::utc(at));
        lines.plain("LAST-MODIFIED", &lines::utc(self.changed_at));
        lines.plain("SEQUENCE", &self.sequence.to_string());
        lines.time("DTSTART", &zone, self.starts_at);
        lines.time("DTEND", &zone, self.ends_at);
        lines.text("SUMMARY", &self.summary);
        if !self.location.trim().is_empty() {
            lines.text("LOCATION", &self.location);
        }
        lines.plain("STATUS", self.status.word());
        lines.plain("TRANSP", if self.status == Status::Cancelled { "TRANSPARENT" } else { "OPAQUE" });
        people(lines);
        lines.plain("END", "VEVENT");
    }
}

/// The file of a feed: `name` is what the calendar is called. Each event is stamped with its own
/// last change, so that a feed in which nothing has changed is the same file.
pub fn feed(name: &str, zone: &str, events: &[Event], host: &str) -> String {
    let mut lines = Lines::calendar();
    lines.plain("METHOD", "PUBLISH");
    lines.text("NAME", name);
    lines.text("X-WR-CALNAME", name);
    lines.plain("X-WR-TIMEZONE", zone);
    lines.plain("REFRESH-INTERVAL;VALUE=DURATION", "PT1H");
    lines.plain("X-PUBLISHED-TTL", "PT1H");
    zones::write(&mut lines, events);
    for event in events {
        event.write(&mut lines, host, event.changed_at, |_| {});
    }
    lines.finish()
}

/// The host of an address like `https://kin.example:8443`.
pub fn host(base_url: &str) -> &str {
    let rest = base_url.split_once("://").map_or(base_url, |(_, rest)| rest);
    let rest = rest.split('/').next().unwrap_or_default();
    rest.rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
        .map_or(rest, |(host, _)| host)
}

#[cfg(test)]
mod tests;
