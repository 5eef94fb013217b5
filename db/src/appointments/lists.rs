//! The lists: a day for staff, a client's appointments on their profile, and
//! *My appointments* in the portal. Grants are asked afresh by every query.

use crate::actor::ClientActor;
use crate::authz::{self, ReadableClient};
use crate::{Actor, Error, Result};
use chrono::{DateTime, Utc};
use shared::appointments::{AppointmentStatus, Modality, PortalAppointment, StaffAppointment};
use shared::clients::Colour;
use shared::slots::Span;
use shared::{AppointmentId, ClientId, ClientNumber, Refusal, ServiceId, StaffId};
use sqlx::{PgConnection, PgExecutor, PgPool};

/// Which rows a staff list holds: one statement serves them all.
#[derive(Default)]
struct Filter {
    ids: Option<Vec<uuid::Uuid>>,
    client: Option<ClientId>,
    practitioner: Option<StaffId>,
    span: Option<Span>,
}

async fn staff_rows(conn: impl PgExecutor<'_>, actor: &Actor, filter: Filter) -> Result<Vec<StaffAppointment>> {
    let staff = actor.staff()?;
    Ok(sqlx::query_as!(
        StaffAppointment,
        r#"select a.id as "id!: AppointmentId", a.starts_at as "starts_at!", a.ends_at as "ends_at!", a.zone as "zone!",
                  case when v.status = 'booked' then a.status else 'cancelled' end as "status!: AppointmentStatus",
                  a.practitioner_overbooked or a.room_overbooked or v.overbooked as "overbooked!",
                  c.id as "client_id: ClientId", c.number as "client_number: ClientNumber",
                  c.name as "client_name!", c.erased_at is not null as "client_erased!",
                  c.alert, o.colour as "colour?: Colour",
                  case when p.id is not null and exists (select from client_in_scope(p.id, $6))
                       then client_name(p) end as proxy_name,
                  m.id as "practitioner_id: StaffId", m.first_name || ' ' || m.last_name as "practitioner_name!",
                  s.id as "service_id: ServiceId", s.name as service_name,
                  s.description as service_description, a.price_cents as "price_cents!", a.version as "version!"
             -- One of the three, by its own index whatever else may be asked for.
             from (select * from appointment where $1::uuid[] is not null and id = any ($1)
                   union all
                   select one.*
                     from (select appointment_id from appointment_participant where $2::uuid is not null and client_id = $2
                           union
                           select appointment_id from appointment_participant where $2::uuid is not null and party_id = $2) w
                    cross join lateral (select * from appointment where id = w.appointment_id offset 0) one
                   union all
                   select * from appointment
                    where $4::timestamptz is not null and starts_at >= $4 and starts_at < $5
                      and ($3::uuid is null or practitioner_id = $3)) a
             -- The couple, family or group, or the first of those who attend, as far as the viewer sees them.
             cross join lateral (
                   select v.status, v.overbooked, v.proxy_id,
                          case when exists (select from client_in_scope(v.party_id, $6)) then coalesce(v.party_id, v.client_id)
                               else v.client_id end as lead
                     from appointment_participant v
                    where v.appointment_id = a.id and ($2::uuid is null or v.client_id = $2 or v.party_id = $2)
                      and exists (select from client_in_scope(v.client_id, $6))
                    order by v.status = 'booked' desc, v.booked_at, v.id limit 1) v
             -- One by one: for a full day a join would read all clients.
             cross join lateral (
                   select k.id, k.number, k.erased_at, k.alert, client_name(k) as name
                     from client k where k.id = v.lead offset 0) c
             join staff_member m on m.id = a.practitioner_id
             join service s on s.id = a.service_id
             left join client p on p.id = v.proxy_id
             left join client_colour o on o.client_id = c.id and o.staff_id = $7
            where a.status <> 'held'
            order by a.starts_at, a.id
            limit 1000"#,
        filter.ids as Option<Vec<uuid::Uuid>>,
        filter.client.map(|id| id.0),
        filter.practitioner.map(|id| id.0),
        filter.span.map(|span| span.starts),
        filter.span.map(|span| span.ends),
        staff.scope(),
        staff.id().0
    )
    .fetch_all(conn)
    .await?)
}

