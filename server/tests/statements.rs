//! No page asks the database more often because there is more to show: each
//! list is rendered with ten rows and with a thousand, and its statements are
//! counted. Audit, session and retries are part of the page and counted too.

#[expect(dead_code, reason = "this test needs a part of what tests share")]
mod support;

use axum::http::StatusCode;
use db::PgPool;
use sqlx::AssertSqlSafe;
use std::sync::atomic::{AtomicUsize, Ordering};
use support::{Demo, Session, site};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};

/// Lists, who looks, and what to find on the page with a thousand rows. Add
/// yours here, and its rows to [`ROWS`]. `{day}` is the day of the rows.
const PAGES: &[(&str, &str)] = &[
    ("staff@demo.test", "/clients"),
    ("staff@demo.test", "/clients?sort=-number"),
    ("staff@demo.test", "/clients?status=inactive"),
    ("staff@demo.test", "/clients?q=zz"),
    ("staff@demo.test", "/clients?q=zzperson+row"),
    ("staff@demo.test", "/clients/prospects"),
    ("staff@demo.test", "/clients/new"),
    ("practitioner@demo.test", "/clients"),
    ("practitioner@demo.test", "/clients/mine"),
    ("practitioner@demo.test", "/clients/mine?q=zz"),
    ("staff@demo.test", "/calendar?date={day}"),
    ("practitioner@demo.test", "/calendar?date={day}"),
    ("staff@demo.test", "/activities"),
    ("admin@demo.test", "/settings"),
    ("admin@demo.test", "/settings/services"),
    ("admin@demo.test", "/settings/practitioners"),
    ("admin@demo.test", "/settings/tags"),
    ("admin@demo.test", "/settings/vocabularies"),
    ("admin@demo.test", "/settings/vocabularies/gender"),
    ("admin@demo.test", "/settings/outbox"),
];

/// Rows from `$1` to `$2` of everything that those pages list.
const ROWS: &[&str] = &[
    "insert into client (id, kind, code, status, first_name, last_name, zone, email, mobile)
     select gen_random_uuid(), 'individual', 'Q' || n, case n % 3 when 0 then 'active' when 1 then 'inactive' else 'prospect' end,
            'Zzperson', 'Row ' || n, 'America/Toronto', 'row' || n || '@example.com', '416 555 0100'
       from generate_series($1::int, $2::int) n",
    "insert into client_practitioner (client_id, practitioner_id)
     select c.id, s.id from client c, staff_member s where c.first_name = 'Zzperson' and s.first_name = 'Dr. Priya'
         and c.code in (select 'Q' || n from generate_series($1::int, $2::int) n)",
    "insert into tag (id, name) select gen_random_uuid(), 'Tag ' || n from generate_series($1::int, $2::int) n",
    "insert into client_tag (client_id, tag_id)
     select c.id, t.id from client c, tag t where c.first_name = 'Zzperson' and t.name = 'Tag 1' on conflict do nothing",
    "insert into term (id, vocabulary, label) select gen_random_uuid(), 'gender', 'Gender ' || n from generate_series($1::int, $2::int) n",
    "insert into service (id, name, duration_minutes) select gen_random_uuid(), 'Service ' || n, 50 from generate_series($1::int, $2::int) n",
    "insert into appointment (id, service_id, practitioner_id, location_id, client_id, starts_at, ends_at, zone, buffer_minutes,
                              price_cents, overbooked, request_key, booked_by)
     select gen_random_uuid(), v.id, s.id, l.id, c.id, date_trunc('day', now()) + interval '40 days 15 hours',
            date_trunc('day', now()) + interval '40 days 16 hours', 'America/Toronto', 0, 0, true, gen_random_uuid(), s.id
       from client c, (select id from service order by name limit 1) v, (select id from location limit 1) l, staff_member s
      where s.first_name = 'Dr. Priya' and c.code in (select 'Q' || n from generate_series($1::int, $2::int) n)",
    "insert into message (id, kind, client_id, state)
     select gen_random_uuid(), 'welcome', c.id, 'done' from client c where c.code in (select 'Q' || n from generate_series($1::int, $2::int) n)",
    "insert into message_copy (id, message_id, address, client_id, subject, body, state)
     select gen_random_uuid(), m.id, c.email, c.id, 'Welcome', 'Hello', 'kept' from message m join client c on c.id = m.client_id
      where c.code in (select 'Q' || n from generate_series($1::int, $2::int) n)",
    "insert into activity (id, staff_id, type_id, held_on, minutes, request_key)
     select gen_random_uuid(), s.id, t.id, current_date - n, 50, gen_random_uuid()
       from generate_series($1::int, $2::int) n, staff_member s, (select id from term where vocabulary = 'activity_type' limit 1) t
      where s.first_name = 'Owen'",
];

static STATEMENTS: AtomicUsize = AtomicUsize::new(0);

/// Counts what sqlx tells of each statement.
struct Counter;

impl<S: Subscriber> Layer<S> for Counter {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            STATEMENTS.fetch_add(1, Ordering::Relaxed);
        }
    }
}

async fn add(pool: &PgPool, from: i32, to: i32) {
    for sql in ROWS {
        sqlx::query(AssertSqlSafe(*sql))
            .bind(from)
            .bind(to)
            .execute(pool)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    sqlx::query("analyze").execute(pool).await.unwrap();
}

#[sqlx::test(migrator = "db::MIGRATOR")]
async fn pages_ask_no_more_for_more_rows(pool: PgPool) {
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Counter)).unwrap();
    Demo::load(&pool).await;
    let router = site(pool.clone());
    let day: String = sqlx::query_scalar("select (date_trunc('day', now()) + interval '40 days')::date::text")
        .fetch_one(&pool)
        .await
        .unwrap();
    let mut users: Vec<(&str, Session<axum::Router>)> = Vec::new();
    for (user, _) in PAGES {
        if users.iter().all(|(known, _)| known != user) {
            users.push((user, Session::log_in(&router, "", user).await));
        }
    }
    let mut counts: Vec<Vec<usize>> = Vec::new();
    for (from, to) in [(1, 10), (11, 1_000)] {
        add(&pool, from, to).await;
        let mut counted = Vec::new();
        for (user, path) in PAGES {
            let (_, session) = users.iter().find(|(known, _)| known == user).expect("they logged in");
            // The first time may bring a session up to date.
            session.get(&path.replace("{day}", &day)).await;
            // Now and then a connection is opened, or asked whether it is still there.
            let mut least = usize::MAX;
            for _ in 0..3 {
                let before = STATEMENTS.load(Ordering::Relaxed);
                let answer = session.get(&path.replace("{day}", &day)).await;
                assert_eq!(answer.status, StatusCode::OK, "{path}");
                least = least.min(STATEMENTS.load(Ordering::Relaxed) - before);
            }
            counted.push(least);
        }
        counts.push(counted);
    }
    let more: Vec<String> = PAGES
        .iter()
        .zip(counts[0].iter().zip(&counts[1]))
        .filter(|(_, (few, many))| many > few || **few == 0)
        .map(|((user, path), (few, many))| format!("{path} of {user}: {few} statements for 10 rows, {many} for 1,000"))
        .collect();
    assert!(more.is_empty(), "{more:#?}");
}
