//! The practice, who works there and when, and what they offer.

use crate::{ZONE, column};
use chrono::{Datelike, NaiveDate, NaiveTime};
use db::time::Zone;
use db::{Result, new_id};
use shared::accounts::Role;
use shared::slots::Span;
use sqlx::PgConnection;
use uuid::Uuid;

/// Positions in [`Team::practitioners`] and [`STAFF`].
pub const PRIYA: usize = 0;
pub const TOMAS: usize = 1;
pub const GRACE: usize = 2;
const NADIA: usize = 3;
const OWEN: usize = 4;
pub const HANA: usize = 5;
pub const KOFI: usize = 6;
pub const MAEVE: usize = 7;
pub const YUSUF: usize = 8;

struct Member {
    first: &'static str,
    last: &'static str,
    email: &'static str,
    role: Role,
    may_book: bool,
    /// Weekdays, 1 being Monday, and on each of them these hours and minutes.
    days: &'static [i16],
    hours: &'static [[(u32, u32); 2]],
}

#[rustfmt::skip]
const STAFF: [Member; 9] = [
    Member {
        first: "Dr. Priya", last: "Raman", email: "practitioner@demo.test", role: Role::Practitioner, may_book: true,
        days: &[1, 2, 3, 4, 5], hours: &[[(9, 0), (12, 30)], [(13, 30), (17, 0)]],
    },
    Member {
        first: "Tomás", last: "Ferreira", email: "tomas.ferreira@demo.test", role: Role::Practitioner, may_book: true,
        days: &[1, 2, 4, 5], hours: &[[(10, 0), (13, 0)], [(14, 0), (18, 30)]],
    },
    Member {
        first: "Grace", last: "Liu", email: "grace.liu@demo.test", role: Role::Practitioner, may_book: false,
        days: &[2, 3, 4, 5, 6], hours: &[[(8, 30), (12, 0)], [(12, 45), (16, 30)]],
    },
    Member {
        first: "Nadia", last: "Haddad", email: "admin@demo.test", role: Role::Administrator, may_book: false,
        days: &[], hours: &[],
    },
    Member {
        first: "Owen", last: "Clarke", email: "staff@demo.test", role: Role::FrontDesk, may_book: false,
        days: &[], hours: &[],
    },
    // In training: logs hours, and is booked by no one.
    Member {
        first: "Hana", last: "Sato", email: "trainee@demo.test", role: Role::Practitioner, may_book: false,
        days: &[], hours: &[],
    },
    Member {
        first: "Kofi", last: "Mensah", email: "kofi.mensah@demo.test", role: Role::Practitioner, may_book: true,
        days: &[1, 2, 3, 4, 5], hours: &[[(8, 30), (12, 0)], [(12, 30), (16, 30)]],
    },
    Member {
        first: "Maeve", last: "Doyle", email: "maeve.doyle@demo.test", role: Role::Practitioner, may_book: true,
        days: &[1, 2, 3, 4, 5], hours: &[[(9, 0), (12, 30)], [(13, 0), (17, 0)]],
    },
    Member {
        first: "Yusuf", last: "Demir", email: "yusuf.demir@demo.test", role: Role::Practitioner, may_book: false,
        days: &[1, 3, 4, 5, 6], hours: &[[(10, 0), (13, 0)], [(14, 0), (18, 0)]],
    },
];

/// A service; `for_children` and `for_adults` say for which clients the demo books it.
pub struct Service {
    pub name: &'static str,
    description: &'static str,
    pub minutes: i32,
    pub buffer: i32,
    pub cents: i64,
    in_portal: bool,
    by: &'static [usize],
    for_children: bool,
    for_adults: bool,
    pub seats: i16,
}

/// Positions in [`SERVICES`].
pub const COUNSELLING: usize = 1;
pub const FAMILY: usize = 2;
pub const ASSESSMENT: usize = 3;
pub const READING: usize = 4;
const CHECK_IN: usize = 5;
pub const MINDFULNESS: usize = 6;
pub const SPEECH: usize = 8;
const NUTRITION: usize = 9;

