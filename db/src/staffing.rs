//! Staffing: which clients could come in a week, and which practitioners work then, by
//! the half hour of the venue's wall clock. And pairing: for one client, whose hours fit
//! theirs best. The arithmetic is [`shared::staffing`].

use crate::appointments::free_times::venue_zone;
use crate::availability::{Audience, opening, week_spans};
use crate::time::Zone;
use crate::{Actor, PgPool, Result};
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use shared::practice::Hours;
use shared::slots::Span;
use shared::staffing::{Cell, DAY, WeekSpan, staffing};
use shared::{ClientId, ServiceId, StaffId};
use sqlx::PgConnection;
use std::collections::HashMap;

/// Which week, and whose.
#[derive(Debug, Clone, Copy, Default)]
pub struct StaffingQuery {
    /// Any day of the week.
    pub day: Option<NaiveDate>,
    /// These hours and appointments alone, and the clients assigned to them.
    pub practitioner: Option<StaffId>,
    /// Only practitioners who offer it.
    pub service: Option<ServiceId>,
}

/// A week's half hours.
#[derive(Debug, Clone)]
pub struct StaffingWeek {
    pub monday: NaiveDate,
    /// Such as `Times are in Toronto time.`
    pub place: String,
    /// [`shared::staffing::STEPS`] for each day, from Monday.
    pub cells: Vec<Cell>,
    /// Active clients with and without hours of their own.
    pub clients: i64,
    pub clients_unknown: i64,
    pub practitioners: usize,
}

/// The week of the viewer's clients, in six statements whatever their number.
pub async fn week(pool: &PgPool, actor: &Actor, query: StaffingQuery, now: DateTime<Utc>) -> Result<StaffingWeek> {
    let scope = actor.staff()?.scope();
    let zone = venue_zone(pool).await?;
    let day = query.day.unwrap_or_else(|| zone.date(now));
    let monday = day - Days::new(day.weekday().num_days_from_monday().into());
    let sunday = monday + Days::new(6);
    let mut conn = pool.acquire().await?;

    let practitioners: Vec<StaffId> = sqlx::query_scalar!(
        r#"select m.id as "id: StaffId" from staff_member m
            where m.active and 'practitioner' = any (m.roles) and ($1::uuid is null or m.id = $1)
              and ($2::uuid is null
                   or exists (select from service_practitioner o where o.practitioner_id = m.id and o.service_id = $2))"#,
        query.practitioner.map(|id| id.0),
        query.service.map(|id| id.0)
    )
    .fetch_all(&mut *conn)
    .await?;
    let ids: Vec<_> = practitioners.iter().map(|id| id.0).collect();
    let opening = opening(&mut conn, &ids, zone.days(monday, sunday)).await?;
    let booked = booked(&mut conn, &ids, zone.days(monday, sunday)).await?;
    let weeks: Vec<(Vec<WeekSpan>, Vec<WeekSpan>)> = practitioners
        .iter()
        .map(|id| {
            let open = opening.spans(&zone, *id, monday, sunday, Audience::Staff);
            let taken = booked.iter().filter(|(owner, _)| owner == id).map(|(_, span)| *span);
            (on_the_wall(&zone, monday, open), on_the_wall(&zone, monday, taken))
        })
        .collect();

    let clients = clients(&mut conn, scope, query.practitioner, &zone, monday).await?;
    let counts = sqlx::query!(
        r#"select count(*) filter (where known) as "known!", count(*) filter (where not known) as "unknown!"
             from (select exists (select from client_availability a where a.client_id = c.id) as known
                     from client c
                    where c.kind = 'individual' and c.status = 'active' and c.erased_at is null
                      and exists (select from client_in_scope(c.id, $1))
                      and ($2::uuid is null or exists (select from client_practitioner p
                                                        where p.client_id = c.id and p.practitioner_id = $2))) c"#,
        scope,
        query.practitioner.map(|id| id.0)
    )
    .fetch_one(&mut *conn)
    .await?;
    Ok(StaffingWeek {
        monday,
        place: zone.place(),
        cells: staffing(&clients, &weeks),
        clients: counts.known,
        clients_unknown: counts.unknown,
        practitioners: practitioners.len(),
    })
}

