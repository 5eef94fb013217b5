//! What is open between two linked clients, for the removal of their link to decide on.

use super::both;
use crate::{Actor, Result};
use chrono::{DateTime, NaiveDate, Utc};
use shared::links::{MatterKind, OpenMatter, Via};
use shared::{ClientId, ClientNumber};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// A matter of any kind, as it is found; what its kind has not is null or empty.
struct Found {
    id: Uuid,
    version: i32,
    service: String,
    practitioner: String,
    starts_at: Option<DateTime<Utc>>,
    zone: String,
    first_on: Option<NaiveDate>,
    last_on: Option<NaiveDate>,
    waits: bool,
    booked: bool,
    assigned: bool,
    attendee_id: ClientId,
    attendee: String,
    proxy: String,
}

impl Found {
    fn of(self, kind: MatterKind) -> OpenMatter {
        OpenMatter {
            id: self.id,
            kind,
            version: self.version,
            service: self.service,
            practitioner: self.practitioner,
            starts_at: self.starts_at,
            zone: self.zone,
            days: self.first_on.zip(self.last_on),
            waits: self.waits,
            via: match (self.booked, self.assigned) {
                (true, _) => Via::Booked,
                (false, true) => Via::Assigned,
                (false, false) => Via::Pays,
            },
            attendee_id: self.attendee_id,
            attendee: self.attendee,
            proxy: self.proxy,
        }
    }
}

/// The matters that a removal decides on, soonest first: upcoming appointments of either one that
/// the other has booked, manages or pays, places on the waiting list that one took for the other,
/// times that are kept at this moment, and what the practice asks of the one that the other may do.
pub async fn open_matters(
    pool: &PgPool,
    actor: &Actor,
    number: ClientNumber,
    other: ClientNumber,
) -> Result<Vec<OpenMatter>> {
    let mut conn = pool.acquire().await?;
    let (own, other) = both(&mut conn, actor, number, other).await?;
    matters(&mut conn, own.id(), other.id()).await
}

pub(super) async fn matters(conn: &mut PgConnection, one: ClientId, other: ClientId) -> Result<Vec<OpenMatter>> {
    let appointments = sqlx::query_as!(
        Found,
        r#"select distinct on (a.starts_at, a.id)
                  a.id, a.version, s.name as service, m.first_name || ' ' || m.last_name as "practitioner!",
                  a.starts_at as "starts_at?", a.zone, null::date as first_on, null::date as last_on,
                  a.status = 'requested' as "waits!", v.proxy_id is not distinct from p.id as "booked!",
                  v.assigned_to is not distinct from p.id as "assigned!",
                  c.id as "attendee_id: ClientId", client_name(c) as "attendee!", client_name(p) as "proxy!"
             from appointment_participant v
             join appointment a on a.id = v.appointment_id
             join service s on s.id = a.service_id
             join staff_member m on m.id = a.practitioner_id
             join client c on c.id = v.client_id
             join client p on p.id = case when v.client_id = $1 then $2 else $1 end
            where v.client_id in ($1, $2) and p.id in (v.proxy_id, v.assigned_to, v.payer_id)
              and v.blocks and v.status = 'booked' and a.status in ('requested', 'confirmed') and v.starts_at > now()
            order by a.starts_at, a.id, v.booked_at, v.id"#,
        one.0,
        other.0
    );
    let appointments = appointments.fetch_all(&mut *conn).await?;
    let waiting = sqlx::query_as!(
        Found,
        r#"select w.id, w.version, s.name as service, coalesce(m.first_name || ' ' || m.last_name, '') as "practitioner!",
                  null::timestamptz as starts_at, '' as "zone!", w.first_on as "first_on?", w.last_on as "last_on?",
                  w.state = 'offered' as "waits!", true as "booked!", false as "assigned!",
                  c.id as "attendee_id: ClientId", client_name(c) as "attendee!", client_name(p) as "proxy!"
             from waitlist_entry w
             join service s on s.id = w.service_id
             left join staff_member m on m.id = w.practitioner_id
             join client c on c.id = w.client_id
             join client p on p.id = w.entered_by
            where w.ended_at is null and (w.client_id, w.entered_by) in (($1, $2), ($2, $1))
            order by w.entered_at, w.id"#,
        one.0,
        other.0
    );
    let waiting = waiting.fetch_all(&mut *conn).await?;
    let kept = sqlx::query_as!(
        Found,
        r#"select a.id, a.version, s.name as service, m.first_name || ' ' || m.last_name as "practitioner!",
                  a.starts_at as "starts_at?", a.zone, null::date as first_on, null::date as last_on,
                  false as "waits!", true as "booked!", false as "assigned!",
                  c.id as "attendee_id: ClientId", client_name(c) as "attendee!", client_name(p) as "proxy!"
             from appointment a
             join client_grant g on g.holder = a.booked_by and g.may_book
             join service s on s.id = a.service_id
             join staff_member m on m.id = a.practitioner_id
             join client c on c.id = a.booked_by
             join client p on p.id = g.subject
            where a.status = 'held' and a.held_until > now() and (g.holder, g.subject) in (($1, $2), ($2, $1))
              and not exists (select from waitlist_offer o where o.appointment_id = a.id)
            order by a.starts_at, a.id"#,
        one.0,
        other.0
    );
    let kept = kept.fetch_all(&mut *conn).await?;
    let asked = sqlx::query_as!(
        Found,
        r#"select r.id, 1 as "version!", case r.kind when 'form' then f.name when 'details' then 'Check your details' else r.title end as "service!",
                  '' as "practitioner!", null::timestamptz as starts_at, '' as "zone!", null::date as first_on, null::date as last_on,
                  false as "waits!", true as "booked!", false as "assigned!",
                  c.id as "attendee_id: ClientId", client_name(c) as "attendee!", client_name(p) as "proxy!"
             from request r
             join client_grant g on g.subject = r.subject_id and g.may_forms
             left join form f on f.id = r.form_id
             join client c on c.id = g.subject
             join client p on p.id = g.holder
            where r.state = 'open' and (g.holder, g.subject) in (($1, $2), ($2, $1))
            order by r.due_on nulls last, r.created_at, r.id"#,
        one.0,
        other.0
    );
    let asked = asked.fetch_all(conn).await?;
    let of = |found: Vec<Found>, kind: MatterKind| found.into_iter().map(move |one| one.of(kind));
    Ok(of(appointments, MatterKind::Appointment)
        .chain(of(waiting, MatterKind::Waiting))
        .chain(of(kept, MatterKind::Hold))
        .chain(of(asked, MatterKind::Request))
        .collect())
}
