//! The next times that suit, pairing, what is booked in time off, and handing over.

use crate::appointments::{Practice, at, offer, practice};
use chrono::{DateTime, Days, TimeDelta, Timelike, Utc};
use db::appointments;
use db::time::Zone;
use db::{Actor, PgPool};
use shared::accounts::Role;
use shared::appointments::{BookingForm, Move, TimeConflict, instant_text};
use shared::find::{FOUND_MAX, PartOfDay, Together, Wanted, Wishes};
use shared::{AppointmentId, ClientId, Refusal, StaffId};
use sqlx::AssertSqlSafe;
use testkit::{client_actor, refusal, staff_actor};

async fn text(pool: &PgPool, sql: &str) -> String {
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await.unwrap()
}

async fn run(pool: &PgPool, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
}

fn id(client: &Actor) -> ClientId {
    ClientId(client.id())
}

/// Hours from 9 to 17, and a step of an hour.
async fn days(pool: &PgPool) -> Practice {
    let practice = practice(pool).await;
    run(pool, "update weekly_hours set starts = 540, ends = 1020; update practice set slot_step_minutes = 60").await;
    practice
}

async fn omar(pool: &PgPool, practice: &Practice) -> StaffId {
    let omar = StaffId(staff_actor(pool, "Omar", &[Role::Practitioner]).await.id());
    offer(pool, practice.service, omar).await;
    run(pool, "insert into weekly_hours (id, practitioner_id, location_id, weekday, starts, ends)
               select gen_random_uuid(), s.id, l.id, d, 540, 1020 from staff_member s, location l, generate_series(1, 7) d
                where s.first_name = 'Omar'").await;
    omar
}

fn wanted(practice: &Practice, client: &Actor) -> Wanted {
    Wanted { service: practice.service, practitioner: None, client: id(client), also: None, wishes: Wishes::default() }
}

#[testkit::test]
async fn the_first_five_times_that_suit_are_found_however_far(pool: PgPool) {
    let practice = days(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    let zone = Zone::parse("America/Toronto").unwrap();
    let now = Utc::now();
    let not_on = vec![2, 3, 4, 5, 6, 7];
    let wishes = Wishes { parts: vec![PartOfDay::Afternoon], not_on };
    let mondays = Wanted { wishes, ..wanted(&practice, &mia) };
    let from = zone.date(now) + Days::new(1);
    let (found, _) = appointments::find_next(&pool, &practice.staff, &mondays, from, now).await.unwrap();
    assert_eq!(found.len(), FOUND_MAX);
    for visits in &found {
        let local = zone.local(visits[0].starts_at);
        assert_eq!(local.format("%a").to_string(), "Mon");
        assert!(local.hour() >= 12);
        // Each is offered indeed.
        let wanted = practice.booking(&mia, visits[0].starts_at);
        assert!(appointments::why_not(&pool, &practice.staff, wanted).await.unwrap().is_empty());
    }
    assert!(found.windows(2).all(|pair| pair[0][0].starts_at < pair[1][0].starts_at));
    // Only weeks ahead is there any time: it is found all the same, and within 90 days.
    let open = from + Days::new(70);
    run(&pool, &format!("update weekly_hours set valid_from = '{open}'")).await;
    let (found, _) =
        appointments::find_next(&pool, &practice.staff, &wanted(&practice, &mia), from, now).await.unwrap();
    assert_eq!(zone.date(found[0][0].starts_at), open);
    run(&pool, &format!("update weekly_hours set valid_from = '{}'", from + Days::new(91))).await;
    let (found, _) =
        appointments::find_next(&pool, &practice.staff, &wanted(&practice, &mia), from, now).await.unwrap();
    assert!(found.is_empty());
}

#[testkit::test]
async fn siblings_come_one_after_the_other_or_at_once_and_are_booked_in_one_go(pool: PgPool) {
    let practice = days(&pool).await;
    let (mia, leo) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Leo").await);
    run(
        &pool,
        "update service set buffer_minutes = 0, needs_room = true;
                insert into room (id, location_id, name) select gen_random_uuid(), id, 'Room 1' from location",
    )
    .await;
    let now = Utc::now();
    let from = Zone::parse("America/Toronto").unwrap().date(at(3));
    // Leo is elsewhere in the morning: he comes second.
    appointments::book(&pool, &practice.staff, practice.booking(&leo, at(3) - TimeDelta::hours(1))).await.unwrap();
    let together = |how| Wanted { also: Some((id(&leo), how)), ..wanted(&practice, &mia) };
    let (found, _) =
        appointments::find_next(&pool, &practice.staff, &together(Together::After), from, now).await.unwrap();
    let first = &found[0];
    assert_eq!(first.len(), 2);
    assert_eq!((first[0].starts_at, first[1].starts_at), (at(3), at(3) + TimeDelta::hours(1)));
    assert_eq!(first[0].practitioner, first[1].practitioner);
    // At the same time: there is one practitioner and one room.
    let at_once = together(Together::AtOnce);
    assert!(appointments::find_next(&pool, &practice.staff, &at_once, from, now).await.unwrap().0.is_empty());
    omar(&pool, &practice).await;
    assert!(appointments::find_next(&pool, &practice.staff, &at_once, from, now).await.unwrap().0.is_empty());
    run(&pool, "insert into room (id, location_id, name) select gen_random_uuid(), id, 'Room 2' from location").await;
    let (found, _) = appointments::find_next(&pool, &practice.staff, &at_once, from, now).await.unwrap();
    let both = &found[0];
    assert_eq!((both[0].starts_at, both[1].starts_at), (at(3), at(3)));
    assert_ne!(both[0].practitioner, both[1].practitioner);
    let form = |visit: &appointments::FoundVisit| BookingForm {
        client: visit.client.to_string(),
        service: practice.service.to_string(),
        slot: format!("{} {}", instant_text(visit.starts_at), visit.practitioner),
        request_key: db::new_id().to_string(),
        ..BookingForm::default()
    };
    let forms: Vec<BookingForm> = both.iter().map(form).collect();
    let booked = appointments::book_several(&pool, &practice.staff, forms.clone()).await.unwrap();
    assert_eq!(
        text(
            &pool,
            "select count(distinct room_id)::text from appointment where starts_at > now() + interval '2 days'"
        )
        .await,
        "2"
    );
    assert_eq!(appointments::book_several(&pool, &practice.staff, forms.clone()).await.unwrap(), booked, "sent twice");
    // Where one of two is taken neither is booked.
    let before = text(&pool, "select count(*)::text from appointment").await;
    let free = BookingForm {
        slot: format!("{} {}", instant_text(at(5)), practice.practitioner),
        request_key: db::new_id().to_string(),
        ..forms[0].clone()
    };
    let taken = BookingForm { request_key: db::new_id().to_string(), ..forms[1].clone() };
    let answer = appointments::book_several(&pool, &practice.staff, vec![free, taken]).await;
    assert!(matches!(refusal(answer), Refusal::Conflicts(_)));
    assert_eq!(text(&pool, "select count(*)::text from appointment").await, before);
}

#[testkit::test]
async fn staff_are_told_why_not_before_they_book(pool: PgPool) {
    let practice = days(&pool).await;
    let (mia, leo) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Leo").await);
    let why = async |starts_at| {
        let booking = practice.booking(&mia, starts_at);
        appointments::why_not(&pool, &practice.staff, booking).await.unwrap()
    };
    assert!(why(at(3)).await.is_empty());
    // Before the hours begin, it says when they do.
    let early = why(at(3) - TimeDelta::hours(2)).await;
    assert!(
        matches!(&early[..], [TimeConflict::OutsideHours { again: Some(again), .. }] if again == "9:00 am"),
        "{early:?}"
    );
    let late = why(at(3) + TimeDelta::hours(9)).await;
    assert!(matches!(&late[..], [TimeConflict::OutsideHours { again: None, .. }]), "{late:?}");
    appointments::book(&pool, &practice.staff, practice.booking(&leo, at(3))).await.unwrap();
    assert!(
        matches!(&why(at(3)).await[..], [TimeConflict::PractitionerBusy { with: Some(with), .. }] if with.client.starts_with("Leo"))
    );
    // Nothing is stored, and an appointment is not in its own way.
    assert_eq!(text(&pool, "select count(*)::text from appointment").await, "1");
    let booked: AppointmentId = text(&pool, "select id::text from appointment").await.parse().unwrap();
    let there = Move {
        appointment: booked,
        version: 1,
        starts_at: at(3) + TimeDelta::minutes(30),
        practitioner: None,
        room: None,
        over: None,
    };
    assert!(appointments::why_not_there(&pool, &practice.staff, there).await.unwrap().is_empty());
    assert!(appointments::why_not(&pool, &mia, practice.booking(&mia, at(4))).await.is_err());
}

#[testkit::test]
async fn practitioners_are_ranked_by_the_hours_in_common_and_a_prospect_begins(pool: PgPool) {
    let practice = days(&pool).await;
    let omar = omar(&pool, &practice).await;
    let mia = client_actor(&pool, "Mia").await;
    // Mia can come on Mondays from 15 to 19; Omar works until 20.
    run(&pool, "update weekly_hours set ends = 1200 where practitioner_id = (select id from staff_member where first_name = 'Omar');
                insert into client_availability (client_id, weekday, starts, ends) select id, 1, 900, 1140 from client where first_name = 'Mia';
                update client set zone = 'America/Toronto', status = 'prospect', prospect_stage = 'new' where first_name = 'Mia'").await;
    let now = Utc::now();
    let (pairs, known, zone) =
        appointments::pairing(&pool, &practice.staff, id(&mia), practice.service, now).await.unwrap();
    assert!(known);
    assert_eq!(
        pairs.iter().map(|pair| (pair.practitioner, pair.minutes)).collect::<Vec<_>>(),
        [(omar, 240), (practice.practitioner, 120)]
    );
    for pair in &pairs {
        assert_eq!(pair.times.len(), 3);
        for time in &pair.times {
            let local = zone.local(time.starts_at);
            assert!(local.format("%a").to_string() == "Mon" && local.hour() >= 15 && local.hour() <= 18, "{local}");
        }
    }
    let slot = format!("{} {omar}", instant_text(pairs[0].times[0].starts_at));
    let form = BookingForm {
        client: mia.id().to_string(),
        service: practice.service.to_string(),
        slot,
        request_key: db::new_id().to_string(),
        ..BookingForm::default()
    };
    appointments::book_first(&pool, &practice.staff, form).await.unwrap();
    assert_eq!(text(&pool, "select status from client where first_name = 'Mia'").await, "active");
    assert!(db::audit::verify(&mut pool.acquire().await.unwrap()).await.unwrap());
}

#[testkit::test]
async fn what_is_booked_in_time_off_is_moved_in_one_go_or_stays(pool: PgPool) {
    let practice = days(&pool).await;
    let clients =
        [client_actor(&pool, "Mia").await, client_actor(&pool, "Leo").await, client_actor(&pool, "Ana").await];
    let mut ids = Vec::new();
    for (client, hours) in clients.iter().zip([0, 2, 4]) {
        let booking = practice.booking(client, at(3) + TimeDelta::hours(hours));
        ids.push(appointments::book(&pool, &practice.staff, booking).await.unwrap());
    }
    let zone = Zone::parse("America/Toronto").unwrap();
    let day = zone.day(zone.date(at(3)));
    run(&pool, &format!("insert into availability_exception (id, kind, zone, local_starts, local_ends, starts_at, ends_at, tzdb, created_by)
        select gen_random_uuid(), 'off', 'America/Toronto', '{0}', '{1}', '{2}', '{3}', '', id from staff_member limit 1",
        zone.local(day.starts), zone.local(day.ends), day.starts.to_rfc3339(), day.ends.to_rfc3339())).await;
    let proposed = appointments::proposals(&pool, &practice.staff, &ids, Utc::now()).await.unwrap();
    let first: Vec<DateTime<Utc>> = ids.iter().map(|id| proposed[id][0].starts_at.parse().unwrap()).collect();
    assert!(first.iter().all(|at| !(day.starts..day.ends).contains(at)));
    // The nearest first, and a different one for each.
    assert_eq!(first[0], at(4));
    assert!(first.iter().enumerate().all(|(n, at)| !first[..n].contains(at)));
    // Two move, the third stays.
    let moves: Vec<Move> = ids
        .iter()
        .zip(&first)
        .take(2)
        .map(|(id, at)| Move {
            appointment: *id,
            version: 1,
            starts_at: *at,
            practitioner: None,
            room: None,
            over: None,
        })
        .collect();
    assert_eq!(appointments::move_several(&pool, &practice.staff, &moves, None, "").await.unwrap(), 2);
    let left = format!(
        "select count(*)::text from appointment where starts_at >= '{}' and starts_at < '{}'",
        day.starts.to_rfc3339(),
        day.ends.to_rfc3339()
    );
    assert_eq!(text(&pool, &left).await, "1");
    // Of two that want the same time neither is moved.
    let same = Move { version: 2, starts_at: at(9), ..moves[0] };
    let clash = Move { appointment: ids[2], version: 1, ..same };
    let answer = appointments::move_several(&pool, &practice.staff, &[same, clash], None, "").await;
    assert!(matches!(refusal(answer), Refusal::Conflicts(_)));
    assert_eq!(text(&pool, &left).await, "1");
    assert_eq!(text(&pool, "select count(*)::text from audit where action = 'move'").await, "2");
}

#[testkit::test]
async fn those_of_a_practitioner_who_leaves_are_handed_over_with_conflicts_said(pool: PgPool) {
    let practice = days(&pool).await;
    let omar = omar(&pool, &practice).await;
    let (mia, leo) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Leo").await);
    let first = appointments::book(&pool, &practice.staff, practice.booking(&mia, at(3))).await.unwrap();
    let second = appointments::book(&pool, &practice.staff, practice.booking(&mia, at(4))).await.unwrap();
    let of_omar = shared::appointments::Booking { practitioner: omar, ..practice.booking(&leo, at(4)) };
    appointments::book(&pool, &practice.staff, of_omar).await.unwrap();
    run(&pool, &format!("update staff_member set active = false where id = '{}'", practice.practitioner)).await;
    let all = appointments::upcoming_with(&pool, &practice.staff, practice.practitioner, Utc::now()).await.unwrap();
    assert_eq!(all.iter().map(|one| one.id).collect::<Vec<_>>(), [first, second]);
    let moves: Vec<Move> = all
        .iter()
        .map(|one| Move {
            appointment: one.id,
            version: one.version,
            starts_at: one.starts_at,
            practitioner: Some(omar),
            room: None,
            over: None,
        })
        .collect();
    let why = async |wanted| appointments::why_not_there(&pool, &practice.staff, wanted).await.unwrap();
    assert!(why(moves[0]).await.is_empty());
    assert_eq!(why(moves[1]).await.len(), 1);
    let count = "select count(distinct practitioner_id)::text from appointment";
    assert_eq!(text(&pool, count).await, "2", "nothing is stored");
    let over = match refusal(appointments::move_several(&pool, &practice.staff, &moves, None, "").await) {
        Refusal::Conflicts(found) => Some(found.seen),
        other => panic!("{other:?}"),
    };
    assert_eq!(appointments::move_several(&pool, &practice.staff, &moves, over, "Leaving").await.unwrap(), 2);
    assert_eq!(text(&pool, "select count(distinct practitioner_id)::text from appointment").await, "1");
    assert!(
        appointments::upcoming_with(&pool, &practice.staff, practice.practitioner, Utc::now())
            .await
            .unwrap()
            .is_empty()
    );
}