/// What practitioners have booked in a span of time.
async fn booked(conn: &mut PgConnection, practitioners: &[uuid::Uuid], around: Span) -> Result<Vec<(StaffId, Span)>> {
    let rows = sqlx::query!(
        r#"select practitioner_id as "practitioner: StaffId", starts_at, ends_at from appointment
            where practitioner_id = any ($1) and status <> 'cancelled'
              and starts_at < $3 and ends_at > $2 and starts_at > $2 - interval '1 day'"#,
        practitioners,
        around.starts,
        around.ends
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.practitioner, Span { starts: row.starts_at, ends: row.ends_at })).collect())
}

/// The weeks of active clients who said when they can come, on the venue's wall clock.
async fn clients(
    conn: &mut PgConnection,
    scope: Option<uuid::Uuid>,
    practitioner: Option<StaffId>,
    venue: &Zone,
    monday: NaiveDate,
) -> Result<Vec<Vec<WeekSpan>>> {
    let rows = sqlx::query!(
        r#"select c.id as "id: ClientId", c.zone, a.weekday, a.starts, a.ends
             from client_availability a join client c on c.id = a.client_id
            where c.kind = 'individual' and c.status = 'active' and c.erased_at is null
              and exists (select from client_in_scope(c.id, $1))
              and ($2::uuid is null or exists (select from client_practitioner p
                                                where p.client_id = c.id and p.practitioner_id = $2))"#,
        scope,
        practitioner.map(|id| id.0)
    )
    .fetch_all(conn)
    .await?;
    let mut weeks: HashMap<ClientId, (String, Vec<Hours>)> = HashMap::new();
    for row in rows {
        let hours = Hours { weekday: row.weekday, starts: row.starts, ends: row.ends };
        weeks.entry(row.id).or_insert_with(|| (row.zone, Vec::new())).1.push(hours);
    }
    let mut zones: HashMap<String, Zone> = HashMap::new();
    Ok(weeks
        .into_values()
        .map(|(zone, hours)| {
            let zone = zones.entry(zone).or_insert_with_key(|name| Zone::stored(name)).clone();
            available(&zone, venue, &hours, monday)
        })
        .collect())
}

/// A client's hours in the week of `monday`, on the venue's wall clock.
pub(crate) fn available(own: &Zone, venue: &Zone, hours: &[Hours], monday: NaiveDate) -> Vec<WeekSpan> {
    // In another zone a day of the week before or after may reach into this one.
    let (first, last) = (monday - Days::new(1), monday + Days::new(7));
    on_the_wall(venue, monday, week_spans(own, hours, first, last))
}

/// Instants as minutes of the week on the venue's wall clock; what lies outside is cut off.
pub(crate) fn on_the_wall(venue: &Zone, monday: NaiveDate, spans: impl IntoIterator<Item = Span>) -> Vec<WeekSpan> {
    let start = monday.and_time(NaiveTime::MIN);
    let minutes = |at: DateTime<Utc>| (venue.local(at) - start).num_minutes() as i32;
    spans
        .into_iter()
        .filter_map(|span| {
            let (starts, ends) = (minutes(span.starts).max(0), minutes(span.ends).min(7 * DAY));
            // In an hour that happens twice a wall clock may run backwards.
            (starts < ends).then_some(WeekSpan { starts, ends })
        })
        .collect()
}

/// The start of a minute of the week.
pub fn instant_of(zone: &Zone, monday: NaiveDate, minute: i32) -> DateTime<Utc> {
    zone.instant(monday.and_time(NaiveTime::MIN) + TimeDelta::minutes(minute.into()))
}
