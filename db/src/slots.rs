//! Free times: what the arithmetic of [`shared::slots`] needs from the
//! database, in a constant number of statements whatever the window.

use crate::time::Zone;
use crate::{Error, Result};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use shared::appointments::{FreeDay, FreeTime, FreeWeek, instant_text};
use shared::practice::Hours;
use shared::slots::{Busy, Span, Wanted, free_starts};
use shared::{ClientId, Refusal, ServiceId, StaffId};
use sqlx::{PgConnection, PgPool};

/// Longest window that is answered, in days.
pub const DAYS_MAX: u64 = 62;

/// Which free times are asked for.
#[derive(Debug, Clone, Copy)]
pub struct FreeQuery {
    pub service: ServiceId,
    /// `None`: anybody who offers the service; each time names one of them.
    pub practitioner: Option<StaffId>,
    /// Who is to attend, if known: times at which they are busy are left out.
    pub client: Option<ClientId>,
    /// First and last day, in the venue's zone.
    pub first: NaiveDate,
    pub last: NaiveDate,
    /// Only services that clients may book themselves.
    pub portal: bool,
}

/// The free times from `now` on, day by day; days without any are there too.
pub async fn free_days(pool: &PgPool, query: FreeQuery, now: DateTime<Utc>) -> Result<Vec<FreeDay>> {
    let mut conn = pool.acquire().await?;
    let Some(service) = service(&mut conn, query).await? else {
        return Err(Error::Refused(Refusal::NotFound));
    };
    let last = query.last.min(query.first + Days::new(DAYS_MAX));
    let zone = Zone::stored(&service.zone);
    let window = zone.days(query.first, last);
    let practitioners = practitioners(&mut conn, query).await?;
    let ids: Vec<_> = practitioners.iter().map(|(id, _)| id.0).collect();
    let hours = weekly_hours(&mut conn, &ids).await?;
    // A neighbour just outside the window may still be too near.
    let around = Span { starts: window.starts - TimeDelta::days(1), ends: window.ends + TimeDelta::days(1) };
    let taken = taken(&mut conn, &ids, query.client, around).await?;
    let wanted = Wanted {
        duration_minutes: service.duration_minutes,
        buffer_minutes: service.buffer_minutes,
        step_minutes: service.step_minutes,
        not_before: now,
    };

    let mut offers: Vec<(DateTime<Utc>, StaffId, &str)> = Vec::new();
    for (id, name) in &practitioners {
        let own: Vec<Hours> = hours.iter().filter(|(owner, _)| owner == id).map(|(_, hours)| *hours).collect();
        let busy: Vec<Busy> =
            taken.iter().filter(|taken| taken.hinders_practitioner(*id)).map(Taken::as_busy).collect();
        let busy_client = taken.iter().filter(|taken| query.client == Some(taken.client)).map(Taken::as_busy_person);
        let busy: Vec<Busy> = busy.into_iter().chain(busy_client).collect();
        let open = open_spans(&zone, &own, query.first, last);
        offers.extend(free_starts(&open, &busy, wanted).into_iter().map(|start| (start, *id, name.as_str())));
    }
    offers.sort_by_key(|(start, ..)| *start);
    if query.practitioner.is_none() {
        // One offer a time; whose, alternates so that no one is always first.
        offers.dedup_by_key(|(start, ..)| *start);
    }
    let duration = TimeDelta::minutes(service.duration_minutes.into());
    Ok(by_day(&zone, query.first, last, &offers, duration))
}

/// How far ahead the first free time is looked for, in days.
const LOOK_AHEAD: u64 = 42;

/// The week that begins on `query.first` (or today, if that is later), with
/// what lies beside it. `query.last` is not looked at.
pub async fn free_week(pool: &PgPool, query: FreeQuery, now: DateTime<Utc>) -> Result<FreeWeek> {
    let zone = venue_zone(pool).await?;
    let today = zone.date(now);
    let first = query.first.clamp(today, today + Days::new(366));
    let last = first + Days::new(6);
    let days = free_days(pool, FreeQuery { first, last, ..query }, now).await?;
    let mut first_free = None;
    if days.iter().all(|day| day.times.is_empty()) {
        let beyond = FreeQuery { first: last + Days::new(1), last: last + Days::new(LOOK_AHEAD), ..query };
        let day = free_days(pool, beyond, now).await?.into_iter().find(|day| !day.times.is_empty());
        first_free = day.map(|day| (day.date, day.label));
    }
    let noon = zone.instant(first.and_time(NaiveTime::MIN)) + TimeDelta::hours(12);
    Ok(FreeWeek {
        heading: format!("{} – {}", first.format("%-d %B"), last.format("%-d %B %Y")),
        days,
        previous: (first > today).then(|| (first - Days::new(7)).max(today)),
        next: (last < today + Days::new(366)).then(|| last + Days::new(1)),
        first_free,
        zone_note: format!("Times are in the practice’s time zone, {} ({}).", zone.name(), zone.abbreviation(noon)),
    })
}

