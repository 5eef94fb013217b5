//! Duplicates and merging: nothing is lost, and no one may do more.

use crate::support::merging::{chosen, count, desk, link, number, person, run, visit, world};
use db::PgPool;
use db::deletion::{self, REFERENCES};
use db::merge::{self, GROUPS, KEPT, Likeness, Reason};
use shared::accounts::Role;
use shared::deletion::EraseForm;
use shared::links::Permission;
use shared::merge::MergeForm;
use shared::{Conflict, Problem, Refusal};
use sqlx::{query, query_as, query_scalar};
use std::collections::BTreeSet;
use testkit::{Dice, refusal, staff_actor};
use uuid::Uuid;

#[testkit::test]
async fn every_column_of_a_client_is_a_choice_or_stays(pool: PgPool) {
    let real: BTreeSet<String> = query_scalar(
        "select attname::text from pg_attribute where attrelid = 'client'::regclass and attnum > 0 and not attisdropped",
    )
    .fetch_all(&pool)
    .await
    .unwrap()
    .into_iter()
    .collect();
    let listed: Vec<String> =
        GROUPS.iter().flat_map(|group| group.columns).chain(KEPT).map(|name| (*name).to_owned()).collect();
    let distinct: BTreeSet<String> = listed.iter().cloned().collect();
    assert_eq!(listed.len(), distinct.len());
    assert_eq!(real, distinct, "left: the table; right: db/src/merge/fields.rs");
}

type May = BTreeSet<(Uuid, Uuid, u8)>;

async fn may(pool: &PgPool) -> May {
    let rows: Vec<(Uuid, Uuid, bool, bool, bool, bool)> =
        query_as("select holder, subject, may_book, may_forms, gets_copies, may_packages from client_grant")
            .fetch_all(pool)
            .await
            .unwrap();
    let mut may = May::new();
    for (holder, subject, book, forms, copies, packages) in rows {
        for (index, granted) in [book, forms, copies, packages].into_iter().enumerate() {
            if granted {
                may.insert((holder, subject, index as u8));
            }
        }
    }
    assert_eq!(Permission::ALL.len(), 4);
    may
}

#[testkit::test]
async fn a_merge_grants_nothing_new(pool: PgPool) {
    let desk = desk(&pool).await;
    let mut dice = Dice::new(42);
    for _ in 0..8 {
        let (keep, drop, third, fourth) = (
            person(&pool, "Mia").await,
            person(&pool, "Mia").await,
            person(&pool, "Ana").await,
            person(&pool, "Bo").await,
        );
        for (one, other) in [(keep, third), (drop, third), (drop, fourth), (third, fourth), (keep, drop)] {
            if dice.roll(4) > 0 {
                link(&pool, one.0, other.0, dice.roll(256)).await;
            }
        }
        let before = may(&pool).await;
        merge::merge(&pool, &desk, keep.1, drop.1, &chosen(&[])).await.unwrap();
        let after = may(&pool).await;
        let parts = |id: Uuid| if id == keep.0 { vec![keep.0, drop.0] } else { vec![id] };
        for (holder, subject, permission) in &after {
            for (holder, subject) in
                parts(*holder).into_iter().flat_map(|h| parts(*subject).into_iter().map(move |s| (h, s)))
            {
                assert!(before.contains(&(holder, subject, *permission)));
            }
        }
        for (holder, subject, permission) in &before {
            let both = |a: &Uuid, b: &Uuid| *a == third.0 && (*b == keep.0 || *b == drop.0);
            if both(holder, subject) && parts(keep.0).iter().all(|s| before.contains(&(third.0, *s, *permission))) {
                assert!(after.contains(&(third.0, keep.0, *permission)));
            }
        }
    }
}

