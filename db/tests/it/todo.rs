//! The To do page of the front desk: each line comes with what it names and goes when it is done.

use crate::appointments::{Practice, at, practice};
use chrono::Utc;
use db::messages::{claim_copy, expand_next, failed};
use db::todo::{self, Counts};
use db::{Actor, PgPool, appointments};
use shared::accounts::Role;
use shared::todo::TodoKind;
use shared::{AppointmentId, Refusal, TodoId};
use sqlx::AssertSqlSafe;
use testkit::{client_actor, refusal, staff_actor};

/// The day at the practice, which is not the database's for some hours of each day.
const TODAY: &str = "(now() at time zone (select zone from practice))::date";

/// `{today}` in it is the day at the practice.
async fn run(pool: &PgPool, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.replace("{today}", TODAY))).execute(pool).await.unwrap();
}

async fn counts(pool: &PgPool, desk: &Actor) -> Counts {
    todo::counts(pool, desk, Utc::now()).await.unwrap()
}

/// All that waits becomes copies.
async fn expand(pool: &PgPool) {
    run(pool, "update message set due_at = now()").await;
    while expand_next(pool, "https://kin.test").await.unwrap() {}
}

/// An appointment of the client, told of and then cancelled by the desk.
async fn cancelled(pool: &PgPool, practice: &Practice, client: &Actor) -> AppointmentId {
    let id = appointments::book(pool, &practice.staff, practice.booking(client, at(3))).await.unwrap();
    expand(pool).await;
    appointments::cancel(pool, &practice.staff, id).await.unwrap();
    expand(pool).await;
    id
}

#[testkit::test]
async fn a_cancellation_of_which_no_email_told_anyone_waits_until_it_is_ticked_off(pool: PgPool) {
    let practice = practice(&pool).await;
    let desk = &practice.staff;
    let mia = client_actor(&pool, "Mia").await;
    run(&pool, "update client set mobile = '+1 416 555 0100'").await;
    cancelled(&pool, &practice, &mia).await;
    assert_eq!(counts(&pool, desk).await.not_told, 1);
    let lines = todo::todo(&pool, desk, Utc::now()).await.unwrap().not_told;
    assert_eq!(lines[0].person.phone, "+1 416 555 0100");
    assert_eq!(lines[0].reach.person, Some(shared::messages::WhyNot::NoAddress), "the reason is that of sending");

    let record = lines[0].participant;
    for _ in 0..2 {
        todo::tick(&pool, desk, TodoKind::NotTold, record, true).await.unwrap();
    }
    assert_eq!(counts(&pool, desk).await.not_told, 0);
    todo::tick(&pool, desk, TodoKind::NotTold, record, false).await.unwrap();
    assert_eq!(counts(&pool, desk).await.not_told, 1);

    // Another's id, or a kind that goes by itself, is not found.
    for (kind, id) in
        [(TodoKind::NotTold, TodoId(mia.id())), (TodoKind::MinorAlone, record), (TodoKind::Requests, record)]
    {
        assert_eq!(refusal(todo::tick(&pool, desk, kind, id, true).await), Refusal::NotFound, "{kind:?}");
    }
    run(
        &pool,
        "update appointment set starts_at = starts_at - interval '9 days', ends_at = ends_at - interval '9 days'",
    )
    .await;
    assert_eq!(counts(&pool, desk).await.not_told, 0, "it is over");
}

#[testkit::test]
async fn a_cancellation_that_was_told_or_made_by_the_client_does_not_wait(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    run(&pool, "update client set email = 'mia@kin.test', email_consent = true").await;
    cancelled(&pool, &practice, &mia).await;
    assert_eq!(counts(&pool, &practice.staff).await.not_told, 0, "its email waits to be sent");
    // It cannot be delivered: both that and the cancellation wait for a call.
    run(
        &pool,
        "update message_copy set due_at = now(), claimed_until = null,
                state = case when message_id in (select id from message where kind = 'confirmation') then 'sent' else 'queued' end",
    )
    .await;
    let copy = claim_copy(&pool).await.unwrap().unwrap();
    failed(&pool, &copy, true, "550 no such mailbox").await.unwrap();
    let waiting = counts(&pool, &practice.staff).await;
    assert_eq!((waiting.not_told, waiting.failed_mail), (1, 1));
    let lines = todo::todo(&pool, &practice.staff, Utc::now()).await.unwrap();
    assert_eq!(lines.failed_mail[0].error, "550 no such mailbox");
    assert_eq!(lines.failed_mail[0].person.as_ref().unwrap().name, lines.not_told[0].person.name);

    run(&pool, "update appointment_participant set cancelled_by = client_id").await;
    assert_eq!(counts(&pool, &practice.staff).await.not_told, 0, "they cancelled it themself");
}

