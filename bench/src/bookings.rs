//! Bookings a second over HTTP at 1, 16 and 64 connections, beside what Postgres itself does of
//! the same insert. Each connection books for a person and with a practitioner of its own, so
//! that no one waits for another's diary.

use crate::figures::load;
use crate::http::Session;
use crate::site::{self, Site};
use anyhow::{Context, ensure};
use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use shared::appointments::instant_text;
use shared::{ClientId, ServiceId, StaffId};
use std::path::PathBuf;
use tokio::process::Command;

const LANES: usize = 64;
/// Connections, the first of their lanes, and how often each books, at times of its own. With
/// those before them at most as many as a person may have upcoming.
const RUNS: [Run; 3] = [
    Run { connections: 1, lane: 16, skip: 10, times: 120 },
    Run { connections: 16, lane: 0, skip: 10, times: 120 },
    Run { connections: 64, lane: 0, skip: 130, times: 60 },
];
const WARM: Run = Run { connections: LANES, lane: 0, skip: 0, times: 10 };
const SECONDS: &str = "10";

/// A practitioner and a client for each connection, always open, in UTC.
const SET_UP: [&str; 8] = [
    "update practice set portal_bookings_max = 200, slot_step_minutes = 5",
    "update location set zone = 'UTC'",
    "insert into service (id, name, duration_minutes) values (gen_random_uuid(), 'Bench', 5)",
    "insert into staff_member (id, first_name, last_name, email, roles)
     select gen_random_uuid(), 'Lane ' || n, 'Bench', 'lane' || n || '@example.com', array['practitioner']
       from generate_series(0, 63) n",
    "insert into weekly_hours (id, practitioner_id, location_id, weekday, starts, ends)
     select gen_random_uuid(), s.id, l.id, d, 0, 1435
       from staff_member s, location l, generate_series(1, 7) d where s.last_name = 'Bench'",
    "insert into service_practitioner
     select v.id, s.id from service v, staff_member s where v.name = 'Bench' and s.last_name = 'Bench'",
    "create sequence bench_time",
    // Mail of an earlier year, told: statements are planned as in a practice that has been open.
    "insert into message (id, kind, appointment_id, participant_id, subject_version, state, due_at, created_at, finished_at)
     select gen_random_uuid(), 'change', p.appointment_id, p.id, -n, 'done', at, at, at
       from appointment_participant p, generate_series(1, 40) n, (select now() - interval '400 days' as at) t",
];

/// For pgbench: the clients its connections insert for, as those of HTTP.
const LANE_TABLE: &str = "
    create table bench_lane as
    select n as lane, p.id as practitioner, c.id as client, l.id as location, v.id as service
      from generate_series(0, 63) n
      join staff_member p on p.first_name = 'Lane ' || n
      join client c on c.code = ('ZZ' || n)::citext, location l, service v
     where v.name = 'Bench'";

const INSERT: &str = "with lane as (select l.*, t.at from bench_lane l, \
     (select timestamptz '2040-01-01' + nextval('bench_time') * interval '5 minutes' as at) t where l.lane = :client_id), \
     made as (insert into appointment (id, service_id, practitioner_id, location_id, starts_at, ends_at, \
     starts_local, zone, tzdb, buffer_minutes, price_cents, request_key, booked_by) \
     select gen_random_uuid(), l.service, l.practitioner, l.location, l.at, l.at + interval '5 minutes', \
     l.at at time zone 'UTC', 'UTC', 'bench', 0, 0, gen_random_uuid(), l.client from lane l returning *) \
     insert into appointment_participant (id, appointment_id, client_id, starts_at, ends_at, blocks, booked_by) \
     select gen_random_uuid(), m.id, l.client, m.starts_at, m.ends_at, m.blocks, l.client from made m, lane l;\n";

#[derive(Clone, Copy)]
struct Run {
    connections: usize,
    lane: usize,
    skip: usize,
    times: usize,
}

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
    let mut site = Site::start(postgres, "bookings").await?;
    measure(&mut site).await?;
    site.stop().await
}

/// Stops the server at last, so that Postgres is alone for its own figures.
pub async fn measure(site: &mut Site) -> anyhow::Result<()> {
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

    println!("durable; the server also writes message, assignment and audit, and sends the mail:");
    let first = (Utc::now().date_naive() + Days::new(1)).and_time(NaiveTime::MIN).and_utc();
    let book = |run: Run| {
        let lanes = lanes.clone();
        move |connection: usize, time: usize| {
            let lane = lanes[run.lane + connection].clone();
            let starts_at = first + TimeDelta::minutes(((run.skip + time) * 5) as i64);
            async move { lane.book(service, starts_at).await }
        }
    };
    load(WARM.connections, WARM.times, book(WARM)).await?;
    let mut booked = Vec::new();
    for run in RUNS {
        let figures = load(run.connections, run.times, book(run)).await?;
        println!("  {:2} connections, over HTTP    {figures}", run.connections);
        booked.push(figures.per_second());
    }
    site.halt().await?;
    for (run, over_http) in RUNS.into_iter().zip(booked) {
        match pgbench(&site.url, run.connections).await? {
            Some(raw) => println!(
                "  {:2} connections, pgbench      {raw:.0}/s, appointment and participant each, for {SECONDS} s; HTTP / pgbench {:.2}",
                run.connections,
                over_http / raw
            ),
            None => println!("  pgbench is not installed: there is nothing to compare with"),
        }
    }
    Ok(())
}

/// Transactions a second; nothing where there is no pgbench.
async fn pgbench(url: &str, connections: usize) -> anyhow::Result<Option<f64>> {
    // sqlx adds a setting of its own, which libpq does not know.
    let (address, settings) = url.split_once('?').unwrap_or((url, ""));
    let settings: Vec<_> = settings.split('&').filter(|pair| !pair.starts_with("statement-cache-capacity")).collect();
    let url = format!("{address}?{}", settings.join("&"));
    let Some(program) = find_pgbench() else { return Ok(None) };
    let script = std::env::temp_dir().join(format!("kindred-bench-{}.sql", std::process::id()));
    std::fs::write(&script, INSERT)?;
    let mut command = Command::new(program);
    command
        .args([
            "-n",
            "-M",
            "prepared",
            "-c",
            &connections.to_string(),
            "-j",
            &connections.min(2).to_string(),
            "-T",
            SECONDS,
            "-f",
        ])
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