/// What only one of the two links granted ends, and both are told, unless it is undone before the mail goes.
#[testkit::test]
async fn both_are_told_which_permissions_a_merge_ended(pool: PgPool) {
    let desk = desk(&pool).await;
    run(&pool, "update practice set quiet_minutes = 0", &[]).await;
    for undone in [false, true] {
        let (keep, drop, third) = (person(&pool, "Mia").await, person(&pool, "Mia").await, person(&pool, "Ana").await);
        let reached = "update client set email = $1::text || '@kin.test', email_consent = true where id = $1::uuid";
        run(&pool, reached, &[keep.0]).await;
        run(&pool, reached, &[third.0]).await;
        // Everything both ways, and to book both ways.
        link(&pool, keep.0, third.0, 0b1111_1111).await;
        link(&pool, drop.0, third.0, 0b0001_0001).await;
        run(&pool, "delete from message_copy", &[]).await;
        run(&pool, "delete from message", &[]).await;
        merge::merge(&pool, &desk, keep.1, drop.1, &chosen(&[])).await.unwrap();
        if undone {
            let id = merge::merges_of(&pool, &desk, keep.1).await.unwrap()[0].id;
            merge::undo(&pool, &desk, keep.1, id).await.unwrap();
        }
        while db::messages::expand_next(&pool, "https://kin.test").await.unwrap() {}
        let told: Vec<(String, String)> =
            query_as("select address::text, body from message_copy").fetch_all(&pool).await.unwrap();
        assert_eq!(told.len(), if undone { 0 } else { 2 }, "{told:?}");
        for (_, body) in told {
            assert!(body.contains("Ana may no longer complete intake forms for Mia."), "{body}");
            assert!(body.contains("Mia may no longer") && !body.contains("book and manage"), "{body}");
        }
    }
}

#[testkit::test]
async fn what_was_chosen_stands_and_lists_are_united(pool: PgPool) {
    let desk = desk(&pool).await;
    let (keep, drop) = (person(&pool, "Mia").await, person(&pool, "Maria").await);
    run(&pool, "update client set notes = 'First', mobile = '416 555 0001', alert = 'Nuts' where id = $1", &[keep.0])
        .await;
    run(&pool, "update client set notes = 'Second', mobile = '416 555 0002', code = 'MT77' where id = $1", &[drop.0])
        .await;
    for id in [keep.0, drop.0] {
        run(
            &pool,
            "insert into client_phone (id, client_id, number) values (gen_random_uuid(), $1, '+1 (416) 555-0003')",
            &[id],
        )
        .await;
    }
    let form = chosen(&[("first_name", "drop"), ("notes", "both"), ("code", "drop"), ("mobile", "drop")]);
    merge::merge(&pool, &desk, keep.1, drop.1, &form).await.unwrap();
    let now = testkit::reads::profile(&pool, &desk, keep.1).await.unwrap();
    assert_eq!((now.first_name.as_str(), now.code.as_str(), now.alert.as_str()), ("Maria", "MT77", "Nuts"));
    assert_eq!(now.notes.as_deref(), Some("First\n\nSecond"));
    assert_eq!(now.mobile.as_deref(), Some("416 555 0002"));
    let numbers: Vec<String> = query_scalar("select number from client_phone where client_id = $1 order by number")
        .bind(keep.0)
        .fetch_all(&pool)
        .await
        .unwrap();
    assert_eq!(numbers, ["+1 (416) 555-0003", "416 555 0001"]);
    // By the number and the code that are gone the one that stays is found.
    let given_up = "select dropped_code::text from client_merge where kept_id = $1";
    let code: String = query_scalar(given_up).bind(keep.0).fetch_one(&pool).await.unwrap();
    for gone in [code, drop.1.to_string()] {
        let found = db::clients::search(&pool, &desk, &gone, 5).await.unwrap();
        assert_eq!(found.first().map(|row| row.number), Some(keep.1), "{gone}");
    }
}

