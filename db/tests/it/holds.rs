//! A time is kept for a client while they book; a hold that lapsed is in no one's way.

use crate::appointments::{Practice, at, grant_booking, offered, practice, unlink};
use db::appointments::Visitor;
use db::{Actor, PgPool, appointments};
use shared::accounts::{RegistrationForm, Secret};
use shared::appointments::{AppointmentStatus, Booking, BookingForm, instant_text};
use shared::{Conflict, Refusal};
use sqlx::AssertSqlSafe;
use testkit::{client_actor, refusal};

async fn text(pool: &PgPool, sql: &str) -> String {
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await.unwrap()
}

async fn lapse(pool: &PgPool) {
    sqlx::query("update appointment set held_until = now() - interval '1 second' where status = 'held'")
        .execute(pool)
        .await
        .unwrap();
}

async fn held(pool: &PgPool, practice: &Practice, client: &Actor, days: u64) -> appointments::Hold {
    appointments::hold(pool, client, practice.booking(client, at(days))).await.unwrap()
}

#[testkit::test]
async fn a_held_time_is_no_one_elses_and_becomes_the_booking(pool: PgPool) {
    let practice = practice(&pool).await;
    let (mia, leo) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Leo").await);
    let hold = held(&pool, &practice, &mia, 2).await;
    assert!(!offered(&practice.free(&pool, None, 2).await, at(2)));
    let refused = refusal(appointments::book(&pool, &leo, practice.booking(&leo, at(2))).await);
    assert_eq!(refused, Refusal::Conflict(Conflict::PractitionerBusy));
    let refused = refusal(appointments::hold(&pool, &leo, practice.booking(&leo, at(2))).await);
    assert_eq!(refused, Refusal::Conflict(Conflict::PractitionerBusy));
    // Another person's hold is no key to their time.
    let stolen = Booking { hold: Some(hold.id), ..practice.booking(&leo, at(2)) };
    assert!(appointments::book(&pool, &leo, stolen).await.is_err());
    // It is in no list, and no one is told of it.
    assert!(appointments::mine(&pool, mia.client().unwrap()).await.unwrap().is_empty());
    assert!(appointments::one(&pool, &practice.staff, hold.id).await.is_err());
    assert_eq!(text(&pool, "select count(*)::text from message").await, "0");

    let booking = Booking { hold: Some(hold.id), ..practice.booking(&mia, at(2)) };
    let id = appointments::book(&pool, &mia, booking).await.unwrap();
    assert_eq!(id, hold.id);
    let mine = appointments::mine(&pool, mia.client().unwrap()).await.unwrap();
    assert_eq!(mine.iter().map(|one| one.status).collect::<Vec<_>>(), [AppointmentStatus::Confirmed]);
    // Sent again, the form is answered with the same.
    assert_eq!(appointments::book(&pool, &mia, booking).await.unwrap(), id);
    assert_eq!(text(&pool, "select count(*)::text from appointment").await, "1");
}

#[testkit::test]
async fn a_hold_runs_out_but_not_between_the_click_and_the_answer(pool: PgPool) {
    let practice = practice(&pool).await;
    let (mia, leo) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Leo").await);
    let hold = held(&pool, &practice, &mia, 2).await;
    lapse(&pool).await;
    // No one has taken the time: the client who held it still gets it.
    let booking = Booking { hold: Some(hold.id), ..practice.booking(&mia, at(2)) };
    assert_eq!(appointments::book(&pool, &mia, booking).await.unwrap(), hold.id);

    let second = held(&pool, &practice, &mia, 3).await;
    lapse(&pool).await;
    assert!(offered(&practice.free(&pool, None, 3).await, at(3)), "a lapsed hold takes no time");
    appointments::book(&pool, &leo, practice.booking(&leo, at(3))).await.unwrap();
    let late = Booking { hold: Some(second.id), ..practice.booking(&mia, at(3)) };
    let refused = refusal(appointments::book(&pool, &mia, late).await);
    assert_eq!(refused, Refusal::Conflict(Conflict::PractitionerBusy));
    assert_eq!(text(&pool, "select count(*)::text from appointment where status = 'held'").await, "0");
}