#[rustfmt::skip]
pub const SERVICES: [Service; 10] = [
    Service {
        name: "First consultation", description: "We get to know each other and agree on what comes next.",
        minutes: 60, buffer: 15, cents: 14_000, in_portal: true, by: &[PRIYA, TOMAS], for_children: false, for_adults: true, seats: 1,
    },
    Service {
        name: "Counselling session", description: "One person, one practitioner.",
        minutes: 50, buffer: 10, cents: 13_500, in_portal: true, by: &[PRIYA, TOMAS], for_children: false, for_adults: true, seats: 1,
    },
    Service {
        name: "Family session", description: "For parents and children together.",
        minutes: 80, buffer: 10, cents: 18_500, in_portal: true, by: &[PRIYA, TOMAS, GRACE], for_children: true, for_adults: true, seats: 1,
    },
    Service {
        name: "Child assessment", description: "Play, talk and tests; a parent waits nearby.",
        minutes: 90, buffer: 15, cents: 21_000, in_portal: true, by: &[PRIYA, GRACE], for_children: true, for_adults: false, seats: 1,
    },
    Service {
        name: "Reading tutoring", description: "Phonics and reading aloud, from age five.",
        minutes: 45, buffer: 5, cents: 6_800, in_portal: true, by: &[GRACE], for_children: true, for_adults: false, seats: 1,
    },
    Service {
        name: "Telephone check-in", description: "Arranged by the front desk between two sessions.",
        minutes: 20, buffer: 0, cents: 3_000, in_portal: false, by: &[PRIYA, TOMAS, GRACE], for_children: false, for_adults: true, seats: 1,
    },
    // The group alone is booked for it.
    Service {
        name: "Mindfulness group", description: "Eight seats; bring a cushion.",
        minutes: 60, buffer: 10, cents: 2_500, in_portal: false, by: &[PRIYA], for_children: false, for_adults: false, seats: 8,
    },
    Service {
        name: "Occupational therapy", description: "Everyday skills, at the clinic or at school.",
        minutes: 45, buffer: 15, cents: 12_000, in_portal: true, by: &[KOFI], for_children: true, for_adults: true, seats: 1,
    },
    Service {
        name: "Speech therapy", description: "Speech, language and voice.",
        minutes: 45, buffer: 5, cents: 11_000, in_portal: true, by: &[MAEVE], for_children: true, for_adults: true, seats: 1,
    },
    Service {
        name: "Nutrition consultation", description: "By video.",
        minutes: 45, buffer: 5, cents: 9_000, in_portal: true, by: &[YUSUF], for_children: true, for_adults: true, seats: 1,
    },
];

const ROOMS: [&str; 3] = ["Birch room", "Maple room", "Play room"];

pub const ROOM_COUNT: usize = ROOMS.len();

/// Each of the first three practitioners has a room of their own.
pub fn own_room(practitioner: usize) -> Option<usize> {
    Some(practitioner).filter(|room| *room < ROOM_COUNT)
}

/// How a service is given: in a room, unless by phone or video.
pub fn modality(service: usize) -> &'static str {
    match service {
        CHECK_IN => "phone",
        NUTRITION => "video",
        _ => "in_person",
    }
}

impl Service {
    pub fn suits(&self, practitioner: usize, child: bool) -> bool {
        self.by.contains(&practitioner) && if child { self.for_children } else { self.for_adults }
    }
}

pub struct Account {
    pub id: Uuid,
    pub email: &'static str,
}

/// The ids of what is above, in its order.
pub struct Team {
    pub location: Uuid,
    rooms: Vec<Uuid>,
    pub services: Vec<Uuid>,
    pub staff: Vec<Account>,
}

impl Team {
    pub fn new() -> Team {
        Team {
            location: new_id(),
            rooms: column(&ROOMS, |_| new_id()),
            services: column(&SERVICES, |_| new_id()),
            staff: column(&STAFF, |member| Account { id: new_id(), email: member.email }),
        }
    }

    pub fn practitioner(&self, which: usize) -> Uuid {
        self.staff[which].id
    }

