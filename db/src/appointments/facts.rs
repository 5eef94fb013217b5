//! What a booking takes from service, practitioners, people and place; all of it is held
//! until the transaction ends.

use super::rooms;
use super::service::{Offering, Place, Service};
use crate::time::Zone;
use crate::{Actor, Error, Result};
use chrono::NaiveDate;
use shared::clients::{Kind, Status};
use shared::slots::Span;
use shared::{AppointmentId, ClientId, Conflict, LocationId, Refusal, RoomId, ServiceId, StaffId};
use sqlx::PgConnection;
use uuid::Uuid;

pub(super) struct Facts {
    pub service: Service,
    pub policy_id: Uuid,
    /// Those of the candidates who work here and offer the service.
    pub practitioners: Vec<Offering>,
    /// Who attends: the client, or everyone in the couple, family or group.
    pub people: Vec<Person>,
    /// The rooms that it might take.
    pub rooms: Vec<Uuid>,
    /// Of these the first, if it is free.
    pub preferred_room: Option<RoomId>,
    /// Of a group session: how many may attend.
    pub seats: i16,
    /// A session that stands is joined: online only who attends is asked, when and with what notice.
    pub stands: bool,
    /// How client and practitioner may meet.
    pub modalities: Vec<String>,
    /// The practitioners who have all of the clients assigned already.
    pub assigned: Vec<StaffId>,
    /// In the portal: how many upcoming appointments the client has that were booked online.
    pub online: Option<Online>,
}

pub(super) struct Online {
    pub booked: i64,
    pub max: i16,
}

impl Facts {
    pub fn offers(&self, practitioner: StaffId) -> bool {
        self.practitioners.iter().any(|one| one.id == practitioner)
    }

    /// Of a session that stands: it lasts as long as that does.
    pub fn lasting(self, span: Span) -> Facts {
        let minutes = (span.ends - span.starts).num_minutes() as i32;
        let practitioners = self.practitioners.into_iter().map(|one| Offering { minutes, ..one }).collect();
        Facts { practitioners, stands: true, ..self }
    }

    /// Refuses more upcoming appointments booked online than the practice allows for one
    /// person. Bookings for them are locked, so the count holds.
    pub fn not_too_many(&self) -> Result<()> {
        match &self.online {
            Some(Online { booked, max }) if *booked >= i64::from(*max) => {
                Err(Refusal::Conflict(Conflict::TooManyUpcoming { max: *max }).into())
            }
            _ => Ok(()),
        }
    }
}

pub(super) struct Person {
    pub id: ClientId,
    pub name: String,
}

/// Who attends when this client is booked: they themself, or the members of the couple,
/// family or group on that day. Read before they are locked, and again behind the lock.
pub(super) async fn attending(conn: &mut PgConnection, client: ClientId, date: NaiveDate) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!(
        r#"select coalesce(m.member_id, c.id) as "id!"
             from client c left join client_membership m
               on m.group_id = c.id and m.joined_on <= $2 and (m.left_on is null or m.left_on > $2)
            where c.id = $1 and (c.kind = 'individual' or m.id is not null)
            order by m.joined_on, m.id"#,
        client.0,
        date
    )
    .fetch_all(conn)
    .await?)
}

/// What a booking asks for.
pub(super) struct Asked<'a> {
    pub service: ServiceId,
    pub client: ClientId,
    /// Who attends, as [`attending`] has it.
    pub people: &'a [Uuid],
    pub candidates: &'a [Uuid],
    pub room: Option<RoomId>,
    /// Someone who has no record yet: it is not known who attends.
    pub visitor: bool,
    /// The key of the form, where a second submit is answered with the first result.
    pub key: Option<Uuid>,
}

/// The result of an earlier submit of the same form, and what a new one may take.
pub(super) struct Found {
    pub first: Option<AppointmentId>,
    pub facts: Result<Facts>,
}

