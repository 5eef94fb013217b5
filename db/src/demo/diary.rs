//! Appointments from two weeks ago to two weeks ahead.

use super::column;
use super::dice::Dice;
use super::families::{ANA, KNOWN, LEO, MIA};
use super::people::Person;
use super::team::{self, ASSESSMENT, COUNSELLING, FAMILY, GRACE, PRIYA, READING, SERVICES, TOMAS, Team};
use crate::time::Zone;
use crate::{Result, new_id};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use shared::appointments::AppointmentStatus;
use shared::clients::Status;
use shared::slots::{self, Busy, Span, Wanted};
use sqlx::PgConnection;
use std::collections::{BTreeSet, HashSet};
use uuid::Uuid;

const DAYS: i64 = 14;
const PRACTITIONERS: [usize; 3] = [PRIYA, TOMAS, GRACE];

/// An appointment of somebody known by name, on the practitioner's so many-th
/// working day after today, or before it when negative. Each person keeps to
/// one practitioner, so nobody is in two places.
struct Planned {
    person: usize,
    practitioner: usize,
    service: usize,
    working_day: i64,
    cancelled: bool,
}

const fn planned(person: usize, practitioner: usize, service: usize, working_day: i64) -> Planned {
    Planned { person, practitioner, service, working_day, cancelled: false }
}

const PLAN: [Planned; 10] = [
    planned(MIA, PRIYA, ASSESSMENT, -6),
    planned(MIA, PRIYA, FAMILY, -2),
    planned(MIA, PRIYA, FAMILY, 2),
    planned(MIA, PRIYA, ASSESSMENT, 6),
    planned(LEO, GRACE, READING, -5),
    Planned { cancelled: true, ..planned(LEO, GRACE, READING, -2) },
    planned(LEO, GRACE, READING, 1),
    planned(LEO, GRACE, READING, 4),
    planned(LEO, GRACE, READING, 8),
    planned(ANA, TOMAS, COUNSELLING, 3),
];

pub struct Visit {
    client: Uuid,
    proxy: Option<Uuid>,
    practitioner: usize,
    service: usize,
    span: Span,
    booked_by: Uuid,
    booked_at: DateTime<Utc>,
    cancelled_at: Option<DateTime<Utc>>,
}

/// What is booked, with whom and when.
struct Place {
    practitioner: usize,
    service: usize,
    span: Span,
    cancelled: bool,
}

/// The diary while it fills.
struct Book<'a> {
    team: &'a Team,
    people: &'a [Person],
    zone: &'a Zone,
    now: DateTime<Utc>,
    visits: Vec<Visit>,
    /// Nobody comes twice on one day.
    seen: HashSet<(Uuid, NaiveDate)>,
}

pub fn visits(team: &Team, people: &[Person], zone: &Zone, now: DateTime<Utc>, dice: &mut Dice) -> Vec<Visit> {
    let mut book = Book { team, people, zone, now, visits: Vec::new(), seen: HashSet::new() };
    for practitioner in PRACTITIONERS {
        for (working_day, date) in working_days(practitioner, zone, now) {
            book.fill(practitioner, working_day, date, dice);
        }
    }
    book.visits
}

/// The working days around today, counted from it: today, if worked, is 0.
fn working_days(practitioner: usize, zone: &Zone, now: DateTime<Utc>) -> Vec<(i64, NaiveDate)> {
    let today = zone.date(now);
    let worked = |date: &NaiveDate| !team::working(practitioner, *date, zone).is_empty();
    let mut days = Vec::new();
    let before = (1..=DAYS as u64).filter_map(|n| today.checked_sub_days(Days::new(n))).filter(worked);
    days.extend((1..).map(|n: i64| -n).zip(before));
    days.extend(Some(today).filter(worked).map(|date| (0, date)));
    let after = (1..=DAYS as u64).filter_map(|n| today.checked_add_days(Days::new(n))).filter(worked);
    days.extend((1..).zip(after));
    days
}

