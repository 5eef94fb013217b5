//! Free times: what the arithmetic of [`shared::slots`] needs from the
//! database, in a constant number of statements whatever the window.

use super::facts::attending;
use super::rooms;
use super::service::{Offering, Place, Service};
use super::taken::{Taken, taken};
use crate::availability::{Audience, Opening, opening};
use crate::time::Zone;
use crate::{Error, Result};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use shared::appointments::{FreeDay, FreeTime, FreeWeek, HORIZON_DAYS, instant_text};
use shared::slots::{Busy, RoomTimes, Span, Start, Times, turn};
use shared::{AppointmentId, ClientId, LocationId, Refusal, ServiceId, StaffId};
use sqlx::{PgConnection, PgPool};

/// Longest window that is answered, in days.
pub const DAYS_MAX: u64 = 62;

/// Which free times are asked for.
#[derive(Debug, Clone, Copy)]
pub struct FreeQuery {
    pub service: ServiceId,
    /// `None`: anyone who offers the service; each time names the one of them
    /// who is least booked that day.
    pub practitioner: Option<StaffId>,
    /// Who is to attend, if known: times at which they are busy are left out.
    pub client: Option<ClientId>,
    /// First and last day, in the venue's zone.
    pub first: NaiveDate,
    pub last: NaiveDate,
    /// Only what clients may book themselves: services, hours, notice and horizon.
    pub portal: bool,
}

/// The free times from `now` on, day by day; days without any are there too.
pub async fn free_days(pool: &PgPool, query: FreeQuery, now: DateTime<Utc>) -> Result<Vec<FreeDay>> {
    free_days_without(pool, query, None, now).await
}

/// As [`free_days`], for an appointment that is to be moved: it is not in its own way.
pub(crate) async fn free_days_without(
    pool: &PgPool,
    query: FreeQuery,
    moved: Option<AppointmentId>,
    now: DateTime<Utc>,
) -> Result<Vec<FreeDay>> {
    days_in(&mut *pool.acquire().await?, query, moved, now).await
}

async fn days_in(
    conn: &mut PgConnection,
    query: FreeQuery,
    moved: Option<AppointmentId>,
    now: DateTime<Utc>,
) -> Result<Vec<FreeDay>> {
    let search = Search::load(&mut *conn, query, moved, now).await?;
    let offers = search.offers(conn, query, now).await?;
    Ok(by_day(&search.service, query.first, search.last, &offers))
}

/// What is known of a window of days: everything that free times come from.
pub(super) struct Search {
    pub service: Service,
    pub practitioners: Vec<Offering>,
    pub last: NaiveDate,
    audience: Audience,
    opening: Opening,
    taken: Vec<Taken>,
    people: Vec<uuid::Uuid>,
    room_times: Vec<RoomTimes>,
}

impl Search {
    /// A constant number of statements, whatever the window.
    pub async fn load(
        conn: &mut PgConnection,
        query: FreeQuery,
        moved: Option<AppointmentId>,
        now: DateTime<Utc>,
    ) -> Result<Search> {
        let people = match query.client {
            Some(client) => attending(&mut *conn, client, query.first).await?,
            None => Vec::new(),
        };
        Search::load_for(conn, query, people, moved, now).await
    }

    /// As [`Search::load`], for several persons.
    pub async fn load_for(
        conn: &mut PgConnection,
        query: FreeQuery,
        people: Vec<uuid::Uuid>,
        moved: Option<AppointmentId>,
        now: DateTime<Utc>,
    ) -> Result<Search> {
        let Some((service, rooms)) = service(&mut *conn, query).await? else {
            return Err(Error::Refused(Refusal::NotFound));
        };
        let zone = &service.zone;
        let mut last = query.last.min(query.first + Days::new(DAYS_MAX));
        if query.portal {
            last = last.min(service.last_day(now));
        }
        let window = zone.days(query.first, last.max(query.first));
        let mut practitioners = practitioners(&mut *conn, query).await?;
        if let Some(moved) = moved {
            as_long_as(&mut *conn, moved, &mut practitioners).await?;
        }
        let ids: Vec<_> = practitioners.iter().map(|one| one.id.0).collect();
        // A neighbour just outside the window may still be too near.
        let around = Span { starts: window.starts - TimeDelta::days(1), ends: window.ends + TimeDelta::days(1) };
        let opening = opening(&mut *conn, &ids, around).await?;
        let audience = if query.portal { Audience::Portal } else { Audience::Staff };
        let mut taken = taken(&mut *conn, &ids, &people, around).await?;
        taken.retain(|one| !one.lapsed && Some(one.id) != moved);
        let rooms = rooms::around(conn, &rooms, around, None, moved).await?;
        let room_times = rooms.into_iter().map(|room| room.times).collect();
        Ok(Search { service, practitioners, last, audience, opening, taken, people, room_times })
    }

