//! Parting with a client: what keeps them, and what goes with them.

use crate::support::deletion::{admin, desk, exists, family, kinds, link, mail_all, make, run, visit};
use db::PgPool;
use db::deletion::{self, OnDelete, REFERENCES};
use shared::accounts::Role;
use shared::deletion::{Blocker, EraseForm};
use shared::{Problem, Refusal};
use sqlx::{query, query_as, query_scalar};
use std::collections::BTreeSet;
use testkit::{client_actor, refusal, staff_actor};

async fn keys_of_client(pool: &PgPool) -> Vec<(String, String, String)> {
    query_as(
        "select c.conrelid::regclass::text, a.attname::text, c.confdeltype::text
           from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any(c.conkey)
          where c.contype = 'f' and c.confrelid = 'client'::regclass",
    )
    .fetch_all(pool)
    .await
    .unwrap()
}

/// Anyone who adds a table that refers to clients says in `REFERENCES` what a
/// deletion, a merge and an erasure do about it.
#[testkit::test]
async fn every_reference_to_a_client_is_decided(pool: PgPool) {
    let real = keys_of_client(&pool).await;
    let listed: BTreeSet<_> = REFERENCES.iter().map(|r| (r.table.to_owned(), r.column.to_owned())).collect();
    assert_eq!(listed.len(), REFERENCES.len(), "a reference stands in the list twice");
    let found: BTreeSet<_> = real.iter().map(|(table, column, _)| (table.clone(), column.clone())).collect();
    assert_eq!(found, listed, "left: the database; right: db/src/deletion/references.rs");
    for reference in REFERENCES.iter().filter(|r| matches!(r.delete, OnDelete::Goes)) {
        let cascades = real.iter().any(|(t, c, on)| t == reference.table && c == reference.column && on == "c");
        assert!(cascades, "{}.{} is to go with the client", reference.table, reference.column);
    }
}

/// Every row that refers to a client keeps them, or is their own.
#[testkit::test]
async fn no_condition_of_a_reference_overlooks_a_row(pool: PgPool) {
    let desk = desk(&pool).await;
    let (id, number) = make(&pool, &desk, "Mia").await;
    let past = visit(&pool, id, -3).await;
    visit(&pool, id, 3).await;
    let cancelled = visit(&pool, id, 5).await;
    let late = visit(&pool, id, -5).await;
    run(&pool, "update appointment set status = 'cancelled', cancelled_at = now() where id = $1", cancelled).await;
    run(&pool, "update appointment set status = 'cancelled', cancelled_at = now() where id = $1", late).await;
    let found = kinds(&deletion::blockers(&pool, &desk, number).await.unwrap());
    assert_eq!(found, [(Blocker::Upcoming, 1), (Blocker::Past, 2), (Blocker::Cancelled, 1)]);
    assert_eq!(refusal(deletion::delete(&pool, &desk, number).await), Refusal::InUse);
    // History is not destroyed for a deletion that is not possible.
    assert_eq!(refusal(deletion::clear(&pool, &desk, number, Blocker::Cancelled).await), Refusal::InUse);
    assert_eq!(refusal(deletion::clear(&pool, &desk, number, Blocker::Past).await), Refusal::InUse);
    assert!(
        query_scalar::<_, bool>("select exists (select from appointment where id = $1)")
            .bind(past)
            .fetch_one(&pool)
            .await
            .unwrap()
    );
}

