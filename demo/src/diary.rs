//! Appointments from two weeks ago to two weeks ahead.

use crate::dice::Dice;
use crate::families::{ANA, KNOWN, LEO, MIA};
use crate::groups;
use crate::person::Person;
use crate::team::{
    self, ASSESSMENT, COUNSELLING, FAMILY, GRACE, KOFI, MAEVE, MINDFULNESS, PRIYA, READING, SERVICES, SPEECH, TOMAS,
    Team, YUSUF,
};
use crate::visits::Visit;
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};
use db::time::Zone;
use shared::clients::Status;
use shared::slots::{Busy, Period, Span, Times, Wanted};
use std::collections::HashSet;
use uuid::Uuid;

const DAYS: i64 = 14;
const PRACTITIONERS: [usize; 3] = [PRIYA, TOMAS, GRACE];
/// They have no room of their own: they use what is free, or meet by video.
const GUESTS: [usize; 3] = [KOFI, MAEVE, YUSUF];

/// The series of a child: Tuesdays at nine, from two weeks ago.
pub const SERIES_DATES: i16 = 4;
pub const SERIES_TIME: NaiveTime = NaiveTime::from_hms_opt(9, 0, 0).expect("a time");

/// An appointment of someone known by name, on the practitioner's n-th
/// working day after today, or before it when negative. Each person keeps to
/// one practitioner, so no one is in two places.
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

/// The session of a couple, family or group, on the practitioner's n-th working day.
struct Gathering {
    code: &'static str,
    practitioner: usize,
    service: usize,
    working_day: i64,
}

const fn gathering(code: &'static str, practitioner: usize, service: usize, working_day: i64) -> Gathering {
    Gathering { code, practitioner, service, working_day }
}

const GATHERINGS: [Gathering; 6] = [
    gathering("CPL1", TOMAS, FAMILY, -3),
    gathering("MINDFUL", PRIYA, MINDFULNESS, -4),
    gathering("MINDFUL", PRIYA, MINDFULNESS, 1),
    gathering("CPL1", TOMAS, FAMILY, 2),
    gathering("CAR1", TOMAS, FAMILY, 4),
    gathering("MINDFUL", PRIYA, MINDFULNESS, 6),
];

/// Where one of them has its place.
pub struct Session {
    pub code: &'static str,
    pub practitioner: usize,
    pub service: usize,
    pub span: Span,
}

/// What is booked, with which practitioner, and when.
struct Place {
    practitioner: usize,
    service: usize,
    span: Span,
    cancelled: bool,
    room: Option<usize>,
}

/// The diary while it fills.
struct Book<'a> {
    team: &'a Team,
    people: &'a [Person],
    zone: &'a Zone,
    now: DateTime<Utc>,
    visits: Vec<Visit>,
    sessions: Vec<Session>,
    /// No one comes twice on one day.
    seen: HashSet<(Uuid, NaiveDate)>,
}

pub fn visits(
    team: &Team,
    people: &[Person],
    zone: &Zone,
    now: DateTime<Utc>,
    dice: &mut Dice,
) -> (Vec<Visit>, Vec<Session>) {
    let mut book = Book { team, people, zone, now, visits: Vec::new(), sessions: Vec::new(), seen: HashSet::new() };
    for one in &GATHERINGS {
        let day = working_days(one.practitioner, zone, now).into_iter().find(|(day, _)| *day == one.working_day);
        let members = groups::members(one.code, people);
        book.seen.extend(members.iter().zip(day.iter().cycle()).map(|(member, (_, date))| (member.id, *date)));
    }
    for practitioner in PRACTITIONERS {
        for (working_day, date) in working_days(practitioner, zone, now) {
            book.fill(practitioner, working_day, date, dice);
        }
    }
    // Dice of their own: the days of the others stay as they are.
    let mut dice = Dice::new();
    book.series(&mut dice);
    for practitioner in GUESTS {
        for (working_day, date) in working_days(practitioner, zone, now) {
            book.fill(practitioner, working_day, date, &mut dice);
            if (practitioner, working_day) == (KOFI, 1) {
                book.overbook(practitioner, date, &mut dice);
            }
        }
    }
    (book.visits, book.sessions)
}

/// The first day of the series.
pub fn series_begins(today: NaiveDate) -> NaiveDate {
    let before = today - Days::new(14);
    before.iter_days().find(|day| day.weekday() == Weekday::Tue).unwrap_or(before)
}

/// The working days around today, counted from it: today, if worked, is 0.
fn working_days(practitioner: usize, zone: &Zone, now: DateTime<Utc>) -> Vec<(i64, NaiveDate)> {
    let today = zone.date(now);
    let worked = |date: &NaiveDate| !team::working(practitioner, *date, zone, today).is_empty();
    let mut days = Vec::new();
    let before = (1..=DAYS as u64).filter_map(|n| today.checked_sub_days(Days::new(n))).filter(worked);
    days.extend((1..).map(|n: i64| -n).zip(before));
    days.extend(Some(today).filter(worked).map(|date| (0, date)));
    let after = (1..=DAYS as u64).filter_map(|n| today.checked_add_days(Days::new(n))).filter(worked);
    days.extend((1..).zip(after));
    days
}

