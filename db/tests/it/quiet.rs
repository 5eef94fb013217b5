//! Mail about what staff change waits some minutes, and tells only what is new then.

use crate::appointments::{at, practice};
use crate::series::weekly;
use db::messages::{expand_next, save_quiet};
use db::{Actor, PgPool, appointments, series};
use shared::accounts::Role;
use shared::appointments::{AnswerForm, Move};
use shared::messages::QuietForm;
use shared::{AppointmentId, Problem, Refusal};
use sqlx::AssertSqlSafe;
use testkit::{client_actor, refusal, staff_actor};

async fn text(pool: &PgPool, sql: &str) -> String {
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await.unwrap()
}

async fn run(pool: &PgPool, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
}

fn to(appointment: AppointmentId, version: i32, days: u64) -> Move {
    Move { appointment, version, starts_at: at(days), practitioner: None, room: None, over: None }
}

/// Mia, who gets mail, in a practice with the quiet minutes of a new one.
async fn mia(pool: &PgPool) -> Actor {
    run(pool, "update practice set quiet_minutes = 3").await;
    let mia = client_actor(pool, "Mia").await;
    run(pool, "update client set email = 'mia@kin.test', email_consent = true").await;
    mia
}

/// What waits: its kind, and the minutes until it goes.
const WAITING: &str =
    "select coalesce(string_agg(kind || ' ' || round(extract(epoch from due_at - now()) / 60)::int, ', '
    order by due_at, kind), '') from message where state = 'queued'";

/// Lets pass the time that mail waits; the subjects of what is told then.
async fn told(pool: &PgPool) -> String {
    run(pool, "delete from message_copy; update message set due_at = now() where state = 'queued'").await;
    run(pool, "update appointment_told set told_at = told_at - interval '1 hour'").await;
    while expand_next(pool, "https://kin.test").await.unwrap() {}
    let words =
        text(pool, "select coalesce(string_agg(split_part(subject, ':', 1), ', '), '') from message_copy").await;
    run(pool, "update appointment_told set told_at = told_at - interval '1 hour'").await;
    words
}

#[testkit::test]
async fn what_staff_book_and_move_within_three_minutes_is_told_once(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = mia(&pool).await;
    let id = appointments::book(&pool, &practice.staff, practice.booking(&mia, at(2))).await.unwrap();
    assert_eq!(text(&pool, WAITING).await, "confirmation 3");
    assert!(!expand_next(&pool, "https://kin.test").await.unwrap(), "it goes later");
    appointments::reschedule(&pool, &practice.staff, to(id, 1, 3), "").await.unwrap();
    // Not changed: nothing was told yet.
    assert_eq!(text(&pool, WAITING).await, "confirmation 3");
    assert_eq!(told(&pool).await, "Appointment confirmed");
    appointments::reschedule(&pool, &practice.staff, to(id, 2, 4), "").await.unwrap();
    assert_eq!(text(&pool, WAITING).await, "change 3");
    assert_eq!(told(&pool).await, "Appointment changed");
}

#[testkit::test]
async fn further_changes_hold_mail_back_until_fifteen_minutes_after_the_first(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = mia(&pool).await;
    let id = appointments::book(&pool, &practice.staff, practice.booking(&mia, at(2))).await.unwrap();
    run(&pool, "update message set first_at = now() - interval '10 minutes'").await;
    appointments::reschedule(&pool, &practice.staff, to(id, 1, 3), "").await.unwrap();
    assert_eq!(text(&pool, WAITING).await, "confirmation 3");
    run(&pool, "update message set first_at = now() - interval '14 minutes'").await;
    appointments::reschedule(&pool, &practice.staff, to(id, 2, 4), "").await.unwrap();
    assert_eq!(text(&pool, WAITING).await, "confirmation 1");
}

#[testkit::test]
async fn moved_and_moved_back_tells_nothing(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = mia(&pool).await;
    let id = appointments::book(&pool, &practice.staff, practice.booking(&mia, at(2))).await.unwrap();
    assert_eq!(told(&pool).await, "Appointment confirmed");
    appointments::reschedule(&pool, &practice.staff, to(id, 1, 3), "").await.unwrap();
    appointments::reschedule(&pool, &practice.staff, to(id, 2, 2), "").await.unwrap();
    assert_eq!(text(&pool, WAITING).await, "change 3");
    assert_eq!(told(&pool).await, "");
}

#[testkit::test]
async fn cancelling_what_was_not_told_yet_tells_nothing_and_restoring_it_does(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = mia(&pool).await;
    let id = appointments::book(&pool, &practice.staff, practice.booking(&mia, at(2))).await.unwrap();
    appointments::cancel(&pool, &practice.staff, id).await.unwrap();
    assert_eq!(text(&pool, WAITING).await, "");
    assert_eq!(told(&pool).await, "");
    appointments::restore(&pool, &practice.staff, id).await.unwrap();
    assert_eq!(told(&pool).await, "Appointment confirmed");
    // Told of: a cancellation that is taken back meanwhile is told as little.
    appointments::cancel(&pool, &practice.staff, id).await.unwrap();
    assert_eq!(text(&pool, WAITING).await, "cancellation 3");
    appointments::restore(&pool, &practice.staff, id).await.unwrap();
    assert_eq!(told(&pool).await, "");
    appointments::cancel(&pool, &practice.staff, id).await.unwrap();
    assert_eq!(told(&pool).await, "Appointment cancelled");
    appointments::restore(&pool, &practice.staff, id).await.unwrap();
    assert_eq!(told(&pool).await, "Appointment confirmed");
}

