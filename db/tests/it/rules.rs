//! The rules of a service hold in free times and in bookings alike: notice, horizon, step,
//! requests, places, rooms, and each practitioner's own terms.

use crate::appointments::{Practice, at, offer, practice};
use chrono::{DateTime, TimeDelta, Utc};
use db::appointments::free_times::{FreeQuery, free_days};
use db::{Actor, PgPool, appointments};
use shared::accounts::Role;
use shared::appointments::{AnswerForm, AppointmentStatus, Booking, FreeTime, Modality, Move, instant_text};
use shared::{Conflict, Problem, Refusal, StaffId};
use sqlx::AssertSqlSafe;
use testkit::{Dice, rounds, seed};
use testkit::{client_actor, refusal, staff_actor};

async fn text(pool: &PgPool, sql: &str) -> String {
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await.unwrap()
}

async fn run(pool: &PgPool, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
}

/// What is offered on the day of a time.
async fn free(pool: &PgPool, practice: &Practice, day: DateTime<Utc>, portal: bool) -> Vec<FreeTime> {
    let zone = appointments::free_times::venue_zone(pool).await.unwrap();
    let (first, last) = (zone.date(day), zone.date(day));
    let query = FreeQuery { service: practice.service, practitioner: None, client: None, first, last, portal };
    free_days(pool, query, Utc::now()).await.unwrap().into_iter().flat_map(|day| day.times).collect()
}

fn offers(times: &[FreeTime], at: DateTime<Utc>) -> bool {
    times.iter().any(|time| time.starts_at == instant_text(at))
}

async fn refused(pool: &PgPool, actor: &Actor, booking: Booking) -> Conflict {
    match refusal(appointments::book(pool, actor, booking).await) {
        Refusal::Conflict(conflict) => conflict,
        other => panic!("{other:?}"),
    }
}

/// A second practitioner with the same hours.
async fn omar(pool: &PgPool, practice: &Practice) -> StaffId {
    let omar = StaffId(staff_actor(pool, "Omar", &[Role::Practitioner]).await.id());
    offer(pool, practice.service, omar).await;
    run(
        pool,
        "insert into weekly_hours (id, practitioner_id, location_id, weekday, starts, ends)
               select gen_random_uuid(), s.id, l.id, d, 0, 1380 from staff_member s, location l, generate_series(1, 7) d
                where s.first_name = 'Omar'",
    )
    .await;
    omar
}

#[testkit::test]
async fn clients_book_behind_the_notice_and_within_the_horizon_and_staff_any_time(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    run(&pool, "update service set notice_minutes = 4320, horizon_days = 10").await;
    for (days, expected) in [(2, Err(Conflict::TooSoon)), (4, Ok(())), (10, Ok(())), (11, Err(Conflict::TooFar))] {
        assert_eq!(offers(&free(&pool, &practice, at(days), true).await, at(days)), expected.is_ok(), "{days}");
        assert!(offers(&free(&pool, &practice, at(days), false).await, at(days)));
        if let Err(conflict) = expected {
            assert_eq!(refused(&pool, &mia, practice.booking(&mia, at(days))).await, conflict);
        }
        let booker = if expected.is_ok() { &mia } else { &practice.staff };
        appointments::book(&pool, booker, practice.booking(&mia, at(days))).await.unwrap();
    }
}

#[testkit::test]
async fn a_service_has_a_step_of_its_own(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    run(&pool, "update service set step_minutes = 120").await;
    let odd = at(2) + TimeDelta::minutes(60);
    let times = free(&pool, &practice, at(2), true).await;
    assert!(offers(&times, at(2)) && !offers(&times, odd));
    assert_eq!(refused(&pool, &mia, practice.booking(&mia, odd)).await, Conflict::NotPossible);
    appointments::book(&pool, &mia, practice.booking(&mia, at(2))).await.unwrap();
}

