//! Moving: to another time, practitioner or room; what is refused changes nothing.

use crate::appointments::{Practice, at, grant_booking, offer, practice};
use crate::support::activities::{client, member};
use chrono::{DateTime, TimeDelta, Utc};
use db::{Actor, PgPool, appointments};
use shared::accounts::Role;
use shared::appointments::{Booking, Move, MoveForm, TimeConflict, instant_text};
use shared::{AppointmentId, ClientId, Conflict, Refusal, RoomId, StaffId};
use sqlx::AssertSqlSafe;
use testkit::{client_actor, refusal, staff_actor};
use uuid::Uuid;

async fn text(pool: &PgPool, sql: &str) -> String {
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await.unwrap()
}

async fn run(pool: &PgPool, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
}

fn to(appointment: AppointmentId, version: i32, starts_at: DateTime<Utc>) -> Move {
    Move { appointment, version, starts_at, practitioner: None, room: None, over: None }
}

async fn moved(pool: &PgPool, actor: &Actor, wanted: Move) -> Result<(), Refusal> {
    match appointments::reschedule(pool, actor, wanted, "").await {
        Ok(_) => Ok(()),
        Err(db::Error::Refused(refusal)) => Err(refusal),
        Err(db::Error::Database(error)) => panic!("{error}"),
    }
}

async fn starts(pool: &PgPool, id: AppointmentId) -> DateTime<Utc> {
    sqlx::query_scalar("select starts_at from appointment where id = $1").bind(id.0).fetch_one(pool).await.unwrap()
}

async fn booked(pool: &PgPool, practice: &Practice, client: &Actor, days: u64) -> AppointmentId {
    appointments::book(pool, client, practice.booking(client, at(days))).await.unwrap()
}

#[testkit::test]
async fn an_appointment_is_never_in_its_own_way(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    let id = booked(&pool, &practice, &mia, 2).await;
    // Half of the old time, buffer included.
    let half = at(2) + TimeDelta::minutes(30);
    moved(&pool, &mia, to(id, 1, half)).await.unwrap();
    assert_eq!(starts(&pool, id).await, half);
    let row = "select version || ' ' || (ends_at - starts_at) || ' ' || starts_local::time from appointment";
    assert_eq!(text(&pool, row).await, "2 01:00:00 10:30:00");
    let follows =
        "select count(*)::text from appointment_participant p join appointment a using (starts_at, ends_at, blocks)";
    assert_eq!(text(&pool, follows).await, "1");
    // Told of it: the confirmation of the old version is not sent any more.
    let versions = "select string_agg(subject_version::text, ',' order by subject_version) from message where kind in ('confirmation', 'change')";
    assert_eq!(text(&pool, versions).await, "1,2");
    assert!(db::audit::verify(&mut pool.acquire().await.unwrap()).await.unwrap());
}

#[testkit::test]
async fn a_failed_move_keeps_the_old_time(pool: PgPool) {
    let practice = practice(&pool).await;
    let (mia, leo) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Leo").await);
    let id = booked(&pool, &practice, &mia, 2).await;
    booked(&pool, &practice, &leo, 3).await;
    let whole = "select md5(string_agg(t::text, '|' order by t.id)) from appointment t";
    let before = text(&pool, whole).await;
    let conflict = |refusal: Result<(), Refusal>| refusal.unwrap_err();
    assert_eq!(conflict(moved(&pool, &mia, to(id, 1, at(3))).await), Refusal::Conflict(Conflict::PractitionerBusy));
    let off_grid = at(4) + TimeDelta::minutes(7);
    assert_eq!(conflict(moved(&pool, &mia, to(id, 1, off_grid)).await), Refusal::Conflict(Conflict::NotPossible));
    let past = Utc::now() - TimeDelta::days(1);
    let past = past
        - TimeDelta::nanoseconds(i64::from(past.timestamp_subsec_nanos()))
        - TimeDelta::seconds(past.timestamp() % 60);
    assert_eq!(conflict(moved(&pool, &mia, to(id, 1, past)).await), Refusal::Conflict(Conflict::Past));
    assert_eq!(conflict(moved(&pool, &leo, to(id, 1, at(4))).await), Refusal::NotFound);
    assert_eq!(conflict(moved(&pool, &practice.staff, to(id, 7, at(4))).await), Refusal::Stale);
    assert_eq!(text(&pool, whole).await, before);
}