#[testkit::test]
async fn what_stands_in_the_way_of_a_merge(pool: PgPool) {
    let desk = desk(&pool).await;
    let world = world(&pool).await;
    let (keep, drop) = (person(&pool, "Mia").await, person(&pool, "Mia").await);
    let family = number(&pool, world.families[0]).await;
    let same = merge::merge(&pool, &desk, keep.1, keep.1, &chosen(&[])).await;
    assert_eq!(refusal(same), Refusal::field("drop", Problem::Same));
    let kinds = merge::merge(&pool, &desk, keep.1, family, &chosen(&[])).await;
    assert_eq!(refusal(kinds), Refusal::field("drop", Problem::OnlyIndividuals));
    let stale =
        merge::merge(&pool, &desk, keep.1, drop.1, &MergeForm { drop_version: "2".into(), ..chosen(&[]) }).await;
    assert_eq!(refusal(stale), Refusal::Stale);
    visit(&pool, &world, keep.0, None, 0).await;
    let second = visit(&pool, &world, drop.0, None, 30).await;
    assert_eq!(merge::preview(&pool, &desk, keep.1, drop.1).await.unwrap().clashes.len(), 1);
    let busy = merge::merge(&pool, &desk, keep.1, drop.1, &chosen(&[])).await;
    assert_eq!(refusal(busy), Refusal::Conflict(Conflict::ClientBusy));
    db::appointments::cancel(&pool, &desk, shared::AppointmentId(second)).await.unwrap();
    merge::merge(&pool, &desk, keep.1, drop.1, &chosen(&[])).await.unwrap();

    let pat = staff_actor(&pool, "Pat", &[Role::Practitioner]).await;
    let (one, other) = (person(&pool, "Bo").await, person(&pool, "Bo").await);
    assert_eq!(refusal(merge::merge(&pool, &pat, one.1, other.1, &chosen(&[])).await), Refusal::NotFound);
    assert_eq!(merge::kept_for(&pool, &pat, drop.1).await.unwrap(), None);
    assert_eq!(refusal(merge::duplicates(&pool, &pat, 1).await), Refusal::Forbidden);
}

#[testkit::test]
async fn of_two_merges_at_once_one_wins(pool: PgPool) {
    let desk = desk(&pool).await;
    let (one, two, gone) = (person(&pool, "Mia").await, person(&pool, "Mia").await, person(&pool, "Mia").await);
    let form = chosen(&[]);
    let (first, second) = tokio::join!(
        merge::merge(&pool, &desk, one.1, gone.1, &form),
        merge::merge(&pool, &desk, two.1, gone.1, &form)
    );
    assert_ne!(first.is_ok(), second.is_ok());
    let refused = if first.is_ok() { refusal(second) } else { refusal(first) };
    assert_eq!(refused, Refusal::NotFound);
}

#[testkit::test]
async fn an_erasure_destroys_the_journals(pool: PgPool) {
    let admin = staff_actor(&pool, "Ada", &[Role::Administrator]).await;
    for erase_third in [false, true] {
        let (keep, drop, third) =
            (person(&pool, "Mia").await, person(&pool, "Secret").await, person(&pool, "Ana").await);
        run(&pool, "update client set alert = 'canary' where id = $1", &[drop.0]).await;
        // Of the link of the one that goes the journal has the whole row.
        link(&pool, drop.0, third.0, 255).await;
        link(&pool, keep.0, third.0, 255).await;
        merge::merge(&pool, &admin, keep.1, drop.1, &chosen(&[])).await.unwrap();
        let whom = if erase_third { third } else { keep };
        let code: String =
            query_scalar("select code::text from client where id = $1").bind(whom.0).fetch_one(&pool).await.unwrap();
        deletion::erase(&pool, &admin, whom.1, &EraseForm { code }).await.unwrap();
        let journals =
            count(&pool, "select count(*) from client_merge where journal is not null and $1 is not null", keep.0)
                .await;
        assert_eq!(journals, 0);
    }
    for reference in REFERENCES.iter().filter(|r| r.table == "client_merge") {
        assert_eq!(reference.column, "kept_id");
    }
}

fn reasons(pair: &merge::Duplicate) -> &[Reason] {
    &pair.reasons
}

