//! What an export holds, and what it never does.

use db::export::{self, Export};
use db::{Actor, PgPool, clients};
use shared::accounts::Role;
use shared::bulk::Selection;
use shared::clients::columns::{Column, ColumnKey};
use shared::clients::{ClientForm, ClientQuery};
use shared::{ClientNumber, FieldId, Refusal, StaffId};
use testkit::{client_actor, refusal, staff_actor};

const CANARY: &str = "canary-in-the-notes";

async fn client(pool: &PgPool, desk: &Actor, first: &str) -> ClientNumber {
    let form = ClientForm {
        first_name: first.into(),
        last_name: "Export".into(),
        zone: "America/Toronto".into(),
        email: format!("{}@example.com", first.to_lowercase()),
        email_consent: true,
        mobile: "+1-416-555-0123".into(),
        birth_date: "2001-02-03".into(),
        notes: CANARY.into(),
        ..Default::default()
    };
    clients::create(pool, desk, form).await.unwrap().number
}

fn everybody() -> Selection {
    Selection::Matching { query: Box::default(), mine: false }
}

async fn all(pool: &PgPool, actor: &Actor, selection: &Selection, columns: &str) -> (Export, Vec<Vec<String>>) {
    let mut export = export::begin(pool, actor, selection, columns, "csv").await.unwrap();
    let mut rows = Vec::new();
    while let Some(records) = export.next().await.unwrap() {
        rows.extend(
            records.iter().map(|record| export.cells(record).map(|cell| cell.into_owned()).collect::<Vec<_>>()),
        );
    }
    (export, rows)
}

fn keys(export: &Export) -> Vec<ColumnKey> {
    export.heads.iter().map(|head| head.key).collect()
}

#[testkit::test]
async fn everything_that_is_known_is_in_it(pool: PgPool) {
    let desk = staff_actor(&pool, "Desk", &[Role::FrontDesk]).await;
    let ada = client(&pool, &desk, "Ada").await;
    let field = FieldId(db::new_id());
    let sql = "
        insert into client_field (id, label, kind) values ('FIELD', 'School', 'text');
        insert into client_field_value (client_id, field_id, words) select id, 'FIELD', 'Hill; \"A\"' from client;
        insert into tag (id, name) values (gen_random_uuid(), 'b'), (gen_random_uuid(), 'a');
        insert into client_tag select c.id, t.id from client c, tag t;
        insert into client_phone (id, client_id, label, number) select gen_random_uuid(), id, 'Home', '905 555 0100' from client;
        insert into client_contact (id, client_id, name, phone) select gen_random_uuid(), id, 'Rosa', '911' from client;
        update client set gender_id = (select id from term where vocabulary = 'gender' and label = 'Woman'), qualified = false;";
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql.replace("FIELD", &field.to_string()))).execute(&pool).await.unwrap();
    let (export, rows) = all(&pool, &desk, &everybody(), "").await;
    assert_eq!((rows.len(), rows[0].len()), (1, Column::ALL.len() + 1));
    let cell = |key: ColumnKey| rows[0][keys(&export).iter().position(|known| *known == key).unwrap()].as_str();
    for (column, text) in [
        (Column::Number, ada.to_string().as_str()),
        (Column::FirstName, "Ada"),
        (Column::Mobile, "+1-416-555-0123"),
        (Column::BirthDate, "2001-02-03"),
        (Column::AgeRange, "18 to 29"),
        (Column::Gender, "Woman"),
        (Column::Language, "English"),
        (Column::EmailConsent, "Yes"),
        (Column::Qualified, "No"),
        (Column::Tags, "a; b"),
        (Column::Phones, "Home: 905 555 0100"),
        (Column::Contacts, "Rosa |  | 911 |"),
        (Column::Notes, CANARY),
        (Column::ProspectStage, ""),
    ] {
        assert_eq!(cell(ColumnKey::Of(column)), text, "{column}");
    }
    assert_eq!(cell(ColumnKey::Field(field)), "Hill; \"A\"");
    let audited: Vec<String> =
        sqlx::query_scalar("select unnest(fields) from audit where action = 'export'").fetch_all(&pool).await.unwrap();
    assert!(audited.contains(&"csv".to_owned()) && audited.contains(&"notes".to_owned()));
}

#[testkit::test]
async fn a_practitioner_gets_those_assigned_and_no_notes(pool: PgPool) {
    let desk = staff_actor(&pool, "Desk", &[Role::FrontDesk]).await;
    let priya = staff_actor(&pool, "Priya", &[Role::Practitioner]).await;
    let (ada, bo) = (client(&pool, &desk, "Ada").await, client(&pool, &desk, "Bo").await);
    clients::set_practitioner(&pool, &desk, ada, StaffId(priya.id()), true).await.unwrap();
    let both = Selection::Numbers(vec![ada, bo]);
    let mine = Selection::Matching { query: Box::default(), mine: true };
    for selection in [&both, &mine, &everybody()] {
        for columns in ["", "notes,email", "number,notes"] {
            let (export, rows) = all(&pool, &priya, selection, columns).await;
            assert_eq!(rows.len(), 1, "{selection:?}");
            assert!(!keys(&export).contains(&ColumnKey::Of(Column::Notes)));
            assert!(!format!("{rows:?}").contains(CANARY));
        }
    }
    // Unassigned while the file is under way.
    let mut export = export::begin(&pool, &priya, &both, "", "csv").await.unwrap();
    clients::set_practitioner(&pool, &desk, ada, StaffId(priya.id()), false).await.unwrap();
    assert_eq!(export.next().await.unwrap(), Some(vec![]));
    let ana = client_actor(&pool, "Ana").await;
    assert_eq!(refusal(export::begin(&pool, &ana, &everybody(), "", "csv").await), Refusal::NotFound);
}