#[testkit::test]
async fn another_choice_replaces_the_time_that_is_kept(pool: PgPool) {
    let practice = practice(&pool).await;
    let (ana, leo) = (client_actor(&pool, "Ana").await, client_actor(&pool, "Leo").await);
    let first = held(&pool, &practice, &ana, 2).await;
    // The same time again is the same hold.
    assert_eq!(held(&pool, &practice, &ana, 2).await.id, first.id);
    // One that overlaps the first is no obstacle to itself.
    let half_past = at(2) + chrono::TimeDelta::minutes(30);
    let second = appointments::hold(&pool, &ana, practice.booking(&ana, half_past)).await.unwrap();
    let kept = appointments::held(&pool, ana.client().unwrap()).await.unwrap().unwrap();
    assert_eq!((kept.id, kept.starts_at), (second.id, half_past));
    assert_eq!(text(&pool, "select count(*)::text from appointment").await, "1");
    // What cannot be kept leaves what is.
    held(&pool, &practice, &leo, 3).await;
    assert!(appointments::hold(&pool, &ana, practice.booking(&ana, at(3))).await.is_err());
    assert_eq!(appointments::held(&pool, ana.client().unwrap()).await.unwrap().unwrap().id, second.id);
    // The first is someone else's to take.
    held(&pool, &practice, &leo, 4).await;
    let booking = Booking { hold: Some(first.id), ..practice.booking(&ana, at(4)) };
    assert!(appointments::book(&pool, &ana, booking).await.is_err());
}

#[testkit::test]
async fn of_two_people_who_choose_a_time_one_keeps_it(pool: PgPool) {
    let practice = practice(&pool).await;
    let (ana, leo) = (client_actor(&pool, "Ana").await, client_actor(&pool, "Leo").await);
    registering(&pool, true).await;
    let secret = appointments::visitor_secret();
    for days in 2..6 {
        let (one, other, third) = tokio::join!(
            appointments::hold(&pool, &ana, practice.booking(&ana, at(days))),
            appointments::hold(&pool, &leo, practice.booking(&leo, at(days))),
            appointments::submit_visitor_hold(&pool, from(&secret, "192.0.2.1"), wish(&practice, days)),
        );
        let won = [one.is_ok(), other.is_ok(), third.is_ok()].into_iter().filter(|won| *won).count();
        assert_eq!(won, 1, "{one:?} {other:?} {third:?}");
        let count = "select count(*)::text from appointment where status = 'held' and starts_at = (
                         select max(starts_at) from appointment)";
        assert_eq!(text(&pool, count).await, "1");
    }
}

#[testkit::test]
async fn a_household_holds_two_times_at_most(pool: PgPool) {
    let practice = practice(&pool).await;
    let (ana, mia) = (client_actor(&pool, "Ana").await, client_actor(&pool, "Mia").await);
    let leo = client_actor(&pool, "Leo").await;
    grant_booking(&pool, &ana, &mia).await;
    grant_booking(&pool, &ana, &leo).await;
    held(&pool, &practice, &mia, 2).await;
    held(&pool, &practice, &leo, 3).await;
    let third = refusal(appointments::hold(&pool, &ana, practice.booking(&ana, at(4))).await);
    assert_eq!(third, Refusal::Conflict(Conflict::TooManyHolds));
    lapse(&pool).await;
    held(&pool, &practice, &ana, 4).await;
    assert!(appointments::hold(&pool, &practice.staff, practice.booking(&ana, at(5))).await.is_err());
}

async fn registering(pool: &PgPool, on: bool) {
    sqlx::query("update practice set client_registration = $1").bind(on).execute(pool).await.unwrap();
}

fn from<'a>(secret: &'a Secret, network: &'a str) -> Visitor<'a> {
    Visitor { secret, network }
}

/// A time as the portal's form sends it.
fn wish(practice: &Practice, days: u64) -> BookingForm {
    let slot = format!("{} {}", instant_text(at(days)), practice.practitioner);
    BookingForm { service: practice.service.to_string(), slot, ..BookingForm::default() }
}

