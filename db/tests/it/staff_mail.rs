//! What the practitioner and the front desk are mailed of.

use crate::appointments::{at, offer, practice};
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use db::messages::{day, expand_next};
use db::time::Zone;
use db::{Actor, PgPool, accounts, appointments};
use shared::StaffId;
use shared::accounts::{MailChoices, Role};
use shared::appointments::Move;
use sqlx::AssertSqlSafe;
use testkit::{client_actor, refusal, staff_actor};

async fn text(pool: &PgPool, sql: &str) -> String {
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await.unwrap()
}

async fn run(pool: &PgPool, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
}

/// An account for every staff member, with an address of their first name.
async fn accounts_for_all(pool: &PgPool) {
    run(
        pool,
        "update staff_member set email = lower(first_name) || '@kin.test' where email like '%example.com';
         insert into account (id, username, staff_id) select gen_random_uuid(), email, id from staff_member
             where not exists (select from account where staff_id = staff_member.id)",
    )
    .await;
}

/// Who was mailed what since the last time, whatever hour it is: no notice waits for a morning.
async fn told(pool: &PgPool) -> String {
    run(pool, "delete from message_copy; update message set due_at = now() where state = 'queued'").await;
    while expand_next(pool, "https://kin.test").await.unwrap() {}
    text(
        pool,
        "select coalesce(string_agg(split_part(address::text, '@', 1) || ': ' || split_part(subject, ':', 1), ', '
             order by address, subject), '') from message_copy where address like '%@kin.test'",
    )
    .await
}

/// A practice where it is day: its notices go right away.
async fn by_day(pool: &PgPool) {
    // The zone in which it is between noon and one.
    let hour = Utc::now().format("%H").to_string().parse::<i32>().unwrap();
    let zone = match 12 - hour {
        0 => "UTC".to_owned(),
        ahead if ahead > 0 => format!("Etc/GMT-{ahead}"),
        behind => format!("Etc/GMT+{}", -behind),
    };
    run(pool, &format!("update appointment set zone = '{zone}'")).await;
}

#[testkit::test]
async fn the_practitioner_and_the_desk_are_told_what_clients_do_online(pool: PgPool) {
    let practice = practice(&pool).await;
    accounts_for_all(&pool).await;
    let mia = client_actor(&pool, "Mia <b>🙂</b>").await;
    // What staff do themselves is told to no one of them.
    let id = appointments::book(&pool, &practice.staff, practice.booking(&mia, at(2))).await.unwrap();
    by_day(&pool).await;
    assert_eq!(told(&pool).await, "");
    let to = Move { appointment: id, version: 1, starts_at: at(3), practitioner: None, room: None, over: None };
    appointments::reschedule(&pool, &mia, to, "").await.unwrap();
    assert_eq!(told(&pool).await, "owen: Moved online, priya: Moved online");
    let body = text(&pool, "select min(body) from message_copy").await;
    assert!(body.contains("\nBefore: "), "{body}");
    assert!(body.contains("For: Mia <b>🙂</b> Test\n"), "{body}");
    appointments::cancel(&pool, &mia, id).await.unwrap();
    assert_eq!(told(&pool).await, "owen: Cancelled online, priya: Cancelled online");
    appointments::book(&pool, &mia, practice.booking(&mia, at(4))).await.unwrap();
    by_day(&pool).await;
    assert_eq!(told(&pool).await, "owen: Booked online, priya: Booked online");
}

