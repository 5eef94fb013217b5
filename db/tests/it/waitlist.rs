//! The waiting list: who may enter a client, and who fits a time that became free.

use crate::appointments::{add_service, at, grant_booking, offer, unlink};
use crate::support::waiting::List;
use chrono::TimeDelta;
use db::waitlist::{self, Filter};
use db::{PgPool, appointments};
use shared::accounts::Role;
use shared::practice::DayForm;
use shared::waitlist::{WaitForm, WaitState};
use shared::{Conflict, Problem, Refusal, ServiceId};
use testkit::{client_actor, refusal, staff_actor};

#[testkit::test]
async fn who_may_book_someone_may_enter_them(pool: PgPool) {
    let list = List::new(&pool).await;
    let (ana, mia) = (client_actor(&pool, "Ana").await, client_actor(&pool, "Mia").await);
    let form = list.form(&mia);
    let refused = refusal(waitlist::enter(&pool, &ana, &form).await);
    assert_eq!(refused, Refusal::NotFound, "no link");
    grant_booking(&pool, &ana, &mia).await;
    let urgent = WaitForm { urgent: true, ..form.clone() };
    let id = waitlist::enter(&pool, &ana, &urgent).await.unwrap();
    assert!(!list.one(id).await.urgent, "what is urgent, staff decide");
    assert_eq!(list.one(id).await.entered_by, None);
    // Sent twice it is one entry.
    assert_eq!(waitlist::enter(&pool, &ana, &urgent).await.unwrap(), id);
    assert_eq!(list.text("select count(*)::text from waitlist_entry").await, "1");
    // Both see it; the one who is entered sees nothing of the other's.
    assert_eq!(waitlist::mine(&pool, ana.client().unwrap()).await.unwrap().len(), 1);
    assert_eq!(waitlist::mine(&pool, mia.client().unwrap()).await.unwrap().len(), 1);
    unlink(&pool).await;
    assert!(waitlist::mine(&pool, ana.client().unwrap()).await.unwrap().is_empty());
    assert_eq!(refusal(waitlist::withdraw(&pool, &ana, id).await), Refusal::NotFound);
    assert_eq!(refusal(waitlist::enter(&pool, &ana, &list.form(&mia)).await), Refusal::NotFound);
    waitlist::withdraw(&pool, &mia, id).await.unwrap();
    waitlist::withdraw(&pool, &mia, id).await.unwrap();
    assert_eq!(list.one(id).await.state, WaitState::Withdrawn);

    let (stranger, reader) = (
        staff_actor(&pool, "Nadia", &[Role::Practitioner]).await,
        staff_actor(&pool, "Asta", &[Role::Practitioner]).await,
    );
    sqlx::query("insert into client_practitioner (client_id, practitioner_id) values ($1, $2)")
        .bind(mia.id())
        .bind(reader.id())
        .execute(&pool)
        .await
        .unwrap();
    assert_eq!(refusal(waitlist::enter(&pool, &stranger, &list.form(&mia)).await), Refusal::NotFound);
    assert_eq!(refusal(waitlist::enter(&pool, &reader, &list.form(&mia)).await), Refusal::Forbidden, "does not book");
    let id = list.enter(&mia).await;
    assert!(waitlist::list(&pool, &stranger, Filter::default()).await.unwrap().is_empty());
    assert_eq!(waitlist::list(&pool, &reader, Filter::default()).await.unwrap()[0].id, id);
    assert_eq!(refusal(waitlist::withdraw(&pool, &stranger, id).await), Refusal::NotFound);
}

