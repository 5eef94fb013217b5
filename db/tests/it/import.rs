//! Clients from a file: the dry run, the import, its undoing.

use crate::support::files::{
    checked, desk, fingerprint, guessed, imported, number, state, text, try_upload, upload, work_all,
};
use chrono::{Days, Months, Utc};
use db::PgPool;
use db::import::{Outcome, Same, State, TickForm, choose, discard, map, one, review, start, stop, tidy, undo, work};
use shared::accounts::Role;
use shared::clients::ClientForm;
use shared::import::{FileFault, ImportForm};
use shared::links::Grants;
use shared::{Problem, Refusal};
use testkit::{client_actor, refusal, staff_actor};

const PEOPLE: &str = "First name,Last name,Date of birth,E-mail,Mobile,Gender,Tags,Code\n\
    Mia,Okafor,2016-03-31,,,Woman,\"VIP; new one\",MIA1\n\
    Leo,Okafor,2014-01-02,leo@example.com,416 555 0101,Man,,\n\
    王,小明,,,,,VIP,\n";

#[testkit::test]
async fn a_file_becomes_clients(pool: PgPool) {
    let desk = desk(&pool).await;
    let id = imported(&pool, &desk, PEOPLE, |form| {
        (form.tagged, form.tag) = (true, "Imported today".into());
        form.email_consent = true;
    })
    .await;
    let rows: Vec<(String, String, Option<String>, bool, String)> = sqlx::query_as(
        "select c.first_name, c.code::text, c.email::text, c.email_consent,
                (select string_agg(t.name::text, ', ' order by t.name) from client_tag ct join tag t on t.id = ct.tag_id
                  where ct.client_id = c.id)
           from client c order by c.number",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let row = |first: &str, code: &str, email: Option<&str>, tags: &str| {
        (first.to_owned(), code.to_owned(), email.map(str::to_owned), email.is_some(), tags.to_owned())
    };
    assert_eq!(
        rows,
        [
            row("Mia", "MIA1", None, "Imported today, new one, VIP"),
            row("Leo", "LO1", Some("leo@example.com"), "Imported today"),
            row("王", "C1", None, "Imported today, VIP"),
        ]
    );
    let import = one(&pool, &desk, id).await.unwrap();
    assert_eq!((import.client_count, import.headings.len(), import.setup), (3, 0, None));
    assert_eq!(
        number(&pool, "select count(*) from import_row").await
            + number(&pool, "select count(*) from import_code").await,
        0
    );
    // The audit names the import once, and every client's history shows it.
    assert_eq!(number(&pool, "select count(*) from audit where action = 'import'").await, 1);
    assert!(db::audit::verify(&mut pool.acquire().await.unwrap()).await.unwrap());
    let first = shared::ClientNumber::new(number(&pool, "select min(number) from client").await);
    let history = testkit::reads::history(&pool, &desk, first).await.unwrap();
    assert_eq!(history.iter().map(|line| line.action.as_str()).collect::<Vec<_>>(), ["import"]);
}

#[testkit::test]
async fn a_dry_run_writes_nothing_but_what_it_found(pool: PgPool) {
    let desk = desk(&pool).await;
    let before = fingerprint(&pool).await;
    let text = "First name,Last name,Date of birth,E-mail,Code,Gender\nMia,Okafor,2016-13-31,,MIA1,Woman\n,,,no address,,Martian\nA,B\nLeo,X,,,LEO1,\nLia,X,,,leo1,\n";
    let id = checked(&pool, &desk, text, |_| {}).await;
    assert_eq!(fingerprint(&pool).await, before);
    let import = one(&pool, &desk, id).await.unwrap();
    let found = review(&pool, &desk, &import, Outcome::Bad, 1).await.unwrap();
    assert_eq!((found.counts.bad, found.counts.ok, found.counts.wanted), (4, 1, 1));
    let problems: Vec<Vec<(Option<usize>, &str)>> = found
        .rows
        .rows
        .iter()
        .map(|row| row.problems.iter().map(|problem| (problem.column, problem.words.as_str())).collect())
        .collect();
    assert!(problems[0][0].1.contains("“2016-13-31” is not a date"));
    assert_eq!(problems[1].iter().map(|(column, _)| *column).collect::<Vec<_>>(), [Some(5), Some(0), Some(3)]);
    assert_eq!(problems[2][0].1, "This row has 2 cells, and there are 6 headings.");
    assert_eq!(problems[3], [(Some(4), "Line 5 has the same code.")]);
    // Bad rows must be left out knowingly.
    let said = Refusal::field("without_bad", Problem::Required);
    assert_eq!(refusal(start(&pool, &desk, id, false, "").await), said);
}