#[testkit::test]
async fn a_practice_that_keeps_codes_exports_no_names(pool: PgPool) {
    let desk = staff_actor(&pool, "Desk", &[Role::Administrator]).await;
    client(&pool, &desk, "Ada").await;
    sqlx::query("update practice set code_only = true").execute(&pool).await.unwrap();
    let (export, rows) = all(&pool, &desk, &everybody(), "").await;
    let text = format!("{rows:?}");
    for private in ["Ada", "Export", "ada@example.com", "416"] {
        assert!(!text.contains(private), "{private}");
    }
    assert!(keys(&export).contains(&ColumnKey::Of(Column::Code)));
    let (export, rows) = all(&pool, &desk, &everybody(), "first_name,email,code").await;
    assert_eq!((keys(&export), rows[0].len()), (vec![ColumnKey::Of(Column::Code)], 1));
}

#[testkit::test]
async fn a_file_follows_the_list(pool: PgPool) {
    let desk = staff_actor(&pool, "Desk", &[Role::FrontDesk]).await;
    for first in ["Cy", "Ada", "Bo"] {
        client(&pool, &desk, first).await;
    }
    let query = ClientQuery { sort: "-number".into(), status: "active".into(), ..Default::default() };
    let selection = Selection::Matching { query: Box::new(query), mine: false };
    let (_, rows) = all(&pool, &desk, &selection, "first_name").await;
    assert_eq!(rows.concat(), ["Bo", "Ada", "Cy"]);
}

#[testkit::test]
async fn a_long_file_is_whole_and_in_order_and_follows_what_may_be_seen(pool: PgPool) {
    let desk = staff_actor(&pool, "Desk", &[Role::FrontDesk]).await;
    let pat = staff_actor(&pool, "Pat", &[Role::Practitioner]).await;
    sqlx::query(
        "insert into client (id, kind, code, first_name, last_name, zone)
         select gen_random_uuid(), 'individual', 'L' || n, 'Given', 'Family' || lpad(n::text, 5, '0'), 'UTC' from generate_series(1, 4000) n",
    )
    .execute(&pool)
    .await
    .unwrap();
    sqlx::query("insert into client_practitioner (client_id, practitioner_id) select id, $1 from client")
        .bind(pat.id())
        .execute(&pool)
        .await
        .unwrap();
    let (_, rows) = all(&pool, &desk, &everybody(), "last_name").await;
    assert_eq!(rows.len(), 4_000);
    assert!(rows.is_sorted());
    // What is unassigned while the file is sent is not in what is read from then on.
    let mut export = export::begin(&pool, &pat, &everybody(), "last_name", "csv").await.unwrap();
    let mut sent = export.next().await.unwrap().unwrap().len();
    sqlx::query("delete from client_practitioner").execute(&pool).await.unwrap();
    while let Some(records) = export.next().await.unwrap() {
        sent += records.len();
    }
    assert!((1_000..=2_000).contains(&sent), "{sent}");
}

#[testkit::test]
async fn the_age_range_changes_on_the_birthday(pool: PgPool) {
    let desk = staff_actor(&pool, "Desk", &[Role::FrontDesk]).await;
    sqlx::query("update practice set zone = 'UTC'").execute(&pool).await.unwrap();
    sqlx::query(
        "insert into client (id, kind, code, first_name, last_name, birth_date, zone)
         select gen_random_uuid(), 'individual', 'R' || left(n, 1), 'Given', n, (now() at time zone 'UTC')::date - ago::interval, 'UTC'
           from unnest(array['1 eighteen today', '2 eighteen tomorrow', '3 very old', '4 not born'],
                       array['18 years', '18 years -1 day', '110 years', '-5 days']) p (n, ago)",
    )
    .execute(&pool)
    .await
    .unwrap();
    let ranges = sqlx::query_scalar!(
        r#"select array(select label from term
                         where vocabulary = 'age_range' and active and (17 between age_from and age_to or 18 between age_from and age_to or age_to is null)
                         order by age_from) as "labels!""#
    );
    let ranges = ranges.fetch_one(&pool).await.unwrap();
    let [below, from_18, oldest] = ranges.as_slice() else { panic!("{ranges:?}") };
    let (_, rows) = all(&pool, &desk, &everybody(), "age_range").await;
    assert_eq!(rows.concat(), [from_18, below, oldest, ""]);
}
