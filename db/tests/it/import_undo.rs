//! Stopping an import under way, and undoing one that is done.

use crate::support::files::{checked, desk, fingerprint, imported, number, state, text, work_all};
use chrono::Months;
use db::PgPool;
use db::import::{State, one, remaining, start, stop, undo, used};
use shared::memberships::DatesForm;
use shared::merge::MergeForm;
use shared::{ClientNumber, MembershipId};

async fn born(pool: &PgPool) -> chrono::NaiveDate {
    db::practice::today(pool).await.unwrap() - Months::new(12 * 9)
}

#[testkit::test]
async fn an_import_is_undone_while_no_client_was_changed_or_used(pool: PgPool) {
    let desk = desk(&pool).await;
    let born = born(&pool).await;
    let old = format!("First name,Parent,Parent e-mail,Date of birth\nOld,Kim Lee,kim@example.com,{born}\n");
    imported(&pool, &desk, &old, |form| form.parents = "link".into()).await;
    let before = fingerprint(&pool).await;
    let text = format!(
        "First name,Household,Parent,Parent e-mail,Tags,Date of birth\n\
         Mia,Okafor,Kim Lee,kim@example.com,,{born}\nLeo,Okafor,Ana O,ana@example.com,,{born}\n"
    );
    let id = imported(&pool, &desk, &text, |form| form.parents = "link".into()).await;
    assert_eq!(remaining(&pool, &desk, id).await.unwrap(), 4);
    undo(&pool, &desk, id).await.unwrap();
    work_all(&pool).await;
    assert_eq!(state(&pool, id).await, "undone");
    assert_eq!(fingerprint(&pool).await, before);
    assert_eq!(number(&pool, "select count(*) from audit where action = 'undo'").await, 1);

    for change in [
        "update client set alert = 'x', version = version + 1 where first_name = 'Mia'",
        "insert into account (id, username, client_id) select gen_random_uuid(), 'mia', id from client where first_name = 'Mia'",
        "insert into client_membership (id, group_id, member_id, joined_on)
         select gen_random_uuid(), g.id, m.id, '2020-01-01' from client g, client m where g.kind = 'family' and m.first_name = 'Old'",
        "update client_link set high_may_book = not high_may_book, version = version + 1",
    ] {
        let id = imported(&pool, &desk, &text, |form| form.parents = "link".into()).await;
        sqlx::query(change).execute(&pool).await.unwrap();
        let before = fingerprint(&pool).await;
        undo(&pool, &desk, id).await.unwrap();
        work_all(&pool).await;
        let import = one(&pool, &desk, id).await.unwrap();
        assert_eq!((import.state, import.failure.as_str()), (State::Done, "changed"), "{change}");
        assert_eq!(fingerprint(&pool).await, before);
        sqlx::raw_sql("delete from account where username = 'mia'; delete from client where first_name <> 'Old' and last_name <> 'Lee'")
            .execute(&pool)
            .await
            .unwrap();
    }

    // Since when someone belongs was put right.
    let id = imported(&pool, &desk, &text, |form| form.parents = "link".into()).await;
    let (membership, joined): (uuid::Uuid, chrono::NaiveDate) =
        sqlx::query_as("select id, joined_on from client_membership limit 1").fetch_one(&pool).await.unwrap();
    let form = DatesForm { joined_on: "2024-01-01".into(), seen: format!("{joined}/"), ..DatesForm::default() };
    db::memberships::correct(&pool, &desk, MembershipId(membership), form).await.unwrap();
    undo(&pool, &desk, id).await.unwrap();
    work_all(&pool).await;
    assert_eq!(one(&pool, &desk, id).await.unwrap().failure, "changed");
}

/// The people an import under way has made refer to it, and are not committed yet.
#[testkit::test]
async fn an_import_is_stopped_while_it_makes_clients(pool: PgPool) {
    let desk = desk(&pool).await;
    let id = checked(&pool, &desk, "First name\nMia\n", |_| {}).await;
    start(&pool, &desk, id, false, "").await.unwrap();
    let mut tx = pool.begin().await.unwrap();
    sqlx::query("insert into client (id, kind, code, first_name, zone, import_id) values (gen_random_uuid(), 'individual', 'MIA1', 'Mia', 'UTC', $1)")
        .bind(id.0)
        .execute(&mut *tx)
        .await
        .unwrap();
    start(&pool, &desk, id, false, "").await.unwrap();
    stop(&pool, &desk, id).await.unwrap();
    assert!(one(&pool, &desk, id).await.unwrap().stopping);
    tx.rollback().await.unwrap();
    work_all(&pool).await;
    assert_eq!(one(&pool, &desk, id).await.unwrap().failure, "stopped");
    assert_eq!(number(&pool, "select count(*) from client").await, 0);
}

