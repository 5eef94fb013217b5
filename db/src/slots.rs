//! Free times: what the arithmetic of [`shared::slots`] needs from the
//! database, in a constant number of statements whatever the window.

use crate::time::Zone;
use crate::{Error, Result};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use shared::appointments::{FreeDay, FreeTime, FreeWeek, HORIZON_DAYS, instant_text};
use shared::practice::Hours;
use shared::slots::{Busy, Span, Wanted, free_starts, turn};
use shared::{AppointmentId, ClientId, Refusal, ServiceId, StaffId};
use sqlx::{PgConnection, PgPool};
use std::collections::HashMap;

/// Longest window that is answered, in days.
pub const DAYS_MAX: u64 = 62;

/// Which free times are asked for.
#[derive(Debug, Clone, Copy)]
pub struct FreeQuery {
    pub service: ServiceId,
    /// `None`: anyone who offers the service; each time names the one of them
    /// who is least booked that day.
    pub practitioner: Option<StaffId>,
    /// Who is to attend, if known: times at which they are busy are left out.
    pub client: Option<ClientId>,
    /// First and last day, in the venue's zone.
    pub first: NaiveDate,
    pub last: NaiveDate,
    /// Only services that clients may book themselves, within [`HORIZON_DAYS`].
    pub portal: bool,
}

/// The free times from `now` on, day by day; days without any are there too.
pub async fn free_days(pool: &PgPool, query: FreeQuery, now: DateTime<Utc>) -> Result<Vec<FreeDay>> {
    let mut conn = pool.acquire().await?;
    let Some(service) = service(&mut conn, query).await? else {
        return Err(Error::Refused(Refusal::NotFound));
    };
    let zone = &service.zone;
    let mut last = query.last.min(query.first + Days::new(DAYS_MAX));
    if query.portal {
        last = last.min(zone.date(now) + Days::new(HORIZON_DAYS));
    }
    let window = zone.days(query.first, last);
    let practitioners = practitioners(&mut conn, query).await?;
    let ids: Vec<_> = practitioners.iter().map(|(id, _)| id.0).collect();
    let hours = weekly_hours(&mut conn, &ids).await?;
    // A neighbour just outside the window may still be too near.
    let around = Span { starts: window.starts - TimeDelta::days(1), ends: window.ends + TimeDelta::days(1) };
    let taken = taken(&mut conn, &ids, query.client, around).await?;
    let wanted = service.wanted(now);

    let mut offers: Vec<Offer> = Vec::new();
    for (id, name) in &practitioners {
        let own: Vec<Hours> = hours.iter().filter(|(owner, _)| owner == id).map(|(_, hours)| *hours).collect();
        let busy: Vec<Busy> =
            taken.iter().filter(|taken| taken.hinders_practitioner(*id)).map(Taken::as_busy).collect();
        let busy_client = taken.iter().filter(|taken| query.client == Some(taken.client)).map(Taken::as_busy_person);
        let busy: Vec<Busy> = busy.into_iter().chain(busy_client).collect();
        let open = open_spans(zone, &own, query.first, last);
        offers.extend(free_starts(&open, &busy, wanted).into_iter().map(|start| Offer { start, id: *id, name }));
    }
    if query.practitioner.is_none() {
        // One offer a time: of the least booked that day, and of the equally
        // booked whose turn it is.
        let mut busyness: HashMap<(NaiveDate, StaffId), (i64, u64)> = HashMap::new();
        offers.sort_by_cached_key(|offer| {
            let date = zone.date(offer.start);
            let rank = *busyness
                .entry((date, offer.id))
                .or_insert_with(|| (booked_on(&taken, offer.id, zone.day(date)), turn(offer.id.0, date)));
            (offer.start, rank)
        });
        offers.dedup_by_key(|offer| offer.start);
    } else {
        offers.sort_by_key(|offer| offer.start);
    }
    let duration = TimeDelta::minutes(service.duration_minutes.into());
    Ok(by_day(zone, query.first, last, &offers, duration))
}

/// A free time and whose it is.
struct Offer<'a> {
    start: DateTime<Utc>,
    id: StaffId,
    name: &'a str,
}

/// How many appointments a practitioner has that begin on the day.
pub(crate) fn booked_on(taken: &[Taken], practitioner: StaffId, day: Span) -> i64 {
    let own = taken.iter().filter(|one| one.practitioner == practitioner);
    own.filter(|one| day.starts <= one.starts_at && one.starts_at < day.ends).count() as i64
}

/// How far ahead the first free time is looked for, in days.
const LOOK_AHEAD: u64 = 42;

