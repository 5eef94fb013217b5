//! What the portal shows of what was, and of those who work with a client: *History* and *Practitioners*.

use crate::appointments::{Practice, at, grant_booking, practice};
use db::appointments::{past_of_own, past_years};
use db::{Actor, PgPool, appointments, portal};
use shared::accounts::Role;
use shared::appointments::Outcome;
use shared::{AppointmentId, Refusal, StaffId};
use sqlx::AssertSqlSafe;
use testkit::{client_actor, refusal, staff_actor};

async fn run(pool: &PgPool, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
}

/// Booked by staff, that many days ahead; and then moved back, so that it is over.
async fn visit(pool: &PgPool, practice: &Practice, client: &Actor, days: u64, back: &str) -> AppointmentId {
    let id = appointments::book(pool, &practice.staff, practice.booking(client, at(days))).await.unwrap();
    run(
        pool,
        &format!(
            "update appointment set starts_at = starts_at - interval '{back}', ends_at = ends_at - interval '{back}',
                    starts_local = starts_local - interval '{back}' where id = '{id}'"
        ),
    )
    .await;
    id
}

#[testkit::test]
async fn a_history_has_every_outcome_by_year_and_no_ones_but_ones_own(pool: PgPool) {
    let practice = practice(&pool).await;
    let (mia, ana) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Ana").await);
    grant_booking(&pool, &ana, &mia).await;
    let mut ids = Vec::new();
    for days in 1..=5 {
        ids.push(visit(&pool, &practice, &mia, days, "40 days").await);
    }
    let old = visit(&pool, &practice, &mia, 6, "900 days").await;
    let upcoming = appointments::book(&pool, &practice.staff, practice.booking(&mia, at(8))).await.unwrap();
    run(&pool, "update appointment_participant set assigned = 'everyone'").await;
    for (id, sql) in [
        (ids[0], "attendance = 'attended'"),
        (ids[1], "attendance = 'no_show'"),
        (ids[2], "status = 'late_cancelled', cancelled_at = now()"),
        (ids[3], "status = 'cancelled', cancelled_at = now()"),
    ] {
        run(&pool, &format!("update appointment_participant set {sql} where appointment_id = '{id}'")).await;
    }
    let me = mia.client().unwrap();
    let all = past_of_own(&pool, me, None, 50).await.unwrap();
    let outcome = |id: AppointmentId| all.iter().find(|one| one.id == id).map(|one| one.outcome);
    assert_eq!(outcome(ids[0]), Some(Outcome::Attended));
    assert_eq!(outcome(ids[1]), Some(Outcome::Missed));
    assert_eq!(outcome(ids[2]), Some(Outcome::LateCancelled));
    assert_eq!(outcome(ids[3]), Some(Outcome::Cancelled));
    assert_eq!(outcome(ids[4]), Some(Outcome::NotRecorded));
    assert_eq!((outcome(old), outcome(upcoming)), (Some(Outcome::NotRecorded), None));
    assert!(all.is_sorted_by(|one, next| one.starts_at >= next.starts_at), "the newest first");
    // Of one year.
    let years = past_years(&pool, me).await.unwrap();
    assert!(years.len() >= 2 && years.is_sorted_by(|one, next| one > next), "{years:?}");
    let of = past_of_own(&pool, me, years.last().copied(), 50).await.unwrap();
    assert_eq!(of.iter().map(|one| one.id).collect::<Vec<_>>(), [old]);
    // Who may book for her sees nothing of it, in their own history nor in the list.
    let other = ana.client().unwrap();
    assert!(past_of_own(&pool, other, None, 50).await.unwrap().is_empty());
    let seen = appointments::mine(&pool, other).await.unwrap();
    assert_eq!(seen.iter().map(|one| one.id).collect::<Vec<_>>(), [upcoming]);
    for id in ids.iter().chain([&old]) {
        assert_eq!(refusal(appointments::mine_one(&pool, other, *id).await.map(drop)), Refusal::NotFound);
    }
    run(&pool, "update portal_permission set setting = 'never' where permission = 'see_history'").await;
    assert_eq!(refusal(past_of_own(&pool, me, None, 50).await), Refusal::Forbidden);
}

#[testkit::test]
async fn practitioners_are_shown_while_they_are_assigned_or_to_come_with_what_is_ticked(pool: PgPool) {
    let practice = practice(&pool).await;
    let (mia, ana) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Ana").await);
    let asta = StaffId(staff_actor(&pool, "Asta", &[Role::Practitioner]).await.id());
    run(
        &pool,
        &format!(
            "insert into staff_public (staff_id, title, phone, languages, shows_phone, shows_email, shows_languages)
             values ('{asta}', 'Psychologist', '416 555 0199', 'French', true, false, false);
             insert into client_practitioner (client_id, practitioner_id) values ('{}', '{asta}')",
            mia.id()
        ),
    )
    .await;
    let names = async |who: &Actor| {
        let shown = portal::practitioners(&pool, who.client().unwrap()).await.unwrap();
        shown.into_iter().map(|one| (one.name, one.own)).collect::<Vec<_>>()
    };
    let (asta_test, priya_test) = ("Asta Test".to_owned(), "Priya Test".to_owned());
    let shown = portal::practitioners(&pool, mia.client().unwrap()).await.unwrap().remove(0);
    assert_eq!((shown.title.as_str(), shown.phone.as_deref()), ("Psychologist", Some("416 555 0199")));
    assert_eq!((shown.email, shown.languages), (None, None), "only what is ticked");
    // Those of an upcoming appointment, for the person and all who may manage it.
    let booked = appointments::book(&pool, &practice.staff, practice.booking(&mia, at(3))).await.unwrap();
    run(&pool, "update appointment_participant set assigned = 'everyone'").await;
    assert_eq!(names(&mia).await, [(asta_test.clone(), true), (priya_test.clone(), true)]);
    assert!(names(&ana).await.is_empty());
    grant_booking(&pool, &ana, &mia).await;
    assert_eq!(names(&ana).await, [(priya_test, false)], "and never who is assigned to her");
    // It ends with the appointment and with the assignment.
    appointments::cancel(&pool, &practice.staff, booked).await.unwrap();
    assert!(names(&ana).await.is_empty());
    // Who was booked is assigned by it.
    run(&pool, &format!("delete from client_practitioner where practitioner_id <> '{asta}'")).await;
    assert_eq!(names(&mia).await, [(asta_test, true)]);
    run(&pool, "delete from client_practitioner").await;
    assert!(names(&mia).await.is_empty());
}