#[testkit::test]
async fn what_a_browser_keeps_is_the_clients_who_logs_in_there(pool: PgPool) {
    let practice = practice(&pool).await;
    let (ana, leo) = (client_actor(&pool, "Ana").await, client_actor(&pool, "Leo").await);
    let secret = appointments::visitor_secret();
    // Only where people may register while they book.
    let closed =
        refusal(appointments::submit_visitor_hold(&pool, from(&secret, "192.0.2.1"), wish(&practice, 2)).await);
    assert_eq!(closed, Refusal::SignedOut);
    assert_eq!(text(&pool, "select count(*)::text from visitor").await, "0");

    registering(&pool, true).await;
    appointments::submit_visitor_hold(&pool, from(&secret, "192.0.2.1"), wish(&practice, 3)).await.unwrap();
    let hold = appointments::submit_visitor_hold(&pool, from(&secret, "192.0.2.1"), wish(&practice, 2)).await.unwrap();
    assert_eq!(text(&pool, "select count(*)::text from appointment").await, "1", "one time for each browser");
    assert_eq!(appointments::held_by_visitor(&pool, &secret).await.unwrap().unwrap().id, hold.id);
    assert!(!offered(&practice.free(&pool, None, 2).await, at(2)));
    // Its id is no key to it, and neither is a secret that was made up.
    let forged = Booking { hold: Some(hold.id), ..practice.booking(&leo, at(2)) };
    assert_eq!(refusal(appointments::book(&pool, &leo, forged).await), Refusal::Conflict(Conflict::PractitionerBusy));
    assert!(!appointments::adopt_hold(&pool, &leo, &appointments::visitor_secret()).await.unwrap());
    assert!(appointments::held_by_visitor(&pool, &Default::default()).await.unwrap().is_none());
    assert!(appointments::adopt_hold(&pool, &practice.staff, &secret).await.is_err());

    assert!(appointments::adopt_hold(&pool, &ana, &secret).await.unwrap());
    assert!(appointments::held_by_visitor(&pool, &secret).await.unwrap().is_none());
    assert!(!appointments::adopt_hold(&pool, &leo, &secret).await.unwrap(), "it passes on once");
    let booking = Booking { hold: Some(hold.id), ..practice.booking(&ana, at(2)) };
    assert_eq!(appointments::book(&pool, &ana, booking).await.unwrap(), hold.id);
    assert_eq!(text(&pool, "select count(*)::text from visitor").await, "0");
}

#[testkit::test]
async fn browsers_without_a_login_keep_so_many_times_in_all(pool: PgPool) {
    let practice = practice(&pool).await;
    registering(&pool, true).await;
    for days in 2..27 {
        let secret = appointments::visitor_secret();
        let network = format!("192.0.2.{}", days / 3);
        appointments::submit_visitor_hold(&pool, from(&secret, &network), wish(&practice, days)).await.unwrap();
    }
    let secret = appointments::visitor_secret();
    let more = appointments::submit_visitor_hold(&pool, from(&secret, "198.51.100.1"), wish(&practice, 27)).await;
    assert_eq!(refusal(more), Refusal::Conflict(Conflict::TooManyVisitors));
    // Clients keep times nonetheless.
    let ana = client_actor(&pool, "Ana").await;
    held(&pool, &practice, &ana, 27).await;
    sqlx::query("update visitor set seen_at = now() - interval '25 hours'").execute(&pool).await.unwrap();
    appointments::clear_holds(&pool).await.unwrap();
    assert_eq!(text(&pool, "select count(*)::text from visitor").await, "0");
}

#[testkit::test]
async fn one_network_keeps_three_times_without_a_login(pool: PgPool) {
    let practice = practice(&pool).await;
    registering(&pool, true).await;
    let secrets: Vec<_> = (0..4).map(|_| appointments::visitor_secret()).collect();
    for (days, secret) in (2..5).zip(&secrets) {
        appointments::submit_visitor_hold(&pool, from(secret, "192.0.2.1"), wish(&practice, days)).await.unwrap();
    }
    let fourth = appointments::submit_visitor_hold(&pool, from(&secrets[3], "192.0.2.1"), wish(&practice, 6)).await;
    assert_eq!(refusal(fourth), Refusal::Conflict(Conflict::TooManyVisitors));
    appointments::submit_visitor_hold(&pool, from(&secrets[3], "192.0.2.2"), wish(&practice, 6)).await.unwrap();
    // Another choice is no fourth, and the same one again is kept for half an hour at most.
    appointments::submit_visitor_hold(&pool, from(&secrets[0], "192.0.2.1"), wish(&practice, 7)).await.unwrap();
    let aged =
        "update appointment set booked_at = now() - interval '29 minutes', held_until = now() + interval '5 seconds'";
    sqlx::query(aged).execute(&pool).await.unwrap();
    let again =
        appointments::submit_visitor_hold(&pool, from(&secrets[0], "192.0.2.1"), wish(&practice, 7)).await.unwrap();
    assert!(again.until < chrono::Utc::now() + chrono::TimeDelta::minutes(2), "{again:?}");
}