/// The person who was merged into another person is a part of them.
#[testkit::test]
async fn an_import_is_not_undone_while_one_of_it_is_merged_into_another(pool: PgPool) {
    let desk = desk(&pool).await;
    imported(&pool, &desk, "First name,Last name,Code\nMia,Okafor,OLD1\n", |_| {}).await;
    let id = imported(
        &pool,
        &desk,
        "First name,Last name,Code,Household\nMia,Okaffor,NEW1,Okafor\nLeo,Okafor,NEW2,Okafor\n",
        |_| {},
    )
    .await;
    let of = async |code: &'static str| {
        let sql = "select number from client where code = $1::citext";
        ClientNumber::new(sqlx::query_scalar(sql).bind(code).fetch_one(&pool).await.unwrap())
    };
    let (keep, drop) = (of("OLD1").await, of("NEW1").await);
    let form = MergeForm { keep_version: "1".into(), drop_version: "1".into(), ..MergeForm::default() };
    let merge = db::merge::merge(&pool, &desk, keep, drop, &form).await.unwrap();
    let before = fingerprint(&pool).await;
    undo(&pool, &desk, id).await.unwrap();
    work_all(&pool).await;
    let import = one(&pool, &desk, id).await.unwrap();
    assert_eq!((import.state, import.failure.as_str()), (State::Done, "changed"));
    assert_eq!(fingerprint(&pool).await, before);
    assert_eq!(used(&pool, &desk, id).await.unwrap(), [(keep, "Mia Okafor".to_owned())]);
    // Made final, it still is a part; a file of years ago is forgotten.
    sqlx::query("update client_merge set journal = null where id = $1").bind(merge.0).execute(&pool).await.unwrap();
    assert_eq!(used(&pool, &desk, id).await.unwrap().len(), 1);
    sqlx::query("update client set status = 'inactive', version = 2 where code = 'NEW2'").execute(&pool).await.unwrap();
    let named: Vec<String> = used(&pool, &desk, id).await.unwrap().into_iter().map(|(_, name)| name).collect();
    assert_eq!(named, ["Mia Okafor", "Leo Okafor"]);
}

/// Who is the child's parent already, in the file or here.
#[testkit::test]
async fn a_parent_who_is_of_the_household_is_not_made_again(pool: PgPool) {
    let desk = desk(&pool).await;
    let (born, link) = (
        born(&pool).await,
        "select string_agg(p.code || ' ' || c.first_name, ', ' order by c.first_name)
         from client_link l join client c on c.id in (l.client_low, l.client_high) and c.birth_date is not null
         join client p on p.id in (l.client_low, l.client_high) and p.id <> c.id",
    );
    let file = format!(
        "First name,Last name,Date of birth,Code,Household,Parent,Parent e-mail\nMo,Elt,,MO1,Elt,,\n\
         Ada,Elt,{born},ADA1,Elt,Mo Elt,mo@example.com\nBo,Elt,{born},BO1,Elt,Mo Elt,mo@example.com\n"
    );
    let id = imported(&pool, &desk, &file, |form| form.parents = "link".into()).await;
    assert_eq!(one(&pool, &desk, id).await.unwrap().parent_count, 0, "nobody was made");
    assert_eq!(text(&pool, link).await, "MO1 Ada, MO1 Bo");
    // Another of that name elsewhere, and no one of the household: the review says so.
    let file = format!(
        "First name,Last name,Date of birth,Code,Household,Parent\nCy,Low,{born},CY1,Low,Mo Elt\nDi,Low,{born},DI1,Low,Mo Elt\n"
    );
    let id = checked(&pool, &desk, &file, |form| form.parents = "link".into()).await;
    let import = one(&pool, &desk, id).await.unwrap();
    let like = db::import::parents_like(&pool, &desk, &import).await.unwrap();
    assert_eq!(like.iter().map(|one| (one.line, one.name.as_str())).collect::<Vec<_>>(), [(2, "Mo Elt")]);
    start(&pool, &desk, id, false, "").await.unwrap();
    work_all(&pool).await;
    assert_eq!(number(&pool, "select count(*) from client where first_name = 'Mo'").await, 2);
}