#[testkit::test]
async fn all_or_nothing(pool: PgPool) {
    let desk = desk(&pool).await;
    let mut text = "First name,Last name,Code\n".to_owned();
    (0..2_500).for_each(|n| text += &format!("Ann{n},Lee,\"Z{n}\"\n"));
    let id = checked(&pool, &desk, &text, |_| {}).await;
    start(&pool, &desk, id, false, "").await.unwrap();
    // Between the check and the import someone takes the last row's code.
    sqlx::query("insert into client (id, kind, code, last_name, zone) values (gen_random_uuid(), 'individual', 'z2499', 'X', 'UTC')")
        .execute(&pool)
        .await
        .unwrap();
    let before = fingerprint(&pool).await;
    work_all(&pool).await;
    let import = one(&pool, &desk, id).await.unwrap();
    assert_eq!((import.state, import.failure.as_str()), (State::Checked, "changed"));
    assert_eq!(fingerprint(&pool).await, before);
    assert_eq!(number(&pool, "select count(*) from import_code").await, 0);
    let here = review(&pool, &desk, &import, Outcome::Here, 1).await.unwrap();
    assert_eq!(here.rows.rows[0].line, 2_501);
    // Without that row the rest is imported.
    start(&pool, &desk, id, false, "").await.unwrap();
    work_all(&pool).await;
    assert_eq!(number(&pool, "select count(*) from client where import_id is not null").await, 2_499);
}

/// Two people at the desk have the same file; or someone is added by hand
/// between the check and the import.
#[testkit::test]
async fn the_same_file_twice_creates_no_client_twice(pool: PgPool) {
    let desk = desk(&pool).await;
    let text = "First name,Last name,E-mail\nMia,Okafor,\nLeo,Okafor,leo@example.com\n";
    let mine = checked(&pool, &desk, text, |_| {}).await;
    let theirs = checked(&pool, &desk, text, |_| {}).await;
    start(&pool, &desk, mine, false, "").await.unwrap();
    start(&pool, &desk, theirs, false, "").await.unwrap();
    work_all(&pool).await;
    assert_eq!(state(&pool, mine).await, "done");
    let import = one(&pool, &desk, theirs).await.unwrap();
    assert_eq!((import.state, import.failure.as_str()), (State::Checked, "changed"));
    assert_eq!(number(&pool, "select count(*) from client").await, 2);
    let found = review(&pool, &desk, &import, Outcome::Duplicate, 1).await.unwrap();
    assert_eq!((found.counts.duplicate, found.counts.wanted), (2, 0));
    assert!(found.rows.rows.iter().all(|row| row.same.len() == 1));
    // Who has seen that, and wants one of them nevertheless, is not asked again.
    let line = found.rows.rows[0].line;
    let form = TickForm { shown: vec![line], ticked: vec![line], ..TickForm::default() };
    choose(&pool, &desk, theirs, &form).await.unwrap();
    start(&pool, &desk, theirs, false, "").await.unwrap();
    work_all(&pool).await;
    assert_eq!(state(&pool, theirs).await, "done");
    assert_eq!(number(&pool, "select count(*) from client").await, 3);
}

#[testkit::test]
async fn the_database_failing_in_the_middle_leaves_nothing(pool: PgPool) {
    let desk = desk(&pool).await;
    let id = checked(&pool, &desk, PEOPLE, |_| {}).await;
    let before = fingerprint(&pool).await;
    sqlx::raw_sql(
        "create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
         create trigger refuse before insert on client for each row when (new.last_name = '小明') execute function refuse()",
    )
    .execute(&pool)
    .await
    .unwrap();
    start(&pool, &desk, id, true, "").await.unwrap();
    work_all(&pool).await;
    let import = one(&pool, &desk, id).await.unwrap();
    assert_eq!((import.state, import.failure.as_str()), (State::Checked, "failed"));
    assert_eq!(fingerprint(&pool).await, before);
}

