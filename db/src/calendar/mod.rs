//! What the calendar shows: appointments with those who attend, times of colleagues that
//! the viewer may only know as busy, opening hours, and counts by the day. However much
//! there is, each view asks a constant number of statements; local days are resolved
//! before they come here.

mod agenda;
mod month;
mod open;
mod range;
mod rooms;

pub use agenda::{AgendaPage, agenda};
pub use month::{DayCount, month};
pub use open::{Off, Open, Opening, open};
pub use range::{Range, range};
pub use rooms::{Room, rooms, rooms_of};

use crate::Result;
use chrono::{DateTime, NaiveDate, Utc};
use shared::appointments::AppointmentStatus;
use shared::attendance::Attendance;
use shared::clients::Colour;
use shared::{AppointmentId, ClientNumber, LocationId, ParticipantId, RoomId, ServiceId, StaffId};
use sqlx::PgConnection;
use uuid::Uuid;

/// Changes with everything that is written: while it is the same, so is the calendar but for the
/// time of day.
pub async fn stamp(conn: &mut PgConnection, actor: &crate::Actor) -> Result<i64> {
    actor.staff()?;
    Ok(sqlx::query_scalar!(r#"select sum(length)::bigint as "writes!" from audit_chain"#).fetch_one(conn).await?)
}

/// Which appointments are asked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Empty: of all practitioners.
    pub people: Vec<StaffId>,
    pub room: Option<RoomId>,
    pub location: Option<LocationId>,
    /// Cancelled ones too.
    pub cancelled: bool,
}

impl Filter {
    fn people(&self) -> Option<Vec<Uuid>> {
        (!self.people.is_empty()).then(|| self.people.iter().map(|id| id.0).collect())
    }
}

/// An appointment in the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub id: AppointmentId,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub zone: String,
    pub status: AppointmentStatus,
    pub practitioner_overbooked: bool,
    pub room_overbooked: bool,
    pub buffer_minutes: i32,
    pub practitioner_id: StaffId,
    pub practitioner_name: String,
    pub service_id: ServiceId,
    pub service_name: String,
    pub location_id: LocationId,
    pub room_id: Option<RoomId>,
    pub room_name: Option<String>,
    /// One occurrence of a series.
    pub repeats: bool,
    pub seats: i16,
    pub seats_taken: i16,
    pub version: i32,
    /// The couple, family or group whose session it is.
    pub party: Option<String>,
    /// Those of them that the viewer may see; of a cancelled appointment, who would have come.
    pub attendees: Vec<Attendee>,
}

impl Entry {
    /// Practitioner, room or someone who attends is elsewhere at that time as well.
    pub fn overbooked(&self) -> bool {
        self.practitioner_overbooked || self.room_overbooked || self.attendees.iter().any(|one| one.overbooked)
    }

    /// How many attend that the viewer may not see.
    pub fn others(&self) -> usize {
        match self.status {
            AppointmentStatus::Cancelled => 0,
            _ => usize::try_from(self.seats_taken).unwrap_or(0).saturating_sub(self.attendees.len()),
        }
    }
}

/// Someone who attends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attendee {
    pub participant: ParticipantId,
    pub number: ClientNumber,
    pub name: String,
    pub code: String,
    pub alert: String,
    /// The viewer's own colour of the client.
    pub colour: Option<Colour>,
    pub birth_date: Option<NaiveDate>,
    pub mobile: String,
    /// The linked client who booked it, if the viewer may see them.
    pub proxy_name: Option<String>,
    pub erased: bool,
    pub overbooked: bool,
    pub attendance: Attendance,
    pub arrived_at: Option<DateTime<Utc>>,
}

