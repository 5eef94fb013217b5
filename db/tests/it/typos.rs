//! Typos in what is no name: codes, addresses, telephone numbers, information
//! fields.

use crate::support::list::list;
use db::{Actor, PgPool, clients};
use shared::accounts::Role;
use shared::clients::ClientQuery;
use testkit::staff_actor;

const PEOPLE: &str = "
insert into client (id, kind, code, first_name, last_name, group_name, zone, email, mobile) values
    ('00000000-0000-0000-0000-000000000001', 'individual', 'CPL1', 'Layla', 'Al-Masri', '', 'UTC', 'layla.almasri@example.com', null),
    ('00000000-0000-0000-0000-000000000002', 'individual', 'KB1', 'Kavita', 'Bains', '', 'UTC', 'parent@demo.test', '416 555 0141'),
    ('00000000-0000-0000-0000-000000000003', 'individual', 'ZZ9', 'Mia', 'Okafor', '', 'UTC', null, null),
    ('00000000-0000-0000-0000-000000000004', 'individual', 'YY8', 'Leo', 'Chen', '', 'UTC', null, null);
insert into client_field (id, label, kind, in_search) values
    ('00000000-0000-0000-0000-0000000000f1', 'School', 'text', true),
    ('00000000-0000-0000-0000-0000000000f2', 'House', 'choice', true),
    ('00000000-0000-0000-0000-0000000000f3', 'Secret', 'text', false);
insert into client_field_choice (id, field_id, label) values
    ('00000000-0000-0000-0000-0000000000c1', '00000000-0000-0000-0000-0000000000f2', 'St. Clement');
insert into client_field_value (client_id, field_id, words) values
    ('00000000-0000-0000-0000-000000000003', '00000000-0000-0000-0000-0000000000f1', 'North Québec High'),
    ('00000000-0000-0000-0000-000000000003', '00000000-0000-0000-0000-0000000000f3', 'Peregrine');
insert into client_field_value (client_id, field_id, choice_id) values
    ('00000000-0000-0000-0000-000000000004', '00000000-0000-0000-0000-0000000000f2', '00000000-0000-0000-0000-0000000000c1');
";

/// Who is called nearly so, but by more than one typo.
const CROWD: &str = "
insert into client (id, kind, code, first_name, last_name, zone, email, mobile)
select gen_random_uuid(), 'individual', 'CPX' || n, 'Crowd', 'Crowd', 'UTC',
       case when n % 2 = 0 then 'layla.am' || n || '@example.com' else 'parent@de' || n || '.test' end, '416557' || 7000 + n
  from generate_series(1, 600) n;
insert into client_field_value (client_id, field_id, words)
select id, '00000000-0000-0000-0000-0000000000f1', 'Quebracho' from client where last_name = 'Crowd'";

/// What is typed, and who is close to it.
const SLIPS: [(&str, &[&str]); 14] = [
    ("leyla.almasri@example.com", &["Layla Al-Masri"]),
    ("layla.almasir@example.com", &["Layla Al-Masri"]),
    ("LAYLA.ALMASRI@EXMAPLE.COM", &["Layla Al-Masri"]),
    ("layla_almasri@exam", &["Layla Al-Masri"]),
    ("parnet@demo.test", &["Kavita Bains"]),
    ("CLP1", &["Layla Al-Masri"]),
    ("416 555 0411", &["Kavita Bains"]),
    ("+1 (416) 555-0142", &["Kavita Bains"]),
    ("Quebek", &["Mia Okafor"]),
    ("north quebce", &["Mia Okafor"]),
    ("St. Clemant", &["Leo Chen"]),
    ("Clemnt", &["Leo Chen"]),
    // Two typos, and a field that is not searched.
    ("layle.almasir@example.com", &[]),
    ("Peregrin3", &[]),
];

async fn page(pool: &PgPool, actor: &Actor, q: &str) -> (Vec<String>, u32, Option<usize>) {
    let page = list(pool, actor, &ClientQuery::from_pairs([("q", q)]), false).await.unwrap();
    (page.rows.into_iter().map(|row| row.name).collect(), page.close, page.near_from)
}

#[testkit::test]
async fn a_typo_in_an_identifier_is_forgiven(pool: PgPool) {
    let desk = staff_actor(&pool, "Sam", &[Role::FrontDesk]).await;
    let few = staff_actor(&pool, "Pat", &[Role::Practitioner]).await;
    let nobody = staff_actor(&pool, "Nik", &[Role::Practitioner]).await;
    sqlx::raw_sql(PEOPLE).execute(&pool).await.unwrap();
    sqlx::query("insert into client_practitioner (client_id, practitioner_id) select id, $1 from client")
        .bind(few.id())
        .execute(&pool)
        .await
        .unwrap();
    for (q, expected) in SLIPS {
        let near = (!expected.is_empty()).then_some(0);
        for actor in [&desk, &few] {
            let (names, close, from) = page(&pool, actor, q).await;
            assert_eq!(
                (names.as_slice(), close, from),
                (expected_names(expected).as_slice(), expected.len() as u32, near),
                "{q}"
            );
        }
        // No one is found by those who do not see them, and no one is selected.
        assert_eq!(page(&pool, &nobody, q).await, (vec![], 0, None), "{q}");
        let query = ClientQuery::from_pairs([("q", q)]);
        let all = clients::matching(&mut pool.acquire().await.unwrap(), &desk, &query, false, 100).await.unwrap();
        assert!(all.is_empty(), "{q}");
    }
    sqlx::raw_sql(CROWD).execute(&pool).await.unwrap();
    for (q, expected) in SLIPS {
        assert_eq!(page(&pool, &desk, q).await.0, expected_names(expected), "{q}, of many who begin alike");
    }
    // What is there is found, and no one who is only like it.
    assert_eq!(page(&pool, &desk, "cpl1").await, (vec!["Layla Al-Masri".to_owned()], 0, None));
    // However long, and whatever it is.
    for odd in
        ["x".repeat(10_000), "@@@@@@".into(), "%_%_%".into(), "'';--x".into(), "🦀🦀🦀🦀".into(), "王小明李".into()]
    {
        page(&pool, &desk, &odd).await;
        page(&pool, &few, &odd).await;
    }
}

fn expected_names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