/// The appointments that begin within a span, by time. A practitioner sees
/// those of assigned clients, and of the others [`busy`].
pub async fn day(
    pool: &PgPool,
    actor: &Actor,
    span: Span,
    practitioner: Option<StaffId>,
) -> Result<Vec<StaffAppointment>> {
    staff_rows(pool, actor, Filter { span: Some(span), practitioner, ..Filter::default() }).await
}

/// When a practitioner is busy, and nothing else: of an appointment that the
/// viewer may not see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusySpan {
    pub practitioner_id: StaffId,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
}

/// The appointments that [`day`] leaves out for this viewer, as
/// spans: free times reveal as much. None for the front desk.
pub async fn busy(pool: &PgPool, actor: &Actor, span: Span, practitioner: Option<StaffId>) -> Result<Vec<BusySpan>> {
    let Some(viewer) = actor.staff()?.scope() else { return Ok(Vec::new()) };
    Ok(sqlx::query_as!(
        BusySpan,
        r#"select distinct a.practitioner_id as "practitioner_id: StaffId", a.starts_at, a.ends_at
             from appointment a
            where a.blocks and (a.held_until is null or a.held_until > now()) and a.starts_at >= $2 and a.starts_at < $3
              and ($4::uuid is null or a.practitioner_id = $4)
              and not exists (
                  select from appointment_participant v
                    join client_practitioner x on x.client_id = v.client_id and x.practitioner_id = $1
                   where v.appointment_id = a.id)
            order by a.starts_at, a.ends_at"#,
        viewer,
        span.starts,
        span.ends,
        practitioner.map(|id| id.0)
    )
    .fetch_all(pool)
    .await?)
}

/// One appointment, for staff.
pub async fn one(pool: &PgPool, actor: &Actor, id: AppointmentId) -> Result<StaffAppointment> {
    let rows = staff_rows(pool, actor, Filter { ids: Some(vec![id.0]), ..Filter::default() }).await?;
    rows.into_iter().next().ok_or(Error::Refused(Refusal::NotFound))
}

/// These of them that the viewer sees, by time.
pub async fn several(pool: &PgPool, actor: &Actor, ids: &[AppointmentId]) -> Result<Vec<StaffAppointment>> {
    let ids = Some(ids.iter().map(|id| id.0).collect());
    staff_rows(pool, actor, Filter { ids, ..Filter::default() }).await
}

/// Requests that wait for an answer, soonest first; at most a hundred.
pub(super) async fn requested(pool: &PgPool, actor: &Actor, now: DateTime<Utc>) -> Result<Vec<StaffAppointment>> {
    let ids = sqlx::query_scalar!(
        r#"select id as "id: AppointmentId" from appointment where status = 'requested' and starts_at > $1
            order by starts_at, id limit 100"#,
        now
    );
    several(pool, actor, &ids.fetch_all(pool).await?).await
}

/// All of a client's appointments, oldest first.
pub async fn of_client(
    conn: &mut PgConnection,
    actor: &Actor,
    client: &ReadableClient,
) -> Result<Vec<StaffAppointment>> {
    staff_rows(conn, actor, Filter { client: Some(client.id()), ..Filter::default() }).await
}

/// *My appointments*: one's own, past and upcoming; and upcoming appointments for
/// those who grant *book and manage* at this moment, as far as the permissions of each record
/// go. Newest first.
pub async fn mine(pool: &PgPool, me: &ClientActor) -> Result<Vec<PortalAppointment>> {
    portal_rows(pool, me, None, None).await
}

/// One of them; what is not in the list does not exist. Of a session that several of the
/// family attend, one's own part.
pub async fn mine_one(pool: &PgPool, me: &ClientActor, id: AppointmentId) -> Result<PortalAppointment> {
    mine_part(pool, me, id, None).await
}

