//! The link that ends mail that needs consent.

use crate::support::deletion::visit;
use db::PgPool;
use db::messages::unsubscribe::{has_ended, is_known, unsubscribe};
use db::messages::{claim_copy, expand_next, sent};
use shared::Refusal;
use shared::accounts::Secret;
use sqlx::{query, query_scalar};
use testkit::{client_actor, refusal};
use uuid::Uuid;

const BASE: &str = "https://k.test";

/// A confirmation that has left, with the secret in its head.
async fn mailed(pool: &PgPool) -> (Uuid, Secret) {
    let mia = client_actor(pool, "Mia").await.id();
    query("update client set email = 'mia@kin.test', email_consent = true where id = $1")
        .bind(mia)
        .execute(pool)
        .await
        .unwrap();
    let appointment = visit(pool, mia, 3).await;
    query(
        "insert into message (id, kind, appointment_id, participant_id, subject_version)
         select $1, 'confirmation', $2, id, 1 from appointment_participant where appointment_id = $2",
    )
    .bind(db::new_id())
    .bind(appointment)
    .execute(pool)
    .await
    .unwrap();
    assert!(expand_next(pool, BASE).await.unwrap());
    let copy = claim_copy(pool).await.unwrap().unwrap();
    let secret = copy.unsubscribe.clone().unwrap();
    sent(pool, &copy).await.unwrap();
    (mia, secret)
}

async fn consent(pool: &PgPool, client: Uuid) -> bool {
    query_scalar("select email_consent from client where id = $1").bind(client).fetch_one(pool).await.unwrap()
}

#[testkit::test]
async fn one_click_withdraws_the_consent_and_logs_it(pool: PgPool) {
    let (mia, secret) = mailed(&pool).await;
    let left: Option<String> = query_scalar("select unsubscribe from message_copy").fetch_one(&pool).await.unwrap();
    assert_eq!(left, None, "the secret goes with the mail");
    assert!(is_known(&pool, &secret).await.unwrap() && consent(&pool, mia).await);
    // Her mother reads the same mailbox.
    let ana = client_actor(&pool, "Ana").await.id();
    query("update client set email = 'Mia@kin.test', email_consent = true where id = $1")
        .bind(ana)
        .execute(&pool)
        .await
        .unwrap();
    assert!(!has_ended(&pool, &secret).await.unwrap(), "no page says so before");
    for _ in 0..2 {
        unsubscribe(&pool, &secret).await.unwrap();
    }
    assert!(has_ended(&pool, &secret).await.unwrap());
    assert!(!consent(&pool, mia).await && !consent(&pool, ana).await);
    let log: Vec<(bool, String, String)> = sqlx::query_as(
        "select given, source, words from consent_event where client_id = $1 and source = 'unsubscribe_link'",
    )
    .bind(mia)
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(log, [(false, "unsubscribe_link".to_owned(), "Unsubscribe".to_owned())]);
    assert_eq!(refusal(unsubscribe(&pool, &Secret("nothing".into())).await), Refusal::DeadLink);
}

#[testkit::test]
async fn a_link_to_an_address_from_before_ends_nothing_of_the_new_one(pool: PgPool) {
    let (mia, secret) = mailed(&pool).await;
    query("update client set email = 'mia@new.test' where id = $1").bind(mia).execute(&pool).await.unwrap();
    unsubscribe(&pool, &secret).await.unwrap();
    assert!(consent(&pool, mia).await);
}

#[testkit::test]
async fn mail_about_logging_in_has_no_such_link(pool: PgPool) {
    let (mia, _) = mailed(&pool).await;
    query(
        "with l as (insert into account_link (id, kind, secret_hash, client_id, expires_at)
                    values ($1, 'claim', '\\x01', $2, now() + interval '1 hour') returning id)
         insert into message (id, kind, client_id, link_id, secret) select $1, 'welcome', $2, id, 's' from l",
    )
    .bind(db::new_id())
    .bind(mia)
    .execute(&pool)
    .await
    .unwrap();
    assert!(expand_next(&pool, BASE).await.unwrap());
    assert!(claim_copy(&pool).await.unwrap().unwrap().unsubscribe.is_none());
}
