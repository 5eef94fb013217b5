//! The call list: who agreed to calls, and has an appointment tomorrow.

use crate::support::deletion::visit;
use chrono::{DateTime, Days, Utc};
use db::PgPool;
use db::calls::{note, tomorrow};
use shared::accounts::Role;
use shared::{ClientId, Conflict, Refusal};
use sqlx::{query, query_scalar};
use testkit::{client_actor, refusal, staff_actor};
use uuid::Uuid;

async fn caller(pool: &PgPool, first: &str, mobile: Option<&str>, voice: bool) -> Uuid {
    let id = client_actor(pool, first).await.id();
    query("update client set mobile = $2, voice_consent = $3 where id = $1")
        .bind(id)
        .bind(mobile)
        .bind(voice)
        .execute(pool)
        .await
        .unwrap();
    id
}

/// An appointment tomorrow; its participant has the same id.
async fn booked(pool: &PgPool, client: Uuid) -> Uuid {
    let id = visit(pool, client, 1).await;
    query_scalar("select id from appointment_participant where appointment_id = $1")
        .bind(id)
        .fetch_one(pool)
        .await
        .unwrap()
}

/// Midday, so that tomorrow is tomorrow in every zone.
async fn start_tomorrow(pool: &PgPool) -> DateTime<Utc> {
    let noon = (Utc::now().date_naive() + Days::new(1)).and_hms_opt(17, 0, 0).unwrap().and_utc();
    query("update appointment set starts_at = $1, ends_at = $1 + interval '50 minutes', starts_local = $1 at time zone zone")
        .bind(noon)
        .execute(pool)
        .await
        .unwrap();
    query("update appointment_participant v set starts_at = a.starts_at, ends_at = a.ends_at from appointment a where a.id = v.appointment_id")
        .execute(pool)
        .await
        .unwrap();
    noon - Days::new(1)
}

#[testkit::test]
async fn those_with_consent_and_a_number_are_called_and_otherwise_who_gets_copies(pool: PgPool) {
    let desk = staff_actor(&pool, "Dana", &[Role::FrontDesk]).await;
    let mia = caller(&pool, "Mia", Some("416 555 0100"), true).await;
    let leo = caller(&pool, "Leo", None, true).await;
    let ana = caller(&pool, "Ana", Some("416 555 0102"), true).await;
    let noor = caller(&pool, "Noor", Some("416 555 0103"), false).await;
    query(
        "insert into client_link (id, client_low, client_high, low_label, high_label, low_gets_copies, high_gets_copies)
         values ($1, least($2, $3), greatest($2, $3), 'other', 'other', $3 < $2, $3 > $2)",
    )
    .bind(db::new_id())
    .bind(leo)
    .bind(ana)
    .execute(&pool)
    .await
    .unwrap();
    for client in [mia, leo, noor] {
        booked(&pool, client).await;
    }
    let now = start_tomorrow(&pool).await;
    let (_, callees) = tomorrow(&pool, &desk, now).await.unwrap();
    let mut called: Vec<_> =
        callees.iter().map(|one| (one.name.as_str(), one.phone.as_str(), one.calls[0].person.as_str())).collect();
    called.sort_unstable();
    assert_eq!(called, [("Ana Test", "416 555 0102", "Leo Test"), ("Mia Test", "416 555 0100", "Mia Test")]);
    assert!(tomorrow(&pool, &desk, now + Days::new(1)).await.unwrap().1.is_empty());
    for (actor, expected) in [
        (staff_actor(&pool, "Sam", &[Role::Practitioner]).await, Refusal::Forbidden),
        (client_actor(&pool, "Eve").await, Refusal::NotFound),
    ] {
        assert_eq!(refusal(tomorrow(&pool, &actor, now).await), expected);
    }
}

#[testkit::test]
async fn who_was_reached_is_noted_and_taken_back(pool: PgPool) {
    let desk = staff_actor(&pool, "Dana", &[Role::FrontDesk]).await;
    let mia = caller(&pool, "Mia", Some("416 555 0100"), true).await;
    let participant = booked(&pool, mia).await;
    let now = start_tomorrow(&pool).await;
    assert_eq!(db::todo::counts(&pool, &desk, now).await.unwrap().calls, 1);
    let reached = async || tomorrow(&pool, &desk, now).await.unwrap().1[0].calls[0].clone();
    let starts_at = reached().await.starts_at;
    for said in [Some(true), Some(false), None, Some(true)] {
        note(&pool, &desk, participant, ClientId(mia), starts_at, said).await.unwrap();
        assert_eq!(reached().await.reached, said.map(|said| (said, "Dana Test".to_owned())));
    }
    assert_eq!(db::todo::counts(&pool, &desk, now).await.unwrap().calls, 0);
    // Another time is another call, and what was shown before is none.
    let late = note(&pool, &desk, participant, ClientId(mia), starts_at - Days::new(1), Some(true)).await;
    assert_eq!(refusal(late), Refusal::Stale);
    let stranger = client_actor(&pool, "Eve").await.client().unwrap().id();
    assert_eq!(refusal(note(&pool, &desk, participant, stranger, starts_at, None).await), Refusal::NotFound);
    assert_eq!(
        refusal(note(&pool, &desk, db::new_id(), ClientId(mia), starts_at, Some(true)).await),
        Refusal::NotFound
    );
    let sam = staff_actor(&pool, "Sam", &[Role::Practitioner]).await;
    assert_eq!(refusal(note(&pool, &sam, participant, ClientId(mia), starts_at, Some(true)).await), Refusal::Forbidden);
    query("update appointment_participant set status = 'cancelled', cancelled_at = now() where id = $1")
        .bind(participant)
        .execute(&pool)
        .await
        .unwrap();
    let gone = note(&pool, &desk, participant, ClientId(mia), starts_at, Some(true)).await;
    assert_eq!(refusal(gone), Refusal::Conflict(Conflict::AlreadyCancelled));
}