/// Those appointments, by time, with their attendees: one row of the answer for each attendee,
/// and one for an appointment without any.
async fn entries(conn: &mut PgConnection, ids: &[Uuid], viewer: StaffId, scope: Option<Uuid>) -> Result<Vec<Entry>> {
    let rows = sqlx::query!(
        r#"select a.id as "id: AppointmentId", a.starts_at, a.ends_at, a.zone, a.status as "status: AppointmentStatus",
                  a.practitioner_overbooked, a.room_overbooked, a.buffer_minutes, a.version, a.seats, a.seats_taken,
                  a.series_id is not null as "repeats!",
                  a.practitioner_id as "practitioner_id: StaffId", m.first_name || ' ' || m.last_name as "practitioner_name!",
                  a.service_id as "service_id: ServiceId", s.name as service_name,
                  a.location_id as "location_id: LocationId", a.room_id as "room_id: RoomId", r.name as "room_name?",
                  v.id as "participant?: ParticipantId", v.overbooked as "overbooked?",
                  v.attendance as "attendance?: Attendance", v.arrived_at as "arrived_at?",
                  c.number as "number?: ClientNumber", c.name as "name?", c.code as "code?", c.alert as "alert?",
                  c.birth_date as "birth_date?", c.mobile as "mobile?", c.erased as "erased?",
                  o.colour as "colour?: Colour",
                  (select client_name(g) from client g
                    where g.id = v.party_id and exists (select from client_in_scope(g.id, $2))) as party,
                  (select client_name(p) from client p
                    where p.id = v.proxy_id and exists (select from client_in_scope(p.id, $2))) as proxy_name
             from unnest($1::uuid[]) wanted (id)
             -- One by one, here and below: for a full day a join would read all of them.
            cross join lateral (select * from appointment where appointment.id = wanted.id offset 0) a
             join staff_member m on m.id = a.practitioner_id
             join service s on s.id = a.service_id
             left join room r on r.id = a.room_id
             left join lateral (
                   select * from appointment_participant v
                    where v.appointment_id = a.id and (v.status = 'booked' or a.status = 'cancelled')
                      and exists (select from client_in_scope(v.client_id, $2)) offset 0) v on true
             left join lateral (
                   select k.id, k.number, k.erased_at is not null as erased, k.alert, k.code::text as code, k.birth_date,
                          coalesce(k.mobile, '') as mobile, client_name(k) as name
                     from client k where k.id = v.client_id offset 0) c on true
             left join client_colour o on o.client_id = v.client_id and o.staff_id = $3
            order by a.starts_at, a.id, v.booked_at, v.id"#,
        ids,
        scope,
        viewer.0
    )
    .fetch_all(conn)
    .await?;
    let mut entries: Vec<Entry> = Vec::with_capacity(ids.len());
    for row in rows {
        let attendee = match (row.participant, row.number) {
            (Some(participant), Some(number)) => Some(Attendee {
                participant,
                number,
                name: row.name.unwrap_or_default(),
                code: row.code.unwrap_or_default(),
                alert: row.alert.unwrap_or_default(),
                colour: row.colour,
                birth_date: row.birth_date,
                mobile: row.mobile.unwrap_or_default(),
                proxy_name: row.proxy_name,
                erased: row.erased.unwrap_or_default(),
                overbooked: row.overbooked.unwrap_or_default(),
                attendance: row.attendance.unwrap_or(Attendance::Expected),
                arrived_at: row.arrived_at,
            }),
            _ => None,
        };
        match entries.last_mut().filter(|last| last.id == row.id) {
            Some(same) => {
                same.party = same.party.take().or(row.party);
                same.attendees.extend(attendee);
            }
            None => entries.push(Entry {
                id: row.id,
                starts_at: row.starts_at,
                ends_at: row.ends_at,
                zone: row.zone,
                status: row.status,
                practitioner_overbooked: row.practitioner_overbooked,
                room_overbooked: row.room_overbooked,
                buffer_minutes: row.buffer_minutes,
                practitioner_id: row.practitioner_id,
                practitioner_name: row.practitioner_name,
                service_id: row.service_id,
                service_name: row.service_name,
                location_id: row.location_id,
                room_id: row.room_id,
                room_name: row.room_name,
                repeats: row.repeats,
                seats: row.seats,
                seats_taken: row.seats_taken,
                version: row.version,
                party: row.party,
                attendees: attendee.into_iter().collect(),
            }),
        }
    }
    Ok(entries)
}
