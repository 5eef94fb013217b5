//! Reminders: queued once, in time, and only while the appointment stands.

use crate::appointments::{at, practice};
use chrono::{DateTime, TimeDelta, Utc};
use db::messages::reminders;
use db::{PgPool, appointments};
use shared::accounts::Role;
use shared::appointments::Move;
use shared::reminders::ReminderForm;
use shared::{Problem, Refusal, RuleId};
use sqlx::AssertSqlSafe;
use testkit::{client_actor, refusal, staff_actor};

async fn text(pool: &PgPool, sql: &str) -> String {
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await.unwrap()
}

const STATES: &str =
    "select coalesce(string_agg(state || ' ' || (about_starts_at - due_at), ', ' order by about_starts_at), '')
    from message where kind = 'reminder'";

#[testkit::test]
async fn an_appointment_is_reminded_of_once_whoever_sweeps(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    appointments::book(&pool, &mia, practice.booking(&mia, at(3))).await.unwrap();
    // Beyond what is looked at.
    appointments::book(&pool, &mia, practice.booking(&mia, at(20))).await.unwrap();
    let (one, other) = tokio::join!(reminders::enqueue(&pool), reminders::enqueue(&pool));
    assert!(one.unwrap() + other.unwrap() >= 1);
    assert_eq!(reminders::enqueue(&pool).await.unwrap(), 0);
    assert_eq!(text(&pool, STATES).await, "queued 1 day");
}

#[testkit::test]
async fn a_moved_appointment_is_reminded_of_at_its_new_time_alone(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    sqlx::raw_sql("update client set email = 'mia@kin.test', email_consent = true").execute(&pool).await.unwrap();
    let id = appointments::book(&pool, &mia, practice.booking(&mia, at(3))).await.unwrap();
    reminders::enqueue(&pool).await.unwrap();
    let to = Move { appointment: id, version: 1, starts_at: at(5), practitioner: None, room: None, over: None };
    appointments::reschedule(&pool, &practice.staff, to, "").await.unwrap();
    reminders::enqueue(&pool).await.unwrap();
    assert_eq!(text(&pool, STATES).await, "queued 1 day, queued 1 day");
    // Their time has come: that of the old time is told to no one.
    sqlx::raw_sql("update message set due_at = now() where kind = 'reminder'").execute(&pool).await.unwrap();
    while db::messages::expand_next(&pool, "https://kin.test").await.unwrap() {}
    let mails = "select string_agg(y.subject, '|' order by y.subject) from message_copy y join message m on m.id = y.message_id";
    let zone = db::time::Zone::parse("America/Toronto").unwrap();
    let day = zone.long_date(at(5));
    assert_eq!(
        text(&pool, mails).await,
        format!("Appointment changed: {day}, 10:00 am|Appointment reminder: {day}, 10:00 am")
    );
}

#[testkit::test]
async fn a_reminder_whose_time_has_passed_at_booking_is_not_made(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    let admin = staff_actor(&pool, "Ada", &[Role::Administrator]).await;
    let form = |hours: &str| ReminderForm { kind: "hours_before".into(), hours: hours.into(), at: String::new() };
    reminders::add(&pool, &admin, &form("168")).await.unwrap();
    assert_eq!(refusal(reminders::add(&pool, &admin, &form("168")).await), Refusal::field("hours", Problem::Taken));
    assert_eq!(refusal(reminders::add(&pool, &practice.staff, &form("2")).await), Refusal::Forbidden);
    appointments::book(&pool, &mia, practice.booking(&mia, at(3))).await.unwrap();
    reminders::enqueue(&pool).await.unwrap();
    assert_eq!(
        text(&pool, STATES.replace("about_starts_at), '')", "due_at), '')").as_str()).await,
        "done 7 days, queued 1 day"
    );
    // A rule that goes takes what it has queued along.
    let rules = reminders::list(&pool, &admin).await.unwrap();
    assert_eq!(
        rules.iter().map(|rule| rule.when.to_string()).collect::<Vec<_>>(),
        ["168 hours before", "24 hours before"]
    );
    for rule in rules {
        reminders::remove(&pool, &admin, rule.id).await.unwrap();
        reminders::remove(&pool, &admin, rule.id).await.unwrap();
    }
    assert_eq!(text(&pool, STATES).await, "");
    assert!(reminders::list(&pool, &admin).await.unwrap().is_empty());
    reminders::remove(&pool, &admin, RuleId(db::new_id())).await.unwrap();
}

/// The server was down meanwhile: what is late is still of use before the start.
#[testkit::test]
async fn a_late_reminder_is_sent_while_the_appointment_is_to_come(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    let id = appointments::book(&pool, &mia, practice.booking(&mia, at(3))).await.unwrap();
    let soon: DateTime<Utc> = Utc::now() + TimeDelta::hours(2);
    sqlx::query("update appointment set starts_at = $2, ends_at = $2 + interval '1 hour', timed_at = now() - interval '5 days' where id = $1")
        .bind(id.0)
        .bind(soon)
        .execute(&pool)
        .await
        .unwrap();
    reminders::enqueue(&pool).await.unwrap();
    assert!(text(&pool, STATES).await.starts_with("queued "));
}