/// `holder` gets copies of what is about `subject`.
async fn copies(pool: &PgPool, subject: Uuid, holder: Uuid) {
    query(
        "insert into client_link (id, client_low, client_high, low_label, high_label, low_gets_copies, high_gets_copies)
         values ($1, least($2, $3), greatest($2, $3), 'other', 'other', $3 < $2, $3 > $2)",
    )
    .bind(db::new_id())
    .bind(subject)
    .bind(holder)
    .execute(pool)
    .await
    .unwrap();
}

#[testkit::test]
async fn one_who_was_reached_leaves_the_other_to_be_called(pool: PgPool) {
    let desk = staff_actor(&pool, "Dana", &[Role::FrontDesk]).await;
    let mia = caller(&pool, "Mia", None, false).await;
    let ana = caller(&pool, "Ana", Some("416 555 0102"), true).await;
    let ben = caller(&pool, "Ben", Some("416 555 0103"), true).await;
    for guardian in [ana, ben] {
        copies(&pool, mia, guardian).await;
    }
    let participant = booked(&pool, mia).await;
    let now = start_tomorrow(&pool).await;
    let called = async || -> Vec<(String, Option<bool>)> {
        let (_, all) = tomorrow(&pool, &desk, now).await.unwrap();
        let mut all: Vec<_> =
            all.into_iter().map(|one| (one.name, one.calls[0].reached.as_ref().map(|reached| reached.0))).collect();
        all.sort();
        all
    };
    let starts_at = tomorrow(&pool, &desk, now).await.unwrap().1[0].calls[0].starts_at;
    note(&pool, &desk, participant, ClientId(ana), starts_at, Some(false)).await.unwrap();
    assert_eq!(called().await, [("Ana Test".to_owned(), Some(false)), ("Ben Test".to_owned(), None)]);
    assert_eq!(db::todo::counts(&pool, &desk, now).await.unwrap().calls, 1, "Ben is left");
    note(&pool, &desk, participant, ClientId(ben), starts_at, Some(true)).await.unwrap();
    assert_eq!(called().await, [("Ana Test".to_owned(), Some(false)), ("Ben Test".to_owned(), Some(true))]);
    assert_eq!(db::todo::counts(&pool, &desk, now).await.unwrap().calls, 0, "it is told");
}

#[testkit::test]
async fn consent_to_calls_is_for_the_number_that_it_was_given_for(pool: PgPool) {
    let desk = staff_actor(&pool, "Dana", &[Role::FrontDesk]).await;
    let mia = caller(&pool, "Mia", Some("416 555 0100"), true).await;
    // Noor agreed when there was a telephone at home alone.
    let noor = caller(&pool, "Noor", None, false).await;
    for client in [mia, noor] {
        query("insert into client_phone (id, client_id, number, label, position) values ($1, $2, '416 555 0109', 'Home', 0)")
            .bind(db::new_id())
            .bind(client)
            .execute(&pool)
            .await
            .unwrap();
        booked(&pool, client).await;
    }
    query("update client set voice_consent = true where id = $1").bind(noor).execute(&pool).await.unwrap();
    let now = start_tomorrow(&pool).await;
    let phones = async || -> Vec<String> {
        let (_, all) = tomorrow(&pool, &desk, now).await.unwrap();
        let mut phones: Vec<_> = all.into_iter().map(|one| format!("{}: {}", one.name, one.phone)).collect();
        phones.sort();
        phones
    };
    assert_eq!(phones().await, ["Mia Test: 416 555 0100", "Noor Test: 416 555 0109"]);
    // The line at home is another's as well.
    query("update client set mobile = null where id = $1").bind(mia).execute(&pool).await.unwrap();
    assert_eq!(phones().await, ["Noor Test: 416 555 0109"]);
    query("insert into safe_contact (client_id, rule, set_by) values ($1, 'no_messages', $1)")
        .bind(noor)
        .execute(&pool)
        .await
        .unwrap();
    assert!(tomorrow(&pool, &desk, now).await.unwrap().1[0].leave_none, "the list says not to leave messages");
}
