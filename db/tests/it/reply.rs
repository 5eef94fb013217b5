//! The link in a mail about an appointment: its reader, and no one else, for as long as they may.

use crate::appointments::{at, grant_booking, practice, unlink};
use db::messages::{claim_copy, expand_next, reply, sent};
use db::{Actor, PgPool, appointments};
use shared::accounts::Secret;
use shared::appointments::{CancelForm, Move, MoveForm, instant_text};
use shared::{AppointmentId, ClientId, Conflict, Refusal};
use sqlx::AssertSqlSafe;
use testkit::{client_actor, refusal};

async fn text(pool: &PgPool, sql: &str) -> String {
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await.unwrap()
}

async fn run(pool: &PgPool, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
}

/// The secret in the mail to an address.
pub async fn link(pool: &PgPool, address: &str) -> Option<Secret> {
    while expand_next(pool, "https://kin.test").await.unwrap() {}
    let body =
        format!("select body from message_copy where address = '{address}' order by created_at desc, id desc limit 1");
    let body = text(pool, &body).await;
    let (_, rest) = body.split_once("https://kin.test/m/")?;
    Some(Secret(rest.split_whitespace().next().unwrap().to_owned()))
}

/// Mia, whose parent Ana may book and gets copies, and Ben, who gets copies alone.
pub async fn family(pool: &PgPool) -> (Actor, Actor, Actor) {
    let (mia, ana, ben) =
        (client_actor(pool, "Mia").await, client_actor(pool, "Ana").await, client_actor(pool, "Ben").await);
    run(pool, "update client set email = lower(first_name) || '@kin.test', email_consent = true").await;
    grant_booking(pool, &ana, &mia).await;
    grant_booking(pool, &ben, &mia).await;
    run(pool, "update client_link set low_gets_copies = low_may_book, high_gets_copies = high_may_book").await;
    let id = ben.id();
    run(
        pool,
        &format!("update client_link set low_may_book = false, high_may_book = false where '{id}' in (client_low, client_high)"),
    )
    .await;
    (mia, ana, ben)
}

#[testkit::test]
async fn those_who_may_manage_it_get_a_link_of_their_own(pool: PgPool) {
    let practice = practice(&pool).await;
    let (mia, ana, _) = family(&pool).await;
    let id = appointments::book(&pool, &practice.staff, practice.booking(&mia, at(3))).await.unwrap();
    let (own, copy) = (link(&pool, "mia@kin.test").await.unwrap(), link(&pool, "ana@kin.test").await.unwrap());
    assert!(link(&pool, "ben@kin.test").await.is_none(), "he gets copies and may do nothing");
    assert_ne!(own.0, copy.0);
    for (secret, reader) in [(&own, &mia), (&copy, &ana)] {
        let opened = reply::open(&pool, secret).await.unwrap();
        assert_eq!((opened.reader.id(), opened.appointment, opened.person), (reader.id(), id, ClientId(mia.id())));
    }
    // At rest there is its hash; the mail that has left has the link no more.
    let stored = "select bool_and(length(link_hash) = 32)::text from message_copy where link_hash is not null";
    assert_eq!(text(&pool, stored).await, "true");
    while let Some(copy) = claim_copy(&pool).await.unwrap() {
        sent(&pool, &copy).await.unwrap();
    }
    assert_eq!(text(&pool, "select count(*)::text from message_copy where body like '%/m/%'").await, "0");
    reply::open(&pool, &own).await.unwrap();
}

#[testkit::test]
async fn a_forged_secret_opens_nothing(pool: PgPool) {
    let practice = practice(&pool).await;
    let (mia, ..) = family(&pool).await;
    appointments::book(&pool, &practice.staff, practice.booking(&mia, at(3))).await.unwrap();
    let own = link(&pool, "mia@kin.test").await.unwrap();
    let hash =
        text(&pool, "select encode(link_hash, 'hex') from message_copy where link_hash is not null limit 1").await;
    for forged in [
        String::new(),
        "x".repeat(10_000),
        "🙂<script>".into(),
        own.0.to_lowercase() + "x",
        format!("{} ", own.0),
        hash,
    ] {
        assert_eq!(refusal(reply::open(&pool, &Secret(forged.clone())).await), Refusal::DeadLink);
        assert_eq!(refusal(reply::confirm(&pool, &Secret(forged)).await), Refusal::DeadLink);
    }
}