#[testkit::test]
async fn likely_duplicates_are_found(pool: PgPool) {
    let desk = desk(&pool).await;
    let add = async |first: &str, last: &str, born: &str, email: &str, mobile: &str| {
        let (id, number) = person(&pool, first).await;
        query(
            "update client set last_name = $2, birth_date = nullif($3, '')::date, email = nullif($4, ''),
                    email_consent = false, mobile = nullif($5, '') where id = $1",
        )
        .bind(id)
        .bind(last)
        .bind(born)
        .bind(email)
        .bind(mobile)
        .execute(&pool)
        .await
        .unwrap();
        number
    };
    let mia = add("Mia", "Okafor", "2015-03-09", "ana@kin.test", "416 555 0101").await;
    let again = add("Mía", "OKAFOR", "2015-03-09", "", "").await;
    // A twin, a brother with the same address, and a father of the same name.
    add("Leo", "Okafor", "2015-03-09", "ana@kin.test", "416 555 0101").await;
    add("Tom", "Okafor", "2012-03-09", "ana@kin.test", "").await;
    let father = add("John", "Silva", "1970-01-01", "john@kin.test", "416 555 0202").await;
    add("John", "Silva", "2001-01-01", "john@kin.test", "+1 416 555 0202").await;
    let caller = add("Catherine", "Moreau", "", "", "416-555-0303").await;
    let katherine = add("Katherine", "Moreau", "1980-01-01", "", "(416) 555 0303").await;
    let found = merge::duplicates(&pool, &desk, 1).await.unwrap();
    let pairs: Vec<_> = found.rows.iter().map(|pair| (pair.one.number, pair.other.number)).collect();
    assert_eq!(pairs, [(mia, again), (caller, katherine)], "{father}");
    assert_eq!(reasons(&found.rows[0]), [Reason::SameName, Reason::BirthDate]);
    assert_eq!(reasons(&found.rows[1]), [Reason::SimilarName, Reason::Phone]);

    merge::not_duplicate(&pool, &desk, again, mia).await.unwrap();
    merge::not_duplicate(&pool, &desk, mia, again).await.unwrap();
    assert_eq!(merge::duplicates(&pool, &desk, 1).await.unwrap().rows.len(), 1);
    merge::maybe_duplicate(&pool, &desk, again, mia).await.unwrap();
    assert_eq!(merge::duplicates(&pool, &desk, 1).await.unwrap().rows.len(), 2);
    merge::not_duplicate(&pool, &desk, mia, again).await.unwrap();
    // The same name, address and year: a typo in the date. A name alone is enough to ask.
    add("Noor", "Haddad", "1990-11-08", "noor@kin.test", "").await;
    add("Noor", "Haddad", "1990-08-11", "noor@kin.test", "").await;
    add("Ivy", "Stone", "", "", "").await;
    add("Ivy", "Stone", "1990-01-01", "", "").await;
    let found = merge::duplicates(&pool, &desk, 1).await.unwrap();
    let names: Vec<_> = found.rows.iter().map(|pair| (pair.one.name.as_str(), pair.points)).collect();
    assert_eq!(names, [("Catherine Moreau", 55), ("Noor Haddad", 50), ("Ivy Stone", 50)]);

    // A shared address, or a caller's number, does not show another person as the match.
    let typed = Likeness {
        first: "Zoe".into(),
        email: Some("ana@kin.test".into()),
        phone: Some("416 555 0101".into()),
        ..Likeness::default()
    };
    assert!(merge::likely(&pool, &desk, &typed).await.unwrap().is_empty());

    let typed = Likeness { first: "mia".into(), last: "Okafor".into(), ..Likeness::default() };
    let likely = merge::likely(&pool, &desk, &typed).await.unwrap();
    assert_eq!(likely.iter().map(|found| found.client.number).collect::<BTreeSet<_>>(), BTreeSet::from([mia, again]));
    let typed = Likeness {
        first: "Kate".into(),
        last: "Moreau".into(),
        phone: Some("1 416 555 0303".into()),
        ..Likeness::default()
    };
    assert_eq!(merge::likely(&pool, &desk, &typed).await.unwrap()[0].client.number, katherine);
    // A sister with a similar short name and the family's mailbox is another person; with the same birthday a typo.
    let sister = Likeness {
        first: "Mila".into(),
        last: "Okafor".into(),
        email: Some("ana@kin.test".into()),
        phone: Some("416 555 0101".into()),
        ..Likeness::default()
    };
    assert!(merge::likely(&pool, &desk, &sister).await.unwrap().is_empty());
    let typo = Likeness { birth_date: chrono::NaiveDate::from_ymd_opt(2015, 3, 9), ..sister };
    assert_eq!(merge::likely(&pool, &desk, &typo).await.unwrap()[0].client.number, mia);
    // No one a practitioner does not see is named.
    let pat = staff_actor(&pool, "Pat", &[Role::Practitioner]).await;
    assert!(merge::likely(&pool, &pat, &typed).await.unwrap().is_empty());
    // Where nothing is typed yet, no one without a name is meant.
    sqlx::query("insert into client (id, kind, code, zone) values (gen_random_uuid(), 'individual', 'NON1', 'UTC')")
        .execute(&pool)
        .await
        .unwrap();
    let nothing = Likeness::default();
    assert!(merge::likely(&pool, &desk, &nothing).await.unwrap().is_empty());
}
