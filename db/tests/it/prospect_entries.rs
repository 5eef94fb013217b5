//! Notes, calls and emails on the card of a prospect.

use chrono::{NaiveDate, Utc};
use db::clients::{add_entry, create, entries, entries_of, set_status};
use db::messages::claim_copy;
use db::{Actor, PgPool};
use shared::accounts::Role;
use shared::clients::{ClientForm, EntryForm, EntryKind, Status};
use shared::{ClientNumber, Problem, Refusal};
use sqlx::{query, query_scalar};
use testkit::{refusal, staff_actor};

async fn prospect(pool: &PgPool, actor: &Actor, email: &str) -> ClientNumber {
    let form = ClientForm {
        first_name: "Ngozi".into(),
        last_name: "Eze".into(),
        zone: "America/Toronto".into(),
        status: "prospect".into(),
        email: email.into(),
        email_consent: !email.is_empty(),
        ..ClientForm::default()
    };
    create(pool, actor, form).await.unwrap().number
}

fn entry(kind: &str, words: &str) -> EntryForm {
    EntryForm {
        kind: kind.into(),
        subject: if kind == "email" { "Your question".into() } else { String::new() },
        words: words.into(),
        request_key: db::new_id().to_string(),
    }
}

fn today() -> NaiveDate {
    Utc::now().date_naive()
}

#[testkit::test]
async fn entries_are_kept_with_date_and_author_and_a_call_is_the_last_contact(pool: PgPool) {
    let desk = staff_actor(&pool, "Dana", &[Role::FrontDesk]).await;
    let number = prospect(&pool, &desk, "").await;
    let contact = async || -> Option<NaiveDate> {
        query_scalar("select last_contact from client where number = $1")
            .bind(number.get())
            .fetch_one(&pool)
            .await
            .unwrap()
    };
    let note = entry("note", "Asked about prices");
    for _ in 0..2 {
        add_entry(&pool, &desk, number, &note, today()).await.unwrap();
    }
    assert_eq!(contact().await, None);
    add_entry(&pool, &desk, number, &entry("call", "Left a message"), today()).await.unwrap();
    assert_eq!(contact().await, Some(today()));
    let kept: Vec<_> = entries(&pool, &desk, &[number])
        .await
        .unwrap()
        .into_iter()
        .map(|one| (one.kind, one.words, one.author))
        .collect();
    let dana = "Dana Test".to_owned();
    assert_eq!(
        kept,
        [
            (EntryKind::Call, "Left a message".to_owned(), dana.clone()),
            (EntryKind::Note, "Asked about prices".to_owned(), dana)
        ]
    );
    let empty = add_entry(&pool, &desk, number, &entry("call", "  "), today()).await;
    assert_eq!(refusal(empty), Refusal::field("words", Problem::Required));
    set_status(&pool, &desk, number, Status::Active).await.unwrap();
    // They are no prospect any more, and what was kept stays on the record.
    let mut conn = pool.acquire().await.unwrap();
    let readable = db::authz::readable(&mut conn, &desk, number).await.unwrap();
    assert_eq!(entries_of(&mut conn, &readable).await.unwrap().len(), 2);
    drop(conn);
    let late = add_entry(&pool, &desk, number, &entry("note", "x"), today()).await;
    assert_eq!(refusal(late), Refusal::NotFound);
}

#[testkit::test]
async fn an_email_needs_consent_and_goes_to_the_prospect_alone(pool: PgPool) {
    let desk = staff_actor(&pool, "Dana", &[Role::FrontDesk]).await;
    let without = prospect(&pool, &desk, "").await;
    let refused = add_entry(&pool, &desk, without, &entry("email", "Hello"), today()).await;
    assert_eq!(refusal(refused), Refusal::field("kind", Problem::NoConsentToEmail));
    assert!(claim_copy(&pool).await.unwrap().is_none());

    let number = prospect(&pool, &desk, "ngozi@kin.test").await;
    let written = entry("email", "We have a place on Monday.");
    for _ in 0..2 {
        add_entry(&pool, &desk, number, &written, today()).await.unwrap();
    }
    let copy = claim_copy(&pool).await.unwrap().unwrap();
    assert_eq!((copy.address.as_str(), copy.subject.as_str()), ("ngozi@kin.test", "Your question"));
    assert!(
        copy.body.starts_with("We have a place on Monday.\n") && copy.body.contains("My practice"),
        "{}",
        copy.body
    );
    assert!(copy.unsubscribe.is_some());
    assert!(claim_copy(&pool).await.unwrap().is_none(), "sent twice it is one");
    // Withdrawn since, it does not go.
    query("update client set email_consent = false where number = $1").bind(number.get()).execute(&pool).await.unwrap();
    query("update message_copy set claimed_until = null, due_at = now()").execute(&pool).await.unwrap();
    assert!(claim_copy(&pool).await.unwrap().is_none());
}

#[testkit::test]
async fn a_practitioner_sees_and_writes_of_those_assigned_alone(pool: PgPool) {
    let desk = staff_actor(&pool, "Dana", &[Role::FrontDesk]).await;
    let number = prospect(&pool, &desk, "").await;
    add_entry(&pool, &desk, number, &entry("note", "Asked"), today()).await.unwrap();
    let sam = staff_actor(&pool, "Sam", &[Role::Practitioner]).await;
    assert_eq!(entries(&pool, &sam, &[number]).await.unwrap(), []);
    assert_eq!(refusal(add_entry(&pool, &sam, number, &entry("note", "x"), today()).await), Refusal::NotFound);
    query("insert into client_practitioner (client_id, practitioner_id) select id, $2 from client where number = $1")
        .bind(number.get())
        .bind(sam.id())
        .execute(&pool)
        .await
        .unwrap();
    add_entry(&pool, &sam, number, &entry("note", "Called"), today()).await.unwrap();
    assert_eq!(entries(&pool, &sam, &[number]).await.unwrap().len(), 2);
}
