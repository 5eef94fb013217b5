//! Local time: resolved in `db::time` alone, and the same in Postgres or said so.

use chrono::{DateTime, TimeDelta, Utc};
use db::PgPool;
use db::time::{Zone, skew};
use std::path::Path;

/// Minutes ahead of UTC, from release 2026f by another library. Seven of these zones are an hour
/// off in the data of Debian 12.
const OFFSETS: [(&str, &str, i32); 22] = [
    ("America/Vancouver", "2025-12-01T20:00:00Z", -480),
    ("America/Vancouver", "2026-12-01T20:00:00Z", -420),
    ("America/Vancouver", "2027-07-01T20:00:00Z", -420),
    ("America/Edmonton", "2026-12-01T20:00:00Z", -360),
    ("America/Edmonton", "2027-07-01T20:00:00Z", -360),
    ("America/Winnipeg", "2026-12-01T20:00:00Z", -300),
    ("America/Winnipeg", "2027-07-01T20:00:00Z", -300),
    ("America/Inuvik", "2026-12-01T20:00:00Z", -360),
    ("America/Havana", "2026-12-01T20:00:00Z", -240),
    ("America/Havana", "2027-07-01T20:00:00Z", -240),
    ("Africa/Casablanca", "2026-12-01T12:00:00Z", 0),
    ("Africa/Casablanca", "2027-03-01T12:00:00Z", 0),
    ("Africa/El_Aaiun", "2026-12-01T12:00:00Z", 0),
    ("America/Santiago", "2027-04-03T12:00:00Z", -180),
    ("America/Santiago", "2027-04-05T12:00:00Z", -240),
    ("Africa/Cairo", "2027-04-29T12:00:00Z", 120),
    ("Africa/Cairo", "2027-05-01T12:00:00Z", 180),
    ("Africa/Cairo", "2027-11-01T12:00:00Z", 120),
    ("America/Toronto", "2027-03-14T06:59:59Z", -300),
    ("America/Toronto", "2027-03-14T07:00:00Z", -240),
    ("America/Toronto", "2027-11-07T05:59:59Z", -240),
    ("America/Toronto", "2027-11-07T06:00:00Z", -300),
];

#[test]
fn zones_whose_laws_changed_have_their_clocks() {
    for (zone, at, minutes) in OFFSETS {
        let offset = Zone::parse(zone).unwrap().offset_seconds(at.parse().unwrap());
        assert_eq!(offset, minutes * 60, "{zone} {at}");
    }
}

/// What would resolve a local time in SQL.
const IN_SQL: [&str; 7] = [
    "at time zone",
    "current_date",
    "localtimestamp",
    "current_time",
    "now()::date",
    "timezone(",
    "clock_timestamp()::date",
];

#[test]
fn no_statement_resolves_a_local_time() {
    let mut found = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    look(&root.join("src"), &mut found);
    look(&root.join("../migrations"), &mut found);
    look(&root.join("../server/src"), &mut found);
    // The comparison with the clocks of Postgres asks for them.
    found.retain(|line| !line.starts_with("skew.rs:"));
    assert_eq!(found, Vec::<String>::new());
}

fn look(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            look(&path, found);
            continue;
        }
        let (name, text) = (path.file_name().unwrap().to_string_lossy(), std::fs::read_to_string(&path).unwrap());
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let bad = lines.filter(|line| IN_SQL.iter().any(|sql| line.to_ascii_lowercase().contains(sql)));
        found.extend(bad.map(|line| format!("{name}: {}", line.trim())));
    }
}

/// Compares the offsets one by one, as a reader of the two tables would.
#[testkit::test]
async fn clocks_of_postgres_that_differ_are_named_with_the_first_day(pool: PgPool) {
    let now = Utc::now();
    for zone in ["America/Toronto", "America/Vancouver", "America/Havana", "Asia/Kolkata"] {
        sqlx::query("update practice set zone = $1").bind(zone).execute(&pool).await.unwrap();
        let named = skew(&pool, now).await.unwrap();
        let mut first: Option<DateTime<Utc>> = None;
        for hour in (0..5 * 365 * 24).step_by(7 * 24) {
            let at = now + TimeDelta::hours(hour);
            let theirs: chrono::NaiveDateTime = sqlx::query_scalar("select $1::timestamptz at time zone $2")
                .bind(at)
                .bind(zone)
                .fetch_one(&pool)
                .await
                .unwrap();
            if (theirs - Zone::stored(zone).local(at)).num_minutes() != 0 {
                first = Some(at);
                break;
            }
        }
        match (named.as_slice(), first) {
            ([], None) => {}
            ([one], Some(first)) => {
                assert_eq!(one.zone, zone);
                let from = one.from.expect("Postgres knows it");
                assert!(from <= first && first - from <= TimeDelta::days(7), "{zone}: {from} {first}");
            }
            other => panic!("{zone}: {other:?}"),
        }
    }
}