#[testkit::test]
async fn duplicates_are_found_here_and_within_the_file(pool: PgPool) {
    let desk = desk(&pool).await;
    imported(&pool, &desk, PEOPLE, |_| {}).await;
    let text = "First name,Last name,Date of birth,E-mail,Mobile,Code\n\
        Mía,OKAFOR,2016-03-31,,,\n\
        Leanne,Other,,LEO@example.com,,\n\
        Lou,Other,,,+1 (416) 555-0101,\n\
        Leann,Other,1999-01-01,leo@example.com,,\n\
        Zoe,New,2000-01-01,zoe@example.com,,\n\
        Zoé,New,,zoe@example.com,,\n\
        Any,Body,,,,mia1\n\
        Mia,Okafor,2016-03-30,,,\n\
        mia,okafor,,,,\n";
    let id = checked(&pool, &desk, text, |form| form.date_format = "iso".into()).await;
    let import = one(&pool, &desk, id).await.unwrap();
    let found = review(&pool, &desk, &import, Outcome::Duplicate, 1).await.unwrap();
    let lines: Vec<i32> = found.rows.rows.iter().map(|row| row.line).collect();
    // Leanne, Lou and Leann share an address or number with Leo, whose name differs; Leanne and
    // Leann Other, with one address, may be one. The same name with another date of birth is
    // another person; without a date it may be the same.
    assert_eq!(lines, [2, 5, 7, 10]);
    let Same::Client { why, name, .. } = &found.rows.rows[3].same[0] else { panic!() };
    assert_eq!((why.as_str(), name.as_str()), ("name", "Mia Okafor"));
    let Same::Client { why, name, .. } = &found.rows.rows[0].same[0] else { panic!() };
    assert_eq!((why.as_str(), name.as_str()), ("birth", "Mia Okafor"));
    assert_eq!(found.rows.rows[1].same, [Same::Line { why: "email".into(), line: 3 }]);
    assert_eq!((found.counts.here, found.counts.wanted), (1, 4));

    // For all, and one by one.
    let form = TickForm { duplicates: "import".into(), shown: vec![], ticked: vec![] };
    choose(&pool, &desk, id, &form).await.unwrap();
    let form = TickForm { duplicates: "import".into(), shown: vec![2, 3, 5, 8], ticked: vec![3, 8] };
    choose(&pool, &desk, id, &form).await.unwrap();
    let import = one(&pool, &desk, id).await.unwrap();
    let found = review(&pool, &desk, &import, Outcome::Ok, 1).await.unwrap();
    assert_eq!(found.counts.wanted, 6, "lines 3, 4, 6, 7, 9 and 10");
    start(&pool, &desk, id, false, "").await.unwrap();
    work_all(&pool).await;
    assert_eq!(number(&pool, "select count(*) from client where last_name in ('Other', 'New')").await, 4);
}

/// A family with one mailbox and one number, twins among them, all of them people.
#[testkit::test]
async fn an_address_alone_makes_no_likely_duplicate(pool: PgPool) {
    let desk = desk(&pool).await;
    let text = "First name,Last name,Date of birth,E-mail,Mobile\n\
        Anouk,Verhoeven,2017-05-04,fam@example.org,416 555 0100\n\
        Bente,Verhoeven,2017-05-04,fam@example.org,416 555 0100\n\
        Casper,Verhoeven,,fam@example.org,\n\
        Ilse,Verhoeven,1985-01-20,fam@example.org,416 555 0100\n";
    let id = imported(&pool, &desk, text, |_| {}).await;
    assert_eq!(one(&pool, &desk, id).await.unwrap().client_count, 4);
    // Nor beside those who are here; the same person is still found, even with a typo.
    let text = "First name,Last name,Date of birth,E-mail,Mobile\n\
        Dirk,Verhoeven,,fam@example.org,416 555 0100\n\
        Pim,Other,,,416 555 0100\n\
        Anoek,Verhoeven,2017-05-04,fam@example.org,\n\
        Caspar,Verhoeven,,fam@example.org,\n";
    let id = checked(&pool, &desk, text, |_| {}).await;
    let import = one(&pool, &desk, id).await.unwrap();
    let found = review(&pool, &desk, &import, Outcome::Duplicate, 1).await.unwrap();
    assert_eq!(found.rows.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [4, 5]);
    assert!(db::merge::duplicates(&pool, &desk, 1).await.unwrap().rows.is_empty());
}

