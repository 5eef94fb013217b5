//! What stands in the way of a time, for each practitioner who might take it.

use super::facts::{Facts, zone_of};
use super::holds;
use super::rooms::{self, Room};
use super::service::Offering;
use super::taken::{Taken, busy, near};
use crate::actor::StaffActor;
use crate::availability::{Audience, Away, Opening, opening};
use crate::clients::content_key;
use crate::time::Zone;
use crate::{Actor, Result};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use shared::appointments::{Booking, Conflicts, Engagement, TimeConflict};
use shared::slots::{RoomTimes, Span, Times, Verdict, Why, turn};
use shared::{AppointmentId, ClientId, Conflict, LocationId, Refusal, RoomId, StaffId};
use sqlx::PgConnection;
use std::collections::{HashMap, HashSet};

/// One conflict; `None` of a person's or practitioner's appointment never is here.
#[derive(Debug, Clone, Copy)]
enum Obstacle<'a> {
    Past,
    /// Online, before or behind what the service allows.
    TooSoon,
    TooFar,
    OutsideHours(Away),
    /// Of one of those who are to attend.
    ClientBusy(&'a Taken, ClientId),
    PractitionerBusy(&'a Taken),
    /// Nothing overlaps, but the larger of the two buffers would not be kept.
    TooClose(&'a Taken, i32),
    /// The room that is wanted.
    RoomBusy(&'a Room, Option<AppointmentId>),
    NoRoom,
}

/// Who takes the appointment, when and where, and what of it overlaps another one.
pub(super) struct Chosen {
    pub practitioner: StaffId,
    pub span: Span,
    pub price_cents: i64,
    pub place: LocationId,
    /// Of the place.
    pub zone: Zone,
    pub room: Option<RoomId>,
    /// A client's booking that the practice answers.
    pub ask: bool,
    pub practitioner_overbooked: bool,
    pub room_overbooked: bool,
    /// Those of the people who are elsewhere then.
    pub busy: Vec<ClientId>,
}

/// Everything known of the time that is wanted.
struct Scene<'a> {
    booking: Booking,
    facts: &'a Facts,
    audience: Audience,
    now: DateTime<Utc>,
    date: NaiveDate,
    day: Span,
    taken: Vec<Taken>,
    /// Holds that lapsed and whose rows are still there.
    lapsed: Vec<Taken>,
    rooms: Vec<Room>,
    room_times: Vec<RoomTimes>,
    opening: Opening,
}

/// What one practitioner makes of it.
struct Judged<'a> {
    offering: &'a Offering,
    span: Span,
    verdict: Verdict,
    obstacles: Vec<Obstacle<'a>>,
}

/// The practitioner who takes the appointment. With *anyone* it is the one who
/// was shown if they can, else the least booked that day who can. The portal
/// gets only what free times offer at this moment; staff may book over the
/// conflicts that they were shown, if these are exactly those there are. An appointment
/// that is moved is not in its own way.
pub(super) async fn choose(
    conn: &mut PgConnection,
    actor: &Actor,
    booking: Booking,
    facts: &Facts,
    moved: Option<AppointmentId>,
) -> Result<Chosen> {
    let scene = Scene::load(&mut *conn, actor, booking, facts, moved).await?;
    let judged: Vec<Judged<'_>> = facts.practitioners.iter().map(|offering| scene.judge(offering)).collect();
    let is_free =
        |one: &&Judged<'_>| one.obstacles.is_empty() && (scene.audience == Audience::Staff || one.verdict.on_grid);
    let preferred = judged.iter().find(|one| one.offering.id == booking.practitioner);
    let taker = match preferred.filter(is_free) {
        None if booking.anyone => {
            let free = || judged.iter().filter(is_free);
            // Who need not be asked first comes before those who must.
            let certain = free().any(|one| !one.verdict.ask);
            let ids: Vec<StaffId> =
                free().filter(|one| !certain || !one.verdict.ask).map(|one| one.offering.id).collect();
            let id = least_booked(&mut *conn, &ids, &facts.service.zone, scene.date, moved).await?;
            judged.iter().find(|one| Some(one.offering.id) == id)
        }
        preferred => preferred,
    };
    if let Some(one) = taker {
        return scene.take(conn, one).await;
    }
    let one = preferred.ok_or(Refusal::Conflict(Conflict::NotOffered))?;
    let Actor::Staff(staff) = actor else {
        let conflict = one.obstacles.first().map(|obstacle| obstacle.for_client(actor));
        debug_assert!(conflict.is_some() || !one.verdict.on_grid);
        return Err(Refusal::Conflict(conflict.unwrap_or(Conflict::NotPossible)).into());
    };
    let seen = scene.fingerprint(&one.obstacles);
    if booking.over != Some(seen) {
        let all = words(conn, staff, &scene, one).await?;
        return Err(Refusal::Conflicts(Conflicts { seen, all }).into());
    }
    scene.take(conn, one).await
}

/// What stands in the way of a time with one practitioner, as this staff member may see it.
pub(super) async fn obstacles(
    conn: &mut PgConnection,
    staff: &StaffActor,
    actor: &Actor,
    booking: Booking,
    facts: &Facts,
    moved: Option<AppointmentId>,
) -> Result<Vec<TimeConflict>> {
    let scene = Scene::load(&mut *conn, actor, booking, facts, moved).await?;
    let offering = facts.practitioners.iter().find(|one| one.id == booking.practitioner);
    let one = scene.judge(offering.ok_or(Refusal::Conflict(Conflict::NotOffered))?);
    words(conn, staff, &scene, &one).await
}

/// The one who has the fewest appointments that begin on the day; of the equally booked the
/// one whose turn it is.
async fn least_booked(
    conn: &mut PgConnection,
    free: &[StaffId],
    zone: &Zone,
    date: NaiveDate,
    moved: Option<AppointmentId>,
) -> Result<Option<StaffId>> {
    if free.len() < 2 {
        return Ok(free.first().copied());
    }
    let (ids, day): (Vec<_>, _) = (free.iter().map(|id| id.0).collect(), zone.day(date));
    let rows = sqlx::query!(
        r#"select f.id as "id!: StaffId",
                  (select count(*) from appointment a
                    where a.practitioner_id = f.id and a.blocks and a.starts_at >= $2 and a.starts_at < $3
                      and a.id is distinct from $4 and coalesce(a.held_until > now(), true)) as "booked!"
             from unnest($1::uuid[]) f (id)"#,
        &ids,
        day.starts,
        day.ends,
        moved.map(|id| id.0)
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.booked, turn(row.id.0, date), row.id)).min().map(|(.., id)| id))
}

