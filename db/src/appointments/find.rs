//! The next times that suit: for one client, for two together, and for a client with each
//! practitioner who has hours in common with them.

use super::facts::attending;
use super::free_times::{FreeQuery, OpenSession, Search, open_sessions, venue_zone};
use super::service::Offering;
use crate::staffing::{available, on_the_wall};
use crate::time::Zone;
use crate::{Actor, Result, authz};
use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc};
use shared::find::{FOUND_MAX, Together, WINDOWS, Wanted, at_once, one_after_the_other};
use shared::practice::Hours;
use shared::slots::{Span, Start};
use shared::staffing::minutes_in_common;
use shared::{ClientId, Problem, Refusal, ServiceId, StaffId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// One client's part in what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundVisit {
    pub client: ClientId,
    pub practitioner: StaffId,
    pub practitioner_name: String,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
}

/// A time: of one client, or of two who come together, by time.
pub type Found = Vec<FoundVisit>;

/// The first times from a day on that suit, at most [`FOUND_MAX`], each start once; within
/// 90 days. For staff who may book each of the clients.
pub async fn find_next(
    pool: &PgPool,
    actor: &Actor,
    wanted: &Wanted,
    from: NaiveDate,
    now: DateTime<Utc>,
) -> Result<(Vec<Found>, Zone)> {
    actor.staff()?;
    let clients: Vec<ClientId> = [wanted.client].into_iter().chain(wanted.also.map(|(also, _)| also)).collect();
    if wanted.also.is_some_and(|(also, _)| also == wanted.client) {
        return Err(Refusal::field("also", Problem::Same).into());
    }
    let mut tx = pool.begin().await?;
    let zone = venue_zone(&mut *tx).await?;
    let first = from.max(zone.date(now));
    let mut people = Vec::new();
    for client in &clients {
        authz::bookable(&mut tx, actor, *client).await?;
        people.push(attending(&mut tx, *client, first).await?);
    }
    let mut found: Vec<Found> = Vec::new();
    for (begin, end) in WINDOWS {
        let query = FreeQuery {
            service: wanted.service,
            practitioner: wanted.practitioner,
            client: None,
            first: first + Days::new(begin),
            last: first + Days::new(end - 1),
            portal: false,
        };
        let search = Search::load_for(&mut tx, query, people.concat(), None, now).await?;
        let window = Window { search: &search, first: query.first, people: &people, now, wanted };
        let mut more = match wanted.also {
            None => {
                let sessions = open_sessions(&mut tx, &search, query, now).await?;
                window.single(wanted.client, &sessions)
            }
            Some((also, Together::After)) => window.after([wanted.client, also]),
            Some((also, Together::AtOnce)) => window.at_once([wanted.client, also]),
        };
        more.sort_by_key(|(starts_at, rank, _)| (*starts_at, *rank));
        more.dedup_by_key(|(starts_at, ..)| *starts_at);
        found.extend(more.into_iter().map(|(.., visits)| visits));
        if found.len() >= FOUND_MAX {
            break;
        }
    }
    tx.rollback().await?;
    found.truncate(FOUND_MAX);
    Ok((found, zone))
}

/// What is found in one window, by start and how busy the practitioners are.
type Ranked = Vec<(DateTime<Utc>, (i64, u64), Found)>;

struct Window<'a> {
    search: &'a Search,
    first: NaiveDate,
    /// Who attends, for each client.
    people: &'a [Vec<Uuid>],
    now: DateTime<Utc>,
    wanted: &'a Wanted,
}

impl Window<'_> {
    fn starts(&self, by: &Offering, client: usize) -> Vec<Start> {
        let own = self.people.get(client).map(Vec::as_slice).unwrap_or_default();
        self.search.starts(by, self.first, |person| own.contains(&person.0), None, self.now)
    }

    fn suits(&self, start: &Start) -> bool {
        self.wanted.wishes.suit(self.search.service.zone.local(start.at))
    }

    /// With the group sessions that have a seat left.
    fn single(&self, client: ClientId, sessions: &[OpenSession]) -> Ranked {
        let mut found = Vec::new();
        for session in sessions {
            let local = self.search.service.zone.local(session.starts_at);
            let by = self.search.practitioners.iter().find(|by| by.id == session.practitioner);
            if let Some(by) = by.filter(|_| self.wanted.wishes.suit(local)) {
                let visits = vec![visit(client, by, session.starts_at)];
                found.push((session.starts_at, self.search.rank(by.id, session.starts_at), visits));
            }
        }
        for by in &self.search.practitioners {
            let starts = self.starts(by, 0).into_iter().filter(|start| self.suits(start));
            found.extend(
                starts.map(|start| (start.at, self.search.rank(by.id, start.at), vec![visit(client, by, start.at)])),
            );
        }
        found
    }

    fn after(&self, clients: [ClientId; 2]) -> Ranked {
        let service = &self.search.service;
        let mut found = Vec::new();
        for by in &self.search.practitioners {
            let starts = [self.starts(by, 0), self.starts(by, 1)];
            for (one, other) in [(0, 1), (1, 0)] {
                let pairs = one_after_the_other(
                    &starts[one],
                    &starts[other],
                    by.minutes,
                    by.buffer_minutes,
                    service.step_minutes,
                );
                let pairs = pairs.into_iter().filter(|(first, _)| self.suits(first));
                found.extend(pairs.map(|(first, second)| {
                    let visits = vec![visit(clients[one], by, first.at), visit(clients[other], by, second.at)];
                    (first.at, self.search.rank(by.id, first.at), visits)
                }));
            }
        }
        found
    }

    fn at_once(&self, clients: [ClientId; 2]) -> Ranked {
        let practitioners = &self.search.practitioners;
        let mut found = Vec::new();
        let starts = |client| practitioners.iter().map(|by| self.starts(by, client)).collect::<Vec<_>>();
        let (first, second) = (starts(0), starts(1));
        for (one, by) in practitioners.iter().enumerate() {
            for (other, also) in practitioners.iter().enumerate().filter(|(other, _)| *other != one) {
                let pairs = at_once(&first[one], &second[other], self.search.service.needs_room);
                let pairs = pairs.into_iter().filter(|(start, _)| self.suits(start));
                found.extend(pairs.map(|(a, b)| {
                    let visits = vec![visit(clients[0], by, a.at), visit(clients[1], also, b.at)];
                    let rank = self.search.rank(by.id, a.at).min(self.search.rank(also.id, a.at));
                    (a.at, rank, visits)
                }));
            }
        }
        found
    }
}

