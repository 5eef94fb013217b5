//! Households and parents of imported files: who is here already, and who is not.

use crate::support::files::{checked, desk, imported, number, state, text, work_all};
use db::PgPool;
use db::import::{families_here, one, start};
use shared::{Problem, Refusal};
use testkit::refusal;

const MEMBERS: &str = "select string_agg(m.first_name, ' ' order by m.first_name) from client_membership x
     join client g on g.id = x.group_id join client m on m.id = x.member_id where g.code = 'OKA1'";

async fn okafors(pool: &PgPool) {
    sqlx::raw_sql(
        "insert into client (id, kind, code, group_name, zone) values
             (gen_random_uuid(), 'family', 'OKA1', 'Okafor family', 'UTC'),
             (gen_random_uuid(), 'family', 'LEE1', 'Lee family', 'UTC'),
             (gen_random_uuid(), 'family', 'LEE2', 'Lee family', 'UTC')",
    )
    .execute(pool)
    .await
    .unwrap();
}

#[testkit::test]
async fn existing_families_are_shown_before_anyone_joins_them(pool: PgPool) {
    let desk = desk(&pool).await;
    okafors(&pool).await;
    // By the code, by the name in other letters, by a name that two have, and new.
    let file =
        "First name,Last name,Household\nAda,One,oka1\nBo,Two,OKAFOR  Fámily\nCy,Three,Lee family\nDi,Four,Nowak\n";
    let id = checked(&pool, &desk, file, |_| {}).await;
    let import = one(&pool, &desk, id).await.unwrap();
    assert_eq!((import.family_count, import.families_here), (4, 2));
    let found = families_here(&pool, &desk, &import).await.unwrap();
    let found: Vec<_> =
        found.iter().map(|one| (one.words.as_str(), one.name.as_str(), one.rows, one.members)).collect();
    assert_eq!(found, [("oka1", "Okafor family", 1, 0), ("OKAFOR Fámily", "Okafor family", 1, 0)]);
    assert_eq!(refusal(start(&pool, &desk, id, false, "perhaps").await), Refusal::field("families", Problem::Unknown));
    assert_eq!(refusal(start(&pool, &desk, id, false, "").await), Refusal::field("families", Problem::Required));
    // Anyone who comes, or is called so, between the review and the import was not shown.
    sqlx::raw_sql("insert into client (id, kind, code, group_name, zone) values (gen_random_uuid(), 'family', 'NOW1', 'Nowak', 'UTC');
                   update client set group_name = 'Leeson' where code = 'LEE2'")
        .execute(&pool)
        .await
        .unwrap();
    start(&pool, &desk, id, false, "join").await.unwrap();
    work_all(&pool).await;
    assert_eq!(state(&pool, id).await, "done");
    assert_eq!(text(&pool, MEMBERS).await, "Ada Bo");
    assert_eq!(text(&pool, "select families_found::text from import").await, "[]", "what the file said is gone");
    assert_eq!(number(&pool, "select count(*) from client where kind = 'family'").await, 6, "Lee and Nowak anew");
}

/// By its code or its name, before or behind those who belong.
#[testkit::test]
async fn a_couple_and_its_members_come_in_one_file(pool: PgPool) {
    let desk = desk(&pool).await;
    let file = "Kind,Group name,First name,Last name,Code,Household\n\
                individual,,Ana,Okafor,,oko1\nindividual,,Ben,Okafor,,OKO1\nindividual,,Third,Okafor,,the okafors\n\
                couple,The Okafors,,,OKO1,\nfamily,Lee house,,,LEE1,\nindividual,,Cy,Lee,,LEE HOUSE\nindividual,,Di,Nowak,,Nowak\n";
    let id = checked(&pool, &desk, file, |_| {}).await;
    assert_eq!(one(&pool, &desk, id).await.unwrap().family_count, 1, "Nowak alone is new");
    let bad = "select string_agg(line || ' ' || problems::text, ' ') from import_row where outcome = 'bad'";
    let bad = text(&pool, bad).await;
    assert!(bad.starts_with("4 ") && bad.contains("lines 2 and 3"), "{bad}");
    start(&pool, &desk, id, true, "").await.unwrap();
    work_all(&pool).await;
    assert_eq!(state(&pool, id).await, "done", "{:?}", one(&pool, &desk, id).await.unwrap());
    let all = "select string_agg(g.kind || ' ' || coalesce(nullif(g.group_name, ''), '-') || ': ' || members, ', ' order by g.group_name)
         from client g cross join lateral (
              select string_agg(m.first_name, ' ' order by m.first_name) as members
                from client_membership x join client m on m.id = x.member_id where x.group_id = g.id) m
        where g.kind <> 'individual'";
    assert_eq!(text(&pool, all).await, "family Lee house: Cy, family Nowak: Di, couple The Okafors: Ana Ben");
    db::import::undo(&pool, &desk, id).await.unwrap();
    work_all(&pool).await;
    assert_eq!(state(&pool, id).await, "undone");
    assert_eq!(number(&pool, "select count(*) from client").await, 0);
}

/// What is lower case is not everywhere the same.
#[testkit::test]
async fn families_of_any_script_are_recognised(pool: PgPool) {
    let desk = desk(&pool).await;
    sqlx::raw_sql(
        "insert into client (id, kind, code, group_name, zone) values
             (gen_random_uuid(), 'family', 'PAP1', 'ΠΑΠΑΔΟΠΟΥΛΟΣ', 'UTC'), (gen_random_uuid(), 'family', 'INC1', 'İnce', 'UTC'),
             (gen_random_uuid(), 'family', 'WAN1', '王家', 'UTC')",
    )
    .execute(&pool)
    .await
    .unwrap();
    let file = "First name,Last name,Household\nAda,One,ΠΑΠΑΔΟΠΟΥΛΟΣ\nBo,Two,İnce\nCy,Three,王家\n";
    let id = checked(&pool, &desk, file, |_| {}).await;
    assert_eq!(one(&pool, &desk, id).await.unwrap().families_here, 3);
    start(&pool, &desk, id, false, "join").await.unwrap();
    work_all(&pool).await;
    assert_eq!(number(&pool, "select count(*) from client where kind = 'family'").await, 3);
}

#[testkit::test]
async fn a_household_of_the_same_letters_may_be_others(pool: PgPool) {
    let desk = desk(&pool).await;
    okafors(&pool).await;
    let id = checked(&pool, &desk, "First name,Last name,Household\nAda,One,OKA1\nBo,Two,OKA1\n", |_| {}).await;
    start(&pool, &desk, id, false, "new").await.unwrap();
    work_all(&pool).await;
    assert_eq!(state(&pool, id).await, "done");
    let theirs = "select count(*) from client_membership x join client g on g.id = x.group_id where g.code = 'OKA1'";
    assert_eq!(number(&pool, theirs).await, 0);
    assert_eq!(number(&pool, "select count(distinct group_id) from client_membership").await, 1);
    assert_eq!(number(&pool, "select count(*) from client_membership").await, 2);
}

/// Grants over someone are given only where they are known to be a minor.
#[testkit::test]
async fn only_a_minor_gets_a_linked_parent(pool: PgPool) {
    let desk = desk(&pool).await;
    let born = db::practice::today(&pool).await.unwrap() - chrono::Months::new(12 * 9);
    let file = format!(
        "First name,Last name,Date of birth,Parent,Parent e-mail\nAda,Lee,{born},Kim Lee,kim@example.com\n\
         Bo,Lee,,Kim Lee,kim@example.com\nCy,Lee,1980-01-02,Kim Lee,kim@example.com\n"
    );
    imported(&pool, &desk, &file, |form| {
        form.parents = "link".into();
        form.parent_may.book = true;
    })
    .await;
    assert_eq!(number(&pool, "select count(*) from client_link").await, 1);
    let called = "select string_agg(c.first_name, ' ' order by c.first_name) from client_contact x
         join client c on c.id = x.client_id where x.email = 'kim@example.com'";
    assert_eq!(text(&pool, called).await, "Bo Cy");
}

/// Father and son may have one name and one address.
#[testkit::test]
async fn a_parent_of_the_same_name_and_address_is_another_person(pool: PgPool) {
    let desk = desk(&pool).await;
    let born = db::practice::today(&pool).await.unwrap() - chrono::Months::new(12 * 9);
    let file = format!(
        "First name,Last name,Date of birth,E-mail,Parent,Parent e-mail\nKim,Lee,{born},kim@example.com,Kim Lee,kim@example.com\n"
    );
    let id = imported(&pool, &desk, &file, |form| form.parents = "link".into()).await;
    let import = one(&pool, &desk, id).await.unwrap();
    assert_eq!((import.client_count, import.parent_count), (1, 1));
    assert_eq!(number(&pool, "select count(*) from client where first_name = 'Kim'").await, 2);
    assert_eq!(number(&pool, "select count(*) from client_link").await, 1);
}

/// Some say its code, others its name, with accents or without.
#[testkit::test]
async fn a_couple_that_is_named_in_two_ways_has_two_members(pool: PgPool) {
    let desk = desk(&pool).await;
    let file = "Kind,Group name,First name,Last name,Code,Household\n\
                individual,,Ana,One,,oko1\nindividual,,Ana,One,,Oko1\nindividual,,Ben,Two,,The  Ókafors\nindividual,,Cy,Three,,THE OKAFORS\n\
                couple,The Okafors,,,OKO1,\n";
    let id = checked(&pool, &desk, file, |_| {}).await;
    let import = one(&pool, &desk, id).await.unwrap();
    assert_eq!(import.family_count, 0);
    let bad =
        "select string_agg(line || ' ' || problems::text, ' ' order by line) from import_row where outcome = 'bad'";
    let bad = text(&pool, bad).await;
    assert!(bad.contains("3 ") && bad.contains("5 ") && bad.contains("lines 2 and 4 are those of line 6"), "{bad}");
    let fix_row = db::import::fix_row(&pool, &desk, id, 5).await.unwrap();
    assert!(
        matches!(fix_row.problems.as_slice(), [problem] if problem.heading.as_deref() == Some("Household")),
        "{fix_row:?}"
    );
    start(&pool, &desk, id, true, "").await.unwrap();
    work_all(&pool).await;
    assert_eq!(state(&pool, id).await, "done");
    let members = "select count(*) from client_membership x join client g on g.id = x.group_id where g.code = 'OKO1'";
    assert_eq!(number(&pool, members).await, 2);
}

/// Two rows of one name and different codes: the name says neither, though one of
/// them is left out as a likely duplicate.
#[testkit::test]
async fn a_name_that_two_rows_have_means_neither(pool: PgPool) {
    let desk = desk(&pool).await;
    let file = "Kind,Group name,First name,Last name,Code,Household\n\
                couple,Smith,,,SMI1,\ncouple,Smíth,,,SMI2,\n\
                individual,,Ana,One,,Smith\nindividual,,Ben,Two,,Smith\nindividual,,Cy,Three,,Smith\n";
    let id = checked(&pool, &desk, file, |_| {}).await;
    let counts = "select string_agg(outcome, ' ' order by line) from import_row";
    assert_eq!(text(&pool, counts).await, "ok duplicate ok ok ok");
    assert_eq!(one(&pool, &desk, id).await.unwrap().family_count, 1);
    start(&pool, &desk, id, false, "").await.unwrap();
    work_all(&pool).await;
    assert_eq!(state(&pool, id).await, "done");
    let kinds = "select string_agg(g.kind || ' ' || (select count(*) from client_membership m where m.group_id = g.id), ', ' order by g.kind)
         from client g where g.kind <> 'individual'";
    assert_eq!(text(&pool, kinds).await, "couple 0, family 3");
}

/// A row without a code that is repeated is one couple.
#[testkit::test]
async fn a_couple_that_the_file_has_twice_is_one(pool: PgPool) {
    let desk = desk(&pool).await;
    let file = "Kind,Group name,First name,Last name,Household\n\
                couple,Smith,,,\ncouple,SMITH,,,\nindividual,,Ana,One,Smith\nindividual,,Ben,Two,Smith\nindividual,,Cy,Three,Smith\n";
    let id = checked(&pool, &desk, file, |_| {}).await;
    assert_eq!(one(&pool, &desk, id).await.unwrap().family_count, 0);
    assert_eq!(text(&pool, "select string_agg(line::text, ' ') from import_row where outcome = 'bad'").await, "6");
    start(&pool, &desk, id, true, "").await.unwrap();
    work_all(&pool).await;
    assert_eq!(
        number(
            &pool,
            "select count(*) from client_membership x join client g on g.id = x.group_id and g.kind = 'couple'"
        )
        .await,
        2
    );
    assert_eq!(number(&pool, "select count(*) from client where kind <> 'individual'").await, 1);
}

/// The row of a family that is here is left out; its members are asked about.
#[testkit::test]
async fn members_of_a_family_that_is_here_may_join_it(pool: PgPool) {
    let desk = desk(&pool).await;
    okafors(&pool).await;
    let file = "Kind,Group name,First name,Last name,Household\n\
                family,Okafor family,,,\nindividual,,Ana,One,Okafor family\nindividual,,Bo,Two,OKA1\n";
    let id = checked(&pool, &desk, file, |_| {}).await;
    assert_eq!(one(&pool, &desk, id).await.unwrap().families_here, 2);
    start(&pool, &desk, id, false, "join").await.unwrap();
    work_all(&pool).await;
    assert_eq!(text(&pool, MEMBERS).await, "Ana Bo");
    assert_eq!(number(&pool, "select count(*) from client where kind = 'family'").await, 3);
}

/// An existing couple takes as many members as it has room for.
#[testkit::test]
async fn a_couple_that_is_here_gets_a_second_member_and_no_third(pool: PgPool) {
    let desk = desk(&pool).await;
    sqlx::raw_sql(
        "insert into client (id, kind, code, group_name, zone) values
             ('00000000-0000-0000-0000-0000000000c1', 'couple', 'SMI1', 'The Smiths', 'UTC'),
             ('00000000-0000-0000-0000-0000000000c2', 'couple', 'LEE1', 'The Lees', 'UTC'),
             ('00000000-0000-0000-0000-0000000000c3', 'group', 'TUE1', 'Tuesday', 'UTC');
         insert into client (id, kind, code, first_name, last_name, zone) values
             ('00000000-0000-0000-0000-0000000000a1', 'individual', 'ANA1', 'Ana', 'Smith', 'UTC');
         insert into client_membership (id, group_id, member_id, joined_on) values
             (gen_random_uuid(), '00000000-0000-0000-0000-0000000000c1', '00000000-0000-0000-0000-0000000000a1', '2020-01-01')",
    )
    .execute(&pool)
    .await
    .unwrap();
    // By code one too many is wrong; a name may be a family's as well.
    let file = "First name,Last name,Household\nBo,Two,smi1\nCy,Three,smi1\nDi,Four,the lees\nEd,Five,The Lees\nFlo,Six,Tuesday\n\
                Guy,Seven,the smiths\nHal,Eight,the smiths\n";
    let id = checked(&pool, &desk, file, |_| {}).await;
    let bad =
        "select string_agg(line || ' ' || problems::text, ' ' order by line) from import_row where outcome = 'bad'";
    let bad = text(&pool, bad).await;
    assert!(
        bad.starts_with("3 ") && bad.contains(" has one already, and gets line 2") && !bad.contains("Smiths"),
        "{bad}"
    );
    let import = one(&pool, &desk, id).await.unwrap();
    assert_eq!((import.family_count, import.families_here), (4, 3));
    // Another person joins one of them before the import.
    sqlx::raw_sql(
        "insert into client_membership (id, group_id, member_id, joined_on) values
             (gen_random_uuid(), '00000000-0000-0000-0000-0000000000c2', '00000000-0000-0000-0000-0000000000a1', '2020-01-01')",
    )
    .execute(&pool)
    .await
    .unwrap();
    start(&pool, &desk, id, true, "join").await.unwrap();
    work_all(&pool).await;
    let import = one(&pool, &desk, id).await.unwrap();
    assert_eq!((state(&pool, id).await.as_str(), import.failure.as_str()), ("checked", "changed"));
    assert_eq!(
        text(&pool, "select string_agg(line::text, ' ' order by line) from import_row where outcome = 'bad'").await,
        "3 5"
    );
    assert_eq!(
        number(&pool, "select count(*) from client where import_id is not null").await,
        0,
        "nothing is half done"
    );
    start(&pool, &desk, id, true, "join").await.unwrap();
    work_all(&pool).await;
    assert_eq!(state(&pool, id).await, "done");
    let all = "select string_agg(g.kind || ' ' || g.group_name || ': ' || members, ', ' order by g.kind, g.group_name)
         from client g cross join lateral (
              select string_agg(m.first_name, ' ' order by m.first_name) as members
                from client_membership x join client m on m.id = x.member_id where x.group_id = g.id) m
        where g.kind <> 'individual'";
    assert_eq!(
        text(&pool, all).await,
        "couple The Lees: Ana Di, couple The Smiths: Ana Bo, family the smiths: Guy Hal, group Tuesday: Flo"
    );
}

/// Curly and straight apostrophes, hyphens, case, accents in either form, and spacing.
#[testkit::test]
async fn a_name_written_in_two_ways_is_one_household_and_one_parent(pool: PgPool) {
    let desk = desk(&pool).await;
    sqlx::raw_sql(
        "insert into client (id, kind, code, group_name, zone) values (gen_random_uuid(), 'family', 'DAR1', 'D’Arcy', 'UTC')",
    )
    .execute(&pool)
    .await
    .unwrap();
    let born = db::practice::today(&pool).await.unwrap() - chrono::Months::new(12 * 9);
    let file = format!(
        "First name,Last name,Date of birth,Household,Parent,Parent e-mail\n\
         Noor,O'Malley,{born},O'Malley,Sean O'Malley,sean@example.org\n\
         Finn,O’Malley,{born},O’MALLEY ,Séan  O’Malley,SEAN@example.org\n\
         Una,Mu\u{308}ller,{born},Mu\u{308}ller,Zoe\u{308} Mu\u{308}ller,zoe@example.org\n\
         Ida,Müller,{born},MÜLLER,Zoë Müller,zoe@example.org\n\
         Abe,Smith-Jones,{born},Smith-Jones,Kim Smith-Jones,\n\
         Bea,Smith–Jones,{born},Smith\u{2011}Jones,Kim Smith–Jones,\n\
         Dot,D'Arcy,{born},D'Arcy,,\n"
    );
    let id = checked(&pool, &desk, &file, |form| form.parents = "link".into()).await;
    let import = one(&pool, &desk, id).await.unwrap();
    assert_eq!((import.family_count, import.families_here, import.parent_count), (4, 1, 3));
    start(&pool, &desk, id, false, "join").await.unwrap();
    work_all(&pool).await;
    assert_eq!(state(&pool, id).await, "done");
    assert_eq!(number(&pool, "select count(*) from client where kind = 'family'").await, 4);
    let sizes = "select string_agg(members::text, ' ' order by members) from (
         select count(*) as members from client_membership group by group_id) sizes";
    assert_eq!(text(&pool, sizes).await, "1 2 2 2");
    assert_eq!(number(&pool, "select count(*) from client_link").await, 6, "each parent has two children");
    let parents = "select count(distinct holder) from client_grant where holder_label = 'parent'";
    assert_eq!(number(&pool, parents).await, 3);
}

