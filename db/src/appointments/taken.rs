//! The appointments that take time: of practitioners, and of people.

use crate::Result;
use chrono::{DateTime, Utc};
use shared::slots::{Busy, Span};
use shared::{AppointmentId, ClientId, StaffId};
use sqlx::PgConnection;
use uuid::Uuid;

/// An appointment that takes its time: held, requested or confirmed.
#[derive(Debug)]
pub(crate) struct Taken {
    pub id: AppointmentId,
    pub practitioner: StaffId,
    /// Those of the people asked for who attend it.
    pub people: Vec<ClientId>,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub buffer_minutes: i32,
    /// A hold that takes no time any more, and whose row is still there.
    pub lapsed: bool,
}

impl Taken {
    pub fn hinders_practitioner(&self, practitioner: StaffId) -> bool {
        self.practitioner == practitioner
    }

    pub fn span(&self) -> Span {
        Span { starts: self.starts_at, ends: self.ends_at }
    }

    pub fn as_busy(&self) -> Busy {
        Busy { span: self.span(), buffer_minutes: Some(self.buffer_minutes) }
    }

    pub fn as_busy_person(&self) -> Busy {
        Busy { buffer_minutes: None, ..self.as_busy() }
    }
}

/// What any of the practitioners and any of the people have around a time, by its start.
pub(crate) async fn taken(
    conn: &mut PgConnection,
    practitioners: &[Uuid],
    people: &[Uuid],
    around: Span,
) -> Result<Vec<Taken>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select a.id as "id!: AppointmentId", a.practitioner_id as "practitioner!: StaffId", null::uuid as "person: ClientId",
                  a.starts_at as "starts_at!", a.ends_at as "ends_at!", a.buffer_minutes as "buffer_minutes!",
                  coalesce(a.held_until <= now(), false) as "lapsed!"
             -- Of each by the index on them and time, however many there are of others.
             from unnest($1::uuid[]) w (id) cross join lateral (
                  select * from appointment a
                   where a.practitioner_id = w.id and a.blocks
                     and a.starts_at < $4 and a.ends_at > $3 and a.starts_at > $3::timestamptz - interval '1 day'
                   offset 0) a
           union all
           select a.id, a.practitioner_id, w.id, a.starts_at, a.ends_at, a.buffer_minutes, false
             from unnest($2::uuid[]) w (id) cross join lateral (
                  select p.appointment_id from appointment_participant p
                   where p.client_id = w.id and p.blocks and p.status = 'booked'
                     and p.starts_at < $4 and p.ends_at > $3 and p.starts_at > $3::timestamptz - interval '1 day'
                   offset 0) p
            cross join lateral (select * from appointment a where a.id = p.appointment_id offset 0) a
            order by 4, 1"#,
        practitioners,
        people,
        around.starts,
        around.ends
    )
    .fetch_all(conn)
    .await?;
    Ok(joined(rows))
}

/// What hinders any of the practitioners or people at a time: of practitioners also what is
/// too near for the larger of the two buffers, of people what overlaps. No appointment is
/// longer than a day, no buffer longer than four hours.
pub(crate) async fn near(
    conn: &mut PgConnection,
    practitioners: &[Uuid],
    people: &[Uuid],
    span: Span,
    buffer_minutes: i32,
) -> Result<Vec<Taken>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select a.id as "id!: AppointmentId", a.practitioner_id as "practitioner!: StaffId", null::uuid as "person: ClientId",
                  a.starts_at as "starts_at!", a.ends_at as "ends_at!", a.buffer_minutes as "buffer_minutes!",
                  coalesce(a.held_until <= now(), false) as "lapsed!"
             -- Of each by the index on them and time, however many there are of others.
             from unnest($1::uuid[]) w (id) cross join lateral (
                  select * from appointment a
                   where a.practitioner_id = w.id and a.blocks
                     and a.starts_at < $4::timestamptz + interval '4 hours' and a.starts_at > $3::timestamptz - interval '28 hours'
                     and a.ends_at > $3::timestamptz - interval '4 hours'
                     and a.starts_at < $4::timestamptz + make_interval(mins => greatest(a.buffer_minutes, $5))
                     and a.ends_at > $3::timestamptz - make_interval(mins => greatest(a.buffer_minutes, $5))
                   offset 0) a
           union all
           select a.id, a.practitioner_id, w.id, a.starts_at, a.ends_at, a.buffer_minutes, false
             from unnest($2::uuid[]) w (id) cross join lateral (
                  select p.appointment_id from appointment_participant p
                   where p.client_id = w.id and p.blocks and p.status = 'booked'
                     and p.starts_at < $4 and p.ends_at > $3 and p.starts_at > $3::timestamptz - interval '1 day'
                   offset 0) p
            cross join lateral (select * from appointment a where a.id = p.appointment_id offset 0) a
            order by 4, 1"#,
        practitioners,
        people,
        span.starts,
        span.ends,
        buffer_minutes
    )
    .fetch_all(conn)
    .await?;
    Ok(joined(rows))
}

/// Of an appointment, as one of its people or its practitioner has it.
struct Row {
    id: AppointmentId,
    practitioner: StaffId,
    person: Option<ClientId>,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    buffer_minutes: i32,
    lapsed: bool,
}

/// The rows of one appointment follow one another.
fn joined(rows: Vec<Row>) -> Vec<Taken> {
    let mut all: Vec<Taken> = Vec::with_capacity(rows.len());
    for row in rows {
        match all.last_mut() {
            Some(one) if one.id == row.id => one.people.extend(row.person),
            _ => all.push(Taken {
                id: row.id,
                practitioner: row.practitioner,
                people: row.person.into_iter().collect(),
                starts_at: row.starts_at,
                ends_at: row.ends_at,
                buffer_minutes: row.buffer_minutes,
                lapsed: row.lapsed,
            }),
        }
    }
    all
}

/// What is in the way of an appointment with this practitioner, and whose each of it is: the
/// practitioner's own times, and those of the people asked for.
pub(crate) fn busy(taken: &[Taken], practitioner: StaffId) -> (Vec<Busy>, Vec<&Taken>) {
    let (mut busy, mut whose) = (Vec::new(), Vec::new());
    for one in taken {
        if one.hinders_practitioner(practitioner) {
            busy.push(one.as_busy());
        } else if !one.people.is_empty() {
            busy.push(one.as_busy_person());
        } else {
            continue;
        }
        whose.push(one);
    }
    (busy, whose)
}