#[testkit::test]
async fn hours_that_clients_ask_for_make_a_request_and_those_of_the_team_are_not_theirs(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    run(&pool, "update weekly_hours set offered = 'ask'").await;
    let times = free(&pool, &practice, at(2), true).await;
    assert!(offers(&times, at(2)) && times.iter().all(|time| time.ask));
    assert!(free(&pool, &practice, at(2), false).await.iter().all(|time| !time.ask));
    let id = appointments::book(&pool, &mia, practice.booking(&mia, at(2))).await.unwrap();
    assert_eq!(text(&pool, "select status from appointment").await, "requested");
    // It keeps its time, and the front desk has it in its list.
    assert!(!offers(&free(&pool, &practice, at(2), true).await, at(2)));
    let waiting = appointments::requests(&pool, &practice.staff, Utc::now()).await.unwrap();
    assert_eq!(waiting.iter().map(|one| one.id).collect::<Vec<_>>(), [id]);
    // Staff book the same hours for good.
    appointments::book(&pool, &practice.staff, practice.booking(&mia, at(3))).await.unwrap();
    assert_eq!(text(&pool, "select count(*)::text from appointment where status = 'confirmed'").await, "1");
    run(&pool, "update weekly_hours set offered = 'staff'").await;
    assert!(free(&pool, &practice, at(4), true).await.is_empty());
    assert!(offers(&free(&pool, &practice, at(4), false).await, at(4)));
    assert_eq!(refused(&pool, &mia, practice.booking(&mia, at(4))).await, Conflict::NotPossible);
}

#[testkit::test]
async fn a_request_is_accepted_or_declined_once(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    run(&pool, "update service set by_request = true").await;
    assert!(free(&pool, &practice, at(2), true).await.iter().all(|time| time.ask));
    let form = AnswerForm { version: "1".into(), ..AnswerForm::default() };
    let ask = async |days| appointments::book(&pool, &mia, practice.booking(&mia, at(days))).await.unwrap();
    let (first, second) = (ask(2).await, ask(3).await);
    assert_eq!(refusal(appointments::accept(&pool, &mia, first, &form).await), Refusal::NotFound);
    appointments::accept(&pool, &practice.staff, first, &form).await.unwrap();
    appointments::decline(&pool, &practice.staff, second, &form).await.unwrap();
    let states = "select string_agg(status || ' ' || declined, ', ' order by starts_at) from appointment";
    assert_eq!(text(&pool, states).await, "confirmed false, cancelled true");
    // The same answer again is the same; another one comes too late.
    appointments::accept(&pool, &practice.staff, first, &form).await.unwrap();
    appointments::decline(&pool, &practice.staff, second, &form).await.unwrap();
    let other = appointments::decline(&pool, &practice.staff, first, &form).await;
    assert_eq!(refusal(other), Refusal::Conflict(Conflict::NotRequested));
    // What was moved since it was shown is not accepted unseen.
    let third = ask(4).await;
    let wanted = Move { appointment: third, version: 1, starts_at: at(6), practitioner: None, room: None, over: None };
    appointments::reschedule(&pool, &mia, wanted, "").await.unwrap();
    assert_eq!(refusal(appointments::accept(&pool, &practice.staff, third, &form).await), Refusal::Stale);
    appointments::cancel(&pool, &practice.staff, third).await.unwrap();
    let told = "select string_agg(distinct kind, ',' order by kind) from message where kind in ('confirmation', 'cancellation')";
    assert_eq!(text(&pool, told).await, "cancellation,confirmation");
    assert!(offers(&free(&pool, &practice, at(3), true).await, at(3)), "what was declined is free");
    assert!(db::audit::verify(&mut pool.acquire().await.unwrap()).await.unwrap());
}