/// Similar first names of four letters or fewer: as often siblings as a typo.
#[testkit::test]
async fn short_similar_names_at_one_address_are_siblings(pool: PgPool) {
    let desk = desk(&pool).await;
    let text = "First name,Last name,E-mail,Mobile\n\
        Mia,Roy,roys@example.org,416 555 0100\n\
        Mila,Roy,roys@example.org,416 555 0100\n\
        Tom,Roy,roys@example.org,416 555 0100\n\
        Tim,Roy,roys@example.org,416 555 0100\n";
    let id = imported(&pool, &desk, text, |_| {}).await;
    assert_eq!(one(&pool, &desk, id).await.unwrap().client_count, 4);
    assert!(db::merge::duplicates(&pool, &desk, 1).await.unwrap().rows.is_empty());
    // A sibling beside those who are here; a longer name with a typo, and a short form, are still found.
    let text = "First name,Last name,E-mail\nMina,Roy,roys@example.org\n\
        Katherine,Roy,roys@example.org\nCatherine,Roy,roys@example.org\n\
        Samuel,Roy,roys@example.org\nSam,Roy,roys@example.org\n";
    let id = checked(&pool, &desk, text, |_| {}).await;
    let import = one(&pool, &desk, id).await.unwrap();
    let found = review(&pool, &desk, &import, Outcome::Duplicate, 1).await.unwrap();
    assert_eq!(found.rows.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [4, 6]);
}

/// The date of birth of a minor, whenever this runs.
fn minor() -> String {
    (Utc::now().date_naive() - Months::new(12 * 9)).to_string()
}

