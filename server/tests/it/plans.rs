//! No statement of the portal's pages or of the lists reads the whole of
//! `appointment` or `client`: Postgres reports the plan of each statement as it runs.
//!
//! The suite stores 2,000 of both, the soak 20,000 clients and 1,000,000 appointments.

use crate::support::site;
use axum::Router;
use axum::http::StatusCode;
use db::PgPool;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Executor};
use std::fmt::{Debug, Write};
use std::sync::Mutex;
use testkit::{Demo, Session, Wish, free_times, number, rounds};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};

/// A prepared statement may get another plan from its sixth execution on.
const VISITS: usize = 7;

/// The lists of staff, and who reads them. `{client}` is a client with many
/// appointments, `{day}` a day with many.
const LISTS: &[(&str, &str)] = &[
    ("staff@demo.test", "/clients"),
    ("staff@demo.test", "/clients?sort=name"),
    ("staff@demo.test", "/clients?sort=-name"),
    ("staff@demo.test", "/clients?sort=code"),
    ("staff@demo.test", "/clients?sort=-code"),
    ("staff@demo.test", "/clients?sort=number"),
    ("staff@demo.test", "/clients?sort=-number"),
    ("staff@demo.test", "/clients?sort=contact"),
    ("staff@demo.test", "/clients?sort=-contact"),
    ("staff@demo.test", "/clients?before=end"),
    ("staff@demo.test", "/clients?after={number}"),
    ("staff@demo.test", "/clients?q=planperson"),
    ("staff@demo.test", "/clients?q=planperson+row7"),
    ("staff@demo.test", "/clients?q=plonperson"),
    ("staff@demo.test", "/clients?q=P77"),
    ("staff@demo.test", "/clients?q=row77@example.com"),
    ("staff@demo.test", "/clients?status=inactive"),
    ("staff@demo.test", "/clients?status=prospect&sort=-contact"),
    ("staff@demo.test", "/clients?kind=family"),
    ("staff@demo.test", "/clients?tag={tag}"),
    ("staff@demo.test", "/clients?practitioner={practitioner}"),
    ("staff@demo.test", "/clients?location={location}&status=active"),
    ("staff@demo.test", "/clients?columns=tags,practitioners,phones,location,next_appointment,last_appointment,login"),
    ("staff@demo.test", "/clients/prospects"),
    ("practitioner@demo.test", "/clients"),
    ("practitioner@demo.test", "/clients/mine"),
    ("practitioner@demo.test", "/clients/mine?q=planperson"),
    ("staff@demo.test", "/calendar"),
    ("staff@demo.test", "/calendar?date={day}"),
    ("practitioner@demo.test", "/calendar?date={day}"),
    ("staff@demo.test", "/calendar?view=week&date={day}"),
    ("practitioner@demo.test", "/calendar?view=week&practitioner=all&date={day}"),
    ("staff@demo.test", "/calendar?view=month&date={day}"),
    ("practitioner@demo.test", "/calendar?view=month&date={day}"),
    ("staff@demo.test", "/calendar?view=agenda&date={day}"),
    ("practitioner@demo.test", "/calendar?view=agenda&date={day}"),
    ("staff@demo.test", "/activities"),
    ("practitioner@demo.test", "/activities"),
    ("admin@demo.test", "/activities?whose=all"),
    ("staff@demo.test", "/clients/{client}"),
    ("practitioner@demo.test", "/clients/{client}"),
    ("staff@demo.test", "/appointments/new?client={client}&service={service}"),
];

/// What linked clients open.
const PORTAL: &[(&str, &str)] = &[
    ("parent@demo.test", "/book"),
    ("parent@demo.test", "/book?service={service}"),
    ("parent@demo.test", "/book?service={service}&practitioner={practitioner}"),
    ("parent@demo.test", "/book/confirm?service={service}&with={practitioner}&start={start}"),
    ("parent@demo.test", "/my/appointments"),
    ("parent@demo.test", "/my"),
    ("parent@demo.test", "/my/history"),
    ("parent@demo.test", "/my/details"),
    ("parent@demo.test", "/my/details/edit"),
    ("parent@demo.test", "/my/availability"),
];

/// Clients, `$1` of them, and practitioners for their appointments.
const CLIENTS: &[&str] = &[
    "insert into client (id, kind, code, status, first_name, last_name, zone, email, last_contact, location_id)
     select gen_random_uuid(), 'individual', 'P' || n, case n % 3 when 0 then 'active' when 1 then 'inactive' else 'prospect' end,
            'Planperson', 'Row' || n, 'America/Toronto', 'row' || n || '@example.com', current_date - n % 1000,
            (select id from location limit 1)
       from generate_series(1, $1::int) n",
    "insert into client_practitioner (client_id, practitioner_id)
     select c.id, s.id from client c, staff_member s
      where s.first_name = 'Dr. Priya' and (c.last_name like 'Row%7' and c.first_name = 'Planperson' or c.code = 'AO1')
         and $1::int > 0 on conflict do nothing",
    "insert into client_tag (client_id, tag_id)
     select c.id, t.id from client c, (select id from tag order by name limit 1) t
      where c.last_name like 'Row%3' and c.first_name = 'Planperson' and $1::int > 0",
    "insert into staff_member (id, first_name, last_name, email, roles)
     select gen_random_uuid(), 'Planner', 'Row' || n, 'planner' || n || '@example.com', '{practitioner}'
       from generate_series(1, least($1::int / 200, 50)) n",
];