fn visit(client: ClientId, by: &Offering, starts_at: DateTime<Utc>) -> FoundVisit {
    FoundVisit {
        client,
        practitioner: by.id,
        practitioner_name: by.name.clone(),
        starts_at,
        ends_at: starts_at + TimeDelta::minutes(by.minutes.into()),
    }
}

/// How many days ahead pairing looks, and how many times it shows.
const PAIRING_DAYS: u64 = 28;
const PAIRING_TIMES: usize = 3;

/// A practitioner who offers the service, and how they fit a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    pub practitioner: StaffId,
    pub name: String,
    /// Minutes of the coming week that both have. If the client’s hours are not known: all
    /// that the practitioner works.
    pub minutes: i32,
    /// The next times within the client's hours.
    pub times: Vec<FoundVisit>,
}

/// The practitioners who offer the service, those with the most hours in common with the
/// client first; and whether the client's hours are known. In a constant number of
/// statements. For staff who may book the client.
pub async fn pairing(
    pool: &PgPool,
    actor: &Actor,
    client: ClientId,
    service: ServiceId,
    now: DateTime<Utc>,
) -> Result<(Vec<Pair>, bool, Zone)> {
    actor.staff()?;
    let mut tx = pool.begin().await?;
    authz::bookable(&mut tx, actor, client).await?;
    let zone = venue_zone(&mut *tx).await?;
    let first = zone.date(now);
    let query = FreeQuery {
        service,
        practitioner: None,
        client: Some(client),
        first,
        last: first + Days::new(PAIRING_DAYS - 1),
        portal: false,
    };
    let search = Search::load(&mut tx, query, None, now).await?;
    let (own, hours) = hours(&mut tx, client).await?;
    tx.rollback().await?;
    // The week that is all ahead.
    let monday = first + Days::new(7 - u64::from(first.weekday().num_days_from_monday()));
    let week = available(&own, &zone, &hours, monday);
    let theirs = crate::availability::week_spans(&own, &hours, first - Days::new(1), query.last + Days::new(1));
    let fits = |visit: &FoundVisit| {
        hours.is_empty()
            || theirs.iter().any(|span: &Span| span.starts <= visit.starts_at && visit.ends_at <= span.ends)
    };
    let mut pairs: Vec<Pair> = search
        .practitioners
        .iter()
        .map(|by| {
            let work = on_the_wall(&zone, monday, search.open(by.id, first));
            let minutes = match hours.is_empty() {
                true => minutes_in_common(&work, &work),
                false => minutes_in_common(&work, &week),
            };
            let starts = search.starts(by, first, |_| true, None, now).into_iter();
            let times = starts.map(|start| visit(client, by, start.at)).filter(fits).take(PAIRING_TIMES).collect();
            Pair { practitioner: by.id, name: by.name.clone(), minutes, times }
        })
        .collect();
    pairs.sort_by(|one, other| other.minutes.cmp(&one.minutes).then_with(|| one.name.cmp(&other.name)));
    Ok((pairs, !hours.is_empty(), zone))
}

/// When a client can come, in their own zone.
async fn hours(conn: &mut PgConnection, client: ClientId) -> Result<(Zone, Vec<Hours>)> {
    let zone = sqlx::query_scalar!("select zone from client where id = $1", client.0).fetch_one(&mut *conn).await?;
    let hours = sqlx::query_as!(
        Hours,
        "select weekday, starts, ends from client_availability where client_id = $1 order by weekday, starts",
        client.0
    )
    .fetch_all(conn)
    .await?;
    Ok((Zone::stored(&zone), hours))
}