#[testkit::test]
async fn a_household_joins_the_family_shown_whichever_row_writes_its_name(pool: PgPool) {
    let desk = desk(&pool).await;
    sqlx::raw_sql(
        "insert into client (id, kind, code, group_name, zone) values (gen_random_uuid(), 'family', 'DAR1', 'D''Arcy', 'UTC');
         insert into client (id, kind, code, first_name, last_name, birth_date, zone)
             values (gen_random_uuid(), 'individual', 'DD1', 'Dot', 'D''Arcy', '2015-03-09', 'UTC')",
    )
    .execute(&pool)
    .await
    .unwrap();
    let file = "First name,Last name,Date of birth,Household\n\
                Dot,D'Arcy,2015-03-09,D’Arcy\n\
                Mark,D'Arcy,2017-05-01,D'Arcy\n";
    let id = checked(&pool, &desk, file, |_| ()).await;
    assert_eq!(one(&pool, &desk, id).await.unwrap().families_here, 1);
    // The likely duplicate, whose row wrote the name first, is left out.
    start(&pool, &desk, id, false, "join").await.unwrap();
    work_all(&pool).await;
    assert_eq!(state(&pool, id).await, "done");
    assert_eq!(number(&pool, "select count(*) from client where kind = 'family'").await, 1);
    let joined =
        "select count(*) from client_membership m join client c on c.id = m.member_id where c.first_name = 'Mark'";
    assert_eq!(number(&pool, joined).await, 1);
}
