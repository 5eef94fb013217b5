//! Free times in this process: the thirty days of the demo's three practitioners, a week of five,
//! and ninety days of five with times each five minutes.

use crate::figures::Figures;
use crate::site;
use anyhow::ensure;
use chrono::{Days, NaiveDate, Utc};
use db::PgPool;
use db::appointments::free_times::{FreeQuery, free_days};
use std::time::Instant;

const TIMES: usize = 1_000;
/// No more days are answered in one call.
const AT_ONCE: u64 = 62;

/// A service of five practitioners with full weeks.
const ROWS: [&str; 4] = [
    "insert into service (id, name, duration_minutes, step_minutes) values (gen_random_uuid(), 'Dense', 50, 5)",
    "insert into staff_member (id, first_name, last_name, email, roles)
     select gen_random_uuid(), 'Dense', 'Practitioner ' || n, 'dense' || n || '@example.com', '{practitioner}' from generate_series(1, 5) n",
    "insert into weekly_hours (id, practitioner_id, location_id, weekday, starts, ends)
     select gen_random_uuid(), m.id, (select id from location limit 1), d, 480, 1080
       from staff_member m, generate_series(1, 7) d where m.first_name = 'Dense'",
    "insert into service_practitioner (service_id, practitioner_id)
     select v.id, s.id from service v, staff_member s where v.name = 'Dense' and s.first_name = 'Dense'",
];

pub async fn run(postgres: &str) -> anyhow::Result<()> {
    let (url, own) = site::database(postgres, "free_times").await?;
    ensure!(demo::seed(&own, Utc::now()).await?, "the demo practice was not loaded");
    measure(&url, &own).await?;
    site::throw_away(&url, own).await
}

/// Of a database that holds the demo practice.
pub async fn measure(url: &str, own: &PgPool) -> anyhow::Result<()> {
    for sql in ROWS {
        sqlx::query(sql).execute(own).await?;
    }
    sqlx::query("analyze").execute(own).await?;
    let pool = db::connect(url, 8).await?;
    let first = Utc::now().date_naive();
    let family = FreeQuery {
        service: site::service(own, "Family session").await?,
        practitioner: None,
        client: Some(site::client(own, "parent@demo.test").await?),
        first,
        last: first,
        portal: true,
    };
    let dense = FreeQuery { service: site::service(own, "Dense").await?, client: None, ..family };
    println!("db::appointments::free_times::free_days, one after the other:");
    time(&pool, "3 practitioners, 30 days", family, 30).await?;
    let step: i16 = sqlx::query_scalar("select slot_step_minutes from practice").fetch_one(own).await?;
    let set = "update practice set slot_step_minutes = $1";
    sqlx::query(set).bind(5_i16).execute(own).await?;
    time(&pool, "5 practitioners, a week", dense, 7).await?;
    time(&pool, "5 practitioners, 90 days", dense, 90).await?;
    sqlx::query(set).bind(step).execute(own).await?;
    pool.close().await;
    Ok(())
}

async fn time(pool: &PgPool, name: &str, query: FreeQuery, days: u64) -> anyhow::Result<()> {
    let now = Utc::now();
    let ask = async || -> anyhow::Result<usize> {
        let mut found = 0;
        let mut first = query.first;
        let end: NaiveDate = query.first + Days::new(days);
        while first < end {
            let last = (first + Days::new(AT_ONCE - 1)).min(end - Days::new(1));
            let answer = free_days(pool, FreeQuery { first, last, ..query }, now).await?;
            found += answer.iter().map(|day| day.times.len()).sum::<usize>();
            first = last + Days::new(1);
        }
        Ok(found)
    };
    let found = ask().await?;
    let (started, mut each) = (Instant::now(), Vec::new());
    for _ in 0..if days > 60 { TIMES / 10 } else { TIMES } {
        let asked = Instant::now();
        ask().await?;
        each.push(asked.elapsed());
    }
    println!("  {name:26} {}; {found} free times", Figures::new(each, started.elapsed()));
    Ok(())
}
