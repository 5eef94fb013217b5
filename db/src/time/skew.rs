//! Whether Postgres has the same clocks: its zone database is the one of its own system.
//! No local time is resolved there, but reports that people write with SQL are.

use super::Zone;
use crate::Result;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use std::fmt;

/// How far ahead the two are compared.
const DAYS: i64 = 5 * 366;

/// A zone in which Postgres has another time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skew {
    /// The IANA name.
    pub zone: String,
    /// The first instant at which the two differ; `None`: Postgres does not know the zone.
    pub from: Option<DateTime<Utc>>,
}

impl fmt::Display for Skew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.from {
            Some(from) => write!(f, "{} differs from {} on", self.zone, from.format("%-d %B %Y")),
            None => write!(f, "{} is unknown", self.zone),
        }
    }
}

/// The zones in use in which Postgres differs within the next five years.
pub async fn skew(pool: &PgPool, now: DateTime<Utc>) -> Result<Vec<Skew>> {
    let zones = sqlx::query_scalar!(
        r#"select zone as "zone!" from practice
           union select zone from location
           union select zone from appointment where ends_at > $1
           order by 1"#,
        now
    )
    .fetch_all(pool)
    .await?;
    let mut skewed = Vec::new();
    for name in zones {
        let Ok(zone) = Zone::parse(&name) else { continue };
        let from = match first_difference(pool, &zone, &name, now).await {
            Ok(None) => continue,
            Ok(from) => from,
            Err(error) if is_unknown_zone(&error) => None,
            Err(error) => return Err(error.into()),
        };
        skewed.push(Skew { zone: name, from });
    }
    Ok(skewed)
}

/// The first of the compared instants at which the offsets differ.
async fn first_difference(
    pool: &PgPool,
    zone: &Zone,
    name: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<DateTime<Utc>>> {
    let at = instants(zone, now);
    let offsets: Vec<i32> = at.iter().map(|at| zone.offset_seconds(*at)).collect();
    sqlx::query_scalar!(
        r#"select min(v.at) from unnest($1::timestamptz[], $2::int[]) v (at, seconds)
            where extract(epoch from (v.at at time zone $3) - (v.at at time zone 'UTC')) <> v.seconds"#,
        &at,
        &offsets,
        name
    )
    .fetch_one(pool)
    .await
}

/// Each day at this time of day, and both sides of each of our own changes.
fn instants(zone: &Zone, now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let now = DateTime::from_timestamp(now.timestamp(), 0).unwrap_or(now);
    let end = now + TimeDelta::days(DAYS);
    let mut at: Vec<_> = (0..DAYS).map(|day| now + TimeDelta::days(day)).collect();
    for change in zone.changes_after(now).take_while(|change| *change < end) {
        at.extend([change - TimeDelta::seconds(1), change]);
    }
    at.sort_unstable();
    at
}

/// `invalid_parameter_value`: the name is of no zone that Postgres has.
fn is_unknown_zone(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == "22023")
}