impl Book<'_> {
    /// One day of one practitioner: what is planned, then three to six in all, or up to eight.
    fn fill(&mut self, practitioner: usize, working_day: i64, date: NaiveDate, dice: &mut Dice) {
        let open = team::working(practitioner, date, self.zone, self.zone.date(self.now));
        let day = self.zone.day(date);
        let own = self.visits.iter().filter(|visit| visit.practitioner == practitioner && visit.span.overlaps(day));
        let mut busy: Vec<Busy> = own.map(Visit::as_busy).collect();
        for one in GATHERINGS.iter().filter(|g| g.practitioner == practitioner && g.working_day == working_day) {
            if let Some(span) = free(&open, &busy, one.service, |starts| starts.last().copied()) {
                busy.push(Busy { span, buffer_minutes: Some(SERVICES[one.service].buffer) });
                self.sessions.push(Session { code: one.code, practitioner, service: one.service, span });
            }
        }
        for planned in PLAN.iter().filter(|p| p.practitioner == practitioner && p.working_day == working_day) {
            if let Some(span) = free(&open, &busy, planned.service, |starts| starts.first().copied()) {
                busy.push(Busy { span, buffer_minutes: Some(SERVICES[planned.service].buffer) });
                let person = &self.people[planned.person];
                let booked_by = person.proxy.unwrap_or(person.id);
                let (service, cancelled) = (planned.service, planned.cancelled);
                let room = self.room(practitioner, service, span);
                self.add(person, Place { practitioner, service, span, cancelled, room }, booked_by, dice);
            }
        }
        let target = if GUESTS.contains(&practitioner) { 7 + dice.below(2) } else { 3 + dice.below(4) };
        // A throw may find no room; a day with few appointments is none the worse.
        for _ in 0..target * 3 {
            if busy.len() < target
                && let Some(taken) = self.throw(practitioner, date, &open, &busy, dice)
            {
                busy.push(taken);
            }
        }
    }

    /// Books someone from the crowd, if there is room.
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
        // The days of the guests are dense.
        let most = if GUESTS.contains(&practitioner) { 2 } else { usize::MAX };
        let span = free(open, busy, service, |starts| dice.pick(&starts[..starts.len().min(most)]))?;
        let room = self.room(practitioner, service, span);
        self.seen.insert((person.id, date));
        let place = Place { practitioner, service, span, cancelled: dice.one_in(9), room };
        self.add(person, place, self.team.front_desk(), dice);
        Some(Busy { span, buffer_minutes: Some(SERVICES[service].buffer) })
    }

    /// Where it is. The guests take a room that is free, or go to the school.
    fn room(&self, practitioner: usize, service: usize, span: Span) -> Option<usize> {
        if team::modality(service) != "in_person" {
            return None;
        }
        if let Some(own) = team::own_room(practitioner) {
            return Some(own);
        }
        let visits = self.visits.iter().filter(|visit| visit.cancelled_at.is_none() && visit.span.overlaps(span));
        let sessions = self.sessions.iter().filter(|session| session.span.overlaps(span));
        let taken: HashSet<usize> =
            visits.filter_map(|visit| visit.room).chain(sessions.map(|session| session.practitioner)).collect();
        (0..team::ROOM_COUNT).find(|room| !taken.contains(room))
    }

    /// The same person every Tuesday, with Maeve.
    fn series(&mut self, dice: &mut Dice) {
        let people = self.people;
        let child = people[KNOWN..].iter().find(|person| {
            person.status == Status::Active && person.is_child() && person.practitioners.contains(&MAEVE)
        });
        let first = series_begins(self.zone.date(self.now));
        for date in first.iter_days().step_by(7).take(SERIES_DATES as usize) {
            let Some(person) = child else { return };
            let starts = self.zone.instant(date.and_time(SERIES_TIME));
            let span = Span { starts, ends: starts + TimeDelta::minutes(SERVICES[SPEECH].minutes.into()) };
            let room = self.room(MAEVE, SPEECH, span);
            self.seen.insert((person.id, date));
            let place = Place { practitioner: MAEVE, service: SPEECH, span, cancelled: false, room };
            self.add(person, place, self.team.front_desk(), dice);
            if let Some(visit) = self.visits.last_mut() {
                visit.series_date = Some(date);
            }
        }
    }

    /// Someone else at the time of the day's first appointment, knowingly.
    fn overbook(&mut self, practitioner: usize, date: NaiveDate, dice: &mut Dice) {
        let day = self.zone.day(date);
        let own = self.visits.iter().filter(|visit| visit.practitioner == practitioner && visit.span.overlaps(day));
        let Some((service, span)) =
            own.filter(|visit| visit.cancelled_at.is_none()).map(|v| (v.service, v.span)).min_by_key(|(_, s)| s.starts)
        else {
            return;
        };
        let people = self.people;
        let other = people[KNOWN..].iter().find(|person| {
            person.status == Status::Active
                && person.practitioners.contains(&practitioner)
                && !self.seen.contains(&(person.id, date))
        });
        let Some(other) = other else { return };
        self.seen.insert((other.id, date));
        let place = Place { practitioner, service, span, cancelled: false, room: None };
        self.add(other, place, self.team.front_desk(), dice);
        if let Some(visit) = self.visits.last_mut() {
            visit.overbooked = true;
        }
    }

    fn add(&mut self, person: &Person, place: Place, booked_by: Uuid, dice: &mut Dice) {
        let Place { practitioner, service, span, cancelled, room } = place;
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
            room,
            overbooked: false,
            series_date: None,
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
        until: DateTime::<Utc>::MAX_UTC,
    };
    let place = shared::LocationId(Uuid::nil());
    let open: Vec<Period> = open.iter().map(|span| Period { span: *span, place, ask: false }).collect();
    let free: Vec<_> = Times::new(&open, busy, None, wanted).free().iter().map(|start| start.at).collect();
    let starts = choose(&free)?;
    Some(Span { starts, ends: starts + TimeDelta::minutes(service.minutes.into()) })
}