/// The zone of the place where appointments are held.
pub async fn venue_zone(pool: &PgPool) -> Result<Zone> {
    let name = sqlx::query_scalar!(
        r#"select coalesce((select zone from location where active order by main desc, name limit 1), p.zone) as "zone!" from practice p"#
    )
    .fetch_one(pool)
    .await?;
    Ok(Zone::stored(&name))
}

fn by_day(
    zone: &Zone,
    first: NaiveDate,
    last: NaiveDate,
    offers: &[(DateTime<Utc>, StaffId, &str)],
    duration: TimeDelta,
) -> Vec<FreeDay> {
    first
        .iter_days()
        .take_while(|date| *date <= last)
        .map(|date| {
            let day = zone.day(date);
            let from = offers.partition_point(|(start, ..)| *start < day.starts);
            let times = offers[from..].iter().take_while(|(start, ..)| *start < day.ends);
            FreeDay {
                date,
                label: date.format("%a %-d %b").to_string(),
                times: times
                    .map(|(start, practitioner, name)| FreeTime {
                        starts_at: instant_text(*start),
                        ends_at: instant_text(*start + duration),
                        label: zone.clock(*start),
                        practitioner: *practitioner,
                        practitioner_name: (*name).to_owned(),
                    })
                    .collect(),
            }
        })
        .collect()
}

/// Weekly hours as instants, for every day of the window.
pub fn open_spans(zone: &Zone, hours: &[Hours], first: NaiveDate, last: NaiveDate) -> Vec<Span> {
    use chrono::Datelike;
    let mut spans = Vec::new();
    for date in first.iter_days().take_while(|date| *date <= last) {
        let weekday = date.weekday().number_from_monday() as i16;
        for period in hours.iter().filter(|period| period.weekday == weekday) {
            let span = Span {
                starts: zone.instant(date.and_time(period.starts)),
                ends: zone.instant(date.and_time(period.ends)),
            };
            // A clock change may swallow a short period whole.
            if span.starts < span.ends {
                spans.push(span);
            }
        }
    }
    spans
}

struct Service {
    duration_minutes: i32,
    buffer_minutes: i32,
    step_minutes: i16,
    zone: String,
}

async fn service(conn: &mut PgConnection, query: FreeQuery) -> Result<Option<Service>> {
    Ok(sqlx::query_as!(
        Service,
        r#"select s.duration_minutes, s.buffer_minutes, p.slot_step_minutes as step_minutes,
                  coalesce((select zone from location where active order by main desc, name limit 1), p.zone) as "zone!"
             from service s cross join practice p
            where s.id = $1 and s.active and (s.in_portal or not $2)"#,
        query.service.0,
        query.portal
    )
    .fetch_optional(conn)
    .await?)
}

async fn practitioners(conn: &mut PgConnection, query: FreeQuery) -> Result<Vec<(StaffId, String)>> {
    let rows = sqlx::query!(
        r#"select m.id as "id: StaffId", m.first_name || ' ' || m.last_name as "name!"
             from service_practitioner o join staff_member m on m.id = o.practitioner_id
            where o.service_id = $1 and m.active and ($2::uuid is null or m.id = $2)
            order by m.last_name, m.id"#,
        query.service.0,
        query.practitioner.map(|id| id.0)
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// The weekly hours of several practitioners.
pub(crate) async fn weekly_hours(
    conn: &mut PgConnection,
    practitioners: &[uuid::Uuid],
) -> Result<Vec<(StaffId, Hours)>> {
    let rows = sqlx::query!(
        r#"select practitioner_id as "id: StaffId", weekday, starts, ends from weekly_hours
            where practitioner_id = any($1) order by weekday, starts"#,
        practitioners
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.id, Hours { weekday: row.weekday, starts: row.starts, ends: row.ends }))
        .collect())
}

/// A confirmed appointment that is in somebody's way.
struct Taken {
    practitioner: StaffId,
    client: ClientId,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    buffer_minutes: i32,
}

impl Taken {
    fn hinders_practitioner(&self, practitioner: StaffId) -> bool {
        self.practitioner == practitioner
    }

    fn as_busy(&self) -> Busy {
        Busy { span: Span { starts: self.starts_at, ends: self.ends_at }, buffer_minutes: Some(self.buffer_minutes) }
    }

    fn as_busy_person(&self) -> Busy {
        Busy { buffer_minutes: None, ..self.as_busy() }
    }
}

async fn taken(
    conn: &mut PgConnection,
    practitioners: &[uuid::Uuid],
    client: Option<ClientId>,
    around: Span,
) -> Result<Vec<Taken>> {
    Ok(sqlx::query_as!(
        Taken,
        r#"select practitioner_id as "practitioner: StaffId", client_id as "client: ClientId", starts_at, ends_at, buffer_minutes
             from appointment
            where (practitioner_id = any($1) or client_id = $2)
              and status = 'confirmed' and starts_at < $4 and ends_at > $3 and starts_at > $3 - interval '1 day'"#,
        practitioners,
        client.map(|id| id.0),
        around.starts,
        around.ends
    )
    .fetch_all(conn)
    .await?)
}
