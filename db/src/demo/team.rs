//! The practice, who works there and when, and what they offer.

use super::{ZONE, column};
use crate::time::Zone;
use crate::{Result, new_id};
use chrono::{Datelike, NaiveDate, NaiveTime};
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
const STAFF: [Member; 6] = [
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
    // In training: logs hours, and is booked by nobody.
    Member {
        first: "Hana", last: "Sato", email: "trainee@demo.test", role: Role::Practitioner, may_book: false,
        days: &[], hours: &[],
    },
];

/// A service; `for_children` and `for_adults` say whom the demo books it for.
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
}

/// Positions in [`SERVICES`].
pub const COUNSELLING: usize = 1;
pub const FAMILY: usize = 2;
pub const ASSESSMENT: usize = 3;
pub const READING: usize = 4;

#[rustfmt::skip]
pub const SERVICES: [Service; 6] = [
    Service {
        name: "First consultation", description: "We get to know each other and agree on what comes next.",
        minutes: 60, buffer: 15, cents: 14_000, in_portal: true, by: &[PRIYA, TOMAS], for_children: false, for_adults: true,
    },
    Service {
        name: "Counselling session", description: "One person, one practitioner.",
        minutes: 50, buffer: 10, cents: 13_500, in_portal: true, by: &[PRIYA, TOMAS], for_children: false, for_adults: true,
    },
    Service {
        name: "Family session", description: "For parents and children together.",
        minutes: 80, buffer: 10, cents: 18_500, in_portal: true, by: &[PRIYA, TOMAS, GRACE], for_children: true, for_adults: true,
    },
    Service {
        name: "Child assessment", description: "Play, talk and tests; a parent waits nearby.",
        minutes: 90, buffer: 15, cents: 21_000, in_portal: true, by: &[PRIYA, GRACE], for_children: true, for_adults: false,
    },
    Service {
        name: "Reading tutoring", description: "Phonics and reading aloud, from age five.",
        minutes: 45, buffer: 5, cents: 6_800, in_portal: true, by: &[GRACE], for_children: true, for_adults: false,
    },
    Service {
        name: "Telephone check-in", description: "Arranged by the front desk between two sessions.",
        minutes: 20, buffer: 0, cents: 3_000, in_portal: false, by: &[PRIYA, TOMAS, GRACE], for_children: false, for_adults: true,
    },
];

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
    pub services: Vec<Uuid>,
    pub staff: Vec<Account>,
}

impl Team {
    pub fn new() -> Team {
        Team {
            location: new_id(),
            services: column(&SERVICES, |_| new_id()),
            staff: column(&STAFF, |member| Account { id: new_id(), email: member.email }),
        }
    }

    pub fn practitioner(&self, which: usize) -> Uuid {
        self.staff[which].id
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
pub fn working(practitioner: usize, date: NaiveDate, zone: &Zone) -> Vec<Span> {
    let Member { days, hours, .. } = STAFF[practitioner];
    if !days.contains(&(date.weekday().number_from_monday() as i16)) {
        return Vec::new();
    }
    let at = |clock| zone.instant(date.and_time(time(clock)));
    column(hours, |[starts, ends]| Span { starts: at(*starts), ends: at(*ends) })
}

fn time((hour, minute): (u32, u32)) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default()
}

pub async fn insert(conn: &mut PgConnection, team: &Team) -> Result<()> {
    insert_practice(conn, team).await?;
    insert_staff(conn, team).await?;
    insert_hours(conn, team).await?;
    insert_services(conn, team).await
}

async fn insert_practice(conn: &mut PgConnection, team: &Team) -> Result<()> {
    sqlx::query!(
        "update practice set name = 'Maple & Birch Family Practice', zone = $1, currency = 'CAD', client_registration = true,
                             phone = '416 555 0142', email = 'desk@maple-birch.test', website = 'https://maple-birch.test',
                             address = '1280 Birch Lane, Unit 2, Toronto, ON M4K 0Z9', demo = true, first_run_done = true,
                             checklist_off = true, version = version + 1",
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

async fn insert_hours(conn: &mut PgConnection, team: &Team) -> Result<()> {
    let mut periods = Vec::new();
    for (account, member) in team.staff.iter().zip(&STAFF) {
        for day in member.days {
            periods.extend(member.hours.iter().map(|[starts, ends]| (account.id, *day, time(*starts), time(*ends))));
        }
    }
    sqlx::query!(
        "insert into weekly_hours (id, practitioner_id, weekday, starts, ends, location_id)
         select h.*, $6 from unnest($1::uuid[], $2::uuid[], $3::smallint[], $4::time[], $5::time[]) h",
        &column(&periods, |_| new_id()),
        &column(&periods, |period| period.0),
        &column(&periods, |period| period.1),
        &column(&periods, |period| period.2),
        &column(&periods, |period| period.3),
        team.location
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn insert_services(conn: &mut PgConnection, team: &Team) -> Result<()> {
    sqlx::query!(
        "insert into service (id, name, description, duration_minutes, buffer_minutes, price_cents, in_portal)
         select * from unnest($1::uuid[], $2::text[], $3::text[], $4::integer[], $5::integer[], $6::bigint[],
                              $7::boolean[])",
        &team.services,
        &column(&SERVICES, |service| service.name.to_owned()),
        &column(&SERVICES, |service| service.description.to_owned()),
        &column(&SERVICES, |service| service.minutes),
        &column(&SERVICES, |service| service.buffer),
        &column(&SERVICES, |service| service.cents),
        &column(&SERVICES, |service| service.in_portal)
    )
    .execute(&mut *conn)
    .await?;
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