/// Appointments, `$1` of them, an hour each: four a day of every practitioner,
/// nine in ten of them past. The parent of the demo has 200 more.
const APPOINTMENTS: &[&str] = &[
    "insert into visit (id, service_id, practitioner_id, location_id, client_id, starts_at, ends_at, zone, buffer_minutes,
                              price_cents, request_key, booked_by)
     select gen_random_uuid(), v.id, s.id, l.id, c.id, at.starts, at.starts + interval '1 hour', 'America/Toronto', 0, 0,
            gen_random_uuid(), s.id
       from generate_series(0, $1::int - 1) n,
            (select count(*)::int as staff from staff_member where first_name = 'Planner') many,
            (select count(*)::int as clients from client where first_name = 'Planperson') much,
            lateral (select date_trunc('hour', now()) + (n / staff - $1::int / staff * 9 / 10) * interval '6 hours' as starts) at,
            (select id, row_number() over () - 1 as place from staff_member where first_name = 'Planner') s,
            (select id, row_number() over () - 1 as place from client where first_name = 'Planperson') c,
            (select id from service order by name limit 1) v, (select id from location limit 1) l
      where s.place = n % staff and c.place = n % clients",
    "insert into visit (id, service_id, practitioner_id, location_id, client_id, starts_at, ends_at, zone, buffer_minutes,
                              price_cents, overbooked, request_key, booked_by)
     select gen_random_uuid(), v.id, s.id, l.id, c.id, now() - n * interval '1 day', now() - n * interval '1 day' + interval '1 hour',
            'America/Toronto', 0, 0, true, gen_random_uuid(), s.id
       from generate_series(1, least($1::int, 200)) n, client c, staff_member s,
            (select id from service order by name limit 1) v, (select id from location limit 1) l
      where c.code = 'AO1' and s.first_name = 'Dr. Priya'",
];

/// Between them, each of a million rows would be compared with the others.
const WITHOUT_CONSTRAINTS: &str = "alter table appointment drop constraint appointment_practitioner_free,
                                                           drop constraint appointment_room_free;
                                   alter table appointment_participant drop constraint appointment_client_free";

static PLANS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Keeps what auto_explain reports.
struct Plans;

impl<S: Subscriber> Layer<S> for Plans {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::postgres::notice" {
            let mut message = Message(String::new());
            event.record(&mut message);
            if message.0.contains("plan:\n") {
                PLANS.lock().unwrap().push(message.0);
            }
        }
    }
}

struct Message(String);

impl Visit for Message {
    fn record_str(&mut self, _: &Field, text: &str) {
        self.0.push_str(text);
    }

    fn record_debug(&mut self, _: &Field, value: &dyn Debug) {
        let _ = write!(self.0, "{value:?}");
    }
}

/// Whether the plan reads a whole table: more than the first row, which answers
/// whether there is any.
fn reads_all(plan: &str) -> bool {
    let lines: Vec<&str> = plan.lines().collect();
    let is_scan = |line: &str| line.contains("Seq Scan on appointment ") || line.contains("Seq Scan on client ");
    let filters = |at: usize| lines.get(at + 1).is_some_and(|next| next.contains("Filter:"));
    let reads_one = |line: &str| line.contains("(actual rows=1 loops=1)") || line.contains("(never executed)");
    lines.iter().enumerate().any(|(at, line)| is_scan(line) && (filters(at) || !reads_one(line)))
}

/// A pool whose connections report the plan of each statement that they run, with
/// what the server's own pool sets.
async fn explained(pool: &PgPool) -> PgPool {
    let options = (*pool.connect_options()).clone().options([("jit", "off")]);
    PgPoolOptions::new()
        .max_connections(5)
        .after_connect(|conn, _| {
            Box::pin(async move {
                conn.execute(
                    "load 'auto_explain';
                     set auto_explain.log_min_duration = 0;
                     set auto_explain.log_level = notice;
                     set auto_explain.log_analyze = on;
                     set auto_explain.log_timing = off;
                     set auto_explain.log_nested_statements = on;
                     set client_min_messages = notice",
                )
                .await?;
                Ok(())
            })
        })
        .connect_with(options)
        .await
        .unwrap()
}