impl<'a> Scene<'a> {
    async fn load(
        conn: &mut PgConnection,
        actor: &Actor,
        booking: Booking,
        facts: &'a Facts,
        moved: Option<AppointmentId>,
    ) -> Result<Scene<'a>> {
        let zone = &facts.service.zone;
        let date = zone.date(booking.starts_at);
        let day = zone.day(date);
        let around = Span { starts: day.starts - Days::new(1), ends: day.ends + Days::new(1) };
        let ids: Vec<_> = facts.practitioners.iter().map(|one| one.id.0).collect();
        let people: Vec<_> = facts.people.iter().map(|person| person.id.0).collect();
        // The longest of the practitioners' durations.
        let minutes = facts.practitioners.iter().map(|one| one.minutes).max().unwrap_or_default();
        let longest = Span { starts: booking.starts_at, ends: booking.starts_at + TimeDelta::minutes(minutes.into()) };
        let all = near(&mut *conn, &ids, &people, longest, facts.service.buffer_minutes).await?;
        let (lapsed, taken): (Vec<Taken>, Vec<Taken>) =
            all.into_iter().filter(|one| Some(one.id) != moved).partition(|one| one.lapsed);
        let rooms = rooms::around(&mut *conn, &facts.rooms, around, facts.preferred_room, moved).await?;
        let opening = opening(&mut *conn, &ids, zone.days(date - Days::new(1), date + Days::new(1))).await?;
        let audience = if actor.staff().is_ok() { Audience::Staff } else { Audience::Portal };
        let room_times = rooms.iter().map(|room| room.times.clone()).collect();
        let now = Utc::now();
        Ok(Scene { booking, facts, audience, now, date, day, taken, lapsed, rooms, room_times, opening })
    }

    fn judge(&'a self, offering: &'a Offering) -> Judged<'a> {
        let service = &self.facts.service;
        let at = self.booking.starts_at;
        let span = Span { starts: at, ends: at + TimeDelta::minutes(offering.minutes.into()) };
        // Hours do not pass midnight, but elsewhere it may be another day.
        let days = (self.date - Days::new(1), self.date + Days::new(1));
        let mut open = service.open(&self.opening, offering.id, days, self.audience);
        let wanted_room = self.booking.room.and_then(|_| self.rooms.first());
        if let Some(room) = wanted_room {
            open.retain(|period| period.place == room.times.place);
        }
        let (busy, whose) = busy(&self.taken, offering.id);
        let rooms = service.needs_room.then_some(self.room_times.as_slice());
        let wanted = service.wanted(offering, self.audience, self.now);
        let place = wanted_room.map_or(service.place(), |room| room.times.place);
        let verdict = Times::new(&open, &busy, rooms, wanted).judge(at, place);
        let mut obstacles = Vec::new();
        for why in &verdict.why {
            match why {
                Why::TooSoon if at <= self.now => obstacles.push(Obstacle::Past),
                Why::TooSoon => obstacles.push(Obstacle::TooSoon),
                Why::TooFar => obstacles.push(Obstacle::TooFar),
                Why::Closed => {
                    let away = self.opening.away(offering.id, span, &open, self.day);
                    obstacles.push(Obstacle::OutsideHours(away));
                }
                Why::Busy(index) => {
                    let one = whose[*index];
                    let buffer = offering.buffer_minutes.max(one.buffer_minutes);
                    if !span.overlaps(one.span()) {
                        obstacles.push(Obstacle::TooClose(one, buffer));
                    } else if one.people.is_empty() {
                        obstacles.push(Obstacle::PractitionerBusy(one));
                    } else {
                        obstacles.extend(one.people.iter().map(|person| Obstacle::ClientBusy(one, *person)));
                    }
                }
                Why::NoRoom => obstacles.push(match wanted_room {
                    Some(room) => Obstacle::RoomBusy(room, room.taken_by(span)),
                    None => Obstacle::NoRoom,
                }),
            }
        }
        let mut verdict = verdict;
        if self.facts.stands && self.audience == Audience::Portal {
            // What the session stands over was decided when it was made.
            obstacles.retain(|one| {
                matches!(one, Obstacle::Past | Obstacle::TooSoon | Obstacle::TooFar | Obstacle::ClientBusy(..))
            });
            (verdict.on_grid, verdict.ask) = (true, false);
        }
        // A client is told of their own appointment before the practitioner's.
        obstacles.sort_by_key(Obstacle::rank);
        Judged { offering, span, verdict, obstacles }
    }

    /// Stands for this booking with these conflicts.
    fn fingerprint(&self, obstacles: &[Obstacle<'_>]) -> uuid::Uuid {
        let mut keys: Vec<_> = obstacles.iter().map(Obstacle::key).collect();
        keys.sort_unstable();
        let Booking { service, practitioner, starts_at, .. } = self.booking;
        content_key(self.booking.client.0, &(service, practitioner, starts_at, keys))
    }

    /// Takes the time, over whatever is in the way. What lapsed there goes.
    async fn take(&self, conn: &mut PgConnection, one: &Judged<'_>) -> Result<Chosen> {
        let (span, practitioner) = (one.span, one.offering.id);
        let lapsed = self.lapsed.iter().filter(|hold| hold.practitioner == practitioner && span.overlaps(hold.span()));
        holds::remove(&mut *conn, &lapsed.map(|hold| hold.id.0).collect::<Vec<_>>()).await?;
        let place = one.verdict.place;
        let free = self.rooms.iter().enumerate().find(|(index, _)| one.verdict.rooms & (1 << index) != 0);
        let room = free.map(|(_, room)| room.id).or(self.booking.room);
        if let Some(room) = room {
            rooms::clear(conn, room, span).await?;
        }
        let overlaps = |obstacle: &Obstacle<'_>| match obstacle {
            Obstacle::ClientBusy(one, _) => one.practitioner == practitioner,
            Obstacle::PractitionerBusy(_) => true,
            _ => false,
        };
        let busy = one.obstacles.iter().filter_map(|obstacle| match obstacle {
            Obstacle::ClientBusy(_, person) => Some(*person),
            _ => None,
        });
        Ok(Chosen {
            practitioner,
            span,
            price_cents: one.offering.price_cents,
            place,
            zone: zone_of(&self.facts.service.zone_at(place)),
            room,
            ask: self.audience == Audience::Portal && (one.verdict.ask || self.facts.service.by_request),
            practitioner_overbooked: one.obstacles.iter().any(overlaps),
            room_overbooked: one.obstacles.iter().any(|obstacle| matches!(obstacle, Obstacle::RoomBusy(..))),
            busy: busy.collect(),
        })
    }
}