#[testkit::test]
async fn a_minor_without_a_linked_adult_waits(pool: PgPool) {
    let practice = practice(&pool).await;
    let desk = &practice.staff;
    let (mia, ana) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Ana").await);
    run(&pool, "update client set birth_date = {today} - interval '9 years' where first_name = 'Mia'").await;
    assert_eq!(counts(&pool, desk).await.minors, 1);
    crate::appointments::grant_booking(&pool, &ana, &mia).await;
    assert_eq!(counts(&pool, desk).await.minors, 0);
    run(&pool, "update client set birth_date = {today} - interval '17 years' where first_name = 'Ana'").await;
    assert_eq!(counts(&pool, desk).await.minors, 2, "who is linked is under age too");
    todo::tick(&pool, desk, TodoKind::MinorAlone, TodoId(ana.id()), true).await.unwrap();
    assert_eq!(todo::todo(&pool, desk, Utc::now()).await.unwrap().minors[0].id.0, mia.id());
    run(&pool, "update client set birth_date = {today} - interval '18 years'").await;
    assert_eq!(counts(&pool, desk).await.minors, 0, "of age today");
}

#[testkit::test]
async fn new_records_with_the_name_and_birth_date_of_another_wait(pool: PgPool) {
    let practice = practice(&pool).await;
    for _ in 0..2 {
        client_actor(&pool, "Mia").await;
    }
    run(&pool, "update client set birth_date = '1990-05-05'").await;
    let doubles = counts(&pool, &practice.staff).await.doubles;
    assert_eq!(doubles, 2);
    run(
        &pool,
        "insert into client_not_duplicate (client_low, client_high, said_by)
         select min(id::text)::uuid, max(id::text)::uuid, gen_random_uuid() from client",
    )
    .await;
    assert_eq!(counts(&pool, &practice.staff).await.doubles, 0);
}

#[testkit::test]
async fn the_list_is_the_front_desks_alone(pool: PgPool) {
    practice(&pool).await;
    let now = Utc::now();
    let practitioner = staff_actor(&pool, "Asta", &[Role::Practitioner]).await;
    assert_eq!(refusal(todo::todo(&pool, &practitioner, now).await), Refusal::Forbidden);
    let mia = client_actor(&pool, "Mia").await;
    assert_eq!(refusal(todo::todo(&pool, &mia, now).await), Refusal::NotFound);
    let tick = todo::tick(&pool, &mia, TodoKind::MinorAlone, TodoId(mia.id()), true).await;
    assert_eq!(refusal(tick), Refusal::NotFound);
}

#[testkit::test]
async fn the_age_of_majority_is_the_practices(pool: PgPool) {
    let practice = practice(&pool).await;
    client_actor(&pool, "Mia").await;
    run(&pool, "update client set birth_date = {today} - interval '18 years 1 month'").await;
    assert_eq!(counts(&pool, &practice.staff).await.minors, 0);
    run(&pool, "update practice set age_of_majority = 19").await;
    assert_eq!(counts(&pool, &practice.staff).await.minors, 1);
}

#[testkit::test]
async fn what_was_asked_and_not_done_by_its_day_waits(pool: PgPool) {
    let practice = practice(&pool).await;
    client_actor(&pool, "Mia").await;
    run(
        &pool,
        "insert into request (id, kind, subject_id, title, due_on, request_key)
         select gen_random_uuid(), 'other', c.id, 'Bring your card', {today} + n, gen_random_uuid()
           from client c, generate_series(-2, 1) n",
    )
    .await;
    assert_eq!(counts(&pool, &practice.staff).await.overdue, 2);
    run(&pool, "update request set state = 'withdrawn', closed_at = now()").await;
    assert_eq!(counts(&pool, &practice.staff).await.overdue, 0);
}
