//! The lists: a day for staff, a client's appointments on their profile, and
//! *My appointments* in the portal. Grants are asked afresh by every query.

use crate::actor::ClientActor;
use crate::{Actor, Error, Result, authz};
use chrono::{DateTime, Utc};
use shared::appointments::{AppointmentStatus, PortalAppointment, StaffAppointment};
use shared::clients::Colour;
use shared::slots::Span;
use shared::{AppointmentId, ClientId, ClientNumber, Refusal, ServiceId, StaffId};
use sqlx::PgPool;

/// Which rows a staff list holds: one statement serves them all.
#[derive(Default)]
struct Filter {
    id: Option<AppointmentId>,
    client: Option<ClientId>,
    practitioner: Option<StaffId>,
    span: Option<Span>,
}

async fn staff_rows(pool: &PgPool, actor: &Actor, filter: Filter) -> Result<Vec<StaffAppointment>> {
    let staff = actor.staff()?;
    Ok(sqlx::query_as!(
        StaffAppointment,
        r#"select a.id as "id: AppointmentId", a.starts_at, a.ends_at, a.zone, a.status as "status: AppointmentStatus",
                  a.overbooked, c.id as "client_id: ClientId", c.number as "client_number: ClientNumber",
                  client_name(c) as "client_name!", c.erased_at is not null as "client_erased!",
                  c.alert, o.colour as "colour?: Colour",
                  case when p.id is not null and ($6::uuid is null or exists (
                           select 1 from client_practitioner y where y.client_id = p.id and y.practitioner_id = $6))
                       then client_name(p) end as proxy_name,
                  m.id as "practitioner_id: StaffId", m.first_name || ' ' || m.last_name as "practitioner_name!",
                  s.id as "service_id: ServiceId", s.name as service_name, a.price_cents, a.version
             from appointment a
             join client c on c.id = a.client_id
             join staff_member m on m.id = a.practitioner_id
             join service s on s.id = a.service_id
             left join client p on p.id = a.proxy_id
             left join client_colour o on o.client_id = c.id and o.staff_id = $7
            where ($1::uuid is null or a.id = $1)
              and ($2::uuid is null or a.client_id = $2)
              and ($3::uuid is null or a.practitioner_id = $3)
              and ($4::timestamptz is null or a.starts_at >= $4)
              and ($5::timestamptz is null or a.starts_at < $5)
              and ($6::uuid is null or exists (
                  select 1 from client_practitioner x where x.client_id = a.client_id and x.practitioner_id = $6))
            order by a.starts_at, a.id
            limit 1000"#,
        filter.id.map(|id| id.0),
        filter.client.map(|id| id.0),
        filter.practitioner.map(|id| id.0),
        filter.span.map(|span| span.starts),
        filter.span.map(|span| span.ends),
        staff.scope(),
        staff.id.0
    )
    .fetch_all(pool)
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

/// The confirmed appointments that [`day`] leaves out for this viewer, as
/// spans: free times reveal as much. None for the front desk.
pub async fn busy(pool: &PgPool, actor: &Actor, span: Span, practitioner: Option<StaffId>) -> Result<Vec<BusySpan>> {
    let Some(viewer) = actor.staff()?.scope() else { return Ok(Vec::new()) };
    Ok(sqlx::query_as!(
        BusySpan,
        r#"select distinct a.practitioner_id as "practitioner_id: StaffId", a.starts_at, a.ends_at
             from appointment a
            where a.status = 'confirmed' and a.starts_at >= $2 and a.starts_at < $3
              and ($4::uuid is null or a.practitioner_id = $4)
              and not exists (
                  select 1 from client_practitioner x where x.client_id = a.client_id and x.practitioner_id = $1)
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
    let rows = staff_rows(pool, actor, Filter { id: Some(id), ..Filter::default() }).await?;
    rows.into_iter().next().ok_or(Error::Refused(Refusal::NotFound))
}

/// All of a client's appointments, oldest first.
pub async fn of_client(pool: &PgPool, actor: &Actor, number: ClientNumber) -> Result<Vec<StaffAppointment>> {
    let client = authz::readable(&mut *pool.acquire().await?, actor, number).await?;
    staff_rows(pool, actor, Filter { client: Some(client.id()), ..Filter::default() }).await
}

/// *My appointments*: one's own, past and to come; and what is to come for
/// those who grant *book and manage* at this moment. Newest first.
pub async fn mine(pool: &PgPool, me: &ClientActor) -> Result<Vec<PortalAppointment>> {
    portal_rows(pool, me, None, None).await
}

/// One of them; what is not in the list does not exist.
pub async fn mine_one(pool: &PgPool, me: &ClientActor, id: AppointmentId) -> Result<PortalAppointment> {
    let rows = portal_rows(pool, me, Some(id), None).await?;
    rows.into_iter().next().ok_or(Error::Refused(Refusal::NotFound))
}

/// What is to come for oneself and those one may book: to show who is busy when.
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
        r#"with person as (
               select $1::uuid as id, null::text as for_name
               union all
               select c.id, client_name(c)
                 from client_grant g join client c on c.id = g.subject
                where g.holder = $1 and g.may_book)
           select a.id as "id: AppointmentId", a.client_id as "client_id: ClientId", a.starts_at, a.ends_at, a.zone,
                  a.status as "status: AppointmentStatus", p.for_name, m.first_name || ' ' || m.last_name as "practitioner_name!",
                  s.id as "service_id: ServiceId", s.name as service_name,
                  l.name as location_name, l.address as location_address
             from person p
             join appointment a on a.client_id = p.id
             join staff_member m on m.id = a.practitioner_id
             join service s on s.id = a.service_id
             join location l on l.id = a.location_id
            where (p.for_name is null or a.ends_at > now())
              and ($2::uuid is null or a.id = $2)
              and ($3::timestamptz is null or a.ends_at > $3)
            order by a.starts_at desc, a.id
            limit 500"#,
        me.id.0,
        id.map(|id| id.0),
        after
    )
    .fetch_all(pool)
    .await?)
}