impl Book<'_> {
    /// One day of one practitioner: what is planned, then three to six in all.
    fn fill(&mut self, practitioner: usize, working_day: i64, date: NaiveDate, dice: &mut Dice) {
        let open = team::working(practitioner, date, self.zone);
        let mut busy = Vec::new();
        for planned in PLAN.iter().filter(|p| p.practitioner == practitioner && p.working_day == working_day) {
            if let Some(span) = free(&open, &busy, planned.service, |starts| starts.first().copied()) {
                busy.push(Busy { span, buffer_minutes: Some(SERVICES[planned.service].buffer) });
                let person = &self.people[planned.person];
                let booked_by = person.proxy.unwrap_or(person.id);
                let place = Place { practitioner, service: planned.service, span, cancelled: planned.cancelled };
                self.add(person, place, booked_by, dice);
            }
        }
        let target = 3 + dice.below(4);
        // A throw may find no room; a day with few appointments is none the worse.
        for _ in 0..target * 3 {
            if busy.len() < target
                && let Some(taken) = self.throw(practitioner, date, &open, &busy, dice)
            {
                busy.push(taken);
            }
        }
    }

    /// Books somebody from the crowd, if there is room.
    fn throw(
        &mut self,
        practitioner: usize,
        date: NaiveDate,
        open: &[Span],
        busy: &[Busy],
        dice: &mut Dice,
    ) -> Option<Busy> {
        let crowd: Vec<&Person> = self.people[KNOWN..]
            .iter()
            .filter(|person| person.status == Status::Active && person.practitioners.contains(&practitioner))
            .filter(|person| !self.seen.contains(&(person.id, date)))
            .collect();
        let person = dice.pick(&crowd)?;
        let suitable: Vec<usize> =
            (0..SERVICES.len()).filter(|n| SERVICES[*n].suits(practitioner, person.is_child())).collect();
        let service = dice.pick(&suitable)?;
        let span = free(open, busy, service, |starts| dice.pick(starts))?;
        self.seen.insert((person.id, date));
        let place = Place { practitioner, service, span, cancelled: dice.one_in(9) };
        self.add(person, place, self.team.front_desk(), dice);
        Some(Busy { span, buffer_minutes: Some(SERVICES[service].buffer) })
    }

    fn add(&mut self, person: &Person, place: Place, booked_by: Uuid, dice: &mut Dice) {
        let Place { practitioner, service, span, cancelled } = place;
        let long_before = span.starts - TimeDelta::days(dice.between(2, 20));
        let booked_at = long_before.min(self.now - TimeDelta::minutes(dice.between(60, 4000)));
        let midway = booked_at + (span.starts.min(self.now) - booked_at) / 2;
        self.visits.push(Visit {
            client: person.id,
            proxy: person.proxy,
            practitioner,
            service,
            span,
            booked_by,
            booked_at,
            cancelled_at: cancelled.then_some(midway),
        });
    }
}

/// One of the starts that the portal would offer.
fn free(
    open: &[Span],
    busy: &[Busy],
    service: usize,
    choose: impl FnOnce(&[DateTime<Utc>]) -> Option<DateTime<Utc>>,
) -> Option<Span> {
    let service = &SERVICES[service];
    let wanted = Wanted {
        duration_minutes: service.minutes,
        buffer_minutes: service.buffer,
        step_minutes: 15,
        not_before: DateTime::<Utc>::MIN_UTC,
    };
    let starts = choose(&slots::free_starts(open, busy, wanted))?;
    Some(Span { starts, ends: starts + TimeDelta::minutes(service.minutes.into()) })
}

pub async fn insert(conn: &mut PgConnection, team: &Team, visits: &[Visit]) -> Result<()> {
    sqlx::query!(
        "insert into appointment (id, service_id, practitioner_id, client_id, proxy_id, starts_at, ends_at,
                                  buffer_minutes, price_cents, status, request_key, booked_by, booked_at,
                                  cancelled_by, cancelled_at, location_id, zone)
         select v.*, $16, $17 from unnest(
             $1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::timestamptz[], $7::timestamptz[],
             $8::integer[], $9::bigint[], $10::text[], $11::uuid[], $12::uuid[], $13::timestamptz[],
             $14::uuid[], $15::timestamptz[]) v",
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
        super::ZONE
    )
    .execute(conn)
    .await?;
    Ok(())
}

impl Visit {
    fn status(&self) -> AppointmentStatus {
        if self.cancelled_at.is_some() { AppointmentStatus::Cancelled } else { AppointmentStatus::Confirmed }
    }
}

/// Assigns people to their practitioners, and to whomever they have seen.
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