#[testkit::test]
async fn a_link_dies_with_the_permission_the_address_and_the_portal(pool: PgPool) {
    let practice = practice(&pool).await;
    let (mia, ..) = family(&pool).await;
    appointments::book(&pool, &practice.staff, practice.booking(&mia, at(3))).await.unwrap();
    let (own, copy) = (link(&pool, "mia@kin.test").await.unwrap(), link(&pool, "ana@kin.test").await.unwrap());
    for (dies, lives) in [
        (
            "update client set email = 'new@kin.test' where first_name = 'Ana'",
            "update client set email = 'ana@kin.test' where first_name = 'Ana'",
        ),
        (
            "update client set status = 'inactive' where first_name = 'Ana'",
            "update client set status = 'active' where first_name = 'Ana'",
        ),
        ("update practice set client_login = false", "update practice set client_login = true"),
        (
            "update appointment_participant set assigned = 'none'",
            "update appointment_participant set assigned = 'everyone'",
        ),
    ] {
        run(&pool, dies).await;
        assert_eq!(refusal(reply::open(&pool, &copy).await), Refusal::DeadLink, "{dies}");
        run(&pool, lives).await;
        reply::open(&pool, &copy).await.unwrap();
    }
    unlink(&pool).await;
    assert!(matches!(refusal(reply::open(&pool, &copy).await), Refusal::DeadLink | Refusal::LinkEnded));
    assert!(matches!(refusal(reply::confirm(&pool, &copy).await), Refusal::DeadLink | Refusal::LinkEnded));
    reply::open(&pool, &own).await.unwrap();
    run(&pool, "update appointment set starts_at = now() - interval '2 hours', ends_at = now() - interval '1 hour'")
        .await;
    assert_eq!(refusal(reply::open(&pool, &own).await), Refusal::DeadLink);
}

#[testkit::test]
async fn confirming_is_of_the_time_that_it_has_and_twice_is_once(pool: PgPool) {
    let practice = practice(&pool).await;
    let (mia, ..) = family(&pool).await;
    let id = appointments::book(&pool, &practice.staff, practice.booking(&mia, at(3))).await.unwrap();
    let own = link(&pool, "mia@kin.test").await.unwrap();
    assert!(!reply::open(&pool, &own).await.unwrap().is_confirmed);
    reply::confirm(&pool, &own).await.unwrap();
    reply::confirm(&pool, &own).await.unwrap();
    assert!(reply::open(&pool, &own).await.unwrap().is_confirmed);
    assert!(appointments::participants(&pool, &practice.staff, id).await.unwrap()[0].confirmed);
    assert_eq!(text(&pool, "select count(*)::text from audit where action = 'confirm'").await, "1");
    let to = Move { appointment: id, version: 1, starts_at: at(5), practitioner: None, room: None, over: None };
    appointments::reschedule(&pool, &practice.staff, to, "").await.unwrap();
    assert!(!reply::open(&pool, &own).await.unwrap().is_confirmed, "they said so of another time");
    appointments::cancel(&pool, &practice.staff, id).await.unwrap();
    assert_eq!(refusal(reply::confirm(&pool, &own).await), Refusal::Conflict(Conflict::AlreadyCancelled));
}

#[testkit::test]
async fn a_link_moves_and_cancels_as_the_portal_does(pool: PgPool) {
    let practice = practice(&pool).await;
    let (mia, ana, _) = family(&pool).await;
    let id = appointments::book(&pool, &practice.staff, practice.booking(&mia, at(3))).await.unwrap();
    let copy = link(&pool, "ana@kin.test").await.unwrap();
    let opened = reply::open(&pool, &copy).await.unwrap();
    let form = |version: &str, days| MoveForm {
        appointment: opened.appointment.to_string(),
        version: version.into(),
        slot: format!("{} {}", instant_text(at(days)), practice.practitioner),
        ..MoveForm::default()
    };
    appointments::submit_move(&pool, &opened.reader, form("1", 5)).await.unwrap();
    appointments::submit_move(&pool, &opened.reader, form("1", 5)).await.unwrap();
    assert_eq!(text(&pool, "select version::text from appointment").await, "2");
    // Behind the cutoff of the policy it is refused, as in the portal.
    run(&pool, "update policy set cutoff_kind = 'hours', cutoff_hours = 168, cutoff_at = null, late = 'refused'").await;
    let cancel = CancelForm { client: opened.person.to_string(), ..CancelForm::default() };
    let refused = appointments::cancel_with(&pool, &opened.reader, id, &cancel).await;
    assert_eq!(refusal(refused), Refusal::Conflict(Conflict::TooLate));
    assert_eq!(
        refusal(appointments::submit_move(&pool, &opened.reader, form("2", 6)).await),
        Refusal::Conflict(Conflict::TooLate)
    );
    run(&pool, "update policy set cutoff_hours = 1").await;
    for _ in 0..2 {
        appointments::cancel_with(&pool, &opened.reader, id, &cancel).await.unwrap();
    }
    let by = text(&pool, "select cancelled_by::text from appointment").await;
    assert_eq!(by, ana.id().to_string());
    reply::open(&pool, &copy).await.unwrap();
    assert_eq!(
        refusal(appointments::cancel(&pool, &opened.reader, AppointmentId(db::new_id())).await),
        Refusal::NotFound
    );
}
