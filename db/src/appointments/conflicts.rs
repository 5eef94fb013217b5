//! What stands in the way of a time, for each practitioner who might take it.

use super::book::Facts;
use crate::actor::StaffActor;
use crate::clients::key_of;
use crate::slots::{self, Taken, weekly_hours};
use crate::{Actor, Result};
use chrono::{DateTime, Days, Utc};
use shared::appointments::{Booking, Conflicts, Engagement, HORIZON_DAYS, TimeConflict};
use shared::slots::{Span, free_starts, turn};
use shared::{AppointmentId, ClientId, Conflict, Refusal, StaffId};
use sqlx::PgConnection;
use std::collections::HashMap;

/// One conflict; `None` of a person's or practitioner's appointment never stands here.
#[derive(Debug, Clone, Copy)]
enum Obstacle<'a> {
    Past,
    OutsideHours,
    ClientBusy(&'a Taken),
    PractitionerBusy(&'a Taken),
    /// Nothing overlaps, but the larger of the two buffers would not be kept.
    TooClose(&'a Taken, i32),
}

/// Who takes the appointment, and whether it overlaps another one.
pub(super) struct Chosen {
    pub practitioner: StaffId,
    pub overbooked: bool,
}

/// Everything known of the time that is wanted.
struct Wanted<'a> {
    booking: Booking,
    client: ClientId,
    facts: &'a Facts,
    span: Span,
    now: DateTime<Utc>,
}

/// The practitioner who takes the appointment. With *anyone* it is the one who
/// was shown if they can, else the least booked that day who can. The portal
/// gets only what free times offer at this moment; staff may book over the
/// conflicts that they were shown, if these are exactly those there are.
pub(super) async fn choose(
    conn: &mut PgConnection,
    actor: &Actor,
    booking: Booking,
    client: ClientId,
    facts: &Facts,
    span: Span,
) -> Result<Chosen> {
    let wanted = Wanted { booking, client, facts, span, now: Utc::now() };
    let service = &facts.service;
    let date = service.zone.date(span.starts);
    let day = service.zone.day(date);
    let around = Span { starts: day.starts - Days::new(1), ends: day.ends + Days::new(1) };
    let ids: Vec<_> = facts.practitioners.iter().map(|(id, _)| id.0).collect();
    let taken = slots::taken(&mut *conn, &ids, Some(client), around).await?;
    let hours = weekly_hours(&mut *conn, &ids).await?;
    let staff = actor.staff().ok();

    let mut free: Vec<(i64, u64, StaffId)> = Vec::new();
    let mut of_preferred = Vec::new();
    let mut on_grid = false;
    for (id, _) in &facts.practitioners {
        let own: Vec<_> = hours.iter().filter(|(owner, _)| owner == id).map(|(_, hours)| *hours).collect();
        // Hours do not pass midnight, but the day before costs nothing to look at.
        let open = slots::open_spans(&service.zone, &own, date - Days::new(1), date);
        let obstacles = wanted.obstacles(*id, &open, &taken);
        let offered = free_starts(&open, &[], service.wanted(wanted.now)).contains(&span.starts);
        if obstacles.is_empty() && (staff.is_some() || offered) {
            free.push((slots::booked_on(&taken, *id, day), turn(id.0, date), *id));
        }
        if *id == booking.practitioner {
            (of_preferred, on_grid) = (obstacles, offered);
        }
    }
    let in_horizon = date <= service.zone.date(wanted.now) + Days::new(HORIZON_DAYS);
    let free = if staff.is_some() || in_horizon { free } else { Default::default() };
    let preferred = free.iter().any(|(.., id)| *id == booking.practitioner).then_some(booking.practitioner);
    let anyone = booking.anyone.then(|| free.iter().min().map(|(.., id)| *id)).flatten();
    if let Some(practitioner) = preferred.or(anyone) {
        return Ok(Chosen { practitioner, overbooked: false });
    }
    let Some(staff) = staff else {
        let conflict = of_preferred.first().map(|obstacle| obstacle.for_client(actor, client));
        debug_assert!(conflict.is_some() || !on_grid || !in_horizon);
        return Err(Refusal::Conflict(conflict.unwrap_or(Conflict::NotAnOnlineTime)).into());
    };
    let seen = wanted.fingerprint(&of_preferred);
    if booking.over != Some(seen) {
        let all = words(conn, staff, &wanted, &of_preferred).await?;
        return Err(Refusal::Conflicts(Conflicts { seen, all }).into());
    }
    let overbooked = of_preferred.iter().any(|obstacle| obstacle.overlaps());
    Ok(Chosen { practitioner: booking.practitioner, overbooked })
}

impl Wanted<'_> {
    fn obstacles<'a>(&self, practitioner: StaffId, open: &[Span], taken: &'a [Taken]) -> Vec<Obstacle<'a>> {
        let mut obstacles = Vec::new();
        if self.span.starts <= self.now {
            obstacles.push(Obstacle::Past);
        }
        if !open.iter().any(|period| period.starts <= self.span.starts && self.span.ends <= period.ends) {
            obstacles.push(Obstacle::OutsideHours);
        }
        let buffer = self.facts.service.buffer_minutes;
        for one in taken {
            let overlaps = self.span.overlaps(one.span());
            if one.client == self.client && overlaps {
                obstacles.push(Obstacle::ClientBusy(one));
            } else if one.practitioner == practitioner && overlaps {
                obstacles.push(Obstacle::PractitionerBusy(one));
            } else if one.practitioner == practitioner && one.as_busy().hinders(self.span, buffer) {
                obstacles.push(Obstacle::TooClose(one, buffer.max(one.buffer_minutes)));
            }
        }
        // A client is told of their own appointment before the practitioner's.
        obstacles.sort_by_key(Obstacle::rank);
        obstacles
    }

    /// Stands for this booking with these conflicts.
    fn fingerprint(&self, obstacles: &[Obstacle<'_>]) -> uuid::Uuid {
        let mut keys: Vec<_> = obstacles.iter().map(Obstacle::key).collect();
        keys.sort_unstable();
        let Booking { service, practitioner, starts_at, .. } = self.booking;
        key_of(self.client.0, &(service, practitioner, starts_at, keys))
    }
}

