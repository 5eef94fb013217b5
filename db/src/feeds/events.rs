//! Appointments as calendars of others show them: the time, the place and, for a client, whose
//! practice it is. Never notes, alerts, or who else attends.

use crate::Result;
use crate::actor::StaffActor;
use crate::ics::{Event, Status};
use crate::messages::one_line;
use chrono::{DateTime, Utc};
use shared::ClientId;
use shared::appointments::{AppointmentStatus, Modality};
use shared::feeds::Names;
use shared::texts::Language;
use sqlx::PgConnection;
use uuid::Uuid;

struct Row {
    id: Uuid,
    version: i32,
    status: AppointmentStatus,
    changed_at: DateTime<Utc>,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    zone: String,
    modality: Modality,
    place: String,
    address: String,
    /// The person it is for, where that is said.
    about: Option<String>,
}

impl Row {
    fn event(self, summary: String) -> Event {
        let place: Vec<String> = [&self.place, &self.address]
            .map(|part| one_line(part))
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect();
        Event {
            id: self.id,
            // Who leaves a session of several does not change its version; calendars heed
            // a cancellation only if the number has risen, and a confirmation after it again.
            sequence: 2 * self.version + i32::from(self.status == AppointmentStatus::Cancelled),
            status: match self.status {
                AppointmentStatus::Held | AppointmentStatus::Requested => Status::Tentative,
                AppointmentStatus::Confirmed => Status::Confirmed,
                AppointmentStatus::Cancelled => Status::Cancelled,
            },
            changed_at: self.changed_at,
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            zone: self.zone,
            summary,
            location: match self.modality {
                Modality::InPerson => place.join(", "),
                Modality::Phone | Modality::Video => self.modality.label().to_owned(),
            },
        }
    }

    /// In words for the person themself, or for someone who acts for them.
    fn for_client(self, practice: &str, language: Language) -> Event {
        let summary = match (&self.about, language) {
            (None, Language::English) => format!("Appointment, {practice}"),
            (Some(name), Language::English) => format!("Appointment for {name}, {practice}"),
            (None, Language::French) => format!("Rendez-vous, {practice}"),
            (Some(name), Language::French) => format!("Rendez-vous de {name}, {practice}"),
        };
        self.event(summary)
    }
}

/// One participant's part in an appointment, in the language of its reader; in the copy of a linked
/// client with the participant's name.
pub(crate) async fn of_participant(
    conn: &mut PgConnection,
    participant: Uuid,
    linked: bool,
    practice: &str,
    language: Language,
) -> Result<Option<Event>> {
    let row = sqlx::query_as!(
        Row,
        r#"select p.id, a.version, case when p.status = 'booked' then a.status else 'cancelled' end as "status!: AppointmentStatus",
                  greatest(a.changed_at, p.cancelled_at) as "changed_at!", a.starts_at, a.ends_at, a.zone,
                  a.modality as "modality: Modality", l.name as place, l.address,
                  case when $2 then client_short_name(c) end as about
             from appointment_participant p
             join appointment a on a.id = p.appointment_id
             join location l on l.id = a.location_id
             join client c on c.id = p.client_id
            where p.id = $1"#,
        participant,
        linked
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| row.for_client(practice, language)))
}

/// From 30 days ago to in 12 months: one's own appointments and, with `others`, the upcoming ones
/// of those who grant *book and manage* at this moment. Cancelled ones for 30 days.
pub(super) async fn of_client(
    conn: &mut PgConnection,
    me: ClientId,
    others: bool,
    practice: &str,
) -> Result<Vec<Event>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select p.id as "id!", a.version, case when p.status = 'booked' then a.status else 'cancelled' end as "status!: AppointmentStatus",
                  greatest(a.changed_at, p.cancelled_at) as "changed_at!", a.starts_at, a.ends_at, a.zone,
                  a.modality as "modality: Modality", l.name as place, l.address, may.about
             from (select who.*, portal_may(who.id, 'see_appointments') as sees, portal_may(who.id, 'see_history') as recalls
                     from (select $1::uuid as id, null::text as about
                           union all
                           select c.id, client_short_name(c)
                             from client_grant g join client c on c.id = g.subject
                            where g.holder = $1 and g.may_book and $2) who
                   offset 0) may
            cross join lateral (
                   select v.id, v.appointment_id, v.status, v.cancelled_at
                     from appointment_participant v
                    where v.client_id = may.id
                      and case when v.ends_at > now() then may.sees else may.recalls end
                      and v.starts_at > now() - interval '30 days' and v.starts_at < now() + interval '12 months'
                      and (may.about is null
                           or v.ends_at > now() and (v.assigned = 'everyone' or v.assigned_to = $1))
                    order by v.starts_at, v.id limit 1000) p
             join appointment a on a.id = p.appointment_id
             join location l on l.id = a.location_id
            where a.status <> 'held'
              and (coalesce(p.cancelled_at, a.cancelled_at) is null
                   or coalesce(p.cancelled_at, a.cancelled_at) > now() - interval '30 days')
            order by a.starts_at, p.id"#,
        me.0,
        others
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.for_client(practice, Language::English)).collect())
}

/// What a staff member gives, in the same time. Clients that they may not see are *Busy*.
pub(super) async fn of_staff(conn: &mut PgConnection, staff: &StaffActor, names: Names) -> Result<Vec<Event>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select a.id, a.version, a.status as "status: AppointmentStatus",
                  greatest(a.changed_at, w.cancelled_at) as "changed_at!", a.starts_at, a.ends_at, a.zone,
                  a.modality as "modality: Modality", l.name as place, l.address, w.who || ', ' || s.name as about
             from appointment a
             join location l on l.id = a.location_id
             join service s on s.id = a.service_id
            cross join lateral (
                   select max(v.cancelled_at) as cancelled_at,
                          string_agg(case when $2 then client_name(c) else c.code::text end, ', ' order by v.booked_at, v.id)
                              filter (where (v.status = 'booked' or a.status = 'cancelled')
                                        and exists (select from client_in_scope(c.id, $3))) as who
                     from appointment_participant v join client c on c.id = v.client_id
                    where v.appointment_id = a.id) w
            where a.practitioner_id = $1 and a.status <> 'held'
              and a.starts_at > now() - interval '30 days' and a.starts_at < now() + interval '12 months'
              and (a.cancelled_at is null or a.cancelled_at > now() - interval '30 days')
            order by a.starts_at, a.id
            limit 5000"#,
        staff.id().0,
        names == Names::Names,
        staff.scope()
    )
    .fetch_all(conn)
    .await?;
    let event = |mut row: Row| {
        let summary = row.about.take().unwrap_or_else(|| "Busy".to_owned());
        row.event(summary)
    };
    Ok(rows.into_iter().map(event).collect())
}
