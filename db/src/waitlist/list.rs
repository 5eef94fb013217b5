//! The list as staff see it, and one's own in the portal.

use super::matching::Gap;
use crate::actor::ClientActor;
use crate::{Actor, PgPool, Result};
use chrono::{DateTime, NaiveDate, Utc};
use shared::practice::Hours;
use shared::slots::Span;
use shared::waitlist::WaitState;
use shared::{AppointmentId, ClientId, ClientNumber, OfferId, ServiceId, StaffId, WaitId};
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

/// The most entries that are listed.
const LISTED_MAX: i64 = 200;

/// Which entries; all of those who still wait without any of it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    pub id: Option<WaitId>,
    pub client: Option<ClientId>,
    pub service: Option<ServiceId>,
    /// Those who wait for this practitioner, or for anyone who offers the service with them.
    pub practitioner: Option<StaffId>,
    /// Those who can come on one of these days.
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// Those who no longer wait too.
    pub ended: bool,
}

#[derive(Debug, Clone)]
pub struct Waiting {
    pub id: WaitId,
    pub client: ClientId,
    pub number: ClientNumber,
    pub name: String,
    pub service: ServiceId,
    pub service_name: String,
    pub practitioner: Option<(StaffId, String)>,
    /// The appointment that they have already; its start and its zone.
    pub appointment: Option<(AppointmentId, DateTime<Utc>, String)>,
    pub first_on: NaiveDate,
    pub last_on: NaiveDate,
    /// Their own for this; empty: as their weekly availability says.
    pub windows: Vec<Hours>,
    pub urgent: bool,
    pub note: String,
    pub state: WaitState,
    pub entered_at: DateTime<Utc>,
    /// `None`: in the portal.
    pub entered_by: Option<String>,
    pub offer: Option<OfferView>,
    pub version: i32,
}

/// An offer that is open.
#[derive(Debug, Clone)]
pub struct OfferView {
    pub id: OfferId,
    pub practitioner: String,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub lapses_at: DateTime<Utc>,
}

/// Urgent ones first, then who waits longest; of clients that the viewer sees.
pub async fn list(pool: &PgPool, actor: &Actor, filter: Filter) -> Result<Vec<Waiting>> {
    list_in(&mut *pool.acquire().await?, actor, filter).await
}

/// As [`list`], on a connection.
pub async fn list_in(conn: &mut PgConnection, actor: &Actor, filter: Filter) -> Result<Vec<Waiting>> {
    let scope = actor.staff()?.scope();
    let rows = sqlx::query!(
        r#"select w.id as "id: WaitId", c.id as "client!: ClientId", c.number as "number!: ClientNumber", c.name as "name!",
                  s.id as "service: ServiceId", s.name as service_name,
                  w.practitioner_id as "practitioner: StaffId", m.first_name || ' ' || m.last_name as practitioner_name,
                  a.id as "appointment?: AppointmentId", a.starts_at as "appointment_at?", a.zone as "appointment_zone?",
                  w.first_on, w.last_on, w.urgent, w.note, w.state as "state: WaitState", w.entered_at,
                  e.first_name || ' ' || e.last_name as entered_by, w.version,
                  o.id as "offer?: OfferId", o.starts_at as "offer_starts?", o.ends_at as "offer_ends?", o.lapses_at as "lapses_at?",
                  k.first_name || ' ' || k.last_name as offer_with
             from waitlist_entry w
             -- One by one: a join would read all clients and appointments.
             cross join lateral (
                   select k.id, k.number, client_name(k) as name from client k where k.id = w.client_id offset 0) c
             join service s on s.id = w.service_id
             left join staff_member m on m.id = w.practitioner_id
             left join staff_member e on e.id = w.entered_by
             left join lateral (
                   select id, starts_at, zone from appointment
                    where id = w.appointment_id and status in ('requested', 'confirmed') offset 0) a on true
             left join waitlist_offer o on o.entry_id = w.id and o.state = 'open'
             left join staff_member k on k.id = o.practitioner_id
            where exists (select from client_in_scope(c.id, $1))
              and (w.ended_at is null or $2)
              and ($3::uuid is null or w.id = $3)
              and ($4::uuid is null or w.client_id = $4)
              and ($5::uuid is null or w.service_id = $5)
              and ($6::uuid is null or w.practitioner_id = $6
                   or w.practitioner_id is null and exists (
                        select from service_practitioner y where y.service_id = w.service_id and y.practitioner_id = $6))
              and ($7::date is null or w.first_on <= $8 and w.last_on >= $7)
            order by w.ended_at is not null, w.urgent desc, w.entered_at, w.id
            limit $9"#,
        scope,
        filter.ended,
        filter.id.map(|id| id.0),
        filter.client.map(|id| id.0),
        filter.service.map(|id| id.0),
        filter.practitioner.map(|id| id.0),
        filter.days.map(|(first, _)| first),
        filter.days.map(|(_, last)| last),
        LISTED_MAX
    )
    .fetch_all(&mut *conn)
    .await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id.0).collect();
    let mut windows = windows(conn, &ids).await?;
    let waiting = rows.into_iter().map(|row| Waiting {
        id: row.id,
        client: row.client,
        number: row.number,
        name: row.name,
        service: row.service,
        service_name: row.service_name,
        practitioner: row.practitioner.zip(row.practitioner_name),
        appointment: match (row.appointment, row.appointment_at, row.appointment_zone) {
            (Some(id), Some(at), Some(zone)) => Some((id, at, zone)),
            _ => None,
        },
        first_on: row.first_on,
        last_on: row.last_on,
        windows: windows.remove(&row.id).unwrap_or_default(),
        urgent: row.urgent,
        note: row.note,
        state: row.state,
        entered_at: row.entered_at,
        entered_by: row.entered_by,
        offer: match (row.offer, row.offer_starts, row.offer_ends, row.lapses_at) {
            (Some(id), Some(starts_at), Some(ends_at), Some(lapses_at)) => {
                Some(OfferView { id, practitioner: row.offer_with.unwrap_or_default(), starts_at, ends_at, lapses_at })
            }
            _ => None,
        },
        version: row.version,
    });
    Ok(waiting.collect())
}