impl Obstacle<'_> {
    fn rank(&self) -> u8 {
        match self {
            Obstacle::Past => 0,
            Obstacle::OutsideHours => 1,
            Obstacle::ClientBusy(_) => 2,
            Obstacle::PractitionerBusy(_) => 3,
            Obstacle::TooClose(..) => 4,
        }
    }

    fn appointment(&self) -> Option<&Taken> {
        match self {
            Obstacle::Past | Obstacle::OutsideHours => None,
            Obstacle::ClientBusy(one) | Obstacle::PractitionerBusy(one) | Obstacle::TooClose(one, _) => Some(one),
        }
    }

    fn key(&self) -> (u8, Option<AppointmentId>, Option<DateTime<Utc>>) {
        let one = self.appointment();
        (self.rank(), one.map(|one| one.id), one.map(|one| one.starts_at))
    }

    fn overlaps(&self) -> bool {
        matches!(self, Obstacle::ClientBusy(_) | Obstacle::PractitionerBusy(_))
    }

    /// What the portal says: nothing about other people.
    fn for_client(&self, actor: &Actor, client: ClientId) -> Conflict {
        match self {
            Obstacle::Past => Conflict::Past,
            Obstacle::OutsideHours => Conflict::OutsideHours,
            Obstacle::ClientBusy(_) if actor.id() == client.0 => Conflict::YouAreBusy,
            Obstacle::ClientBusy(_) => Conflict::ClientBusy,
            Obstacle::PractitionerBusy(_) | Obstacle::TooClose(..) => Conflict::PractitionerBusy,
        }
    }
}

/// The conflicts as this staff member may see them.
async fn words(
    conn: &mut PgConnection,
    staff: &StaffActor,
    wanted: &Wanted<'_>,
    obstacles: &[Obstacle<'_>],
) -> Result<Vec<TimeConflict>> {
    let ids: Vec<_> = obstacles.iter().filter_map(|obstacle| obstacle.appointment()).map(|one| one.id.0).collect();
    let rows = sqlx::query!(
        r#"select a.id as "id: AppointmentId", client_name(c) as "client!",
                  m.first_name || ' ' || m.last_name as "practitioner!",
                  ($2::uuid is null or exists (
                      select from client_practitioner x where x.client_id = c.id and x.practitioner_id = $2)) as "seen!"
             from appointment a join client c on c.id = a.client_id join staff_member m on m.id = a.practitioner_id
            where a.id = any ($1)"#,
        &ids,
        staff.scope()
    )
    .fetch_all(conn)
    .await?;
    let named: HashMap<_, _> = rows.into_iter().map(|row| (row.id, row)).collect();
    let zone = &wanted.facts.service.zone;
    let name = |id: StaffId| {
        let known = wanted.facts.practitioners.iter().find(|(known, _)| *known == id);
        known.map(|(_, name)| name.clone()).unwrap_or_default()
    };
    let practitioner = name(wanted.booking.practitioner);
    let engagement = |one: &Taken| {
        let row = named.get(&one.id).filter(|row| row.seen)?;
        let (from, to) = (zone.exact_clock(one.starts_at), zone.exact_clock(one.ends_at));
        Some(Engagement { client: row.client.clone(), from, to })
    };
    Ok(obstacles
        .iter()
        .map(|obstacle| match *obstacle {
            Obstacle::Past => TimeConflict::Past,
            Obstacle::OutsideHours => TimeConflict::OutsideHours { practitioner: practitioner.clone() },
            Obstacle::ClientBusy(one) => {
                let row = named.get(&one.id);
                TimeConflict::ClientBusy {
                    client: row.map(|row| row.client.clone()).unwrap_or_default(),
                    practitioner: row.map(|row| row.practitioner.clone()).unwrap_or_default(),
                    from: zone.exact_clock(one.starts_at),
                    to: zone.exact_clock(one.ends_at),
                }
            }
            Obstacle::PractitionerBusy(one) => {
                TimeConflict::PractitionerBusy { practitioner: practitioner.clone(), with: engagement(one) }
            }
            Obstacle::TooClose(one, buffer_minutes) => {
                TimeConflict::TooClose { practitioner: practitioner.clone(), buffer_minutes, with: engagement(one) }
            }
        })
        .collect())
}