impl Obstacle<'_> {
    fn rank(&self) -> u8 {
        match self {
            Obstacle::Past => 0,
            Obstacle::OutsideHours(_) => 1,
            Obstacle::ClientBusy(..) => 2,
            Obstacle::PractitionerBusy(_) => 3,
            Obstacle::TooClose(..) => 4,
            Obstacle::RoomBusy(..) => 5,
            Obstacle::NoRoom => 6,
            Obstacle::TooSoon => 7,
            Obstacle::TooFar => 8,
        }
    }

    fn appointment(&self) -> Option<&Taken> {
        match self {
            Obstacle::ClientBusy(one, _) | Obstacle::PractitionerBusy(one) | Obstacle::TooClose(one, _) => Some(one),
            Obstacle::Past
            | Obstacle::TooSoon
            | Obstacle::TooFar
            | Obstacle::OutsideHours(_)
            | Obstacle::RoomBusy(..)
            | Obstacle::NoRoom => None,
        }
    }

    fn key(&self) -> (u8, Option<AppointmentId>, Option<DateTime<Utc>>, Option<uuid::Uuid>) {
        let one = self.appointment();
        let (by, also) = match self {
            Obstacle::ClientBusy(_, person) => (None, Some(person.0)),
            Obstacle::RoomBusy(room, by) => (*by, Some(room.id.0)),
            _ => (None, None),
        };
        (self.rank(), one.map(|one| one.id).or(by), one.map(|one| one.starts_at), also)
    }

    /// What the portal says: nothing about other people.
    fn for_client(&self, actor: &Actor) -> Conflict {
        match self {
            Obstacle::Past => Conflict::Past,
            Obstacle::TooSoon => Conflict::TooSoon,
            Obstacle::TooFar => Conflict::TooFar,
            Obstacle::OutsideHours(_) | Obstacle::NoRoom => Conflict::NotPossible,
            Obstacle::ClientBusy(_, person) if actor.id() == person.0 => Conflict::YouAreBusy,
            Obstacle::ClientBusy(..) => Conflict::ClientBusy,
            Obstacle::PractitionerBusy(_) | Obstacle::TooClose(..) | Obstacle::RoomBusy(..) => {
                Conflict::PractitionerBusy
            }
        }
    }
}

