//! Prints the clocks of every zone from 2025 to 2035, a line for each stretch: zone, first second,
//! offset in seconds. With `ics`, a calendar file with an appointment in each of the zones at
//! both ends of that time, which therefore writes all of these clocks out. `end2end/checkers`
//! compares both with other libraries.

use chrono::{DateTime, TimeDelta, Utc};
use db::ics::{Event, Status, feed};
use db::time::Zone;
use uuid::Uuid;

/// 2025-01-01 and 2036-01-01.
const FROM: i64 = 1_735_689_600;
const TO: i64 = 2_082_758_400;

fn main() {
    if std::env::args().nth(1).as_deref() == Some("ics") {
        print!("{}", file());
        return;
    }
    for name in db::time::zones() {
        let zone = Zone::stored(&name);
        let changes = zone.changes_after(at(FROM)).take_while(|change| *change < at(TO));
        for from in std::iter::once(at(FROM)).chain(changes) {
            println!("{name} {} {}", from.timestamp(), zone.offset_seconds(from));
        }
    }
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

fn file() -> String {
    let zones = db::time::zones();
    let ends = zones.iter().flat_map(|zone| [FROM + 86_400, TO - 86_400].map(|starts| (zone, at(starts))));
    let events: Vec<Event> = (1..)
        .zip(ends)
        .map(|(id, (zone, starts_at))| Event {
            id: Uuid::from_u128(id),
            sequence: 0,
            status: Status::Confirmed,
            changed_at: at(FROM),
            starts_at,
            ends_at: starts_at + TimeDelta::hours(1),
            zone: zone.clone(),
            summary: zone.clone(),
            location: String::new(),
        })
        .collect();
    feed("Zones", "UTC", &events, "kindred.test")
}