#[testkit::test]
async fn each_is_switched_off_by_its_reader_alone(pool: PgPool) {
    let practice = practice(&pool).await;
    accounts_for_all(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    let owen = &practice.staff;
    let chosen = MailChoices { booked: false, moved: true, cancelled: true, day: true };
    accounts::save_mail(&pool, owen, chosen).await.unwrap();
    accounts::save_mail(&pool, owen, chosen).await.unwrap();
    assert_eq!(accounts::own(&pool, owen).await.unwrap().mail, chosen);
    assert_eq!(refusal(accounts::save_mail(&pool, &mia, chosen).await), shared::Refusal::NotFound);
    let id = appointments::book(&pool, &mia, practice.booking(&mia, at(2))).await.unwrap();
    by_day(&pool).await;
    // Switched off between the booking and the mail: asked when it is sent.
    assert_eq!(told(&pool).await, "priya: Booked online");
    run(&pool, "update account set mail_cancelled = false").await;
    appointments::cancel(&pool, &mia, id).await.unwrap();
    assert_eq!(text(&pool, "select count(*)::text from message where kind = 'staff_cancelled'").await, "0");
    assert_eq!(
        text(&pool, "select count(*)::text from audit where action = 'change' and 'mail' = any (fields)").await,
        "1"
    );
}

#[testkit::test]
async fn a_practitioner_learns_that_an_appointment_was_moved_away(pool: PgPool) {
    let practice = practice(&pool).await;
    let grace = StaffId(staff_actor(&pool, "Grace", &[Role::Practitioner]).await.id());
    offer(&pool, practice.service, grace).await;
    run(
        &pool,
        &format!(
            "insert into weekly_hours select (jsonb_populate_record(w, jsonb_build_object('id', gen_random_uuid(), 'practitioner_id', '{}'))).* from weekly_hours w",
            grace.0
        ),
    )
    .await;
    accounts_for_all(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    let id = appointments::book(&pool, &mia, practice.booking(&mia, at(2))).await.unwrap();
    by_day(&pool).await;
    told(&pool).await;
    let to = Move { appointment: id, version: 1, starts_at: at(3), practitioner: Some(grace), room: None, over: None };
    appointments::reschedule(&pool, &mia, to, "").await.unwrap();
    assert_eq!(told(&pool).await, "grace: Moved online, owen: Moved online, priya: Moved online");
}

#[testkit::test]
async fn what_was_booked_and_cancelled_within_the_quiet_minutes_is_told_to_no_one(pool: PgPool) {
    let practice = practice(&pool).await;
    accounts_for_all(&pool).await;
    run(&pool, "update practice set quiet_minutes = 3").await;
    let mia = client_actor(&pool, "Mia").await;
    let id = appointments::book(&pool, &mia, practice.booking(&mia, at(2))).await.unwrap();
    appointments::cancel(&pool, &mia, id).await.unwrap();
    by_day(&pool).await;
    assert_eq!(told(&pool).await, "");
    let id = appointments::book(&pool, &mia, practice.booking(&mia, at(2))).await.unwrap();
    let to = Move { appointment: id, version: 1, starts_at: at(3), practitioner: None, room: None, over: None };
    appointments::reschedule(&pool, &mia, to, "").await.unwrap();
    by_day(&pool).await;
    assert_eq!(told(&pool).await, "owen: Booked online, priya: Booked online");
}

/// At `hours:minutes` of the day before `at(2)` in Toronto.
fn evening(hours: u32, minutes: u32) -> DateTime<Utc> {
    let zone = Zone::parse("America/Toronto").unwrap();
    zone.instant(zone.date(at(1)).and_time(NaiveTime::from_hms_opt(hours, minutes, 0).unwrap()))
}

#[testkit::test]
async fn each_practitioner_gets_the_day_of_tomorrow_once_in_the_evening(pool: PgPool) {
    let practice = practice(&pool).await;
    staff_actor(&pool, "Grace", &[Role::Practitioner]).await;
    accounts_for_all(&pool).await;
    let (mia, leo) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Leo").await);
    appointments::book(&pool, &practice.staff, practice.booking(&mia, at(2))).await.unwrap();
    let second = practice.booking(&leo, at(2) + TimeDelta::hours(2));
    let second = appointments::book(&pool, &practice.staff, second).await.unwrap();
    assert_eq!(day::enqueue(&pool, evening(17, 59)).await.unwrap(), 0);
    assert_eq!(day::enqueue(&pool, evening(20, 1)).await.unwrap(), 0);
    let (one, other) = tokio::join!(day::enqueue(&pool, evening(18, 0)), day::enqueue(&pool, evening(18, 0)));
    assert_eq!(one.unwrap() + other.unwrap(), 1, "Grace has no appointments");
    assert_eq!(day::enqueue(&pool, evening(19, 59)).await.unwrap(), 0);
    assert_eq!(told(&pool).await, "priya: Your day tomorrow");
    let body = text(&pool, "select body from message_copy").await;
    assert!(
        body.contains("10:00 am to 11:00 am: Mia Test. ") && body.contains("12:00 pm to 1:00 pm: Leo Test. "),
        "{body}"
    );
    assert!(body.contains("https://kin.test/calendar?date="));

    // Nothing left of the day, and nothing wanted.
    run(&pool, "update message set state = 'queued' where kind = 'day_ahead'").await;
    appointments::cancel(&pool, &practice.staff, second).await.unwrap();
    run(&pool, "update appointment set status = 'cancelled', cancelled_at = now() where status <> 'cancelled'").await;
    assert_eq!(told(&pool).await, "");
    run(&pool, "delete from message").await;
    let priya =
        Actor::Staff(db::actor::StaffActor::new(practice.practitioner, "Priya", vec![Role::Practitioner], false));
    let off = MailChoices { booked: true, moved: true, cancelled: true, day: false };
    accounts::save_mail(&pool, &priya, off).await.unwrap();
    appointments::book(&pool, &practice.staff, practice.booking(&mia, at(2))).await.unwrap();
    assert_eq!(day::enqueue(&pool, evening(18, 0)).await.unwrap(), 0);
}