#[testkit::test]
async fn what_clients_do_is_told_at_once_and_a_further_change_waits(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = mia(&pool).await;
    let id = appointments::book(&pool, &mia, practice.booking(&mia, at(3))).await.unwrap();
    assert_eq!(text(&pool, WAITING).await, "confirmation 0");
    assert!(expand_next(&pool, "https://kin.test").await.unwrap());
    appointments::reschedule(&pool, &mia, to(id, 1, 4), "").await.unwrap();
    assert_eq!(text(&pool, WAITING).await, "change 3");
    assert_eq!(told(&pool).await, "Appointment changed");
    // Later than three minutes after it, a change is told right away again.
    appointments::reschedule(&pool, &mia, to(id, 2, 5), "").await.unwrap();
    assert_eq!(text(&pool, WAITING).await, "change 0");
}

#[testkit::test]
async fn a_series_whose_first_date_is_cancelled_untold_is_told_by_the_next(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = mia(&pool).await;
    let first = series::book(&pool, &practice.staff, &weekly(&practice, &mia, 4)).await.unwrap();
    appointments::cancel(&pool, &practice.staff, first).await.unwrap();
    assert_eq!(text(&pool, WAITING).await, "confirmation 3");
    assert_eq!(told(&pool).await, "Appointment confirmed");
    assert_eq!(text(&pool, "select max(subject) from message_copy").await.split(" and ").nth(1).unwrap(), "2 more");
    // The mail told of every date: each is cancelled with a mail, and moved back without one.
    assert_eq!(text(&pool, "select count(*)::text from appointment_told").await, "3");
}

#[testkit::test]
async fn a_date_of_a_series_that_waits_is_cancelled_without_a_mail(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = mia(&pool).await;
    series::book(&pool, &practice.staff, &weekly(&practice, &mia, 3)).await.unwrap();
    let last = "select id from appointment order by starts_at desc limit 1";
    let last = AppointmentId(sqlx::query_scalar(last).fetch_one(&pool).await.unwrap());
    appointments::cancel(&pool, &practice.staff, last).await.unwrap();
    assert_eq!(text(&pool, WAITING).await, "confirmation 3");
    assert_eq!(told(&pool).await, "Appointment confirmed");
    assert!(text(&pool, "select max(subject) from message_copy").await.ends_with(" and 1 more"));
}

#[testkit::test]
async fn a_request_is_told_as_such_and_its_answer_after_it(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = mia(&pool).await;
    run(&pool, "update service set by_request = true").await;
    let shown = AnswerForm { version: "1".into(), ..AnswerForm::default() };
    let id = appointments::book(&pool, &mia, practice.booking(&mia, at(2))).await.unwrap();
    assert_eq!(told(&pool).await, "Appointment requested");
    appointments::accept(&pool, &practice.staff, id, &shown).await.unwrap();
    assert_eq!(text(&pool, WAITING).await, "confirmation 3");
    assert_eq!(told(&pool).await, "Appointment confirmed");
    let id = appointments::book(&pool, &mia, practice.booking(&mia, at(3))).await.unwrap();
    assert_eq!(told(&pool).await, "Appointment requested");
    appointments::decline(&pool, &practice.staff, id, &shown).await.unwrap();
    assert_eq!(told(&pool).await, "Appointment declined");
}

#[testkit::test]
async fn administrators_set_the_minutes_and_zero_waits_for_nothing(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = mia(&pool).await;
    let admin = staff_actor(&pool, "Ada", &[Role::Administrator]).await;
    let form = |minutes: &str, version: &str| QuietForm { minutes: minutes.into(), version: version.into() };
    assert_eq!(refusal(save_quiet(&pool, &practice.staff, &form("0", "1")).await), Refusal::Forbidden);
    assert_eq!(refusal(save_quiet(&pool, &mia, &form("0", "1")).await), Refusal::NotFound);
    let range = Refusal::field("minutes", Problem::OutOfRange { min: 0, max: 15 });
    assert_eq!(refusal(save_quiet(&pool, &admin, &form("16", "1")).await), range);
    let long = "9".repeat(10_000);
    assert_eq!(
        refusal(save_quiet(&pool, &admin, &form(&long, "1")).await),
        Refusal::field("minutes", Problem::NotANumber)
    );
    save_quiet(&pool, &admin, &form("0", "1")).await.unwrap();
    save_quiet(&pool, &admin, &form("0", "1")).await.unwrap();
    assert_eq!(refusal(save_quiet(&pool, &admin, &form("5", "1")).await), Refusal::Stale);
    let id = appointments::book(&pool, &practice.staff, practice.booking(&mia, at(2))).await.unwrap();
    appointments::cancel(&pool, &practice.staff, id).await.unwrap();
    assert_eq!(text(&pool, WAITING).await, "confirmation 0, cancellation 0");
}