#[testkit::test]
async fn staff_move_over_exactly_the_conflicts_they_saw_and_the_reason_is_kept(pool: PgPool) {
    let practice = practice(&pool).await;
    let (mia, leo) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Leo").await);
    let id = booked(&pool, &practice, &mia, 2).await;
    let other = booked(&pool, &practice, &leo, 3).await;
    let Err(Refusal::Conflicts(seen)) = moved(&pool, &practice.staff, to(id, 1, at(3))).await else { panic!() };
    assert!(matches!(&seen.all[..], [TimeConflict::PractitionerBusy { with: Some(_), .. }]));
    let over = Move { over: Some(seen.seen), ..to(id, 1, at(3)) };
    appointments::reschedule(&pool, &practice.staff, over, "Both agreed").await.unwrap();
    let details = appointments::details(&pool, &practice.staff, id).await.unwrap();
    assert_eq!(details.overbook_reason, "Both agreed");
    assert!(appointments::one(&pool, &practice.staff, id).await.unwrap().overbooked);
    // Away again, it is guarded as before: the flag and the reason go.
    moved(&pool, &practice.staff, to(id, 2, at(4))).await.unwrap();
    assert!(!appointments::one(&pool, &practice.staff, id).await.unwrap().overbooked);
    assert_eq!(appointments::details(&pool, &practice.staff, id).await.unwrap().overbook_reason, "");
    assert!(!appointments::one(&pool, &practice.staff, other).await.unwrap().overbooked);
}

#[testkit::test]
async fn a_move_to_where_it_is_tells_no_one(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    let id = booked(&pool, &practice, &mia, 2).await;
    moved(&pool, &mia, to(id, 1, at(2))).await.unwrap();
    moved(&pool, &practice.staff, Move { practitioner: Some(practice.practitioner), ..to(id, 1, at(2)) })
        .await
        .unwrap();
    let sql = "select a.version || ' ' || (select count(*) from message) || ' ' || (select count(*) from audit where action = 'move') from appointment a";
    assert_eq!(text(&pool, sql).await, "1 1 0");
}

#[testkit::test]
async fn a_move_that_is_sent_twice_is_one(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    let id = booked(&pool, &practice, &mia, 2).await;
    let wanted = to(id, 1, at(3));
    moved(&pool, &mia, wanted).await.unwrap();
    moved(&pool, &mia, wanted).await.unwrap();
    let sql = "select a.version || ' ' || (select count(*) from audit where action = 'move') from appointment a";
    assert_eq!(text(&pool, sql).await, "2 1");
    // To elsewhere, from the page that showed the old time, it is told that something changed.
    assert_eq!(moved(&pool, &mia, to(id, 1, at(4))).await, Err(Refusal::Stale));
}