    pub fn room(&self, room: Option<usize>) -> Option<Uuid> {
        room.and_then(|room| self.rooms.get(room)).copied()
    }

    /// Who has set everything up: id and name.
    pub fn administrator(&self) -> (Uuid, String) {
        (self.staff[NADIA].id, format!("{} {}", STAFF[NADIA].first, STAFF[NADIA].last))
    }

    pub fn front_desk(&self) -> Uuid {
        self.staff[OWEN].id
    }
}

/// When a practitioner works on a day; empty on days off.
pub fn working(practitioner: usize, date: NaiveDate, zone: &Zone, today: NaiveDate) -> Vec<Span> {
    let Member { days, hours, .. } = STAFF[practitioner];
    if !days.contains(&(date.weekday().number_from_monday() as i16)) {
        return Vec::new();
    }
    let hours = if practitioner == KOFI && date == school_day(today) { &hours[..1] } else { hours };
    let at = |clock| zone.instant(date.and_time(time(clock)));
    column(hours, |[starts, ends]| Span { starts: at(*starts), ends: at(*ends) })
}

fn time((hour, minute): (u32, u32)) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default()
}

pub async fn insert(conn: &mut PgConnection, team: &Team, zone: &Zone, today: NaiveDate) -> Result<()> {
    insert_practice(conn, team).await?;
    insert_staff(conn, team).await?;
    insert_hours(conn, team, today).await?;
    insert_time_off(conn, team, zone, today).await?;
    insert_services(conn, team).await
}