#[testkit::test]
async fn families_and_parents(pool: PgPool) {
    let desk = desk(&pool).await;
    let born = minor();
    let text = format!(
        "First name,Last name,Household,Parent,Parent e-mail,Parent phone,E-mail,Date of birth\n\
        Mia,Okafor,Okafor,Ana Okafor,ana@example.com,416 555 0100,,{born}\n\
        Leo,Okafor,okafor ,Ana Okafor,ANA@example.com,,,{born}\n\
        Ana,Okafor,Okafor,,,,ana@example.com,\n\
        Bo,Lee,Lee,Kim Lee,,416 555 0102,,{born}\n\
        Su,Lee,Lee,Kim Lee,,+1 416 555 0102,,{born}\n\
        Cy,Poe,,,,,,\n"
    );
    let id = imported(&pool, &desk, &text, |form| {
        form.parents = "link".into();
        form.parent_may = Grants { book: true, copies: true, ..Default::default() };
    })
    .await;
    let import = one(&pool, &desk, id).await.unwrap();
    assert_eq!((import.client_count, import.family_count, import.parent_count), (6, 2, 1));
    let sizes: Vec<(String, i64)> = sqlx::query_as(
        "select g.group_name, count(*) from client_membership m join client g on g.id = m.group_id
          where m.joined_on = (now() at time zone 'America/Toronto')::date group by 1 order by 1",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(sizes, [("Lee".to_owned(), 2), ("Okafor".to_owned(), 3)]);
    let may: Vec<(String, String, String, String, bool, bool, bool)> = sqlx::query_as(
        "select h.first_name, s.first_name, g.holder_label, g.subject_label, g.may_book, g.gets_copies, g.may_forms
           from client_grant g join client h on h.id = g.holder join client s on s.id = g.subject
          where g.may_book or g.gets_copies order by 1, 2",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let grant = |parent: &str, child: &str| {
        (parent.to_owned(), child.to_owned(), "parent".to_owned(), "child".to_owned(), true, true, false)
    };
    assert_eq!(may, [grant("Ana", "Leo"), grant("Ana", "Mia"), grant("Kim", "Bo"), grant("Kim", "Su")]);
    assert_eq!(number(&pool, "select count(*) from client_link_event where kind = 'created'").await, 4);

    // Kept as contact details only: no one is made of them.
    imported(&pool, &desk, "First name,Parent,Parent phone\nNew,Kim Lee,416 555 0102\n", |_| {}).await;
    assert_eq!(text_of_contacts(&pool).await, "Kim Lee, Parent, 416 555 0102");
}

/// Anyone who is of age acts for themself.
#[testkit::test]
async fn a_parent_is_linked_to_minors_only(pool: PgPool) {
    let desk = desk(&pool).await;
    let born = |years: u32| Utc::now().date_naive() - Months::new(12 * years) - Days::new(2);
    let file = format!(
        "First name,Last name,Date of birth,Parent,Parent e-mail,Parent phone\n\
         Mia,Okafor,{},Ana Okafor,ana@example.com,416 555 0100\n\
         Leo,Okafor,{},Ana Okafor,ana@example.com,416 555 0100\n",
        born(17),
        born(18)
    );
    let id = imported(&pool, &desk, &file, |form| {
        (form.date_format, form.parents) = ("iso".into(), "link".into());
        form.parent_may = Grants { book: true, ..Default::default() };
    })
    .await;
    let import = one(&pool, &desk, id).await.unwrap();
    assert_eq!((import.client_count, import.parent_count), (2, 1));
    let of_whom: Vec<String> = sqlx::query_scalar(
        "select s.first_name from client_grant g join client s on s.id = g.subject where g.may_book",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(of_whom, ["Mia"]);
    assert_eq!(number(&pool, "select count(*) from client_link").await, 1);
    assert_eq!(text_of_contacts(&pool).await, "Ana Okafor, Parent, 416 555 0100");
    let whose = "select c.first_name from client_contact x join client c on c.id = x.client_id";
    assert_eq!(text(&pool, whose).await, "Leo");
}

/// Whatever else is written otherwise: the number of a card is one person's.
#[testkit::test]
async fn the_same_health_card_is_likely_the_same_person(pool: PgPool) {
    let desk = desk(&pool).await;
    let here = ClientForm {
        first_name: "Mia".into(),
        last_name: "Okafor".into(),
        birth_date: "2016-03-31".into(),
        zone: "UTC".into(),
        card_province: "ON".into(),
        card_number: "1234-567-897".into(),
        ..ClientForm::default()
    };
    let here = db::clients::create(&pool, &desk, here).await.unwrap();
    let file = "First name,Last name,Date of birth,Health card province,Health card\n\
        Maria,Silva,2016-03-30,ON,1234567897\n\
        Zoe,New,2002-02-02,ON,9876543217\n\
        Chloe,Old,2001-01-01,ON,9876-543-217\n\
        Ann,Other,,,\n\
        Bo,Other,,,\n";
    let id = checked(&pool, &desk, file, |form| form.date_format = "iso".into()).await;
    let import = one(&pool, &desk, id).await.unwrap();
    let found = review(&pool, &desk, &import, Outcome::Duplicate, 1).await.unwrap();
    assert_eq!((found.counts.duplicate, found.counts.ok), (2, 3));
    let same: Vec<_> = found.rows.rows.into_iter().map(|row| (row.line, row.same)).collect();
    let known = Same::Client { why: "card".into(), number: here.number, name: "Mia Okafor".into() };
    assert_eq!(same, [(2, vec![known]), (4, vec![Same::Line { why: "card".into(), line: 3 }])]);
}

async fn text_of_contacts(pool: &PgPool) -> String {
    text(pool, "select string_agg(name || ', ' || relationship || ', ' || phone, '; ') from client_contact").await
}

#[testkit::test]
async fn words_that_are_on_no_list_are_added_by_administrators_only(pool: PgPool) {
    let desk = desk(&pool).await;
    let admin = staff_actor(&pool, "Ada", &[Role::Administrator]).await;
    let text = "First name,Gender\nMia,Agender\nLeo,agender\n";
    let id = upload(&pool, &desk, text).await;
    let form = ImportForm { new_terms: true, ..guessed(&pool, &desk, id).await };
    assert_eq!(refusal(map(&pool, &desk, id, form).await), Refusal::field("new_terms", Problem::Unknown));
    // Mapped by an administrator, it is not started by others either.
    let id = checked(&pool, &admin, text, |form| form.new_terms = true).await;
    assert_eq!(number(&pool, "select count(*) from term where label ilike 'agender'").await, 0);
    assert_eq!(refusal(start(&pool, &desk, id, true, "").await), Refusal::Forbidden);
    start(&pool, &admin, id, true, "").await.unwrap();
    work_all(&pool).await;
    assert_eq!(
        number(&pool, "select count(*) from client c join term t on t.id = c.gender_id where t.label = 'Agender'")
            .await,
        2
    );
}

#[testkit::test]
async fn the_mapping_is_remembered_by_headings_and_nothing_else_is(pool: PgPool) {
    let desk = desk(&pool).await;
    let id = checked(&pool, &desk, "Who,Born\nMia Okafor,3/4/2010\n", |form| {
        form.columns = vec!["full_name".into(), "birth_date".into()];
        (form.date_format, form.tagged, form.tag) = ("dmy".into(), true, "Okafor's".into());
    })
    .await;
    let next = upload(&pool, &desk, "Born,Who\n5/6/2011,Leo Okafor\n").await;
    let form = guessed(&pool, &desk, next).await;
    assert_eq!(
        (form.columns, form.date_format),
        (vec!["birth_date".to_owned(), "full_name".to_owned()], "dmy".to_owned())
    );
    let kept = text(&pool, "select string_agg(setup::text, '') from import_memory").await;
    assert!(!kept.contains("Okafor") && !kept.contains("Who"), "{kept}");

    discard(&pool, &desk, id).await.unwrap();
    discard(&pool, &desk, id).await.unwrap();
    assert_eq!(number(&pool, "select count(*) from import_row where line = 2").await, 1);
    sqlx::query("update import set created_at = now() - interval '8 days'").execute(&pool).await.unwrap();
    tidy(&pool).await.unwrap();
    assert_eq!(
        number(&pool, "select count(*) from import_row").await + number(&pool, "select count(*) from import").await,
        0
    );
}

/// No one but a person can say what 05/06/2001 is, nor in which order a file is that has both.
#[testkit::test]
async fn an_open_order_of_dates_must_be_chosen(pool: PgPool) {
    let desk = desk(&pool).await;
    for dates in ["05/06/2001\nLeo,07/08/2002", "12/25/2001\nLeo,25/12/2002"] {
        let id = upload(&pool, &desk, &format!("Name,Born\nMia,{dates}\n")).await;
        let form = guessed(&pool, &desk, id).await;
        assert_eq!(form.date_format, "");
        let refused = refusal(map(&pool, &desk, id, form.clone()).await);
        assert_eq!(refused, Refusal::field("date_format", Problem::Required), "{dates}");
        map(&pool, &desk, id, ImportForm { date_format: "dmy".into(), ..form }).await.unwrap();
    }
    // Another column of the file settles it.
    let id = upload(&pool, &desk, "Name,Birthday,Added\nMia,05/06/2001,01/15/2024\n").await;
    let form = guessed(&pool, &desk, id).await;
    map(&pool, &desk, id, form).await.unwrap();
}

/// "Leave out" was said of a heading before the practice had a field of that name.
#[testkit::test]
async fn a_field_made_afterwards_is_not_left_out(pool: PgPool) {
    let desk = desk(&pool).await;
    let text = "First name,School,Hobby\nMia,Elm School,Chess\n";
    let hobby = "insert into client_field (id, label, kind) values (gen_random_uuid(), 'Hobby', 'text')";
    sqlx::query(hobby).execute(&pool).await.unwrap();
    checked(&pool, &desk, text, |form| form.columns = vec!["first_name".into(), String::new(), String::new()]).await;
    let school = "insert into client_field (id, label, kind) values (gen_random_uuid(), 'school', 'text') returning id";
    let school: uuid::Uuid = sqlx::query_scalar(school).fetch_one(&pool).await.unwrap();
    let id = upload(&pool, &desk, text).await;
    // That one was there, and was left out by choice.
    assert_eq!(
        guessed(&pool, &desk, id).await.columns,
        ["first_name".to_owned(), format!("field-{school}"), String::new()]
    );
}

/// One child's row says no, and another's nothing: the parent both name said no.
#[testkit::test]
async fn a_no_in_the_file_counts_for_every_client_of_the_row(pool: PgPool) {
    let desk = desk(&pool).await;
    let born = minor();
    let text = format!(
        "First name,Date of birth,E-mail,Email opt-out,Parent,Parent e-mail\n\
         Mia,{born},mia@example.com,,Ana Okafor,ana@example.com\n\
         Leo,{born},leo@example.com,yes,Ana Okafor,ana@example.com\n"
    );
    imported(&pool, &desk, &text, |form| (form.email_consent, form.parents) = (true, "link".into())).await;
    let agreed = text_of_agreed(&pool).await;
    assert_eq!(agreed, "Mia");
}

async fn text_of_agreed(pool: &PgPool) -> String {
    text(pool, "select coalesce(string_agg(first_name, ', '), '') from client where email_consent").await
}

#[testkit::test]
async fn a_practice_of_codes_stores_no_names(pool: PgPool) {
    let desk = desk(&pool).await;
    sqlx::query("update practice set code_only = true").execute(&pool).await.unwrap();
    let file = "Code,Name,Family,Date of birth,Health card,Says,Full name,\n\
                A1,Mia,Okafor,2016-03-31,9876543217,Miss,Mia,Mia\n,Leo,Okafor,,,,Leo,\n";
    let id = upload(&pool, &desk, file).await;
    let named = "select count(*) from import_row where cells::text ~ 'Mia|Leo|9876543217'";
    assert_eq!(number(&pool, named).await, 0, "not even with the file's rows");
    assert_eq!(number(&pool, "select count(*) from import_row where cells::text ~ 'Okafor'").await, 2, "of one family");
    let form = guessed(&pool, &desk, id).await;
    assert_eq!(form.columns, ["code", "", "family", "birth_date", "", "", "", ""]);
    let columns = ["code", "full_name", "", "", "", "", "", ""].map(str::to_owned).to_vec();
    let forced = ImportForm { columns, ..form.clone() };
    assert_eq!(refusal(map(&pool, &desk, id, forced).await), Refusal::field("columns.1", Problem::Unknown));
    map(&pool, &desk, id, form).await.unwrap();
    assert_eq!(number(&pool, "select count(*) from import_row where cells::text ~ 'Miss'").await, 0, "left out");
    work_all(&pool).await;
    start(&pool, &desk, id, false, "").await.unwrap();
    work_all(&pool).await;
    assert_eq!(number(&pool, "select count(*) from client").await, 3);
    assert_eq!(number(&pool, "select count(*) from client where first_name || last_name || group_name <> ''").await, 0);
    assert_eq!(number(&pool, "select count(*) from client_membership").await, 2);
}

#[testkit::test]
async fn stopping_and_starting_twice(pool: PgPool) {
    let desk = desk(&pool).await;
    let id = checked(&pool, &desk, PEOPLE, |_| {}).await;
    start(&pool, &desk, id, false, "").await.unwrap();
    start(&pool, &desk, id, false, "").await.unwrap();
    stop(&pool, &desk, id).await.unwrap();
    work_all(&pool).await;
    let import = one(&pool, &desk, id).await.unwrap();
    assert_eq!((import.state, import.failure.as_str()), (State::Checked, "stopped"));
    assert_eq!(number(&pool, "select count(*) from client").await, 0);
    start(&pool, &desk, id, false, "").await.unwrap();
    work_all(&pool).await;
    start(&pool, &desk, id, false, "").await.unwrap();
    work_all(&pool).await;
    assert_eq!(number(&pool, "select count(*) from client").await, 3);
}

#[testkit::test]
async fn two_at_once_take_turns_and_other_codes(pool: PgPool) {
    let (one_desk, other_desk) = (desk(&pool).await, desk(&pool).await);
    let text = |name: &str| -> String {
        let rows = (0..1_500).map(|n| format!("Ann,{name}{n}\n"));
        std::iter::once("First name,Last name\n".to_owned()).chain(rows).collect()
    };
    let ids = [
        checked(&pool, &one_desk, &text("Lee"), |_| {}).await,
        checked(&pool, &other_desk, &text("Low"), |_| {}).await,
    ];
    start(&pool, &one_desk, ids[0], false, "").await.unwrap();
    start(&pool, &other_desk, ids[1], false, "").await.unwrap();
    let workers = (0..3).map(|_| {
        let pool = pool.clone();
        tokio::spawn(async move {
            for _ in 0..20 {
                while work(&pool).await.unwrap() {}
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        })
    });
    // Meanwhile someone at the desk is suggested a code that no one else gets.
    let create = shared::clients::ClientForm {
        first_name: "Ann".into(),
        last_name: "Lee".into(),
        zone: "UTC".into(),
        ..Default::default()
    };
    let workers: Vec<_> = workers.collect();
    for _ in 0..10 {
        db::clients::create(&pool, &one_desk, create.clone()).await.unwrap();
    }
    for worker in workers {
        worker.await.unwrap();
    }
    work_all(&pool).await;
    for id in ids {
        assert_eq!(state(&pool, id).await, "done", "{:?}", one(&pool, &one_desk, id).await.unwrap().failure);
    }
    assert_eq!(number(&pool, "select count(*) from client").await, 3_010);
    assert_eq!(number(&pool, "select count(distinct code) from client where code ~ '^AL[0-9]+$'").await, 3_010);
}

#[testkit::test]
async fn only_the_front_desk_imports(pool: PgPool) {
    let desk = desk(&pool).await;
    let id = upload(&pool, &desk, PEOPLE).await;
    let practitioner = staff_actor(&pool, "Pat", &[Role::Practitioner]).await;
    let client = client_actor(&pool, "Cleo").await;
    for (actor, expected) in [(practitioner, Refusal::Forbidden), (client, Refusal::NotFound)] {
        assert_eq!(refusal(one(&pool, &actor, id).await), expected);
        assert_eq!(refusal(try_upload(&pool, &actor, PEOPLE).await), expected);
        assert_eq!(refusal(map(&pool, &actor, id, ImportForm::default()).await), expected);
        assert_eq!(refusal(start(&pool, &actor, id, true, "").await), expected);
        assert_eq!(refusal(discard(&pool, &actor, id).await), expected);
        assert_eq!(refusal(undo(&pool, &actor, id).await), expected);
    }
    // Anyone who has left, or has lost the role, has asked in vain.
    let id = checked(&pool, &desk, PEOPLE, |_| {}).await;
    start(&pool, &desk, id, true, "").await.unwrap();
    sqlx::query("update staff_member set active = false where id = $1").bind(desk.id()).execute(&pool).await.unwrap();
    work_all(&pool).await;
    assert_eq!(state(&pool, id).await, "checked");
}

#[testkit::test]
async fn faulty_files_leave_nothing(pool: PgPool) {
    let desk = desk(&pool).await;
    let long = format!("a,b\n1,{}", "x".repeat(10 << 20));
    for (text, fault) in [
        ("", FileFault::Empty),
        ("a,b\n", FileFault::NoRows),
        ("a,b\n1,\"two\n3,4\n", FileFault::BrokenQuote { line: 2 }),
        (&long, FileFault::CellTooLong { line: 2, column: 2 }),
    ] {
        assert_eq!(try_upload(&pool, &desk, text).await.unwrap(), Err(fault));
    }
    assert_eq!(number(&pool, "select count(*) from import").await, 0);
    let id = upload(&pool, &desk, "Phone,Name,Phone,Phone\n416 555 0101,Mia Okafor,416 555 0102,416 555 0103\n").await;
    assert_eq!(guessed(&pool, &desk, id).await.columns, ["mobile", "full_name", "phone", "phone"]);
}

#[testkit::test]
async fn five_thousand_rows_are_soon_imported_and_undone(pool: PgPool) {
    let desk = desk(&pool).await;
    let mut text =
        "First name,Last name,Date of birth,E-mail,Mobile,Household,Parent,Parent e-mail,Home phone\n".to_owned();
    for n in 0..5_000 {
        let (family, born) = (n / 3, 2_012 + n % 12);
        text += &format!(
            "Ann{n},Lee,{born}-01-02,ann{n}@example.com,416 555 {n:04},H{family},Kim Lee,kim{family}@example.com,905 555 {n:04}\n"
        );
    }
    let started = std::time::Instant::now();
    let id = imported(&pool, &desk, &text, |form| form.parents = "link".into()).await;
    let took = started.elapsed();
    assert_eq!(number(&pool, "select count(*) from client_link").await, 5_000);
    assert_eq!(number(&pool, "select count(*) from client").await, 5_000 + 2 * 1_667);
    undo(&pool, &desk, id).await.unwrap();
    work_all(&pool).await;
    assert_eq!(number(&pool, "select count(*) from client").await, 0);
    println!("imported in {took:?}, undone in {:?}", started.elapsed() - took);
    assert!(took.as_secs() < 60, "{took:?}");
}

#[testkit::test]
async fn codes_that_a_file_brings_are_reserved_while_it_is_imported(pool: PgPool) {
    let desk = desk(&pool).await;
    let id = checked(&pool, &desk, "First name,Last name,Code\nAnn,Bell,AB1\nAmy,Bloom,AB2\n", |_| {}).await;
    start(&pool, &desk, id, false, "").await.unwrap();
    // The import waits here after it has reserved them.
    let mut held = pool.begin().await.unwrap();
    sqlx::query("lock table client in share row exclusive mode").execute(&mut *held).await.unwrap();
    let working = tokio::spawn({
        let pool = pool.clone();
        async move { work(&pool).await }
    });
    let began = std::time::Instant::now();
    while number(&pool, "select count(*) from import_code where code in ('AB1', 'AB2')").await < 2 {
        assert!(began.elapsed().as_secs() < 20, "they are not reserved");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(db::clients::suggest_code(&pool, "Anna", "Bell").await.unwrap(), "AB3");
    held.rollback().await.unwrap();
    let _ = working.await.unwrap();
    work_all(&pool).await;
    assert_eq!(state(&pool, id).await, "done");
}