/// Everything that is asked by id, in one statement behind the advisory locks; where rooms
/// are needed, in one more. One that was booked by the same form and cancelled since is no answer.
pub(super) async fn facts(conn: &mut PgConnection, actor: &Actor, asked: Asked<'_>) -> Result<Found> {
    let portal = matches!(actor, Actor::Client(_));
    let row = sqlx::query!(
        r#"with person as materialized (
               select id, status, kind, client_name(c) as name
                 from client c where (id = $3 or id = any ($4)) and erased_at is null
                order by id for no key update),
           offer as materialized (
               select duration_minutes, buffer_minutes, price_cents, policy_id, seats, needs_room, notice_minutes, horizon_days,
                      step_minutes, by_request, modalities, active and (in_portal or not $2) as offered
                 from service where id = $1 for share),
           practitioner as materialized (
               select m.id, m.first_name || ' ' || m.last_name as name, o.duration_minutes as minutes, o.price_cents as price
                 from service_practitioner o join staff_member m on m.id = o.practitioner_id
                where o.service_id = $1 and m.id = any ($5) and m.active
                order by m.id for share of m),
           place as materialized (
               select l.id, l.zone from location l
                where l.active and (not exists (select from service_location s where s.service_id = $1)
                                    or exists (select from service_location s where s.service_id = $1 and s.location_id = l.id))
                order by l.main desc, l.name for share of l)
           select array(select id from person) as "people!", array(select name from person) as "names!",
                  array(select status from person) as "statuses!", array(select kind from person) as "kinds!",
                  (select buffer_minutes from offer), (select policy_id from offer), (select seats from offer),
                  (select needs_room from offer), (select notice_minutes from offer), (select horizon_days from offer),
                  (select by_request from offer), (select modalities from offer), (select offered from offer),
                  coalesce((select step_minutes from offer), p.slot_step_minutes) as "step_minutes!",
                  coalesce((select zone from location where active order by main desc, name limit 1), p.zone) as "zone!",
                  array(select id from practitioner) as "practitioners!", array(select name from practitioner) as "staff_names!",
                  array(select coalesce(minutes, (select duration_minutes from offer)) from practitioner) as "minutes!",
                  array(select coalesce(price, (select price_cents from offer)) from practitioner) as "prices!",
                  array(select o.id from practitioner o
                         where (select count(*) from client_practitioner a
                                 where a.practitioner_id = o.id and (a.client_id = $3 or a.client_id = any ($4)))
                             = (select count(*) from person))
                      as "assigned!",
                  array(select id from place) as "places!", array(select zone from place) as "zones!",
                  p.portal_bookings_max,
                  -- Of each person: as many as they booked online themselves, or had booked for them.
                  case when $2 then (
                      select count(*) from appointment_participant v
                       where v.client_id = $3 and v.status = 'booked' and v.blocks and v.starts_at > now()
                         and not exists (select from staff_member m where m.id = v.booked_by)) end as upcoming,
                  (select id from appointment
                    where request_key = $6 and booked_by = $7 and status in ('requested', 'confirmed')) as "first: AppointmentId"
             from practice p"#,
        asked.service.0,
        portal,
        asked.client.0,
        asked.people,
        asked.candidates,
        asked.key,
        actor.id()
    )
    .fetch_one(&mut *conn)
    .await?;
    let first = row.first;
    if first.is_some() {
        return Ok(Found { first, facts: Err(Refusal::Stale.into()) });
    }
    let not_found = || Error::Refused(Refusal::NotFound);
    let refused = |error| Ok(Found { first: None, facts: Err(error) });
    let persons = row.people.into_iter().zip(row.names).zip(row.statuses.iter().zip(&row.kinds));
    let mut people: Vec<Row> = Vec::new();
    for ((id, name), (status, kind)) in persons {
        let (Ok(status), Ok(kind)) = (status.parse(), kind.parse()) else { return Err(not_found()) };
        people.push(Row { id: ClientId(id), name, status, kind });
    }
    let attending = if asked.visitor { Ok(Vec::new()) } else { those_who_attend(people, &asked, portal) };
    let people = match attending {
        Ok(people) => people,
        Err(error) => return refused(error),
    };
    let (Some(buffer_minutes), Some(policy_id), Some(seats), Some(horizon_days)) =
        (row.buffer_minutes, row.policy_id, row.seats, row.horizon_days)
    else {
        return refused(not_found());
    };
    if row.offered != Some(true) || row.places.is_empty() {
        return refused(Refusal::Conflict(Conflict::NotOffered).into());
    }
    let needs_room = row.needs_room == Some(true) || asked.room.is_some();
    let rooms = match needs_room {
        true => rooms::candidates(&mut *conn, asked.service, asked.room).await?,
        false => Vec::new(),
    };
    let terms = row.minutes.into_iter().zip(row.prices);
    let named = row.practitioners.into_iter().map(StaffId).zip(row.staff_names);
    let practitioners = named.zip(terms);
    let places = row.places.into_iter().map(LocationId).zip(row.zones);
    let facts = Facts {
        service: Service {
            buffer_minutes,
            step_minutes: row.step_minutes,
            notice_minutes: row.notice_minutes.unwrap_or_default(),
            horizon_days,
            by_request: row.by_request == Some(true),
            zone: Zone::stored(&row.zone),
            places: places.map(|(id, zone)| Place { id, zone }).collect(),
            in_group: seats > 1,
            needs_room,
        },
        policy_id,
        practitioners: practitioners
            .map(|((id, name), (minutes, price_cents))| Offering { id, name, minutes, buffer_minutes, price_cents })
            .collect(),
        assigned: row.assigned.into_iter().map(StaffId).collect(),
        people,
        rooms,
        preferred_room: None,
        seats,
        stands: false,
        modalities: row.modalities.unwrap_or_default(),
        online: row.upcoming.map(|booked| Online { booked, max: row.portal_bookings_max }),
    };
    Ok(Found { first: None, facts: Ok(facts) })
}