    /// The starts of one practitioner. Of the people asked for those count that `who` says.
    pub fn starts(
        &self,
        practitioner: &Offering,
        first: NaiveDate,
        who: impl Fn(&ClientId) -> bool,
        moved: Option<AppointmentId>,
        now: DateTime<Utc>,
    ) -> Vec<Start> {
        let own = |one: &&Taken| one.hinders_practitioner(practitioner.id);
        let theirs = |one: &&Taken| one.people.iter().any(&who);
        let taken = || self.taken.iter().filter(|one| Some(one.id) != moved);
        let busy = taken().filter(own).map(Taken::as_busy);
        let elsewhere = taken().filter(|one| !own(one) && theirs(one)).map(Taken::as_busy_person);
        let busy: Vec<Busy> = busy.chain(elsewhere).collect();
        let open = self.service.open(&self.opening, practitioner.id, (first, self.last), self.audience);
        let rooms = self.service.needs_room.then_some(self.room_times.as_slice());
        Times::new(&open, &busy, rooms, self.service.wanted(practitioner, self.audience, now)).free()
    }

    /// Of several practitioners the one with the lowest rank takes a time: the least booked
    /// that day, and of the equally booked whose turn it is.
    pub fn rank(&self, practitioner: StaffId, at: DateTime<Utc>) -> (i64, u64) {
        let zone = &self.service.zone;
        let date = zone.date(at);
        (booked_on(&self.taken, practitioner, zone.day(date)), turn(practitioner.0, date))
    }

    /// When a practitioner works, on the days from `first`.
    pub fn open(&self, practitioner: StaffId, first: NaiveDate) -> Vec<Span> {
        let open = self.service.open(&self.opening, practitioner, (first, self.last), self.audience);
        open.into_iter().map(|period| period.span).collect()
    }

    async fn offers(&self, conn: &mut PgConnection, query: FreeQuery, now: DateTime<Utc>) -> Result<Vec<Offer<'_>>> {
        let by_request = query.portal && self.service.by_request;
        let mut lists: Vec<Vec<Offer<'_>>> = Vec::with_capacity(self.practitioners.len() + 1);
        for by in &self.practitioners {
            let starts = self.starts(by, query.first, |_| true, None, now).into_iter();
            lists.push(
                starts.map(|start| Offer { start: start.at, by, ask: start.ask || by_request, left: None }).collect(),
            );
        }
        let sessions = open_sessions(conn, self, query, now).await?.into_iter();
        lists.push(
            sessions
                .filter_map(|session| {
                    let by = self.practitioners.iter().find(|one| one.id == session.practitioner)?;
                    Some(Offer { start: session.starts_at, by, ask: false, left: Some(session.left) })
                })
                .collect(),
        );
        Ok(self.one_each(lists))
    }

    /// One offer a time, of lists by time: one that is no request, of the least booked that
    /// day, and of the equally booked whose turn it is.
    fn one_each<'a>(&self, lists: Vec<Vec<Offer<'a>>>) -> Vec<Offer<'a>> {
        let mut ranks: Vec<(StaffId, Span, (i64, u64))> = Vec::new();
        let mut rank = |by: StaffId, at: DateTime<Utc>| {
            let known = ranks.iter().position(|(of, ..)| *of == by);
            match known.map(|place| (place, &ranks[place])) {
                Some((_, (_, day, rank))) if day.starts <= at && at < day.ends => *rank,
                known => {
                    let new = (by, self.service.zone.day_of(at), self.rank(by, at));
                    let place = known.map(|(place, _)| place);
                    match place {
                        Some(place) => ranks[place] = new,
                        None => ranks.push(new),
                    }
                    new.2
                }
            }
        };
        let mut lists: Vec<_> = lists.into_iter().map(|list| list.into_iter().peekable()).collect();
        let mut offers = Vec::new();
        while let Some(at) = lists.iter_mut().filter_map(|list| list.peek().map(|offer| offer.start)).min() {
            let here = lists.iter_mut();
            let here = here.flat_map(|list| std::iter::from_fn(move || list.next_if(|offer| offer.start == at)));
            let best = here.reduce(|best, other| {
                let key = |offer: &Offer<'a>, rank: (i64, u64)| (offer.ask, rank);
                let (first, second) = (key(&best, rank(best.by.id, at)), key(&other, rank(other.by.id, at)));
                if second < first { other } else { best }
            });
            offers.extend(best);
        }
        offers
    }
}

/// A session with seats left.
pub(super) struct OpenSession {
    pub practitioner: StaffId,
    pub starts_at: DateTime<Utc>,
    left: i32,
}

