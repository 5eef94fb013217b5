//! The free times of three practitioners on thirty days, in this process.

use crate::figures::Figures;
use crate::site;
use anyhow::ensure;
use chrono::{Days, Utc};
use db::slots::{FreeQuery, free_days};
use std::time::Instant;

const TIMES: usize = 1_000;

pub async fn run(postgres: &str) -> anyhow::Result<()> {
    let (url, own) = site::database(postgres, "free_times").await?;
    ensure!(db::demo::seed(&own, Utc::now()).await?, "the demo practice was not loaded");
    sqlx::query("analyze").execute(&own).await?;
    let pool = db::connect(&url, 8).await?;
    let (now, first) = (Utc::now(), Utc::now().date_naive());
    let query = FreeQuery {
        service: site::service(&own, "Family session").await?,
        practitioner: None,
        client: Some(site::client(&own, "parent@demo.test").await?),
        first,
        last: first + Days::new(29),
        portal: true,
    };
    let found: usize = free_days(&pool, query, now).await?.iter().map(|day| day.times.len()).sum();
    let (started, mut each) = (Instant::now(), Vec::new());
    for _ in 0..TIMES {
        let asked = Instant::now();
        free_days(&pool, query, now).await?;
        each.push(asked.elapsed());
    }
    println!("db::slots::free_days, 3 practitioners, 30 days, {found} free times, one after the other:");
    println!("  {}", Figures::new(each, started.elapsed()));
    pool.close().await;
    site::throw_away(&url, own).await
}
