//! Other times for appointments that cannot stay: the nearest day first, and on it the time
//! most like theirs; a different one for each.

use super::facts::zone_of;
use super::free_times::{FreeQuery, Search};
use super::lists;
use super::service::Offering;
use crate::{Actor, Error, Result};
use chrono::{DateTime, Days, TimeDelta, Utc};
use shared::appointments::{FreeTime, StaffAppointment, instant_text};
use shared::slots::Span;
use shared::{AppointmentId, Refusal, ServiceId, StaffId};
use sqlx::PgPool;
use std::collections::HashMap;
use uuid::Uuid;

/// How many days are looked at, and how many times are proposed.
const DAYS: u64 = 28;
const TIMES: usize = 3;

/// The times proposed for each of these appointments with the same practitioner; one that has
/// none is not in it. As many statements as there are services and practitioners.
pub async fn proposals(
    pool: &PgPool,
    actor: &Actor,
    ids: &[AppointmentId],
    now: DateTime<Utc>,
) -> Result<HashMap<AppointmentId, Vec<FreeTime>>> {
    actor.staff()?;
    let mut conn = pool.acquire().await?;
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select a.id as "id: AppointmentId", a.service_id as "service: ServiceId", a.practitioner_id as "practitioner: StaffId",
                  a.starts_at, a.ends_at, a.zone, a.price_cents, a.buffer_minutes,
                  array(select p.client_id from appointment_participant p
                         where p.appointment_id = a.id and p.status = 'booked') as "people!"
             from appointment a where a.id = any ($1) and a.blocks and a.starts_at > $2 order by a.starts_at, a.id"#,
        &ids,
        now
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut groups: Vec<((ServiceId, StaffId), Vec<_>)> = Vec::new();
    for row in rows {
        let key = (row.service, row.practitioner);
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, rows)) => rows.push(row),
            None => groups.push((key, vec![row])),
        }
    }
    let mut proposed = HashMap::new();
    let mut used: Vec<(StaffId, Span)> = Vec::new();
    for ((service, practitioner), rows) in groups {
        let Some(first) = rows.first().map(|row| zone_of(&row.zone).date(row.starts_at)) else { continue };
        let first = (first - Days::new(7)).max(zone_of(&rows[0].zone).date(now));
        let last = first + Days::new(DAYS + 7);
        let query = FreeQuery { service, practitioner: Some(practitioner), client: None, first, last, portal: false };
        let people: Vec<Uuid> = rows.iter().flat_map(|row| row.people.iter().copied()).collect();
        let search = match Search::load_for(&mut conn, query, people, None, now).await {
            // A service that is not offered any more.
            Err(Error::Refused(Refusal::NotFound)) => continue,
            search => search?,
        };
        let Some(by) = search.practitioners.first() else { continue };
        for row in rows {
            let minutes = (row.ends_at - row.starts_at).num_minutes() as i32;
            let (buffer_minutes, price_cents) = (row.buffer_minutes, row.price_cents);
            let by = Offering { minutes, buffer_minutes, price_cents, ..by.clone() };
            let mut starts = search.starts(&by, first, |person| row.people.contains(&person.0), Some(row.id), now);
            starts.retain(|start| start.at != row.starts_at);
            // The nearest day, and on it the time that is most like it; of two as near the later one.
            let zone = &search.service.zone;
            let was = zone.local(row.starts_at);
            starts.sort_by_key(|start| {
                let local = zone.local(start.at);
                let (days, clock) = ((local.date() - was.date()).num_days().abs(), (local.time() - was.time()).abs());
                (days, clock, std::cmp::Reverse(start.at))
            });
            let length = TimeDelta::minutes(minutes.into());
            let apart = TimeDelta::minutes(row.buffer_minutes.into());
            let span = |at: DateTime<Utc>| Span { starts: at, ends: at + length + apart };
            let is_used = |at| used.iter().any(|(whose, taken)| *whose == by.id && taken.overlaps(span(at)));
            starts.retain(|start| !is_used(start.at));
            starts.truncate(TIMES);
            if let Some(first) = starts.first() {
                used.push((by.id, span(first.at)));
            }
            let times = starts.into_iter().map(|start| FreeTime {
                starts_at: instant_text(start.at),
                ends_at: instant_text(start.at + length),
                label: format!("{}, {}", zone.short_date(start.at), zone.exact_clock(start.at)),
                practitioner: by.id,
                practitioner_name: by.name.clone(),
                ask: false,
            });
            proposed.insert(row.id, times.collect());
        }
    }
    Ok(proposed)
}

/// The upcoming appointments of a practitioner, whether they still work here or not: what is
/// to be handed over. At most a hundred, soonest first; the front desk only.
pub async fn upcoming_with(
    pool: &PgPool,
    actor: &Actor,
    practitioner: StaffId,
    now: DateTime<Utc>,
) -> Result<Vec<StaffAppointment>> {
    actor.front_desk()?;
    let ids = sqlx::query_scalar!(
        r#"select id as "id: AppointmentId" from appointment
            where practitioner_id = $1 and starts_at > $2 and status in ('requested', 'confirmed')
            order by starts_at, id limit 100"#,
        practitioner.0,
        now
    );
    lists::several(pool, actor, &ids.fetch_all(pool).await?).await
}
