//! What is exported can be imported, and is the same again.

use crate::support::files::{checked, desk, exported, work_all};
use db::import::{Outcome, TickForm, choose, one, review, start};
use db::{Actor, PgPool};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use shared::clients::ClientForm;

#[testkit::test]
async fn an_export_imported_is_the_same_again(pool: PgPool) {
    assert!(demo::seed(&pool, chrono::Utc::now()).await.unwrap());
    let desk = desk(&pool).await;
    sqlx::raw_sql(
        "delete from client_field;
         insert into client_field (id, label, kind) values (gen_random_uuid(), 'School', 'text'), (gen_random_uuid(), 'Height', 'number'),
             (gen_random_uuid(), 'First visit', 'date'), (gen_random_uuid(), 'Photo', 'checkbox'), (gen_random_uuid(), 'Bus', 'choice');
         insert into client_field_choice (id, field_id, label) select gen_random_uuid(), id, 'Yellow, mostly' from client_field where label = 'Bus';
         insert into client_field_value (client_id, field_id, words, number, day, ticked, choice_id)
         select c.id, f.id, case f.kind when 'text' then '=SUM(A1) \"x\"' end, case f.kind when 'number' then 1.25 end,
                case f.kind when 'date' then date '2020-02-29' end, case f.kind when 'checkbox' then true end,
                (select id from client_field_choice where f.kind = 'choice')
           from client c, client_field f where c.kind = 'individual' and c.number % 3 = 0;
         insert into client_phone (id, client_id, label, number, position) select gen_random_uuid(), id, 'Home', '+1 905 555 0' || right(number::text, 3), 1 from client where number % 2 = 0 and kind = 'individual';
         insert into client_contact (id, client_id, name, relationship, phone, email, position) select gen_random_uuid(), id, 'Rosa', 'Aunt', '905 555 0100', '', 1 from client where number % 4 = 0 and kind = 'individual';
         update client set notes = E'line one\nline, two', alert = '-danger', address = E'1 Elm St\nToronto', qualified = number % 2 = 0,
                card_province = 'BC', card_number = '9698658215', province = 'ON', sessions_needed = 7, case_number = '007',
                last_contact = '2026-01-02', next_step = '@call', next_step_on = '2027-01-02', voice_consent = true,
                gender_id = (select id from term where vocabulary = 'gender' order by position limit 1),
                salutation_id = (select id from term where vocabulary = 'salutation' order by position limit 1)
          where number % 5 = 0 and kind = 'individual';
         insert into client (id, kind, code, group_name, zone, email_consent) values
             (gen_random_uuid(), 'family', 'FAM1', 'Okafor', 'America/Toronto', true), (gen_random_uuid(), 'group', 'KNITTERS2026', 'Knitters', 'America/Toronto', false)",
    )
    .execute(&pool)
    .await
    .unwrap();
    let before = exported(&pool, &desk).await;
    assert!(before.lines().count() > 50);
    assert_eq!(there_and_back(&pool, &desk, &before).await, before);
}

/// No one is left; those of the file come back. Answers what is exported of them.
async fn there_and_back(pool: &PgPool, desk: &Actor, file: &str) -> String {
    sqlx::raw_sql(
        "truncate form, request, document cascade;
         delete from message_copy; delete from message; delete from account_link; delete from account where client_id is not null;
         delete from activity_client; delete from appointment; delete from client_link_event; delete from client_link;
         delete from client_membership; delete from client",
    )
    .execute(pool)
    .await
    .unwrap();
    let id = checked(pool, desk, file, |form| form.date_format = "iso".into()).await;
    let import = one(pool, desk, id).await.unwrap();
    let bad = review(pool, desk, &import, Outcome::Bad, 1).await.unwrap();
    assert!(bad.rows.rows.is_empty(), "{:?}", bad.rows.rows.iter().map(|row| (&row.problems, &row.cells)).next());
    let all = TickForm { duplicates: "import".into(), ..TickForm::default() };
    choose(pool, desk, id, &all).await.unwrap();
    start(pool, desk, id, false, "").await.unwrap();
    work_all(pool).await;
    exported(pool, desk).await
}

/// Words as someone may type them: of any script, with what means something in
/// a CSV file, a spreadsheet or a list.
fn words() -> impl Strategy<Value = String> {
    let awkward = proptest::sample::select(vec![
        "'", "=1+1", "+1", "-x", "@a", "\"", "\"\"", ",", ";", "'=", "\t", "0", "é", "王", "🙂", "|", "\\",
    ]);
    proptest::collection::vec(
        prop_oneof![3 => "[\\PC--\u{fffd}]{1,4}", 2 => "[a-z ]{1,8}", 2 => awkward.prop_map(str::to_owned)],
        0..4,
    )
    .prop_map(|parts| parts.concat())
    .prop_filter("a file with it asks for confirmation", |text| !shared::import::is_damaged(text))
}

fn person() -> impl Strategy<Value = ClientForm> {
    let names = (words(), words(), words());
    let texts = (words(), words(), words(), words());
    let date = proptest::option::of((1930_i32..2025, 1_u32..13, 1_u32..29));
    (names, texts, date, 0_u8..4).prop_map(|((first, last, preferred), (alert, address, notes, step), born, kind)| {
        ClientForm {
            first_name: first,
            last_name: last,
            preferred_name: preferred,
            alert,
            address: address.clone(),
            case_number: address,
            notes,
            next_step: step,
            birth_date: born.map(|(year, month, day)| format!("{year}-{month:02}-{day:02}")).unwrap_or_default(),
            status: ["active", "inactive", "prospect", "active"][usize::from(kind)].to_owned(),
            sms_consent: kind == 1,
            mobile: if kind < 2 { format!("+1 416 555 01{kind}9") } else { String::new() },
            sessions_needed: if kind == 3 { "7".into() } else { String::new() },
            zone: "America/Toronto".into(),
            ..ClientForm::default()
        }
    })
}

/// For whatever can be stored: what is exported and imported is exported the same.
#[testkit::test]
async fn whatever_is_stored_comes_back_from_a_file(pool: PgPool) {
    let desk = desk(&pool).await;
    let mut runner = TestRunner::default();
    for _ in 0..6 {
        let people = proptest::collection::vec(person(), 25).new_tree(&mut runner).unwrap().current();
        let mut stored = 0;
        for form in people {
            // What the form refuses is in no file of ours.
            stored += usize::from(db::clients::create(&pool, &desk, form).await.is_ok());
        }
        assert!(stored > 5, "{stored}");
        let before = exported(&pool, &desk).await;
        let after = there_and_back(&pool, &desk, &before).await;
        assert_eq!(before, after);
        sqlx::raw_sql("delete from client").execute(&pool).await.unwrap();
    }
}