#[testkit::test]
async fn another_practitioner_takes_it_over_and_is_assigned(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    let id = booked(&pool, &practice, &mia, 2).await;
    let omar = StaffId(staff_actor(&pool, "Omar", &[Role::Practitioner]).await.id());
    let wanted = Move { practitioner: Some(omar), ..to(id, 1, at(2)) };
    assert_eq!(moved(&pool, &practice.staff, wanted).await, Err(Refusal::Conflict(Conflict::NotOffered)));
    offer(&pool, practice.service, omar).await;
    run(&pool, "insert into weekly_hours (id, practitioner_id, location_id, weekday, starts, ends)
                select gen_random_uuid(), s.id, l.id, d, 0, 1380 from staff_member s, location l, generate_series(1, 7) d
                 where s.first_name = 'Omar'").await;
    moved(&pool, &practice.staff, wanted).await.unwrap();
    let one = appointments::one(&pool, &practice.staff, id).await.unwrap();
    assert_eq!(one.practitioner_id, omar);
    let assigned = "select count(*)::text from client_practitioner p join staff_member s on s.id = p.practitioner_id where s.first_name = 'Omar'";
    assert_eq!(text(&pool, assigned).await, "1");
}

#[testkit::test]
async fn a_couple_moves_together_or_not_at_all(pool: PgPool) {
    let practice = practice(&pool).await;
    let (couple, _) = client(&pool, "couple", "The Okafors").await;
    let (ana, ben) = (client_actor(&pool, "Ana").await, client_actor(&pool, "Ben").await);
    for one in [&ana, &ben] {
        member(&pool, couple, ClientId(one.id()), Utc::now().date_naive() - chrono::Days::new(50), None).await;
    }
    let whole = Booking { client: couple, ..practice.booking(&ana, at(2)) };
    let id = appointments::book(&pool, &practice.staff, whole).await.unwrap();
    // Ben is with someone else that day; only he is in the way.
    let omar = StaffId(staff_actor(&pool, "Omar", &[Role::Practitioner]).await.id());
    offer(&pool, practice.service, omar).await;
    run(&pool, "insert into weekly_hours (id, practitioner_id, location_id, weekday, starts, ends)
                select gen_random_uuid(), s.id, l.id, d, 0, 1380 from staff_member s, location l, generate_series(1, 7) d
                 where s.first_name = 'Omar'").await;
    let his = Booking { practitioner: omar, ..practice.booking(&ben, at(3)) };
    appointments::book(&pool, &practice.staff, his).await.unwrap();
    let Err(Refusal::Conflicts(seen)) = moved(&pool, &practice.staff, to(id, 1, at(3))).await else { panic!() };
    assert!(matches!(&seen.all[..], [TimeConflict::ClientBusy { client, .. }] if client.starts_with("Ben")));
    assert_eq!(starts(&pool, id).await, at(2));
    // A client moves it for themself only where all of it is theirs.
    let alone = moved(&pool, &ana, to(id, 1, at(4))).await;
    assert_eq!(alone, Err(Refusal::Conflict(Conflict::NotChangedOnline)));
    grant_booking(&pool, &ana, &ben).await;
    moved(&pool, &ana, to(id, 1, at(4))).await.unwrap();
    let times =
        "select count(distinct starts_at)::text || count(*) from appointment_participant where party_id is not null";
    assert_eq!(text(&pool, times).await, "12");
}

#[testkit::test]
async fn clients_move_and_cancel_as_the_policy_says_that_they_booked_under(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    let policy = Uuid::now_v7();
    run(
        &pool,
        &format!(
            "insert into policy (id, cutoff_hours) values ('{policy}', 100); update service set policy_id = '{policy}'"
        ),
    )
    .await;
    let (soon, later) = (booked(&pool, &practice, &mia, 2).await, booked(&pool, &practice, &mia, 9).await);
    assert_eq!(moved(&pool, &mia, to(soon, 1, at(3))).await, Err(Refusal::Conflict(Conflict::TooLate)));
    assert_eq!(refusal(appointments::cancel(&pool, &mia, soon).await), Refusal::Conflict(Conflict::TooLate));
    moved(&pool, &mia, to(later, 1, at(10))).await.unwrap();
    // Staff are bound by none of it.
    moved(&pool, &practice.staff, to(soon, 1, at(3))).await.unwrap();

    // An edit of the policy is another row: what is booked keeps its own.
    let lenient = Uuid::now_v7();
    run(
        &pool,
        &format!(
            "insert into policy (id, cutoff_hours, late) values ('{lenient}', 100, 'allowed_as_late');
         update service set policy_id = '{lenient}'"
        ),
    )
    .await;
    assert_eq!(refusal(appointments::cancel(&pool, &mia, soon).await), Refusal::Conflict(Conflict::TooLate));
    let leo = client_actor(&pool, "Leo").await;
    let late = booked(&pool, &practice, &leo, 2).await;
    assert_eq!(moved(&pool, &leo, to(late, 1, at(5))).await, Err(Refusal::Conflict(Conflict::TooLate)));
    appointments::cancel(&pool, &leo, late).await.unwrap();
    let status = "select p.status from appointment_participant p join appointment a on a.id = p.appointment_id where a.status = 'cancelled'";
    assert_eq!(text(&pool, status).await, "late_cancelled");

    let closed = Uuid::now_v7();
    run(
        &pool,
        &format!(
        "insert into policy (id, cutoff_hours, client_may_cancel, client_may_move) values ('{closed}', 0, false, false);
         update service set policy_id = '{closed}'"
    ),
    )
    .await;
    let fixed = booked(&pool, &practice, &leo, 4).await;
    assert_eq!(moved(&pool, &leo, to(fixed, 1, at(5))).await, Err(Refusal::Conflict(Conflict::NotChangedOnline)));
    assert_eq!(refusal(appointments::cancel(&pool, &leo, fixed).await), Refusal::Conflict(Conflict::NotChangedOnline));
}

/// Two rooms; the service needs one.
async fn rooms(pool: &PgPool) -> [RoomId; 2] {
    let ids = [db::new_id(), db::new_id()];
    run(
        pool,
        &format!(
            "insert into room (id, location_id, name) select '{}', id, 'Blue room' from location;
         insert into room (id, location_id, name) select '{}', id, 'Green room' from location;
         update service set needs_room = true",
            ids[0], ids[1]
        ),
    )
    .await;
    ids.map(RoomId)
}

#[testkit::test]
async fn a_room_holds_one_appointment_and_a_move_keeps_it_where_it_can(pool: PgPool) {
    let practice = practice(&pool).await;
    let [blue, green] = rooms(&pool).await;
    let mut with = vec![practice.practitioner];
    for name in ["Omar", "Gita"] {
        let id = StaffId(staff_actor(&pool, name, &[Role::Practitioner]).await.id());
        offer(&pool, practice.service, id).await;
        with.push(id);
    }
    run(&pool, "insert into weekly_hours (id, practitioner_id, location_id, weekday, starts, ends)
                select gen_random_uuid(), s.id, l.id, d, 0, 1380 from staff_member s, location l, generate_series(1, 7) d
                 where s.first_name in ('Omar', 'Gita')").await;
    let people =
        [client_actor(&pool, "Mia").await, client_actor(&pool, "Leo").await, client_actor(&pool, "Noor").await];
    let booking = |n: usize| Booking { practitioner: with[n], ..practice.booking(&people[n], at(2)) };
    let room = async |id: AppointmentId| {
        appointments::details(&pool, &practice.staff, id).await.unwrap().room.map(|room| room.0)
    };
    let first = appointments::book(&pool, &people[0], booking(0)).await.unwrap();
    let second = appointments::book(&pool, &people[1], booking(1)).await.unwrap();
    assert_eq!((room(first).await, room(second).await), (Some(blue), Some(green)));
    // The third practitioner is free, and no room is.
    let refused = refusal(appointments::book(&pool, &people[2], booking(2)).await);
    assert_eq!(refused, Refusal::Conflict(Conflict::NotPossible), "a client is not told of rooms");
    let Refusal::Conflicts(seen) = refusal(appointments::book(&pool, &practice.staff, booking(2)).await) else {
        panic!()
    };
    assert_eq!(seen.all, [TimeConflict::NoRoom]);
    let wanted = Booking { room: Some(green), ..booking(2) };
    let Refusal::Conflicts(seen) = refusal(appointments::book(&pool, &practice.staff, wanted).await) else { panic!() };
    assert_eq!(seen.all, [TimeConflict::RoomBusy { room: "Green room".into() }]);
    let over = Booking { over: Some(seen.seen), ..wanted };
    let third = appointments::book(&pool, &practice.staff, over).await.unwrap();
    let flags =
        "select practitioner_overbooked || ' ' || room_overbooked from appointment order by booked_at desc limit 1";
    assert_eq!(text(&pool, flags).await, "false true");

    // To a free day: the room it has stays; asked for another one, it takes that.
    moved(&pool, &practice.staff, to(second, 1, at(3))).await.unwrap();
    assert_eq!(room(second).await, Some(green));
    moved(&pool, &practice.staff, Move { room: Some(blue), ..to(second, 2, at(3)) }).await.unwrap();
    assert_eq!(room(second).await, Some(blue));
    // Where its room is taken, it takes one that is free.
    moved(&pool, &practice.staff, to(third, 1, at(3))).await.unwrap();
    assert_eq!(room(third).await, Some(green));
    let overlaps =
        "select count(*)::text from appointment a join appointment b on a.id < b.id and a.room_id = b.room_id
                       and a.blocks and b.blocks and a.starts_at < b.ends_at and b.starts_at < a.ends_at";
    assert_eq!(text(&pool, overlaps).await, "0");
}

fn form(id: AppointmentId, version: i32, starts_at: DateTime<Utc>) -> MoveForm {
    MoveForm {
        appointment: id.to_string(),
        version: version.to_string(),
        starts_at: instant_text(starts_at),
        ..MoveForm::default()
    }
}

#[testkit::test]
async fn asking_whether_a_move_is_possible_changes_nothing(pool: PgPool) {
    let practice = practice(&pool).await;
    let (mia, leo) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Leo").await);
    let id = booked(&pool, &practice, &mia, 2).await;
    booked(&pool, &practice, &leo, 3).await;
    let zone = db::time::Zone::parse("America/Toronto").unwrap();
    let whole = "select md5(string_agg(t::text, '|' order by t.id)) || (select count(*) from message)
                     || (select count(*) from audit) from appointment t";
    let before = text(&pool, whole).await;
    let staff = &practice.staff;
    let check = async |form: MoveForm| appointments::check_move(&pool, staff, form, &zone).await;
    check(form(id, 1, at(4))).await.unwrap();
    assert!(matches!(refusal(check(form(id, 1, at(3))).await), Refusal::Conflicts(_)));
    assert_eq!(refusal(check(form(id, 7, at(4))).await), Refusal::Stale);
    let theirs = appointments::check_move(&pool, &leo, form(id, 1, at(4)), &zone).await;
    assert_eq!(refusal(theirs), Refusal::NotFound);
    assert_eq!(text(&pool, whole).await, before);
}

#[testkit::test]
async fn staff_make_an_appointment_longer_as_far_as_the_next_one(pool: PgPool) {
    let practice = practice(&pool).await;
    let (mia, leo) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Leo").await);
    let id = booked(&pool, &practice, &mia, 2).await;
    let behind = practice.booking(&leo, at(2) + TimeDelta::minutes(90));
    appointments::book(&pool, &practice.staff, behind).await.unwrap();
    let zone = db::time::Zone::parse("America/Toronto").unwrap();
    let length = "select (ends_at - starts_at) || ' ' || version from appointment order by starts_at limit 1";
    let wanted = |minutes: &str, version: i32| MoveForm { minutes: minutes.to_owned(), ..form(id, version, at(2)) };
    let staff = &practice.staff;
    let resize = async |form: MoveForm| appointments::submit_move_by(&pool, staff, form, &zone).await;
    resize(wanted("75", 1)).await.unwrap();
    assert_eq!(text(&pool, length).await, "01:15:00 2");
    // The buffer of a quarter of an hour, and then the other appointment itself.
    for (minutes, overlaps) in [("85", false), ("105", true)] {
        let Refusal::Conflicts(conflicts) = refusal(resize(wanted(minutes, 2)).await) else { panic!() };
        assert_eq!(matches!(&conflicts.all[..], [TimeConflict::PractitionerBusy { .. }]), overlaps, "{minutes}");
    }
    assert!(matches!(refusal(resize(wanted("0", 2)).await), Refusal::Invalid(_)));
    // Sent twice it is one; a move without a length keeps it.
    resize(wanted("75", 1)).await.unwrap();
    moved(&pool, staff, to(id, 2, at(5))).await.unwrap();
    let there = "select (ends_at - starts_at) || ' ' || version from appointment order by starts_at desc limit 1";
    assert_eq!(text(&pool, there).await, "01:15:00 3");
    // A client does not choose how long it is.
    let mine = MoveForm { slot: format!("{} {}", instant_text(at(6)), practice.practitioner), ..wanted("20", 3) };
    appointments::submit_move(&pool, &mia, mine).await.unwrap();
    assert_eq!(text(&pool, there).await, "01:15:00 4");
}

#[testkit::test]
async fn a_time_of_the_calendar_is_by_the_clocks_it_is_drawn_by(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    let id = booked(&pool, &practice, &mia, 2).await;
    let vancouver = db::time::Zone::parse("America/Vancouver").unwrap();
    let there = vancouver.local(at(3));
    let wanted = MoveForm { local: there.format("%Y-%m-%dT%H:%M").to_string(), ..form(id, 1, at(4)) };
    appointments::submit_move_by(&pool, &practice.staff, wanted, &vancouver).await.unwrap();
    assert_eq!(starts(&pool, id).await, at(3));
}