/// Mail goes at once, so that the outbox shows what was just done.
async fn insert_practice(conn: &mut PgConnection, team: &Team) -> Result<()> {
    sqlx::query!(
        "update practice set name = 'Maple & Birch Family Practice', zone = $1, currency = 'CAD', client_registration = true,
                             phone = '416 555 0142', email = 'desk@maple-birch.test', website = 'https://maple-birch.test',
                             address = '1280 Birch Lane, Unit 2, Toronto, ON M4K 0Z9', demo = true, first_run_done = true,
                             checklist_off = true, quiet_minutes = 0, version = version + 1",
        ZONE
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into location (id, name, address, zone)
         values ($1, 'Maple & Birch, Riverdale', '1280 Birch Lane, Unit 2, Toronto, ON M4K 0Z9', $2)",
        team.location,
        ZONE
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into room (id, location_id, name) select r.id, $3, r.name from unnest($1::uuid[], $2::text[]) r (id, name)",
        &team.rooms,
        &ROOMS.map(str::to_owned),
        team.location
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn insert_staff(conn: &mut PgConnection, team: &Team) -> Result<()> {
    sqlx::query!(
        "insert into staff_member (id, first_name, last_name, email, may_book, roles)
         select id, first, last, email, may_book, array[role]
           from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::text[])
                as s (id, first, last, email, may_book, role)",
        &column(&team.staff, |account| account.id),
        &column(&STAFF, |member| member.first.to_owned()),
        &column(&STAFF, |member| member.last.to_owned()),
        &column(&STAFF, |member| member.email.to_owned()),
        &column(&STAFF, |member| member.may_book),
        &column(&STAFF, |member| member.role.as_str().to_owned())
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Hours beside those of every week: Tomás every other Saturday, Dr. Priya in the evening for
/// those who ask, Grace for the team alone.
#[rustfmt::skip]
const OTHER_HOURS: [(usize, i16, i16, i16, i16, &str); 3] = [
    (TOMAS, 6, 540, 780, 2, "portal"),
    (PRIYA, 1, 1050, 1140, 1, "ask"),
    (GRACE, 2, 1020, 1080, 1, "staff"),
];

async fn insert_hours(conn: &mut PgConnection, team: &Team, today: NaiveDate) -> Result<()> {
    let minute = |(hour, minute): (u32, u32)| (hour * 60 + minute) as i16;
    let mut periods = Vec::new();
    for (account, member) in team.staff.iter().zip(&STAFF) {
        for day in member.days {
            periods.extend(
                member.hours.iter().map(|[from, to]| (account.id, *day, minute(*from), minute(*to), 1, "portal")),
            );
        }
    }
    let other = OTHER_HOURS.iter();
    periods.extend(
        other.map(|(who, day, from, to, every, offered)| (team.practitioner(*who), *day, *from, *to, *every, *offered)),
    );
    sqlx::query!(
        "insert into weekly_hours (id, practitioner_id, weekday, starts, ends, every_weeks, offered, location_id, valid_from)
         select h.*, $8, case h.every_weeks when 1 then '2000-01-03' else $9::date end
           from unnest($1::uuid[], $2::uuid[], $3::smallint[], $4::smallint[], $5::smallint[], $6::smallint[], $7::text[])
                h (id, practitioner_id, weekday, starts, ends, every_weeks, offered)",
        &column(&periods, |_| new_id()),
        &column(&periods, |period| period.0),
        &column(&periods, |period| period.1),
        &column(&periods, |period| period.2),
        &column(&periods, |period| period.3),
        &column(&periods, |period| period.4),
        &column(&periods, |period| period.5.to_owned()),
        team.location,
        today
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The next Friday, on which Kofi is at a school in the afternoon.
fn school_day(today: NaiveDate) -> NaiveDate {
    today + chrono::TimeDelta::days((11 - i64::from(today.weekday().num_days_from_monday())) % 7)
}

/// Tomás is away for a week, five weeks from now; Kofi for an afternoon soon.
async fn insert_time_off(conn: &mut PgConnection, team: &Team, zone: &Zone, today: NaiveDate) -> Result<()> {
    let away = today + chrono::TimeDelta::days(35 - i64::from(today.weekday().num_days_from_monday()));
    let back = away + chrono::TimeDelta::days(5);
    let school = |clock| school_day(today).and_time(time(clock));
    for (who, from, to, reason) in [
        (TOMAS, away.and_time(NaiveTime::MIN), back.and_time(NaiveTime::MIN), "Holiday"),
        (KOFI, school((12, 30)), school((16, 30)), "School visit"),
    ] {
        sqlx::query!(
            "insert into availability_exception
                 (id, kind, practitioner_id, zone, local_starts, local_ends, starts_at, ends_at, tzdb, reason, created_by)
             values ($1, 'off', $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            new_id(),
            team.practitioner(who),
            zone.name(),
            from,
            to,
            zone.instant(from),
            zone.instant(to),
            db::time::version(),
            reason,
            team.front_desk()
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

async fn insert_services(conn: &mut PgConnection, team: &Team) -> Result<()> {
    sqlx::query!(
        "insert into service (id, name, description, duration_minutes, buffer_minutes, price_cents, in_portal, seats)
         select * from unnest($1::uuid[], $2::text[], $3::text[], $4::integer[], $5::integer[], $6::bigint[],
                              $7::boolean[], $8::smallint[])",
        &team.services,
        &column(&SERVICES, |service| service.name.to_owned()),
        &column(&SERVICES, |service| service.description.to_owned()),
        &column(&SERVICES, |service| service.minutes),
        &column(&SERVICES, |service| service.buffer),
        &column(&SERVICES, |service| service.cents),
        &column(&SERVICES, |service| service.in_portal),
        &column(&SERVICES, |service| service.seats)
    )
    .execute(&mut *conn)
    .await?;
    for service in [CHECK_IN, NUTRITION] {
        sqlx::query!(
            "update service set modalities = array[$2] where id = $1",
            team.services[service],
            modality(service)
        )
        .execute(&mut *conn)
        .await?;
    }
    let mut offers = Vec::new();
    for (id, service) in team.services.iter().zip(&SERVICES) {
        offers.extend(service.by.iter().map(|practitioner| (*id, team.practitioner(*practitioner))));
    }
    sqlx::query!(
        "insert into service_practitioner (service_id, practitioner_id) select * from unnest($1::uuid[], $2::uuid[])",
        &column(&offers, |offer| offer.0),
        &column(&offers, |offer| offer.1)
    )
    .execute(conn)
    .await?;
    Ok(())
}