/// The conflicts as this staff member may see them.
async fn words(
    conn: &mut PgConnection,
    staff: &StaffActor,
    scene: &Scene<'_>,
    judged: &Judged<'_>,
) -> Result<Vec<TimeConflict>> {
    let obstacles = &judged.obstacles;
    let ids: Vec<_> = obstacles.iter().filter_map(|obstacle| obstacle.appointment()).map(|one| one.id.0).collect();
    let rows = sqlx::query!(
        r#"select a.id as "id: AppointmentId", seen.client as "client?", m.first_name || ' ' || m.last_name as "practitioner!"
             from appointment a join staff_member m on m.id = a.practitioner_id
             -- The party or the person, as far as the viewer sees them.
             left join lateral (
                  select client_name(c) as client
                    from appointment_participant p join client c on c.id in (p.party_id, p.client_id)
                   where p.appointment_id = a.id and p.status = 'booked'
                     and exists (select from client_in_scope(c.id, $2))
                   order by c.id = p.party_id desc nulls last, p.booked_at, p.id limit 1) seen on true
            where a.id = any ($1)"#,
        &ids,
        staff.scope()
    )
    .fetch_all(&mut *conn)
    .await?;
    let named: HashMap<_, _> = rows.into_iter().map(|row| (row.id, row)).collect();
    let visible = visible(conn, staff, obstacles).await?;
    let zone = &scene.facts.service.zone;
    let practitioner = judged.offering.name.clone();
    let clock = |at: DateTime<Utc>| match zone.date(at) == scene.date {
        true => zone.exact_clock(at),
        false => format!("{}, {}", zone.short_date(at), zone.exact_clock(at)),
    };
    let engagement = |one: &Taken| {
        let client = named.get(&one.id).and_then(|row| row.client.clone())?;
        let (from, to) = (zone.exact_clock(one.starts_at), zone.exact_clock(one.ends_at));
        Some(Engagement { client, from, to })
    };
    Ok(obstacles
        .iter()
        .map(|obstacle| match *obstacle {
            Obstacle::Past => TimeConflict::Past,
            Obstacle::TooSoon | Obstacle::TooFar => TimeConflict::Past,
            Obstacle::OutsideHours(Away::Off(until)) => {
                TimeConflict::Away { practitioner: practitioner.clone(), until: clock(until) }
            }
            Obstacle::OutsideHours(Away::Closed(again)) => {
                TimeConflict::OutsideHours { practitioner: practitioner.clone(), again: again.map(clock) }
            }
            Obstacle::ClientBusy(_, person) if !visible.contains(&person) => TimeConflict::SomeoneBusy,
            Obstacle::ClientBusy(one, person) => {
                let row = named.get(&one.id);
                let known = scene.facts.people.iter().find(|known| known.id == person);
                TimeConflict::ClientBusy {
                    client: known.map(|known| known.name.clone()).unwrap_or_default(),
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
            Obstacle::RoomBusy(room, _) => TimeConflict::RoomBusy { room: room.name.clone() },
            Obstacle::NoRoom => TimeConflict::NoRoom,
        })
        .collect())
}

/// The people who are elsewhere and whose records the staff member sees.
async fn visible(conn: &mut PgConnection, staff: &StaffActor, obstacles: &[Obstacle<'_>]) -> Result<HashSet<ClientId>> {
    let busy = obstacles.iter().filter_map(|obstacle| match obstacle {
        Obstacle::ClientBusy(_, person) => Some(person.0),
        _ => None,
    });
    let busy: Vec<uuid::Uuid> = busy.collect();
    if busy.is_empty() || staff.scope().is_none() {
        return Ok(busy.into_iter().map(ClientId).collect());
    }
    let seen = sqlx::query_scalar!(
        r#"select c as "id!: ClientId" from unnest($1::uuid[]) c where exists (select from client_in_scope(c, $2))"#,
        &busy,
        staff.scope()
    );
    Ok(seen.fetch_all(conn).await?.into_iter().collect())
}