#[testkit::test]
async fn what_is_not_offered_is_not_waited_for(pool: PgPool) {
    let list = List::new(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    let desk = ServiceId(db::new_id());
    add_service(&pool, desk, 30, 0, false).await;
    let form = WaitForm { service: desk.to_string(), ..list.form(&mia) };
    let refused = refusal(waitlist::enter(&pool, &mia, &form).await);
    assert_eq!(refused, Refusal::Conflict(Conflict::NoWaitlist));
    waitlist::enter(&pool, &list.practice.staff, &form).await.unwrap();
    let unknown_one = WaitForm { practitioner: list.practice.staff.id().to_string(), ..list.form(&mia) };
    let unknown = Refusal::field("practitioner", Problem::Unknown);
    assert_eq!(refusal(waitlist::enter(&pool, &list.practice.staff, &unknown_one).await), unknown);
    let forged = WaitForm { service: db::new_id().to_string(), ..list.form(&mia) };
    assert_eq!(refusal(waitlist::enter(&pool, &mia, &forged).await), Refusal::field("service", Problem::Unknown));
    list.run("update service set waitlist = false").await;
    let refused = refusal(waitlist::enter(&pool, &list.practice.staff, &list.form(&mia)).await);
    assert_eq!(refused, Refusal::Conflict(Conflict::NoWaitlist));
    list.run("update client set status = 'inactive'").await;
    let refused = refusal(waitlist::enter(&pool, &list.practice.staff, &list.form(&mia)).await);
    assert_eq!(refused, Refusal::Conflict(Conflict::ClientInactive));
}

#[testkit::test]
async fn a_client_waits_for_a_few_things_at_a_time(pool: PgPool) {
    let list = List::new(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    for _ in 0..5 {
        waitlist::enter(&pool, &mia, &list.form(&mia)).await.unwrap();
    }
    let refused = refusal(waitlist::enter(&pool, &mia, &list.form(&mia)).await);
    assert_eq!(refused, Refusal::Conflict(Conflict::TooManyWaiting { max: 5 }));
    list.enter(&mia).await;
}

#[testkit::test]
async fn a_stale_change_is_told_and_changes_nothing(pool: PgPool) {
    let list = List::new(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    let id = list.enter(&mia).await;
    let form = WaitForm { version: "1".into(), urgent: true, note: "🦊 <b>soon</b>".into(), ..list.form(&mia) };
    waitlist::change(&pool, &list.practice.staff, id, &form).await.unwrap();
    assert_eq!((list.one(id).await.urgent, list.one(id).await.note), (true, "🦊 <b>soon</b>".into()));
    let late = WaitForm { note: "late".into(), ..form };
    assert_eq!(refusal(waitlist::change(&pool, &list.practice.staff, id, &late).await), Refusal::Stale);
    assert!(waitlist::change(&pool, &mia, id, &late).await.is_err(), "a client enters again");
}

/// Urgent ones first, then who waits longest; no one who cannot come.
#[testkit::test]
async fn who_fits_a_cancelled_time_is_found_in_order(pool: PgPool) {
    let list = List::new(&pool).await;
    let names = ["Mia", "Leo", "Zoe", "Kit", "Ida", "Sam"];
    let mut people = Vec::new();
    for name in names {
        people.push(client_actor(&pool, name).await);
    }
    let [mia, leo, zoe, kit, ida, sam] = &people[..] else { unreachable!() };
    let other = at(9);
    let booked = list.book(sam, at(3)).await;
    assert!(list.fitting(at(3)).await.is_empty());
    let first = list.enter(mia).await;
    let second = list.enter(leo).await;
    let urgent = list.enter_with(zoe, |form| WaitForm { urgent: true, ..form }).await;
    // Later dates; another practitioner's; busy then.
    let late = db::time::Zone::parse("America/Toronto").unwrap().date(other).to_string();
    list.enter_with(kit, |form| WaitForm { first_on: late, ..form }).await;
    let elsewhere = staff_actor(&pool, "Tomas", &[Role::Practitioner]).await;
    offer(&pool, list.practice.service, shared::StaffId(elsewhere.id())).await;
    list.enter_with(kit, |form| WaitForm { practitioner: elsewhere.id().to_string(), ..form }).await;
    list.enter(ida).await;
    sqlx::query("insert into weekly_hours (id, practitioner_id, location_id, weekday, starts, ends)
                 select gen_random_uuid(), $1, (select id from location limit 1), day, 0, 1380 from generate_series(1, 7) day")
        .bind(elsewhere.id())
        .execute(&pool)
        .await
        .unwrap();
    let with_tomas = shared::appointments::Booking {
        practitioner: shared::StaffId(elsewhere.id()),
        ..list.practice.booking(ida, at(3))
    };
    appointments::book(&pool, &list.practice.staff, with_tomas).await.unwrap();
    assert!(list.fitting(at(3)).await.is_empty(), "it is taken");

    appointments::cancel(&pool, &list.practice.staff, booked).await.unwrap();
    let gaps = waitlist::freed_by(&pool, &list.practice.staff, booked).await.unwrap();
    assert_eq!(gaps, [list.gap(at(3))]);
    assert_eq!(list.fitting(at(3)).await, [urgent, first, second]);
    // A practitioner finds those they see.
    let nadia = staff_actor(&pool, "Nadia", &[Role::Practitioner]).await;
    assert!(waitlist::fitting(&pool, &nadia, gaps[0], 10).await.unwrap().is_empty());
    list.run("update client set status = 'inactive' where first_name = 'Zoe'").await;
    assert_eq!(list.fitting(at(3)).await, [first, second]);
}

#[testkit::test]
async fn a_time_that_is_left_by_a_move_is_noted_as_well(pool: PgPool) {
    let list = List::new(&pool).await;
    let (mia, leo) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Leo").await);
    let quiet = list.book(&leo, at(5)).await;
    appointments::cancel(&pool, &list.practice.staff, quiet).await.unwrap();
    assert_eq!(list.text("select count(*)::text from waitlist_freed").await, "0", "no one waited");
    let entry = list.enter(&mia).await;
    let booked = list.book(&leo, at(3)).await;
    let moved = shared::appointments::Move {
        appointment: booked,
        version: 1,
        starts_at: at(4),
        practitioner: None,
        room: None,
        over: None,
    };
    appointments::reschedule(&pool, &list.practice.staff, moved, "").await.unwrap();
    assert_eq!(waitlist::freed_by(&pool, &list.practice.staff, booked).await.unwrap(), [list.gap(at(3))]);
    assert_eq!(list.fitting(at(3)).await, [entry]);
    assert!(list.fitting(at(4)).await.is_empty());
    // So is time off that is removed, and extra hours.
    list.run("delete from waitlist_freed").await;
    list.run(
        "insert into availability_exception (id, kind, zone, local_starts, local_ends, starts_at, ends_at, tzdb, created_by)
         values (gen_random_uuid(), 'off', 'UTC', now(), now() + interval '9 days', now(), now() + interval '9 days', '', gen_random_uuid())",
    )
    .await;
    assert!(list.fitting(at(3)).await.is_empty(), "closed");
    list.run("delete from availability_exception").await;
    assert_eq!(waitlist::recently_freed(&pool, &list.practice.staff).await.unwrap().len(), 1);
    assert_eq!(list.fitting(at(3)).await, [entry]);
}

/// Without hours of their own in the entry it is the client's weekly availability, in their zone.
#[testkit::test]
async fn when_someone_can_come_is_their_own_or_their_usual_week(pool: PgPool) {
    let list = List::new(&pool).await;
    let (mia, leo) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Leo").await);
    let day = |from: &str, to: &str| DayForm { starts: from.into(), ends: to.into(), ..DayForm::default() };
    let mornings = list.enter_with(&mia, |form| WaitForm { days: vec![day("09:00", "12:00"); 7], ..form }).await;
    let usual = list.enter(&leo).await;
    let afternoon = at(3) + TimeDelta::hours(4);
    assert_eq!(list.fitting(at(3)).await, [mornings, usual]);
    assert_eq!(list.fitting(afternoon).await, [usual]);
    // From 13:00 to 16:00 in Toronto, on clocks of Vancouver.
    list.run(
        "update client set zone = 'America/Vancouver' where first_name = 'Leo';
         insert into client_availability (client_id, weekday, starts, ends)
         select id, day, 600, 780 from client, generate_series(1, 7) day where first_name = 'Leo'",
    )
    .await;
    assert_eq!(list.fitting(at(3)).await, [mornings]);
    assert_eq!(list.fitting(afternoon).await, [usual]);
}

#[testkit::test]
async fn an_earlier_time_is_one_before_the_appointment(pool: PgPool) {
    let list = List::new(&pool).await;
    let (mia, leo) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Leo").await);
    let has = list.book(&mia, at(5)).await;
    let entry = list.enter_with(&mia, |form| WaitForm { appointment: has.to_string(), ..form }).await;
    assert_eq!(list.fitting(at(3)).await, [entry]);
    assert!(list.fitting(at(6)).await.is_empty());
    // Not someone else's, and not of another service.
    let forged = WaitForm { appointment: has.to_string(), ..list.form(&leo) };
    assert_eq!(refusal(waitlist::enter(&pool, &leo, &forged).await), Refusal::NotFound);
    let unknown = Refusal::field("appointment", Problem::Unknown);
    assert_eq!(refusal(waitlist::enter(&pool, &list.practice.staff, &forged).await), unknown);
    appointments::cancel(&pool, &mia, has).await.unwrap();
    assert!(list.fitting(at(3)).await.is_empty());
    waitlist::work(&pool).await.unwrap();
    assert_eq!(list.one(entry).await.state, WaitState::Lapsed);
}

#[testkit::test]
async fn an_entry_ends_with_its_last_day(pool: PgPool) {
    let list = List::new(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    let (over, stays) = (list.enter(&mia).await, list.enter(&mia).await);
    sqlx::query("update waitlist_entry set first_on = current_date - 9, last_on = current_date - 2 where id = $1")
        .bind(over.0)
        .execute(&pool)
        .await
        .unwrap();
    waitlist::work(&pool).await.unwrap();
    assert_eq!((list.one(over).await.state, list.one(stays).await.state), (WaitState::Lapsed, WaitState::Waiting));
    assert_eq!(waitlist::list(&pool, &list.practice.staff, Filter::default()).await.unwrap().len(), 1);
}
