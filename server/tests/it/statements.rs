//! No page asks the database more often because there is more to show: each
//! list is rendered with ten rows and with a thousand, and its statements are
//! counted. Audit, session and retries are part of the page and counted too.

use crate::support::site;
use axum::http::StatusCode;
use db::PgPool;
use sqlx::AssertSqlSafe;
use std::sync::atomic::{AtomicUsize, Ordering};
use testkit::{Demo, Session};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};

/// Lists, who looks, and what to find on the page with a thousand rows. Add
/// yours here, and its rows to [`ROWS`]. `{day}` is the day of the rows, `{busy}` someone with
/// much of everything.
const PAGES: &[(&str, &str)] = &[
    ("staff@demo.test", "/clients"),
    ("staff@demo.test", "/clients?sort=-number"),
    ("staff@demo.test", "/clients?status=inactive"),
    ("staff@demo.test", "/clients?q=zz"),
    ("staff@demo.test", "/clients?q=zzperson+row"),
    ("staff@demo.test", "/clients/prospects"),
    ("staff@demo.test", "/clients/new"),
    (
        "staff@demo.test",
        "/clients?columns=tags,practitioners,phones,location,next_appointment,last_appointment,login,language,referring_provider,fee_programme,created_on",
    ),
    ("staff@demo.test", "/clients/duplicates"),
    ("staff@demo.test", "/clients/import"),
    ("staff@demo.test", "/clients/{busy}"),
    ("staff@demo.test", "/clients/{busy}/merges"),
    ("staff@demo.test", "/clients/{busy}/delete"),
    ("staff@demo.test", "/clients/{group}"),
    ("staff@demo.test", "/clients/groups/new?clients={busy}"),
    ("staff@demo.test", "/bulk/{bulk}"),
    ("practitioner@demo.test", "/clients"),
    ("practitioner@demo.test", "/clients/mine"),
    ("practitioner@demo.test", "/clients/mine?q=zz"),
    ("staff@demo.test", "/calendar?date={day}"),
    ("practitioner@demo.test", "/calendar?date={day}"),
    ("staff@demo.test", "/calendar?view=list&date={day}"),
    ("staff@demo.test", "/calendar?view=week&date={day}"),
    ("practitioner@demo.test", "/calendar?view=week&date={day}"),
    ("staff@demo.test", "/calendar?view=month&date={day}"),
    ("practitioner@demo.test", "/calendar?view=month&date={day}"),
    ("staff@demo.test", "/calendar?view=agenda&date={day}"),
    ("practitioner@demo.test", "/calendar?view=agenda&date={day}"),
    ("staff@demo.test", "/calendar?view=print&date={day}"),
    ("staff@demo.test", "/activities"),
    ("admin@demo.test", "/activities?whose=all"),
    ("admin@demo.test", "/reports?whose=all&period=dates&from=2020-01-01&to=2099-12-31"),
    ("admin@demo.test", "/settings"),
    ("admin@demo.test", "/settings/services"),
    ("admin@demo.test", "/settings/practitioners"),
    ("admin@demo.test", "/settings/team"),
    ("admin@demo.test", "/settings/tags"),
    ("admin@demo.test", "/settings/vocabularies"),
    ("admin@demo.test", "/settings/vocabularies/gender"),
    ("admin@demo.test", "/settings/outbox"),
    ("admin@demo.test", "/settings/fields"),
    ("admin@demo.test", "/settings/locations"),
    ("admin@demo.test", "/settings/providers"),
    ("parent@demo.test", "/my/appointments"),
    ("parent@demo.test", "/my"),
    ("parent@demo.test", "/my/history"),
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
    "insert into visit (id, service_id, practitioner_id, location_id, client_id, starts_at, ends_at, zone, buffer_minutes,
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
    "insert into activity_client (activity_id, client_id)
     select a.id, c.id from activity a, generate_series($1::int, $2::int) n, client c
      where a.held_on = current_date - n and c.code in ('Q' || n, 'AO1') on conflict do nothing",
    "insert into visit (id, service_id, practitioner_id, location_id, client_id, starts_at, ends_at, zone, buffer_minutes,
                              price_cents, overbooked, request_key, booked_by)
     select gen_random_uuid(), v.id, s.id, l.id, c.id, date_trunc('day', now()) - n * interval '1 day' + interval '3 hours',
            date_trunc('day', now()) - n * interval '1 day' + interval '4 hours', 'America/Toronto', 0, 0, true, gen_random_uuid(), s.id
       from generate_series($1::int + 2, $2::int + 2) n, client c, (select id from service order by name limit 1) v,
            (select id from location limit 1) l, staff_member s
      where c.code = 'AO1' and s.first_name = 'Dr. Priya'",
    "insert into client_link (id, client_low, client_high, low_label, high_label)
     select gen_random_uuid(), least(a.id, c.id), greatest(a.id, c.id), 'other', 'other'
       from client a, generate_series($1::int, $2::int) n join client c on c.code = 'Q' || n where a.code = 'AO1'",
    "insert into client_membership (id, group_id, member_id, joined_on)
     select gen_random_uuid(), g.id, c.id, current_date - 9
       from (select id from client where kind = 'group' order by number limit 1) g,
            generate_series($1::int, $2::int) n join client c on c.code = 'Q' || n",
    "insert into client_phone (id, client_id, label, number, position)
     select gen_random_uuid(), c.id, 'Work', '416 555 ' || to_char(n, 'FM0000'), 0
       from generate_series($1::int, $2::int) n join client c on c.code = 'Q' || n",
    "insert into client_merge (id, kept_id, dropped_id, dropped_number, dropped_code, merged_by)
     select gen_random_uuid(), c.id, gen_random_uuid(), 900000 + n, 'W' || n, s.id
       from generate_series($1::int, $2::int) n, client c, staff_member s where c.code = 'AO1' and s.first_name = 'Owen'",
    "select audit_append('system', null, 'update', 'client', c.id, array['email'])
       from generate_series($1::int, $2::int) n, client c where c.code = 'AO1'",
    "insert into import (id, staff_id, request_key, file_name, encoding, headings, looks, row_count, setup, state)
     select gen_random_uuid(), s.id, gen_random_uuid(), 'people.csv', 'UTF-8', '{Name}', '[]', 1, '{}', 'done'
       from generate_series($1::int, $2::int) n, staff_member s where s.first_name = 'Owen'",
    "insert into bulk_change (id, staff_id, action, status, label, request_key, digest, state)
     select '00000000-0000-7000-8000-0000000000b1', s.id, 'status', 'active', 'Active', gen_random_uuid(), '', 'done'
       from staff_member s where s.first_name = 'Owen' and $1::int < $2::int on conflict do nothing",
    "insert into bulk_target (bulk_id, position, number, outcome, before)
     select '00000000-0000-7000-8000-0000000000b1', n, c.number, 'refused', ''
       from generate_series($1::int, $2::int) n join client c on c.code = 'Q' || n",
    "insert into location (id, name, zone) select gen_random_uuid(), 'Place ' || n, 'America/Toronto' from generate_series($1::int, $2::int) n",
    "insert into referring_provider (id, name) select gen_random_uuid(), 'Provider ' || n from generate_series($1::int, $2::int) n",
    "insert into client_field (id, label, kind, in_search) select gen_random_uuid(), 'Field ' || n, 'text', true
       from generate_series($1::int, least($2::int, 100)) n",
    "insert into client_field_value (client_id, field_id, words)
     select c.id, f.id, 'written' from client c, client_field f
      where c.code = 'AO1' and f.kind = 'text' and f.label like 'Field %' on conflict do nothing",
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

#[testkit::test]
async fn pages_ask_no_more_for_more_rows(pool: PgPool) {
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Counter)).unwrap();
    Demo::load(&pool).await;
    let router = site(pool.clone());
    let day: String = sqlx::query_scalar("select (date_trunc('day', now()) + interval '40 days')::date::text")
        .fetch_one(&pool)
        .await
        .unwrap();
    let number = async |of: &str| -> String {
        let sql = format!("select number::text from client where {of} order by number limit 1");
        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&pool).await.unwrap()
    };
    let names = [
        ("{day}", day),
        ("{busy}", number("code = 'AO1'").await),
        ("{group}", number("kind = 'group'").await),
        ("{bulk}", "00000000-0000-7000-8000-0000000000b1".to_owned()),
    ];
    let address = |path: &str| names.iter().fold(path.to_owned(), |path, (name, value)| path.replace(name, value));
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
            session.get(&address(path)).await;
            // Now and then a connection is opened, or asked whether it is still there.
            let mut least = usize::MAX;
            for _ in 0..3 {
                let before = STATEMENTS.load(Ordering::Relaxed);
                let answer = session.get(&address(path)).await;
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
