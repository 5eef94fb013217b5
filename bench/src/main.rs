//! `make bench`: measures the release build of the server, on databases of its
//! own in a durable Postgres. It prints figures and asserts nothing.

mod bookings;
mod calendar;
mod clients;
mod export;
mod feed;
mod figures;
mod first_load;
mod free_times;
mod http;
mod import;
mod memory;
mod million;
mod portal;
mod race;
mod site;

use anyhow::{Context, bail, ensure};
use db::PgPool;
use std::fs;

const SECTIONS: [&str; 12] = [
    "first-load",
    "clients",
    "free-times",
    "bookings",
    "calendar",
    "portal",
    "feed",
    "memory",
    "race",
    "import",
    "export",
    "million",
];

// One thread, so that the server and Postgres are left most of the machine.
#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    if let Some(unknown) = asked.iter().find(|name| !SECTIONS.contains(&name.as_str())) {
        bail!("there is no section {unknown:?}; there are {}", SECTIONS.join(", "));
    }
    let url = std::env::var("DATABASE_URL").context("DATABASE_URL says which Postgres to use")?;
    machine();
    database(&url).await?;
    let mut failed = Vec::new();
    for section in SECTIONS.into_iter().filter(|name| asked.is_empty() || asked.iter().any(|wanted| wanted == name)) {
        println!("\n== {section}    (scripts/bench {section})");
        let measured = match section {
            "first-load" => first_load::run(&url).await,
            "clients" => clients::run(&url).await,
            "free-times" => free_times::run(&url).await,
            "bookings" => bookings::run(&url).await,
            "calendar" => calendar::run(&url).await,
            "portal" => portal::run(&url).await,
            "feed" => feed::run(&url).await,
            "million" => million::run(&url).await,
            "memory" => memory::run(&url).await,
            "import" => import::run(&url).await,
            "export" => export::run(&url).await,
            _ => race::run(&url).await,
        };
        if let Err(error) = measured {
            println!("  could not be measured: {error:#}");
            failed.push(section);
        }
    }
    ensure!(failed.is_empty(), "not measured: {}", failed.join(", "));
    Ok(())
}

/// What the figures were measured on: they mean nothing without it.
fn machine() {
    let value = |file: &str, name: &str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_once(':').map_or_else(|| "unknown".to_owned(), |(_, value)| value.trim().to_owned())
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    println!("command   scripts/bench {}", std::env::args().skip(1).collect::<Vec<_>>().join(" "));
    println!(
        "machine   {}, {cores} cores, memory {}",
        value("/proc/cpuinfo", "model name"),
        value("/proc/meminfo", "MemTotal")
    );
    println!("          server, Postgres and this client share them");
}

async fn database(url: &str) -> anyhow::Result<()> {
    let pool = PgPool::connect(url).await?;
    let show = "select 'PostgreSQL ' || current_setting('server_version') || ', fsync ' || current_setting('fsync')
             || ', synchronous_commit ' || current_setting('synchronous_commit')
             || ', full_page_writes ' || current_setting('full_page_writes')";
    println!("database  {}", sqlx::query_scalar::<_, String>(show).fetch_one(&pool).await?);
    pool.close().await;
    Ok(())
}
