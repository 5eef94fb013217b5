//! The grid of clients available against practitioners working.

use crate::support::files::desk;
use chrono::{DateTime, NaiveDate, Utc};
use db::staffing::{StaffingQuery, week};
use db::{Actor, PgPool};
use shared::StaffId;
use shared::accounts::Role;
use shared::staffing::{Cell, STEPS};

const MONDAY: NaiveDate = NaiveDate::from_ymd_opt(2027, 1, 4).unwrap();

fn now() -> DateTime<Utc> {
    "2027-01-06T12:00:00Z".parse().unwrap()
}

/// A practitioner who works on Mondays from 9 to 11, and two clients: Ana in Toronto, Ben in
/// Vancouver, which keeps summer time from 2026 on: two hours behind in January. Carl has no hours.
async fn practice(pool: &PgPool) -> StaffId {
    sqlx::raw_sql(
        "insert into location (id, name, zone, main) values ('00000000-0000-7000-8000-00000000c001', 'Here', 'America/Toronto', true);
         insert into staff_member (id, first_name, last_name, email, roles)
             values ('00000000-0000-7000-8000-00000000c002', 'Pat', 'Roy', 'pat@kin.test', '{practitioner}'),
                    ('00000000-0000-7000-8000-00000000c003', 'Lee', 'Poe', 'lee@kin.test', '{practitioner}');
         insert into weekly_hours (id, practitioner_id, location_id, weekday, starts, ends)
             values (gen_random_uuid(), '00000000-0000-7000-8000-00000000c002', '00000000-0000-7000-8000-00000000c001', 1, 540, 660);
         insert into client (id, kind, code, first_name, last_name, zone)
             values ('00000000-0000-7000-8000-00000000c011', 'individual', 'ANA', 'Ana', 'A', 'America/Toronto'),
                    ('00000000-0000-7000-8000-00000000c012', 'individual', 'BEN', 'Ben', 'B', 'America/Vancouver'),
                    ('00000000-0000-7000-8000-00000000c013', 'individual', 'CARL', 'Carl', 'C', 'America/Toronto');
         insert into client_availability (client_id, weekday, starts, ends)
             values ('00000000-0000-7000-8000-00000000c011', 1, 540, 600),
                    ('00000000-0000-7000-8000-00000000c012', 1, 450, 540),
                    ('00000000-0000-7000-8000-00000000c012', 7, 1350, 1410);
         insert into client_practitioner (client_id, practitioner_id)
             values ('00000000-0000-7000-8000-00000000c011', '00000000-0000-7000-8000-00000000c002')",
    )
    .execute(pool)
    .await
    .unwrap();
    StaffId("00000000-0000-7000-8000-00000000c002".parse().unwrap())
}

fn cell(clients: u32, working: u32, booked: u32) -> Cell {
    Cell { clients, working, booked }
}

#[testkit::test]
async fn clients_of_other_zones_are_counted_on_the_venues_clock(pool: PgPool) {
    let desk = desk(&pool).await;
    practice(&pool).await;
    let found = week(&pool, &desk, StaffingQuery::default(), now()).await.unwrap();
    assert_eq!((found.monday, found.clients, found.clients_unknown), (MONDAY, 2, 1));
    // Monday 9:00, 9:30, 10:00 and 12:00, Toronto time.
    let at = |step: usize| found.cells[step];
    assert_eq!([at(18), at(19), at(20), at(24)], [cell(1, 1, 0), cell(2, 1, 0), cell(1, 1, 0), cell(0, 0, 0)]);
    // Ben's Sunday evening from 10:30 pm is Monday 0:30 to 1:30 in Toronto: of the Sunday before.
    assert_eq!([at(0), at(1), at(2), at(3)], [cell(0, 0, 0), cell(1, 0, 0), cell(1, 0, 0), cell(0, 0, 0)]);
    assert_eq!(found.cells.len(), 7 * STEPS);
}

#[testkit::test]
async fn a_practitioner_counts_the_clients_they_see(pool: PgPool) {
    let pat = practice(&pool).await;
    let me = Actor::Staff(db::actor::StaffActor::new(pat, "Pat Roy", vec![Role::Practitioner], false));
    let found = week(&pool, &me, StaffingQuery::default(), now()).await.unwrap();
    assert_eq!((found.clients, found.clients_unknown), (1, 0));
    assert_eq!(found.cells[19], cell(1, 1, 0));
    let desk = desk(&pool).await;
    let only = StaffingQuery { practitioner: Some(pat), ..StaffingQuery::default() };
    assert_eq!(week(&pool, &desk, only, now()).await.unwrap().clients, 1);
}