async fn windows(conn: &mut PgConnection, ids: &[Uuid]) -> Result<HashMap<WaitId, Vec<Hours>>> {
    let rows = sqlx::query!(
        r#"select entry_id as "entry: WaitId", weekday, starts, ends from waitlist_window
            where entry_id = any ($1) order by weekday, starts"#,
        ids
    )
    .fetch_all(conn)
    .await?;
    let mut all: HashMap<WaitId, Vec<Hours>> = HashMap::new();
    for row in rows {
        all.entry(row.entry).or_default().push(Hours { weekday: row.weekday, starts: row.starts, ends: row.ends });
    }
    Ok(all)
}

/// An entry in the portal. Staff's note and who entered it are not told.
#[derive(Debug, Clone)]
pub struct MyWait {
    pub id: WaitId,
    /// Set when it is another person's.
    pub for_name: Option<String>,
    pub service_name: String,
    pub practitioner: Option<String>,
    pub first_on: NaiveDate,
    pub last_on: NaiveDate,
    pub windows: Vec<Hours>,
    /// The start of the appointment that they have already, and its zone.
    pub appointment: Option<(DateTime<Utc>, String)>,
    pub offer: Option<OfferView>,
    /// The portal's permissions let the offer be taken; declined it is in any case.
    pub may_take: bool,
}

/// What the client waits for, and those who grant *book and manage* at this moment.
pub async fn mine(pool: &PgPool, me: &ClientActor) -> Result<Vec<MyWait>> {
    let mut conn = pool.acquire().await?;
    let rows = sqlx::query!(
        r#"select w.id as "id!: WaitId", p.for_name, s.name as service_name, m.first_name || ' ' || m.last_name as practitioner,
                  w.first_on as "first_on!", w.last_on as "last_on!", case when portal_may(p.id, 'see_appointments') then a.starts_at end as "appointment_at?", a.zone as "appointment_zone?",
                  o.id as "offer?: OfferId", o.starts_at as "offer_starts?", o.ends_at as "offer_ends?", o.lapses_at as "lapses_at?",
                  k.first_name || ' ' || k.last_name as offer_with,
                  portal_may(p.id, 'book') and (w.appointment_id is null or portal_may(p.id, 'move')) as "may_take!"
             from (select $1::uuid as id, null::text as for_name
                   union all
                   select c.id, client_name(c) from client_grant g join client c on c.id = g.subject
                    where g.holder = $1 and g.may_book) p
             cross join lateral (
                   select * from waitlist_entry where client_id = p.id and ended_at is null offset 0) w
             join service s on s.id = w.service_id
             left join staff_member m on m.id = w.practitioner_id
             left join lateral (
                   select starts_at, zone from appointment
                    where id = w.appointment_id and status in ('requested', 'confirmed') offset 0) a on true
             left join waitlist_offer o on o.entry_id = w.id and o.state = 'open' and o.lapses_at > now()
             left join staff_member k on k.id = o.practitioner_id
            order by w.entered_at, w.id limit 100"#,
        me.id().0
    )
    .fetch_all(&mut *conn)
    .await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id.0).collect();
    let mut windows = windows(&mut conn, &ids).await?;
    let mine = rows.into_iter().map(|row| MyWait {
        id: row.id,
        for_name: row.for_name,
        service_name: row.service_name,
        practitioner: row.practitioner,
        first_on: row.first_on,
        last_on: row.last_on,
        windows: windows.remove(&row.id).unwrap_or_default(),
        appointment: row.appointment_at.zip(row.appointment_zone),
        may_take: row.may_take,
        offer: match (row.offer, row.offer_starts, row.offer_ends, row.lapses_at) {
            (Some(id), Some(starts_at), Some(ends_at), Some(lapses_at)) => {
                Some(OfferView { id, practitioner: row.offer_with.unwrap_or_default(), starts_at, ends_at, lapses_at })
            }
            _ => None,
        },
    });
    Ok(mine.collect())
}

/// The times that an appointment left while someone waited: it was cancelled or moved away.
pub async fn freed_by(pool: &PgPool, actor: &Actor, appointment: AppointmentId) -> Result<Vec<Gap>> {
    actor.staff()?;
    freed(pool, Some(appointment), 1).await
}

/// What became free in the last days and is upcoming, soonest first.
pub async fn recently_freed(pool: &PgPool, actor: &Actor) -> Result<Vec<Gap>> {
    actor.staff()?;
    freed(pool, None, 8).await
}

async fn freed(pool: &PgPool, appointment: Option<AppointmentId>, most: i64) -> Result<Vec<Gap>> {
    let rows = sqlx::query!(
        r#"select practitioner_id as "practitioner: StaffId", starts_at, ends_at, max(freed_at) as freed_at
             from waitlist_freed
            where ends_at > now() and ($1::uuid is null or appointment_id = $1)
            group by practitioner_id, starts_at, ends_at
            order by case when $1::uuid is null then starts_at end, max(freed_at) desc limit $2"#,
        appointment.map(|id| id.0),
        most
    )
    .fetch_all(pool)
    .await?;
    let gap = |practitioner, starts, ends| Gap { practitioner, span: Span { starts, ends } };
    Ok(rows.into_iter().map(|row| gap(row.practitioner, row.starts_at, row.ends_at)).collect())
}