/// [`mine_one`], as this person has it.
pub async fn mine_part(
    pool: &PgPool,
    me: &ClientActor,
    id: AppointmentId,
    person: Option<ClientId>,
) -> Result<PortalAppointment> {
    let mut parts = portal_rows(pool, me, Some(id), None).await?.into_iter();
    if let Some(one) = parts.find(|one| person.is_none_or(|person| one.client_id == person)) {
        return Ok(one);
    }
    let mut conn = pool.acquire().await?;
    let clients = sqlx::query_scalar!(
        r#"select client_id as "client: ClientId" from appointment_participant p
            where p.appointment_id = $1 and p.ends_at > now()
              -- Of someone who grants it still there is only what the permissions say.
              and not exists (select from client_grant g where g.holder = $2 and g.subject = p.client_id and g.may_book)"#,
        id.0,
        me.id().0
    )
    .fetch_all(&mut *conn)
    .await?;
    for client in clients {
        match authz::no_longer_bookable(&mut conn, me, client).await? {
            Error::Refused(Refusal::NotFound) => {}
            ended => return Err(ended),
        }
    }
    Err(Refusal::NotFound.into())
}

/// As [`mine_one`], as one of those has it who attend.
pub async fn mine_of(
    pool: &PgPool,
    me: &ClientActor,
    id: AppointmentId,
    person: ClientId,
) -> Result<PortalAppointment> {
    let rows = portal_rows(pool, me, Some(id), None).await?;
    Ok(rows.into_iter().find(|row| row.client_id == person).ok_or(Refusal::NotFound)?)
}

/// Upcoming appointments for oneself and those one may book: to show who is busy when.
pub async fn upcoming_of(pool: &PgPool, me: &ClientActor, now: DateTime<Utc>) -> Result<Vec<PortalAppointment>> {
    portal_rows(pool, me, None, Some(now)).await
}

async fn portal_rows(
    pool: &PgPool,
    me: &ClientActor,
    id: Option<AppointmentId>,
    after: Option<DateTime<Utc>>,
) -> Result<Vec<PortalAppointment>> {
    Ok(sqlx::query_as!(
        PortalAppointment,
        r#"select a.id as "id!: AppointmentId", a.client_id as "client_id!: ClientId", a.starts_at as "starts_at!",
                  a.ends_at as "ends_at!", a.zone as "zone!", a.status as "status!: AppointmentStatus", p.for_name,
                  a.version as "version!", m.id as "practitioner_id: StaffId", m.first_name || ' ' || m.last_name as "practitioner_name!",
                  s.id as "service_id: ServiceId", s.name as service_name,
                  s.description as service_description, a.modality as "modality!: Modality",
                  l.name as location_name, l.address as location_address,
                  p.may_move as "may_move!", p.may_cancel as "may_cancel!"
             from (select who.*, portal_may(who.id, 'see_appointments') as sees, portal_may(who.id, 'see_history') as recalls,
                          portal_may(who.id, 'move') as may_move, portal_may(who.id, 'cancel') as may_cancel
                     from (select $1::uuid as id, null::text as for_name
                           union all
                           select c.id, client_name(c)
                             from client_grant g join client c on c.id = g.subject
                            where g.holder = $1 and g.may_book) who
                   offset 0) p
             -- Of each person by the index on client and time, however many are stored.
             cross join lateral (
                   select * from visit a
                    where a.client_id = p.id and a.status <> 'held'
                      and case when a.ends_at > now() then p.sees else p.recalls end
                      and (p.for_name is null or a.ends_at > now() and exists (
                           select from appointment_participant v
                            where v.id = a.participant_id and (v.assigned = 'everyone' or v.assigned_to = $1)))
                      and ($2::uuid is null or a.id = $2)
                      and ($3::timestamptz is null or a.ends_at > $3)
                    order by a.starts_at desc, a.id
                    limit 500) a
             join staff_member m on m.id = a.practitioner_id
             join service s on s.id = a.service_id
             join location l on l.id = a.location_id
            order by a.starts_at desc, a.id, p.for_name nulls first
            limit 500"#,
        me.id().0,
        id.map(|id| id.0),
        after
    )
    .fetch_all(pool)
    .await?)
}