async fn run(pool: &PgPool, statements: &'static [&'static str], rows: usize) {
    for sql in statements {
        let done = sqlx::query(AssertSqlSafe(*sql)).bind(rows as i32).execute(pool).await;
        done.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

async fn fill(pool: &PgPool) {
    run(pool, CLIENTS, rounds(2_000, 20_000)).await;
    let definitions: Vec<String> = sqlx::query_scalar(
        "select format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
           from pg_constraint where contype = 'x'
            and conrelid in ('appointment'::regclass, 'appointment_participant'::regclass)",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    assert_eq!(definitions.len(), 3);
    sqlx::raw_sql(WITHOUT_CONSTRAINTS).execute(pool).await.unwrap();
    run(pool, APPOINTMENTS, rounds(2_000, 1_000_000)).await;
    for definition in definitions {
        sqlx::query(AssertSqlSafe(definition)).execute(pool).await.unwrap();
    }
    sqlx::query("vacuum analyze").execute(pool).await.unwrap();
}

/// The sequential scans among the plans since the last call, each named once.
fn scans(of: &str, found: &mut Vec<String>) {
    let plans = std::mem::take(&mut *PLANS.lock().unwrap());
    assert!(!plans.is_empty(), "{of}: Postgres reported no plans");
    for plan in plans.iter().filter(|plan| reads_all(plan)) {
        // Behind the duration, which differs from run to run.
        let plan = plan.split_once("plan:\n").map_or(plan.as_str(), |(_, plan)| plan);
        let statement = plan.split_once("(cost=").map_or(plan, |(statement, _)| statement);
        if found.iter().all(|known| !known.contains(statement)) {
            found.push(format!("{of}:\n{plan}"));
        }
    }
}

struct Reader<'a> {
    router: &'a Router,
    sessions: Vec<(&'static str, Session<Router>)>,
    names: Vec<(&'static str, String)>,
    found: Vec<String>,
}

impl Reader<'_> {
    async fn session(&mut self, user: &'static str) -> Session<Router> {
        if let Some((_, session)) = self.sessions.iter().find(|(known, _)| *known == user) {
            return session.clone();
        }
        let session = Session::log_in(self.router, "", user).await;
        self.sessions.push((user, session.clone()));
        session
    }

    async fn open(&mut self, user: &'static str, path: &str) {
        let session = self.session(user).await;
        let address = self.names.iter().fold(path.to_owned(), |path, (name, value)| path.replace(name, value));
        PLANS.lock().unwrap().clear();
        for _ in 0..VISITS {
            let answer = session.get(&address).await;
            assert_eq!(answer.status, StatusCode::OK, "{address} of {user}");
        }
        scans(&format!("{path} of {user}"), &mut self.found);
    }
}

#[testkit::test]
async fn no_page_of_the_portal_and_no_list_reads_all_appointments_or_clients(pool: PgPool) {
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Plans)).unwrap();
    let demo = Demo::load(&pool).await;
    let (service, practitioner) = (demo.family_session, demo.priya);
    fill(&pool).await;
    let times = free_times(&pool, service, practitioner).await;
    let text = async |sql: &'static str| -> String { sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap() };
    let names = vec![
        ("{client}", number(&pool, demo.ana).await.to_string()),
        ("{number}", text("select number::text from client where code = 'P99'").await),
        ("{day}", text("select now()::date::text").await),
        ("{tag}", text("select id::text from tag order by name limit 1").await),
        ("{location}", text("select id::text from location limit 1").await),
        ("{service}", service.to_string()),
        ("{practitioner}", practitioner.to_string()),
        ("{start}", shared::appointments::instant_text(times[0])),
    ];
    let explained = explained(&pool).await;
    sqlx::query("select from appointment where booked_by = practitioner_id").execute(&explained).await.unwrap();
    let mut found = Vec::new();
    scans("a statement that reads all appointments", &mut found);
    assert_eq!(found.len(), 1, "the check sees a sequential scan");
    let router = site(explained);
    let mut reader = Reader { router: &router, sessions: Vec::new(), names, found: Vec::new() };
    for (user, path) in LISTS.iter().chain(PORTAL) {
        reader.open(user, path).await;
    }

    let session = reader.session("parent@demo.test").await;
    let wish = Wish { staff: false, service, practitioner, client: demo.ana, starts_at: times[0], key: db::new_id() };
    let answer = session.post(wish.action(), &wish.fields()).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let booked = "select id::text from visit where starts_at = $1 and client_id = $2 and status = 'confirmed'";
    let booked = sqlx::query_scalar(booked).bind(wish.starts_at).bind(wish.client.0);
    let booked: String = booked.fetch_one(&pool).await.unwrap();
    let page = format!("/my/appointments/{booked}/cancel");
    reader.open("parent@demo.test", &page).await;
    let answer = session.post("/fn/portal/cancel", &[("_page", page), ("appointment", booked)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    scans("cancelling", &mut reader.found);
    assert!(reader.found.is_empty(), "{}", reader.found.join("\n\n"));
}