/// A client's row.
struct Row {
    id: ClientId,
    name: String,
    status: Status,
    kind: Kind,
}

/// The people who attend, in their order. Anyone who erases or deletes them holds the row:
/// then there is no one to book.
fn those_who_attend(rows: Vec<Row>, asked: &Asked<'_>, portal: bool) -> Result<Vec<Person>> {
    let Some(own) = rows.iter().find(|row| row.id == asked.client) else { return Err(Refusal::NotFound.into()) };
    check(own.status, portal)?;
    if own.kind != Kind::Individual && (portal || asked.people.is_empty()) {
        let conflict = if portal { Conflict::NotAPerson } else { Conflict::NoMembers };
        return Err(Refusal::Conflict(conflict).into());
    }
    for row in &rows {
        check(row.status, portal)?;
    }
    let person = |id: &Uuid| rows.iter().find(|row| row.id.0 == *id);
    let people: Option<Vec<_>> =
        asked.people.iter().map(|id| person(id).map(|row| Person { id: row.id, name: row.name.clone() })).collect();
    // A member who was erased meanwhile.
    people.ok_or(Error::Refused(Refusal::Stale))
}

/// What no overbooking passes over.
fn check(status: Status, portal: bool) -> Result<()> {
    let conflict = match status {
        status if status.may_be_booked() => return Ok(()),
        _ if portal => Conflict::ClientNotOnline,
        Status::Prospect => Conflict::ClientProspect,
        _ => Conflict::ClientInactive,
    };
    Err(Refusal::Conflict(conflict).into())
}

/// Where appointments of a service are held, the main place first.
pub(super) async fn places(conn: &mut PgConnection, service: ServiceId) -> Result<Vec<Place>> {
    Ok(sqlx::query_as!(
        Place,
        r#"select l.id as "id: LocationId", l.zone from location l
            where l.active and (not exists (select from service_location o where o.service_id = $1)
                                or exists (select from service_location o where o.service_id = $1 and o.location_id = l.id))
            order by l.main desc, l.name for share of l"#,
        service.0
    )
    .fetch_all(conn)
    .await?)
}

/// The zone of an appointment.
pub(super) fn zone_of(name: &str) -> Zone {
    Zone::stored(name)
}