/// The week that begins on `query.first` (or today, if that is later), with
/// what lies beside it. `query.last` is not looked at.
pub async fn free_week(pool: &PgPool, query: FreeQuery, now: DateTime<Utc>) -> Result<FreeWeek> {
    let zone = venue_zone(pool).await?;
    let today = zone.date(now);
    let horizon = today + Days::new(HORIZON_DAYS);
    let first = query.first.clamp(today, horizon);
    let last = (first + Days::new(6)).min(horizon);
    let days = free_days(pool, FreeQuery { first, last, ..query }, now).await?;
    let mut first_free = None;
    if last < horizon && days.iter().all(|day| day.times.is_empty()) {
        let beyond = FreeQuery { first: last + Days::new(1), last: last + Days::new(LOOK_AHEAD), ..query };
        let day = free_days(pool, beyond, now).await?.into_iter().find(|day| !day.times.is_empty());
        first_free = day.map(|day| (day.date, day.label));
    }
    let noon = zone.instant(first.and_time(NaiveTime::MIN)) + TimeDelta::hours(12);
    Ok(FreeWeek {
        heading: format!("{} – {}", first.format("%-d %B"), last.format("%-d %B %Y")),
        days,
        previous: (first > today).then(|| (first - Days::new(7)).max(today)),
        next: (last < horizon).then(|| last + Days::new(1)),
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

fn by_day(zone: &Zone, first: NaiveDate, last: NaiveDate, offers: &[Offer<'_>], duration: TimeDelta) -> Vec<FreeDay> {
    first
        .iter_days()
        .take_while(|date| *date <= last)
        .map(|date| {
            let day = zone.day(date);
            let from = offers.partition_point(|offer| offer.start < day.starts);
            let times = offers[from..].iter().take_while(|offer| offer.start < day.ends);
            FreeDay {
                date,
                label: date.format("%a %-d %b").to_string(),
                times: times
                    .map(|offer| FreeTime {
                        starts_at: instant_text(offer.start),
                        ends_at: instant_text(offer.start + duration),
                        label: zone.exact_clock(offer.start),
                        practitioner: offer.id,
                        practitioner_name: offer.name.to_owned(),
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

/// What free times take from a service, and from the place where it is held.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    pub duration_minutes: i32,
    pub buffer_minutes: i32,
    step_minutes: i16,
    pub zone: Zone,
}

impl Service {
    pub fn new(duration_minutes: i32, buffer_minutes: i32, step_minutes: i16, zone: &str) -> Service {
        Service { duration_minutes, buffer_minutes, step_minutes, zone: Zone::stored(zone) }
    }

    /// Times of this service that are not before `now`.
    pub fn wanted(&self, now: DateTime<Utc>) -> Wanted {
        let Service { duration_minutes, buffer_minutes, step_minutes, .. } = *self;
        Wanted { duration_minutes, buffer_minutes, step_minutes, not_before: now }
    }
}

async fn service(conn: &mut PgConnection, query: FreeQuery) -> Result<Option<Service>> {
    let row = sqlx::query!(
        r#"select s.duration_minutes, s.buffer_minutes, p.slot_step_minutes as step_minutes,
                  coalesce((select zone from location where active order by main desc, name limit 1), p.zone) as "zone!"
             from service s cross join practice p
            where s.id = $1 and s.active and (s.in_portal or not $2)"#,
        query.service.0,
        query.portal
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Service::new(row.duration_minutes, row.buffer_minutes, row.step_minutes, &row.zone)))
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

/// A confirmed appointment, which takes its time.
#[derive(Debug)]
pub(crate) struct Taken {
    pub id: AppointmentId,
    pub practitioner: StaffId,
    pub client: ClientId,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub buffer_minutes: i32,
}

impl Taken {
    fn hinders_practitioner(&self, practitioner: StaffId) -> bool {
        self.practitioner == practitioner
    }

    pub fn span(&self) -> Span {
        Span { starts: self.starts_at, ends: self.ends_at }
    }

    pub fn as_busy(&self) -> Busy {
        Busy { span: self.span(), buffer_minutes: Some(self.buffer_minutes) }
    }

    fn as_busy_person(&self) -> Busy {
        Busy { buffer_minutes: None, ..self.as_busy() }
    }
}

/// Confirmed appointments of any of the practitioners, and of the client.
pub(crate) async fn taken(
    conn: &mut PgConnection,
    practitioners: &[uuid::Uuid],
    client: Option<ClientId>,
    around: Span,
) -> Result<Vec<Taken>> {
    Ok(sqlx::query_as!(
        Taken,
        r#"select id as "id: AppointmentId", practitioner_id as "practitioner: StaffId", client_id as "client: ClientId", starts_at, ends_at, buffer_minutes
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