/// The group sessions of the service that the client may join; none where each client has
/// the session to themself.
pub(super) async fn open_sessions(
    conn: &mut PgConnection,
    search: &Search,
    query: FreeQuery,
    now: DateTime<Utc>,
) -> Result<Vec<OpenSession>> {
    let service = &search.service;
    // Online a request for one seat of a session is none that the practice could answer.
    if !service.in_group || query.portal && service.by_request {
        return Ok(Vec::new());
    }
    let window = service.zone.days(query.first, search.last.max(query.first));
    let practitioners: Vec<_> = search.practitioners.iter().map(|one| one.id.0).collect();
    Ok(sqlx::query_as!(
        OpenSession,
        r#"select a.practitioner_id as "practitioner: StaffId", a.starts_at, a.seats - a.seats_taken - seats_offered(a.id) as "left!"
             from appointment a
            where a.practitioner_id = any ($1) and a.blocks and a.service_id = $2 and (a.status = 'confirmed' or a.status = 'requested' and not $7)
              and a.seats > 1 and a.seats - a.seats_taken - seats_offered(a.id) >= greatest(1, cardinality($3::uuid[]))
              and a.starts_at >= $4 and a.starts_at < $5 and a.starts_at > $6
              -- Of each of them it may not be at a time at which they are elsewhere, or in it already.
              and not exists (select from appointment_participant p
                               where p.client_id = any ($3) and p.blocks and p.status = 'booked'
                                 and p.starts_at < a.ends_at and p.ends_at > a.starts_at)
            order by a.starts_at, a.id"#,
        &practitioners,
        query.service.0,
        &search.people,
        window.starts.max(service.not_before(search.audience, now)),
        window.ends,
        now,
        query.portal
    )
    .fetch_all(conn)
    .await?)
}

/// A free time and whose it is.
struct Offer<'a> {
    start: DateTime<Utc>,
    by: &'a Offering,
    ask: bool,
    /// Of a session that others attend: how many seats are left.
    left: Option<i32>,
}

impl Offer<'_> {
    /// `9:30 am`; of a session that others attend `9:30 am, 3 seats left`.
    fn label(&self, clock: String) -> String {
        match self.left {
            None => clock,
            Some(1) => format!("{clock}, 1 seat left"),
            Some(left) => format!("{clock}, {left} seats left"),
        }
    }
}

/// How many appointments a practitioner has that begin on the day.
pub(crate) fn booked_on(taken: &[Taken], practitioner: StaffId, day: Span) -> i64 {
    // They are by start.
    let from = taken.partition_point(|one| one.starts_at < day.starts);
    let today = taken[from..].iter().take_while(|one| one.starts_at < day.ends);
    today.filter(|one| one.practitioner == practitioner).count() as i64
}

/// How far ahead the first free time is looked for, in days.
const LOOK_AHEAD: u64 = 42;

/// The week that begins on `query.first` (or today, if that is later), with
/// what lies beside it. `query.last` is not looked at.
pub async fn free_week(pool: &PgPool, query: FreeQuery, now: DateTime<Utc>) -> Result<FreeWeek> {
    free_week_without(pool, query, None, now).await
}

/// As [`free_week`], for an appointment that is to be moved: it is not in its own way.
pub async fn free_week_without(
    pool: &PgPool,
    query: FreeQuery,
    moved: Option<AppointmentId>,
    now: DateTime<Utc>,
) -> Result<FreeWeek> {
    let mut conn = pool.acquire().await?;
    let (zone, days) = venue(&mut conn, query).await?;
    let today = zone.date(now);
    let horizon = today + Days::new(days);
    let first = query.first.clamp(today, horizon);
    let last = (first + Days::new(6)).min(horizon);
    let days = days_in(&mut conn, FreeQuery { first, last, ..query }, moved, now).await?;
    let (mut first_free, mut none_for_weeks) = (None, None);
    if last < horizon && days.iter().all(|day| day.times.is_empty()) {
        let beyond = FreeQuery { first: last + Days::new(1), last: last + Days::new(LOOK_AHEAD), ..query };
        let day = days_in(&mut conn, beyond, moved, now).await?.into_iter().find(|day| !day.times.is_empty());
        first_free = day.map(|day| (day.date, day.label));
        none_for_weeks = first_free.is_none().then_some((LOOK_AHEAD + 7) / 7);
    }
    Ok(FreeWeek {
        heading: format!("{} – {}", first.format("%-d %B"), last.format("%-d %B %Y")),
        days,
        previous: (first > today).then(|| (first - Days::new(7)).max(today)),
        next: (last < horizon).then(|| last + Days::new(1)),
        first_free,
        none_for_weeks,
        zone_note: zone.note(),
    })
}