#[testkit::test]
async fn who_registers_keeps_the_time_in_whatever_browser_they_open_the_link(pool: PgPool) {
    let practice = practice(&pool).await;
    registering(&pool, true).await;
    let secret = appointments::visitor_secret();
    let hold = appointments::submit_visitor_hold(&pool, from(&secret, "192.0.2.1"), wish(&practice, 2)).await.unwrap();
    let form = RegistrationForm {
        first_name: "Nia".into(),
        last_name: "New".into(),
        email: "nia@kin.test".into(),
        ..RegistrationForm::default()
    };
    db::accounts::register_while_booking(&pool, &form, Some(&secret)).await.unwrap();
    let visitor: uuid::Uuid = sqlx::query_scalar("select visitor_id from registration").fetch_one(&pool).await.unwrap();
    let nia = client_actor(&pool, "Nia").await;
    assert!(appointments::adopt_of(&pool, &nia, visitor).await.unwrap());
    assert!(!appointments::adopt_of(&pool, &nia, visitor).await.unwrap(), "once");
    assert_eq!(appointments::held(&pool, nia.client().unwrap()).await.unwrap().unwrap().id, hold.id);
}

#[testkit::test]
async fn going_on_to_register_keeps_the_time_for_half_an_hour_at_most(pool: PgPool) {
    let practice = practice(&pool).await;
    registering(&pool, true).await;
    let secret = appointments::visitor_secret();
    appointments::submit_visitor_hold(&pool, from(&secret, "192.0.2.1"), wish(&practice, 2)).await.unwrap();
    let minutes = "select round(extract(epoch from held_until - now()) / 60)::text from appointment";
    for (age, left) in [(0, "10"), (5, "10"), (25, "5"), (29, "1")] {
        let sql = "update appointment set booked_at = now() - $1 * interval '1 minute',
                          held_until = now() + interval '30 seconds'";
        sqlx::query(sql).bind(f64::from(age)).execute(&pool).await.unwrap();
        appointments::prolong_visitor_hold(&pool, &secret).await.unwrap();
        assert_eq!(text(&pool, minutes).await, left, "begun {age} minutes ago");
    }
    // What has lapsed stays so.
    lapse(&pool).await;
    appointments::prolong_visitor_hold(&pool, &secret).await.unwrap();
    assert!(appointments::held_by_visitor(&pool, &secret).await.unwrap().is_none());
}

#[testkit::test]
async fn a_permission_taken_back_between_hold_and_book_ends_it(pool: PgPool) {
    let practice = practice(&pool).await;
    let (ana, mia) = (client_actor(&pool, "Ana").await, client_actor(&pool, "Mia").await);
    grant_booking(&pool, &ana, &mia).await;
    let hold = held(&pool, &practice, &ana, 2).await;
    unlink(&pool).await;
    let booking = Booking { hold: Some(hold.id), ..practice.booking(&mia, at(2)) };
    assert!(matches!(refusal(appointments::book(&pool, &ana, booking).await), Refusal::NotFound | Refusal::LinkEnded));
    // It is still theirs, for themself.
    let booking = Booking { hold: Some(hold.id), ..practice.booking(&ana, at(2)) };
    assert_eq!(appointments::book(&pool, &ana, booking).await.unwrap(), hold.id);
}

#[testkit::test]
async fn the_sweep_takes_what_lapsed_a_while_ago_and_nothing_else(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    held(&pool, &practice, &mia, 2).await;
    assert_eq!(appointments::clear_holds(&pool).await.unwrap(), 0);
    lapse(&pool).await;
    assert_eq!(appointments::clear_holds(&pool).await.unwrap(), 0, "someone may just be booking it");
    sqlx::query("update appointment set held_until = now() - interval '3 minutes'").execute(&pool).await.unwrap();
    appointments::book(&pool, &mia, practice.booking(&mia, at(3))).await.unwrap();
    assert_eq!(appointments::clear_holds(&pool).await.unwrap(), 1);
    assert_eq!(text(&pool, "select count(*)::text from appointment").await, "1");
}
