//! Rows of a file that someone puts right in the create window.

use crate::support::files::{checked, desk, guessed, number, work_all};
use db::import::{Outcome, Same, create_from_row, discard, fix_row, map, one, remap, review, rows_after, start};
use db::{Actor, PgPool};
use shared::accounts::Role;
use shared::clients::ClientForm;
use shared::import::ImportForm;
use shared::{ImportId, Problem, Refusal};
use testkit::{client_actor, refusal, staff_actor};

const FILE: &str = "First name,Last name,Date of birth,E-mail,Code,Family,Parent,Kind\n\
    Mia,Okafor,2016-13-31,mia@example.com,MIA1,Okafor,Ana Okafor,\n\
    Leo,Okafor,2014-01-02,,LEO1,,,\n\
    Lia,Xi,,no address,leo1,,,\n\
    ,,,no address,,,,Family\n";

async fn form_of(pool: &PgPool, desk: &Actor, id: ImportId, line: i32) -> ClientForm {
    let mut form = fix_row(pool, desk, id, line).await.unwrap().form;
    form.request_key = db::new_id().to_string();
    form
}

#[testkit::test]
async fn a_row_is_fixed_and_is_then_an_existing_client(pool: PgPool) {
    let desk = desk(&pool).await;
    let id = checked(&pool, &desk, FILE, |form| form.date_format = "iso".into()).await;
    let row = fix_row(&pool, &desk, id, 2).await.unwrap();
    let form = &row.form;
    assert_eq!((form.first_name.as_str(), form.code.as_str(), form.birth_date.as_str()), ("Mia", "MIA1", ""));
    assert_eq!((form.contacts[0].name.as_str(), row.family.as_str()), ("Ana Okafor", "Okafor"));
    // What could not be filled in is told at its field.
    let problem = &row.problems[0];
    assert_eq!((problem.heading.as_deref(), problem.field.as_deref()), (Some("Date of birth"), Some("birth_date")));
    assert!(problem.words.contains("2016-13-31"));

    // Wrong still: no one is made, and the row stays.
    let wrong = ClientForm { code: "too long".into(), ..form_of(&pool, &desk, id, 2).await };
    assert!(matches!(refusal(create_from_row(&pool, &desk, id, 2, wrong).await), Refusal::Invalid(_)));
    assert_eq!(number(&pool, "select count(*) from client").await, 0);

    // Submitted twice it is one client; a colleague with a form of their own comes too late.
    let right = ClientForm { birth_date: "2016-03-31".into(), ..form_of(&pool, &desk, id, 2).await };
    let late = form_of(&pool, &desk, id, 2).await;
    let (one_click, other) = tokio::join!(
        create_from_row(&pool, &desk, id, 2, right.clone()),
        create_from_row(&pool, &desk, id, 2, right.clone())
    );
    assert_eq!(one_click.unwrap(), other.unwrap());
    let late = ClientForm { code: "MIA2".into(), ..late };
    assert_eq!(refusal(create_from_row(&pool, &desk, id, 2, late).await), Refusal::Stale);
    assert_eq!(number(&pool, "select count(*) from client").await, 1);
    assert_eq!(refusal(fix_row(&pool, &desk, id, 2).await), Refusal::NotFound);

    let import = one(&pool, &desk, id).await.unwrap();
    let bad = review(&pool, &desk, &import, Outcome::Bad, 1).await.unwrap();
    assert_eq!(bad.rows.rows.iter().map(|row| (row.line, row.is_fixable)).collect::<Vec<_>>(), [(4, true), (5, false)]);
    let here = review(&pool, &desk, &import, Outcome::Here, 1).await.unwrap();
    assert_eq!((here.counts.bad, here.counts.here, here.counts.wanted), (2, 1, 1));
    assert!(
        matches!(&here.rows.rows[0].same[0], Same::Client { why, name, .. } if why == "made" && name == "Mia Okafor")
    );
    let file = rows_after(&pool, &desk, id, Outcome::Here, 0, 10).await.unwrap();
    assert_eq!((file.len(), file[0].line, file[0].same.clone()), (1, 2, here.rows.rows[0].same.clone()));

    // The import makes the rest, and no one twice.
    start(&pool, &desk, id, true, "").await.unwrap();
    work_all(&pool).await;
    assert_eq!(number(&pool, "select count(*) from client").await, 2);
}

#[testkit::test]
async fn a_code_taken_by_an_earlier_row_is_replaced(pool: PgPool) {
    let desk = desk(&pool).await;
    let id = checked(&pool, &desk, FILE, |form| form.date_format = "iso".into()).await;
    let typed = form_of(&pool, &desk, id, 4).await;
    assert_eq!((typed.code.as_str(), typed.email.as_str()), ("leo1", "no address"));
    let typed = ClientForm { email: "lia@example.com".into(), code: "LIA1".into(), ..typed };
    create_from_row(&pool, &desk, id, 4, typed).await.unwrap();
    start(&pool, &desk, id, true, "").await.unwrap();
    work_all(&pool).await;
    assert_eq!(number(&pool, "select count(*) from client where code in ('LEO1', 'LIA1')").await, 2);
}