/// The zone of the place where appointments are held, and how many days ahead are shown:
/// to clients those that the service is booked.
async fn venue(conn: &mut PgConnection, query: FreeQuery) -> Result<(Zone, u64)> {
    let row = sqlx::query!(
        r#"select coalesce((select zone from location where active order by main desc, name limit 1), p.zone) as "zone!",
                  (select horizon_days from service where id = $1) as days
             from practice p"#,
        query.service.0
    )
    .fetch_one(conn)
    .await?;
    let days = match query.portal {
        true => row.days.ok_or(Error::Refused(Refusal::NotFound))?.max(0) as u64,
        false => HORIZON_DAYS,
    };
    Ok((Zone::stored(&row.zone), days))
}

/// The zone of the place where appointments are held.
pub async fn venue_zone(conn: impl sqlx::PgExecutor<'_>) -> Result<Zone> {
    let name = sqlx::query_scalar!(
        r#"select coalesce((select zone from location where active order by main desc, name limit 1), p.zone) as "zone!" from practice p"#
    )
    .fetch_one(conn)
    .await?;
    Ok(Zone::stored(&name))
}

fn by_day(service: &Service, first: NaiveDate, last: NaiveDate, offers: &[Offer<'_>]) -> Vec<FreeDay> {
    let zone = &service.zone;
    first
        .iter_days()
        .take_while(|date| *date <= last)
        .map(|date| {
            let day = zone.day(date);
            let clock = zone.exact_clocks(day);
            let from = offers.partition_point(|offer| offer.start < day.starts);
            let times = offers[from..].iter().take_while(|offer| offer.start < day.ends);
            FreeDay {
                date,
                label: date.format("%a %-d %b").to_string(),
                times: times
                    .map(|offer| FreeTime {
                        starts_at: instant_text(offer.start),
                        ends_at: instant_text(offer.start + TimeDelta::minutes(offer.by.minutes.into())),
                        label: offer.label(clock(offer.start)),
                        practitioner: offer.by.id,
                        practitioner_name: offer.by.name.clone(),
                        ask: offer.ask,
                    })
                    .collect(),
            }
        })
        .collect()
}

async fn service(conn: &mut PgConnection, query: FreeQuery) -> Result<Option<(Service, Vec<uuid::Uuid>)>> {
    let row = sqlx::query!(
        r#"with place as (select l.id, l.zone, l.main, l.name from location l
                           where l.active and (not exists (select from service_location o where o.service_id = $1)
                              or exists (select from service_location o where o.service_id = $1 and o.location_id = l.id)))
           select s.buffer_minutes, s.seats > 1 as "in_group!", s.needs_room, s.notice_minutes, s.horizon_days, s.by_request,
                  coalesce(s.step_minutes, p.slot_step_minutes) as "step_minutes!",
                  array(select id from place order by main desc, name) as "places!: Vec<LocationId>",
                  array(select zone from place order by main desc, name) as "zones!: Vec<String>",
                  array(select room_candidates(s.id, null)) as "rooms!: Vec<uuid::Uuid>",
                  coalesce((select zone from location where active order by main desc, name limit 1), p.zone) as "zone!"
             from service s cross join practice p
            where s.id = $1 and s.active and (s.in_portal or not $2)"#,
        query.service.0,
        query.portal
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| {
        let places = row.places.into_iter().zip(row.zones).map(|(id, zone)| Place { id, zone }).collect();
        let service = Service {
            buffer_minutes: row.buffer_minutes,
            step_minutes: row.step_minutes,
            notice_minutes: row.notice_minutes,
            horizon_days: row.horizon_days,
            by_request: row.by_request,
            zone: Zone::stored(&row.zone),
            places,
            in_group: row.in_group,
            needs_room: row.needs_room,
        };
        (service, row.rooms)
    }))
}

/// What is moved keeps its own duration and buffer.
async fn as_long_as(conn: &mut PgConnection, moved: AppointmentId, practitioners: &mut [Offering]) -> Result<()> {
    let own = sqlx::query!("select starts_at, ends_at, buffer_minutes from appointment where id = $1", moved.0);
    if let Some(own) = own.fetch_optional(conn).await? {
        for one in practitioners {
            one.minutes = (own.ends_at - own.starts_at).num_minutes() as i32;
            one.buffer_minutes = own.buffer_minutes;
        }
    }
    Ok(())
}

async fn practitioners(conn: &mut PgConnection, query: FreeQuery) -> Result<Vec<Offering>> {
    Ok(sqlx::query_as!(
        Offering,
        r#"select m.id as "id: StaffId", m.first_name || ' ' || m.last_name as "name!",
                  coalesce(o.duration_minutes, s.duration_minutes) as "minutes!", s.buffer_minutes, coalesce(o.price_cents, s.price_cents) as "price_cents!"
             from service_practitioner o join staff_member m on m.id = o.practitioner_id join service s on s.id = o.service_id
            where o.service_id = $1 and m.active and ($2::uuid is null or m.id = $2)
            order by m.last_name, m.id"#,
        query.service.0,
        query.practitioner.map(|id| id.0)
    )
    .fetch_all(conn)
    .await?)
}