#[testkit::test]
async fn accepting_checks_the_time_again(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    run(&pool, "update service set by_request = true").await;
    let id = appointments::book(&pool, &mia, practice.booking(&mia, at(2))).await.unwrap();
    run(&pool, "insert into availability_exception (id, kind, zone, local_starts, local_ends, starts_at, ends_at, tzdb, created_by)
                select gen_random_uuid(), 'off', zone, starts_local, starts_local + interval '1 hour', starts_at, ends_at, tzdb, id from appointment").await;
    let shown = AnswerForm { version: "1".into(), ..AnswerForm::default() };
    let Refusal::Conflicts(found) = refusal(appointments::accept(&pool, &practice.staff, id, &shown).await) else {
        panic!()
    };
    assert!(found.all[0].to_string().contains("is off until 11:00 am."), "{}", found.all[0]);
    let form = AnswerForm { overbook: true, seen: found.seen.to_string(), ..shown };
    appointments::accept(&pool, &practice.staff, id, &form).await.unwrap();
    assert_eq!(text(&pool, "select status from appointment").await, "confirmed");
}

#[testkit::test]
async fn a_free_room_is_assigned_and_without_one_nothing_is_offered(pool: PgPool) {
    let practice = practice(&pool).await;
    omar(&pool, &practice).await;
    let clients =
        [client_actor(&pool, "Ana").await, client_actor(&pool, "Leo").await, client_actor(&pool, "Mia").await];
    run(&pool, "update service set needs_room = true").await;
    assert!(free(&pool, &practice, at(2), true).await.is_empty(), "a practice without rooms");
    assert_eq!(refused(&pool, &clients[0], practice.booking(&clients[0], at(2))).await, Conflict::NotPossible);
    run(&pool, "insert into room (id, location_id, name) select gen_random_uuid(), id, 'Room 1' from location").await;
    let anyone = |client| Booking { anyone: true, ..practice.booking(client, at(2)) };
    appointments::book(&pool, &clients[0], anyone(&clients[0])).await.unwrap();
    assert_eq!(text(&pool, "select name from room join appointment a on a.room_id = room.id").await, "Room 1");
    // Another practitioner is free, and the room is not.
    assert!(!offers(&free(&pool, &practice, at(2), true).await, at(2)));
    assert_eq!(refused(&pool, &clients[1], anyone(&clients[1])).await, Conflict::PractitionerBusy);
    run(&pool, "insert into room (id, location_id, name) select gen_random_uuid(), id, 'Room 2' from location").await;
    assert!(offers(&free(&pool, &practice, at(2), true).await, at(2)));
    appointments::book(&pool, &clients[1], anyone(&clients[1])).await.unwrap();
    assert_eq!(text(&pool, "select count(distinct room_id)::text from appointment").await, "2");
    // Only the rooms of the service.
    run(&pool, "insert into service_room select s.id, r.id from service s, room r where r.name = 'Room 1'").await;
    appointments::book(&pool, &clients[2], practice.booking(&clients[2], at(3))).await.unwrap();
    assert_eq!(
        text(
            &pool,
            "select r.name from room r join appointment a on a.room_id = r.id order by a.starts_at desc limit 1"
        )
        .await,
        "Room 1"
    );
}

#[testkit::test]
async fn an_appointment_is_where_the_practitioner_works_then(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    run(&pool, "insert into location (id, name, zone) values (gen_random_uuid(), 'West', 'America/Los_Angeles');
                update weekly_hours set starts = 600, ends = 900, location_id = (select id from location where name = 'West')").await;
    // 10:00 in Los Angeles is 13:00 in Toronto.
    let west = at(2) + TimeDelta::hours(3);
    let times = free(&pool, &practice, at(2), true).await;
    assert!(offers(&times, west) && !offers(&times, at(2)), "{times:?}");
    let id = appointments::book(&pool, &mia, practice.booking(&mia, west)).await.unwrap();
    let place = "select l.name || ' ' || a.zone || ' ' || a.starts_local::time from appointment a join location l on l.id = a.location_id";
    assert_eq!(text(&pool, place).await, "West America/Los_Angeles 10:00:00");
    // Of a service that is held elsewhere these are no times.
    run(&pool, "insert into service_location select s.id, l.id from service s, location l where l.name <> 'West'")
        .await;
    assert!(free(&pool, &practice, at(3), true).await.is_empty());
    let other = practice.booking(&mia, west + TimeDelta::days(1));
    assert_eq!(refused(&pool, &mia, other).await, Conflict::NotPossible);
    // A move to where the practitioner works elsewhere takes it there.
    run(&pool, "delete from service_location; update weekly_hours set location_id = (select id from location where name <> 'West')").await;
    let wanted = Move { appointment: id, version: 1, starts_at: at(3), practitioner: None, room: None, over: None };
    appointments::reschedule(&pool, &mia, wanted, "").await.unwrap();
    assert!(!text(&pool, place).await.starts_with("West"));
}

#[testkit::test]
async fn a_practitioners_own_duration_and_price_are_the_appointments(pool: PgPool) {
    let practice = practice(&pool).await;
    let omar = omar(&pool, &practice).await;
    let (mia, leo) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Leo").await);
    run(
        &pool,
        "update service set price_cents = 9000;
                update service_practitioner o set duration_minutes = 90, price_cents = 12000
                  from staff_member s where s.id = o.practitioner_id and s.first_name = 'Omar'",
    )
    .await;
    appointments::book(&pool, &mia, practice.booking(&mia, at(2))).await.unwrap();
    appointments::book(&pool, &leo, Booking { practitioner: omar, ..practice.booking(&leo, at(2)) }).await.unwrap();
    let facts = "select string_agg((ends_at - starts_at)::text || ' ' || price_cents, ', ' order by price_cents) from appointment";
    assert_eq!(text(&pool, facts).await, "01:00:00 9000, 01:30:00 12000");
    let owed = "select string_agg(price_cents::text, ', ' order by price_cents) from appointment_participant";
    assert_eq!(text(&pool, owed).await, "9000, 12000");
    // What is offered of each is as long as it takes them.
    let times = free(&pool, &practice, at(5), true).await;
    let minutes = |id: StaffId| {
        let time = times.iter().find(|time| time.practitioner == id)?;
        let instant = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        Some((instant(&time.ends_at) - instant(&time.starts_at)).num_minutes())
    };
    let found: Vec<_> = [practice.practitioner, omar].into_iter().filter_map(minutes).collect();
    assert!(!found.is_empty() && found.iter().all(|minutes| [60, 90].contains(minutes)), "{found:?}");
    assert_eq!(minutes(omar).unwrap_or(90), 90);
}

#[testkit::test]
async fn a_service_is_held_only_as_it_is_offered(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    run(&pool, "update service set modalities = '{video,phone}'").await;
    appointments::book(&pool, &mia, practice.booking(&mia, at(2))).await.unwrap();
    assert_eq!(text(&pool, "select modality from appointment").await, "video");
    let phone = Booking { modality: Modality::Phone, ..practice.booking(&mia, at(3)) };
    appointments::book(&pool, &mia, phone).await.unwrap();
    run(&pool, "update service set modalities = '{in_person}'").await;
    let video = Booking { modality: Modality::Video, ..practice.booking(&mia, at(4)) };
    let answer = appointments::book(&pool, &practice.staff, video).await;
    assert_eq!(refusal(answer), Refusal::field("modality", Problem::Unknown));
}

/// Everything that free times offer can be booked, and what they do not offer cannot be: with
/// generated hours, time off, rooms, buffers, notice and steps, for two practitioners.
#[testkit::test]
async fn what_is_offered_can_be_booked_and_nothing_else(pool: PgPool) {
    let mut dice = Dice::new(seed());
    let practice = practice(&pool).await;
    let omar = omar(&pool, &practice).await;
    run(
        &pool,
        "update practice set portal_bookings_max = 200;
                insert into room (id, location_id, name) select gen_random_uuid(), id, 'Room 1' from location",
    )
    .await;
    let mia = client_actor(&pool, "Mia").await;
    let zone = appointments::free_times::venue_zone(&pool).await.unwrap();
    let mut booked = 0;
    for _ in 0..rounds(4, 400) {
        let (step, buffer, notice) =
            (dice.pick(&[15, 20, 30, 60]), dice.pick(&[0, 10, 30]), dice.pick(&[0, 60, 5_000]));
        let (starts, length) = (480 + 15 * dice.roll(16) as i32, 60 + 15 * dice.roll(24) as i32);
        let offered = dice.pick(&["portal", "ask", "portal", "staff"]);
        let off = zone.local(at(3 + dice.roll(3) as u64)) + TimeDelta::minutes(15 * dice.roll(20) as i64);
        let (needs_room, instant) = (dice.coin(), zone.instant(off).to_rfc3339());
        run(&pool, &format!(
            "update service set step_minutes = {step}, buffer_minutes = {buffer}, notice_minutes = {notice}, needs_room = {needs_room};
             update weekly_hours set starts = {starts}, ends = {starts} + {length}, offered = case when weekday % 2 = 0 then '{offered}' else 'portal' end;
             delete from availability_exception;
             insert into availability_exception (id, kind, zone, local_starts, local_ends, starts_at, ends_at, tzdb, created_by)
             select gen_random_uuid(), 'off', 'America/Toronto', '{off}', '{off}'::timestamp + interval '90 minutes', '{instant}', '{instant}'::timestamptz + interval '90 minutes', '', id
               from staff_member limit 1")).await;
        for _ in 0..16 {
            let start =
                at(3 + dice.roll(3) as u64) - TimeDelta::hours(2) + TimeDelta::minutes(15 * dice.roll(40) as i64);
            let practitioner = dice.pick(&[practice.practitioner, omar]);
            let date = zone.date(start);
            let query = FreeQuery {
                service: practice.service,
                practitioner: Some(practitioner),
                client: Some(shared::ClientId(mia.id())),
                first: date,
                last: date,
                portal: true,
            };
            let times = free_days(&pool, query, Utc::now()).await.unwrap().into_iter().flat_map(|day| day.times);
            let offered = times.filter(|time| time.starts_at == instant_text(start)).collect::<Vec<_>>();
            let booking = Booking { practitioner, ..practice.booking(&mia, start) };
            let answer = appointments::book(&pool, &mia, booking).await;
            assert_eq!(answer.is_ok(), !offered.is_empty(), "{start} {answer:?}");
            if let Ok(id) = answer {
                booked += 1;
                let one = appointments::one(&pool, &practice.staff, id).await.unwrap();
                assert_eq!(one.status == AppointmentStatus::Requested, offered[0].ask);
                // Half of them make room again.
                if dice.coin() {
                    appointments::cancel(&pool, &practice.staff, id).await.unwrap();
                }
            }
        }
        run(&pool, "delete from appointment").await;
    }
    assert!(booked > 0);
}

#[testkit::test]
async fn a_longer_appointment_is_offered_only_what_is_as_long(pool: PgPool) {
    let practice = practice(&pool).await;
    let (mia, leo) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Leo").await);
    run(
        &pool,
        "update weekly_hours set starts = 600, ends = 780; update service set buffer_minutes = 0, step_minutes = 30",
    )
    .await;
    let id = appointments::book(&pool, &mia, practice.booking(&mia, at(2))).await.unwrap();
    appointments::book(&pool, &leo, practice.booking(&leo, at(3))).await.unwrap();
    run(&pool, &format!("update appointment set ends_at = ends_at + interval '60 minutes' where id = '{id}'")).await;
    let zone = appointments::free_times::venue_zone(&pool).await.unwrap();
    let query = FreeQuery {
        service: practice.service,
        practitioner: Some(practice.practitioner),
        client: Some(shared::ClientId(mia.id())),
        first: zone.date(at(3)),
        last: zone.date(at(3)),
        portal: true,
    };
    let week = appointments::free_times::free_week_without(&pool, query, Some(id), Utc::now()).await.unwrap();
    // From 11:00 to 13:00, and nothing shorter.
    let starts: Vec<_> = week.days[0].times.iter().map(|time| time.label.clone()).collect();
    assert_eq!(starts, ["11:00 am"]);
    let wanted = Move {
        appointment: id,
        version: 1,
        starts_at: at(3) + TimeDelta::hours(1),
        practitioner: None,
        room: None,
        over: None,
    };
    appointments::reschedule(&pool, &mia, wanted, "").await.unwrap();
}

#[testkit::test]
async fn a_session_that_stands_is_joined_wherever_staff_put_it_but_never_by_request(pool: PgPool) {
    let practice = practice(&pool).await;
    let (mia, leo) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Leo").await);
    run(&pool, "update service set seats = 4").await;
    let odd = at(2) + TimeDelta::minutes(7);
    let id = appointments::book(&pool, &practice.staff, practice.booking(&mia, odd)).await.unwrap();
    run(&pool, "update weekly_hours set offered = 'staff'").await;
    assert!(offers(&free(&pool, &practice, odd, true).await, odd));
    assert_eq!(appointments::book(&pool, &leo, practice.booking(&leo, odd)).await.unwrap(), id);
    let ana = client_actor(&pool, "Ana").await;
    run(&pool, "update service set by_request = true").await;
    assert!(!offers(&free(&pool, &practice, odd, true).await, odd));
    assert_eq!(refused(&pool, &ana, practice.booking(&ana, odd)).await, Conflict::NotPossible);
}