/// However the columns are mapped again, the person who was made stays made.
#[testkit::test]
async fn a_second_dry_run_creates_no_client_twice(pool: PgPool) {
    let desk = desk(&pool).await;
    let text = "First name,Last name,Born\nGina,Tsorrekt,03/31/1990\nPaul,Fine,03/04/1991\n";
    let id = checked(&pool, &desk, text, |form| form.date_format = "dmy".into()).await;
    let typed = form_of(&pool, &desk, id, 2).await;
    let typed = ClientForm { last_name: "Correct".into(), birth_date: "1990-03-31".into(), ..typed };
    let made = create_from_row(&pool, &desk, id, 2, typed).await.unwrap();
    for (format, outcome) in [("mdy", Outcome::Here), ("dmy", Outcome::Here)] {
        remap(&pool, &desk, id).await.unwrap();
        let form = ImportForm { date_format: format.into(), ..guessed(&pool, &desk, id).await };
        map(&pool, &desk, id, form).await.unwrap();
        work_all(&pool).await;
        let import = one(&pool, &desk, id).await.unwrap();
        let found = review(&pool, &desk, &import, outcome, 1).await.unwrap();
        assert_eq!((found.rows.rows[0].line, found.counts.here, found.counts.wanted), (2, 1, 1), "{format}");
    }
    // Deleted again they are no one's double: the row is read again.
    sqlx::query("delete from client where id = $1").bind(made.id.0).execute(&pool).await.unwrap();
    remap(&pool, &desk, id).await.unwrap();
    let form = ImportForm { date_format: "mdy".into(), ..guessed(&pool, &desk, id).await };
    map(&pool, &desk, id, form).await.unwrap();
    work_all(&pool).await;
    start(&pool, &desk, id, true, "").await.unwrap();
    work_all(&pool).await;
    assert_eq!(number(&pool, "select count(*) from client where first_name in ('Gina', 'Paul')").await, 2);
}

/// The tag of the import is theirs too, and of a field without a column its
/// label is told.
#[testkit::test]
async fn a_client_created_from_a_row_is_like_the_others(pool: PgPool) {
    let desk = desk(&pool).await;
    sqlx::query(
        "insert into client_field (id, label, kind, required, for_clients, in_quick_add, active, position)
         values (gen_random_uuid(), 'School', 'text', true, true, false, true, 1)",
    )
    .execute(&pool)
    .await
    .unwrap();
    let id = checked(&pool, &desk, "First name\nMia\n", |form| {
        (form.tagged, form.tag) = (true, "Imported today".into());
    })
    .await;
    let row = fix_row(&pool, &desk, id, 2).await.unwrap();
    let problems: Vec<_> = row.problems.iter().map(|problem| (&problem.heading, problem.words.as_str())).collect();
    assert_eq!(problems, [(&None, "School: Enter a value.")]);
    assert_eq!(row.form.new_tags, "Imported today");
}

#[testkit::test]
async fn only_the_front_desk_and_only_bad_rows_of_people(pool: PgPool) {
    let desk = desk(&pool).await;
    let id = checked(&pool, &desk, FILE, |form| form.date_format = "iso".into()).await;
    let form = form_of(&pool, &desk, id, 2).await;
    let practitioner = staff_actor(&pool, "Pat", &[Role::Practitioner]).await;
    let client = client_actor(&pool, "Mia").await;
    for (actor, expected) in [(&practitioner, Refusal::Forbidden), (&client, Refusal::NotFound)] {
        assert_eq!(refusal(fix_row(&pool, actor, id, 2).await), expected);
        assert_eq!(refusal(create_from_row(&pool, actor, id, 2, form.clone()).await), expected);
        assert_eq!(refusal(rows_after(&pool, actor, id, Outcome::Duplicate, 0, 10).await), expected);
    }
    // A good row, a family, a line and a file that there are not.
    for (id, line) in [(id, 3), (id, 5), (id, 99), (ImportId(db::new_id()), 2)] {
        assert_eq!(refusal(fix_row(&pool, &desk, id, line).await), Refusal::NotFound, "{line}");
    }
    assert_eq!(refusal(create_from_row(&pool, &desk, id, 3, form.clone()).await), Refusal::Stale);
    discard(&pool, &desk, id).await.unwrap();
    assert_eq!(refusal(create_from_row(&pool, &desk, id, 2, form).await), Refusal::Stale);
    assert_eq!(number(&pool, "select count(*) from client where last_name = 'Okafor'").await, 0);
}

#[testkit::test]
async fn a_practice_of_codes_makes_codes(pool: PgPool) {
    let desk = desk(&pool).await;
    sqlx::query("update practice set code_only = true").execute(&pool).await.unwrap();
    let id = checked(&pool, &desk, "Code,Date of birth,Notes\nTOOLONG1,2016-03-31,of Okafor\n", |_| {}).await;
    let form = form_of(&pool, &desk, id, 2).await;
    assert_eq!(form.code, "TOOLONG1");
    let refused = refusal(create_from_row(&pool, &desk, id, 2, form.clone()).await);
    assert_eq!(refused, Refusal::field("code", Problem::CodeLength { max: 6 }));
    let form = ClientForm { code: "TL1".into(), first_name: "Mia".into(), ..form };
    create_from_row(&pool, &desk, id, 2, form).await.unwrap();
    assert_eq!(number(&pool, "select count(*) from client where code = 'TL1' and first_name = ''").await, 1);
}
