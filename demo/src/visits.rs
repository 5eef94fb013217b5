//! The appointments of single people, as rows: where they are, who came, which belong to the series.

use crate::column;
use crate::diary::{SERIES_DATES, SERIES_TIME, series_begins};
use crate::person::Person;
use crate::team::{self, SERVICES, SPEECH, Team};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use db::time::Zone;
use db::{Result, new_id};
use shared::appointments::AppointmentStatus;
use shared::attendance::Attendance;
use shared::slots::{Busy, Span};
use sqlx::PgConnection;
use std::collections::BTreeSet;
use uuid::Uuid;

pub struct Visit {
    pub client: Uuid,
    pub proxy: Option<Uuid>,
    pub practitioner: usize,
    pub service: usize,
    pub span: Span,
    pub booked_by: Uuid,
    pub booked_at: DateTime<Utc>,
    pub cancelled_at: Option<DateTime<Utc>>,
    /// Position among the rooms.
    pub room: Option<usize>,
    /// Knowingly at the time of another one.
    pub overbooked: bool,
    /// One of the series.
    pub series_date: Option<NaiveDate>,
}

pub async fn insert(
    conn: &mut PgConnection,
    team: &Team,
    zone: &Zone,
    now: DateTime<Utc>,
    visits: &[Visit],
) -> Result<()> {
    let series = new_id();
    sqlx::query!(
        "insert into appointment_series (id, zone, frequency, every, weekdays, first_on, local_time, duration_minutes, count)
         values ($1, $2, 'weekly', 1, '{2}', $3, $4, $5, $6)",
        series,
        crate::ZONE,
        series_begins(zone.date(now)),
        SERIES_TIME,
        SERVICES[SPEECH].minutes,
        SERIES_DATES
    )
    .execute(&mut *conn)
    .await?;
    let attendance: Vec<(Attendance, Times)> = column(visits, |visit| visit.attendance(now));
    sqlx::query!(
        "with visit as (
             select * from unnest(
                 $1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::timestamptz[], $7::timestamptz[],
                 $8::integer[], $9::bigint[], $10::text[], $11::uuid[], $12::uuid[], $13::timestamptz[],
                 $14::uuid[], $15::timestamptz[], $18::timestamp[], $20::uuid[], $21::uuid[], $22::text[],
                 $23::text[], $24::boolean[], $25::date[], $26::timestamptz[], $27::timestamptz[], $28::timestamptz[])
               v (id, service, practitioner, client, proxy, starts, ends, buffer, price, status, key, booked_by, booked_at,
                  cancelled_by, cancelled_at, local, participant, room, attendance, modality, overbooked, series_date,
                  arrived_at, seen_at, left_at)),
         made as (
             insert into appointment (id, service_id, practitioner_id, starts_at, ends_at, buffer_minutes, price_cents, status,
                                      request_key, booked_by, booked_at, cancelled_by, cancelled_at, location_id, zone,
                                      starts_local, tzdb, seats_taken, room_id, modality, practitioner_overbooked,
                                      overbook_reason, series_id, series_date)
             select id, service, practitioner, starts, ends, buffer, price, status, key, booked_by, booked_at,
                    cancelled_by, cancelled_at, $16, $17, local, $19, case when cancelled_at is null then 1 else 0 end,
                    room, modality, overbooked, case when overbooked then 'Asked for by the school' else '' end,
                    case when series_date is not null then $29::uuid end, series_date
               from visit
             returning id, blocks)
         insert into appointment_participant (id, appointment_id, client_id, proxy_id, price_cents, starts_at, ends_at,
                                              blocks, status, booked_by, booked_at, cancelled_by, cancelled_at,
                                              attendance, arrived_at, seen_at, left_at)
         select v.participant, v.id, v.client, v.proxy, v.price, v.starts, v.ends, m.blocks,
                case when v.cancelled_at is null then 'booked' else 'cancelled' end, v.booked_by, v.booked_at,
                v.cancelled_by, v.cancelled_at, v.attendance, v.arrived_at, v.seen_at, v.left_at
           from visit v join made m on m.id = v.id",
        &column(visits, |_| new_id()),
        &column(visits, |visit| team.services[visit.service]),
        &column(visits, |visit| team.practitioner(visit.practitioner)),
        &column(visits, |visit| visit.client),
        &column(visits, |visit| visit.proxy) as &[Option<Uuid>],
        &column(visits, |visit| visit.span.starts),
        &column(visits, |visit| visit.span.ends),
        &column(visits, |visit| SERVICES[visit.service].buffer),
        &column(visits, |visit| SERVICES[visit.service].cents),
        &column(visits, |visit| visit.status().as_str().to_owned()),
        &column(visits, |_| Uuid::new_v4()),
        &column(visits, |visit| visit.booked_by),
        &column(visits, |visit| visit.booked_at),
        &column(visits, |visit| visit.cancelled_at.map(|_| visit.booked_by)) as &[Option<Uuid>],
        &column(visits, |visit| visit.cancelled_at) as &[Option<DateTime<Utc>>],
        team.location,
        crate::ZONE,
        &column(visits, |visit| zone.local(visit.span.starts)),
        db::time::version(),
        &column(visits, |_| new_id()),
        &column(visits, |visit| team.room(visit.room)) as &[Option<Uuid>],
        &column(&attendance, |(attendance, _)| attendance.as_str().to_owned()),
        &column(visits, |visit| team::modality(visit.service).to_owned()),
        &column(visits, |visit| visit.overbooked),
        &column(visits, |visit| visit.series_date) as &[Option<NaiveDate>],
        &column(&attendance, |(_, [arrived, ..])| *arrived) as &[Option<DateTime<Utc>>],
        &column(&attendance, |(_, [_, seen, _])| *seen) as &[Option<DateTime<Utc>>],
        &column(&attendance, |(_, [.., left])| *left) as &[Option<DateTime<Utc>>],
        series
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// When someone arrived, was seen, and left.
type Times = [Option<DateTime<Utc>>; 3];

impl Visit {
    pub fn as_busy(&self) -> Busy {
        Busy { span: self.span, buffer_minutes: Some(SERVICES[self.service].buffer) }
    }

    /// Of what has been nearly everyone came; those who are next are in the waiting room.
    fn attendance(&self, now: DateTime<Utc>) -> (Attendance, Times) {
        let Span { starts, ends } = self.span;
        let early = starts - TimeDelta::minutes(6);
        if self.cancelled_at.is_some() {
            (Attendance::Expected, [None; 3])
        } else if ends < now && starts.timestamp() / 60 % 13 == 0 {
            (Attendance::NoShow, [None; 3])
        } else if ends < now {
            (Attendance::Attended, [Some(early), Some(starts), Some(ends)])
        } else if starts <= now {
            (Attendance::InSession, [Some(early), Some(starts), None])
        } else if starts - TimeDelta::minutes(20) <= now {
            (Attendance::Arrived, [Some(early.min(now)), None, None])
        } else {
            (Attendance::Expected, [None; 3])
        }
    }

    fn status(&self) -> AppointmentStatus {
        if self.cancelled_at.is_some() { AppointmentStatus::Cancelled } else { AppointmentStatus::Confirmed }
    }
}

/// Assigns people to their practitioners, and to everyone they have seen.
pub async fn assign(conn: &mut PgConnection, team: &Team, people: &[Person], visits: &[Visit]) -> Result<()> {
    let mut pairs: BTreeSet<(Uuid, usize)> = visits.iter().map(|visit| (visit.client, visit.practitioner)).collect();
    pairs.extend(people.iter().flat_map(|person| person.practitioners.iter().map(|which| (person.id, *which))));
    let pairs = Vec::from_iter(pairs);
    sqlx::query!(
        "insert into client_practitioner (client_id, practitioner_id, assigned_at)
         select c.id, p.practitioner, c.created_at
           from unnest($1::uuid[], $2::uuid[]) as p (client, practitioner) join client c on c.id = p.client",
        &column(&pairs, |pair| pair.0),
        &column(&pairs, |pair| team.practitioner(pair.1))
    )
    .execute(conn)
    .await?;
    Ok(())
}
