//! 64 clients, 5,000 attempts at 50 free times of one practitioner.

use crate::figures::Figures;
use crate::http::Session;
use crate::site::{self, Site};
use anyhow::ensure;
use chrono::{DateTime, Days, TimeDelta, Utc};
use db::PgPool;
use db::appointments::free_times::{FreeQuery, free_days};
use shared::appointments::{instant, instant_text};
use shared::{ClientId, ServiceId, StaffId};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const RACERS: usize = 64;
const ATTEMPTS: usize = 5_000;
const TIMES: usize = 50;

#[derive(Clone)]
struct Racer {
    session: Session,
    staff: bool,
    client: ClientId,
}

/// What they are all after.
#[derive(Clone)]
struct Prize {
    service: ServiceId,
    practitioner: StaffId,
    times: Arc<[DateTime<Utc>]>,
}

struct Attempt {
    aim: usize,
    status: u16,
    took: Duration,
}

pub async fn run(postgres: &str) -> anyhow::Result<()> {
    let site = Site::start(postgres, "race").await?;
    let prize = prize(&site.pool).await?;
    let racers = racers(&site).await?;

    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for (which, racer) in racers.into_iter().enumerate() {
        let prize = prize.clone();
        let attempts = ATTEMPTS / RACERS + usize::from(which < ATTEMPTS % RACERS);
        tasks.spawn(async move {
            let mut done = Vec::new();
            for n in 0..attempts {
                // All go for the first time, then all for the second …
                done.push(racer.attempt(&prize, n * TIMES / attempts).await?);
            }
            anyhow::Ok(done)
        });
    }
    let mut attempts = Vec::new();
    for done in tasks.join_all().await {
        attempts.extend(done?);
    }
    report(&site.pool, &attempts, started.elapsed()).await?;
    site.stop().await
}

impl Racer {
    async fn attempt(&self, prize: &Prize, aim: usize) -> anyhow::Result<Attempt> {
        let starts_at = instant_text(prize.times[aim]);
        let practitioner = prize.practitioner.to_string();
        let (action, page) = if self.staff { ("appointments", "/calendar") } else { ("portal", "/book") };
        let fields = [
            ("_page", page.to_owned()),
            ("form[service]", prize.service.to_string()),
            ("form[client]", self.client.to_string()),
            ("form[request_key]", db::new_id().to_string()),
            ("form[slot]", format!("{starts_at} {practitioner}")),
            ("form[starts_at]", starts_at),
            ("form[practitioner]", practitioner),
        ];
        let asked = Instant::now();
        let answer = self.session.post(&format!("/fn/{action}/book"), &fields).await?;
        Ok(Attempt { aim, status: answer.status.as_u16(), took: asked.elapsed() })
    }
}

/// Times that do not touch one another, after the demo's own appointments.
async fn prize(pool: &PgPool) -> anyhow::Result<Prize> {
    let service = site::service(pool, "Family session").await?;
    let practitioner = site::practitioner(pool, "Dr. Priya").await?;
    let now = Utc::now();
    let first = now.date_naive() + Days::new(16);
    let last = first + Days::new(60);
    let query = FreeQuery { service, practitioner: Some(practitioner), client: None, first, last, portal: true };
    let mut times: Vec<DateTime<Utc>> = Vec::new();
    for time in free_days(pool, query, now).await?.iter().flat_map(|day| &day.times) {
        let time = instant(&time.starts_at).map_err(|problem| anyhow::anyhow!("{problem}"))?;
        if times.last().is_none_or(|last| time >= *last + TimeDelta::minutes(90)) {
            times.push(time);
        }
    }
    ensure!(times.len() >= TIMES, "only {} free times", times.len());
    times.truncate(TIMES);
    Ok(Prize { service, practitioner, times: times.into() })
}

/// A quarter are the front desk for anyone, some are parents for the same
/// child, the rest book for themselves.
async fn racers(site: &Site) -> anyhow::Result<Vec<Racer>> {
    let sql = "select id from client where first_name = 'Leo' and last_name = 'Okafor'";
    let leo = ClientId(sqlx::query_scalar(sql).fetch_one(&site.pool).await?);
    let desk = Session::log_in(&site.base, "staff@demo.test").await?;
    let parent = Session::log_in(&site.base, "parent@demo.test").await?;
    let partner = Session::log_in(&site.base, "partner@demo.test").await?;
    let mut racers = Vec::new();
    for (n, (username, client)) in site::logins(&site.pool, RACERS as i32).await?.into_iter().enumerate() {
        racers.push(match n % 8 {
            0 | 1 => Racer { session: desk.clone(), staff: true, client },
            2 => Racer { session: parent.clone(), staff: false, client: leo },
            3 => Racer { session: partner.clone(), staff: false, client: leo },
            _ => Racer { session: Session::log_in(&site.base, &username).await?, staff: false, client },
        });
    }
    Ok(racers)
}

async fn report(pool: &PgPool, attempts: &[Attempt], took: Duration) -> anyhow::Result<()> {
    let mut statuses = BTreeMap::new();
    let mut winners = [0; TIMES];
    for attempt in attempts {
        *statuses.entry(attempt.status).or_insert(0) += 1;
        winners[attempt.aim] += usize::from(attempt.status == 303);
    }
    let one = winners.iter().filter(|won| **won == 1).count();
    let sql = "select count(*) filter (where a.practitioner_id = b.practitioner_id),
                      count(*) filter (where a.client_id = b.client_id),
                      (select deadlocks from pg_stat_database where datname = current_database())
                 from visit a join visit b on a.id < b.id
                  and (a.practitioner_id = b.practitioner_id or a.client_id = b.client_id)
                  and a.starts_at < b.ends_at and b.starts_at < a.ends_at
                where a.status = 'confirmed' and b.status = 'confirmed'";
    let (practitioner, person, deadlocks): (i64, i64, i64) = sqlx::query_as(sql).fetch_one(pool).await?;
    println!("{RACERS} clients over HTTP, {ATTEMPTS} attempts at {TIMES} free times, in {:.1} s:", took.as_secs_f64());
    println!("  times with one winner      {one} of {TIMES}");
    println!("  overlaps                   {practitioner} of a practitioner, {person} of a person");
    println!("  answers                    {statuses:?}    (303 booked, 409 told that it is taken)");
    println!("  deadlocks                  {deadlocks}");
    println!("  {}", Figures::new(attempts.iter().map(|attempt| attempt.took).collect(), took));
    Ok(())
}
