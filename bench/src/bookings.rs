//! Bookings a second over HTTP, beside what Postgres itself does of the same
//! insert. Each connection books for a person and with a practitioner of its
//! own, so that nobody waits for another's diary.

use crate::figures::load;
use crate::http::Session;
use crate::site::{self, Site};
use anyhow::{Context, ensure};
use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use shared::appointments::instant_text;
use shared::{ClientId, ServiceId, StaffId};
use std::path::PathBuf;
use tokio::process::Command;

const LANES: usize = 16;
const TIMES: usize = 250;
/// Appointments of 5 minutes from midnight to 23:55.
const EACH_DAY: usize = 287;
const SECONDS: &str = "10";

/// A practitioner and a client for each connection, always open, in UTC.
const SET_UP: [&str; 6] = [
    "update location set zone = 'UTC'",
    "insert into service (id, name, duration_minutes) values (gen_random_uuid(), 'Bench', 5)",
    "insert into staff_member (id, first_name, last_name, email, roles)
     select gen_random_uuid(), 'Lane ' || n, 'Bench', 'lane' || n || '@example.com', array['practitioner']
       from generate_series(0, 15) n",
    "insert into weekly_hours (id, practitioner_id, location_id, weekday, starts, ends)
     select gen_random_uuid(), s.id, l.id, d, '00:00', '23:55'
       from staff_member s, location l, generate_series(1, 7) d where s.last_name = 'Bench'",
    "insert into service_practitioner
     select v.id, s.id from service v, staff_member s where v.name = 'Bench' and s.last_name = 'Bench'",
    "create sequence bench_time",
];

/// For pgbench: whom its connections insert for, as those of HTTP.
const LANE_TABLE: &str = "
    create table bench_lane as
    select n as lane, p.id as practitioner, c.id as client, l.id as location, v.id as service
      from generate_series(0, 15) n
      join staff_member p on p.first_name = 'Lane ' || n
      join client c on c.code = ('ZZ' || n)::citext, location l, service v
     where v.name = 'Bench'";

const INSERT: &str = "insert into appointment (id, service_id, practitioner_id, location_id, client_id, starts_at, ends_at, \
     zone, buffer_minutes, price_cents, request_key, booked_by) \
     select gen_random_uuid(), l.service, l.practitioner, l.location, l.client, t.at, t.at + interval '5 minutes', \
     'UTC', 0, 0, gen_random_uuid(), l.client from bench_lane l, \
     (select timestamptz '2040-01-01' + nextval('bench_time') * interval '5 minutes' as at) t where l.lane = :client_id;\n";

#[derive(Clone)]
struct Lane {
    session: Session,
    client: ClientId,
    practitioner: StaffId,
}

impl Lane {
    async fn book(&self, service: ServiceId, starts_at: DateTime<Utc>) -> anyhow::Result<()> {
        let fields = [
            ("_page", "/book".to_owned()),
            ("form[service]", service.to_string()),
            ("form[practitioner]", self.practitioner.to_string()),
            ("form[starts_at]", instant_text(starts_at)),
            ("form[client]", self.client.to_string()),
            ("form[request_key]", db::new_id().to_string()),
        ];
        let answer = self.session.post("/fn/portal/book", &fields).await?;
        ensure!(answer.status == http::StatusCode::SEE_OTHER, "a booking was answered with {}", answer.status);
        Ok(())
    }
}

pub async fn run(postgres: &str) -> anyhow::Result<()> {
    let site = Site::start(postgres, "bookings").await?;
    for sql in SET_UP {
        sqlx::query(sql).execute(&site.pool).await?;
    }
    let mut lanes = Vec::new();
    for (n, (username, client)) in site::logins(&site.pool, LANES as i32).await?.into_iter().enumerate() {
        let session = Session::log_in(&site.base, &username).await?;
        let practitioner = site::practitioner(&site.pool, &format!("Lane {n}")).await?;
        lanes.push(Lane { session, client, practitioner });
    }
    sqlx::query(LANE_TABLE).execute(&site.pool).await?;
    sqlx::query("analyze").execute(&site.pool).await?;
    let service = site::service(&site.pool, "Bench").await?;

    println!(
        "at {LANES} connections, durable; the server also writes message, assignment and audit, and sends the mail:"
    );
    let first = (Utc::now().date_naive() + Days::new(1)).and_time(NaiveTime::MIN).and_utc();
    let book = |skip: usize| {
        let lanes = lanes.clone();
        move |connection: usize, time: usize| {
            let (lane, time) = (lanes[connection].clone(), time + skip);
            let starts_at =
                first + Days::new((time / EACH_DAY) as u64) + TimeDelta::minutes((time % EACH_DAY * 5) as i64);
            async move { lane.book(service, starts_at).await }
        }
    };
    load(LANES, 20, book(0)).await?;
    let over_http = load(LANES, TIMES, book(20)).await?;
    println!("  booked over HTTP           {over_http}");
    // Until the mail is out, so that Postgres is alone in what follows.
    let queued = "select count(*) from message where state = 'queued'";
    while sqlx::query_scalar::<_, i64>(queued).fetch_one(&site.pool).await? > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    match pgbench(&site.url).await? {
        Some(raw) => {
            println!("  inserted by pgbench        {raw:.0}/s, one row of appointment each, for {SECONDS} s");
            println!("  HTTP / pgbench             {:.2}", over_http.per_second() / raw);
        }
        None => println!("  pgbench is not installed: there is nothing to compare with"),
    }
    site.stop().await
}

/// Transactions a second; nothing where there is no pgbench.
async fn pgbench(url: &str) -> anyhow::Result<Option<f64>> {
    // sqlx adds a setting of its own, which libpq does not know.
    let (address, settings) = url.split_once('?').unwrap_or((url, ""));
    let settings: Vec<_> = settings.split('&').filter(|pair| !pair.starts_with("statement-cache-capacity")).collect();
    let url = format!("{address}?{}", settings.join("&"));
    let Some(program) = find_pgbench() else { return Ok(None) };
    let script = std::env::temp_dir().join(format!("kindred-bench-{}.sql", std::process::id()));
    std::fs::write(&script, INSERT)?;
    let mut command = Command::new(program);
    command
        .args(["-n", "-M", "prepared", "-c", &LANES.to_string(), "-j", "2", "-T", SECONDS, "-f"])
        .arg(&script)
        .arg(url);
    let output = command.output().await.context("running pgbench")?;
    std::fs::remove_file(&script)?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(output.status.success(), "pgbench failed: {}", String::from_utf8_lossy(&output.stderr));
    let rate = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    Ok(Some(rate.context("pgbench did not say its rate")?))
}

/// The one of the newest Postgres, or the first in PATH.
fn find_pgbench() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut installed: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    installed.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = installed.into_iter().rev().chain(std::env::split_paths(&path).collect::<Vec<_>>());
    folders.map(|folder| folder.join("pgbench")).find(|program| program.is_file())
}