#[testkit::test]
async fn what_is_cleared_leads_to_the_deletion(pool: PgPool) {
    let desk = desk(&pool).await;
    let (id, number) = make(&pool, &desk, "Mia").await;
    let (parent, _) = make(&pool, &desk, "Ana").await;
    let family = family(&pool, "FAM").await;
    run(&pool, "update client set email = 'mia@kin.test', email_consent = true where id = $1", id).await;
    db::accounts::invite(&pool, &desk, number).await.unwrap();
    run(&pool, "insert into account (id, username, client_id) values ($1, 'mia', $1)", id).await;
    link(&pool, id, parent).await;
    visit(&pool, id, 3).await;
    query("insert into client_membership (id, group_id, member_id, joined_on) values ($1, $2, $3, now())")
        .bind(db::new_id())
        .bind(family)
        .bind(id)
        .execute(&pool)
        .await
        .unwrap();
    run(&pool, "insert into client_phone (id, client_id, number) values ($1, $1, '416 555 0123')", id).await;
    mail_all(&pool).await;

    let all = [
        (Blocker::Upcoming, 1),
        (Blocker::Links, 1),
        (Blocker::Memberships, 1),
        (Blocker::Login, 1),
        (Blocker::Mail, 1),
    ];
    assert_eq!(kinds(&deletion::blockers(&pool, &desk, number).await.unwrap()), all);
    for (what, _) in all {
        deletion::clear(&pool, &desk, number, what).await.unwrap();
        deletion::clear(&pool, &desk, number, what).await.unwrap();
    }
    // The notice of the cancelled appointment is still on its way.
    deletion::clear(&pool, &desk, number, Blocker::Cancelled).await.unwrap();
    let left = kinds(&deletion::blockers(&pool, &desk, number).await.unwrap());
    assert_eq!(left, [(Blocker::Cancelled, 1)]);
    mail_all(&pool).await;
    deletion::clear(&pool, &desk, number, Blocker::Cancelled).await.unwrap();
    // That the link is gone was mailed, too.
    deletion::clear(&pool, &desk, number, Blocker::Mail).await.unwrap();
    deletion::delete(&pool, &desk, number).await.unwrap();
    assert!(!exists(&pool, id).await && exists(&pool, parent).await && exists(&pool, family).await);
    assert_eq!(refusal(deletion::delete(&pool, &desk, number).await), Refusal::NotFound);
    assert!(db::audit::verify(&mut pool.acquire().await.unwrap()).await.unwrap());
}

#[testkit::test]
async fn a_booking_under_way_keeps_the_client(pool: PgPool) {
    let desk = desk(&pool).await;
    let (id, number) = make(&pool, &desk, "Mia").await;
    let other = make(&pool, &desk, "Ana").await.0;
    let appointment = visit(&pool, other, 3).await;
    let mut booking = pool.begin().await.unwrap();
    query("update appointment_participant set client_id = $2 where appointment_id = $1")
        .bind(appointment)
        .bind(id)
        .execute(&mut *booking)
        .await
        .unwrap();
    let (answer, ()) = tokio::join!(deletion::delete(&pool, &desk, number), async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        booking.commit().await.unwrap();
    });
    assert_eq!(refusal(answer), Refusal::InUse);
    assert!(exists(&pool, id).await);
}

#[testkit::test]
async fn only_the_front_desk_deletes_clients(pool: PgPool) {
    let (desk, admin) = (desk(&pool).await, admin(&pool).await);
    let (id, number) = make(&pool, &desk, "Mia").await;
    let assigned = staff_actor(&pool, "Pat", &[Role::Practitioner]).await;
    let stranger = staff_actor(&pool, "Sam", &[Role::Practitioner]).await;
    query("insert into client_practitioner (client_id, practitioner_id) values ($1, $2)")
        .bind(id)
        .bind(assigned.id())
        .execute(&pool)
        .await
        .unwrap();
    let themself = client_actor(&pool, "No one").await;
    let form = EraseForm { code: "MT1".into() };
    let others = [(&assigned, Refusal::Forbidden), (&stranger, Refusal::NotFound), (&themself, Refusal::NotFound)];
    for (actor, expected) in others {
        assert_eq!(refusal(deletion::blockers(&pool, actor, number).await), expected);
        assert_eq!(refusal(deletion::delete(&pool, actor, number).await), expected);
        for what in Blocker::ALL {
            assert_eq!(refusal(deletion::clear(&pool, actor, number, *what).await), expected, "{what}");
        }
        assert_eq!(refusal(deletion::erase(&pool, actor, number, &form).await), expected);
    }
    assert_eq!(refusal(deletion::erase(&pool, &desk, number, &form).await), Refusal::Forbidden);
    let wrong = deletion::erase(&pool, &admin, number, &EraseForm { code: "MT2".into() }).await;
    assert_eq!(refusal(wrong), Refusal::field("code", Problem::OtherCode));
    visit(&pool, id, 2).await;
    assert_eq!(refusal(deletion::erase(&pool, &admin, number, &form).await), Refusal::InUse);
    assert_eq!(testkit::reads::profile(&pool, &desk, number).await.unwrap().first_name, "Mia");
}
