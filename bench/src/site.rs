//! A server process on a database of its own, with the demo practice.

use crate::http::Session;
use anyhow::{Context, bail};
use db::PgPool;
use shared::{ClientId, ServiceId, StaffId};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions};
use std::net::TcpListener;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};

const SERVER: &str = "target/release/kindred";

pub struct Site {
    pub base: String,
    /// The address of the database.
    pub url: String,
    pub pool: PgPool,
    process: Child,
}

impl Site {
    /// Starts the server on a new database called `kindred_bench_{name}`.
    pub async fn start(postgres: &str, name: &str) -> anyhow::Result<Site> {
        let (url, pool) = database(postgres, name).await?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let log = format!("target/bench-{name}.log");
        let process = Command::new(SERVER)
            .args(["serve", "--demo", "--listen", &format!("127.0.0.1:{port}"), "--site-root", "target/site"])
            .env("DATABASE_URL", &url)
            .env("KINDRED_LOGIN_BURST", "0")
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&log)?)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("starting {SERVER}"))?;
        let mut site = Site { base: format!("http://127.0.0.1:{port}"), url, pool, process };
        let (visitor, asked) = (Session::new(&site.base), Instant::now());
        while !visitor.get("/readyz", "identity").await.is_ok_and(|answer| answer.status.is_success()) {
            if asked.elapsed() > Duration::from_secs(60) || site.process.try_wait()?.is_some() {
                bail!("the server did not start");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        println!(
            "the server was ready in {} ms, with the demo practice; its log is {log}",
            asked.elapsed().as_millis()
        );
        Ok(site)
    }

    /// A line of the process's status in kB, such as `VmRSS`.
    pub fn memory(&self, name: &str) -> String {
        let id = self.process.id().unwrap_or_default();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
    }

    /// Ends the server alone.
    pub async fn halt(&mut self) -> anyhow::Result<()> {
        Ok(self.process.kill().await?)
    }

    /// Ends the server and throws its database away.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.process.kill().await?;
        throw_away(&self.url, self.pool).await
    }
}

/// Drops the database of `pool`.
pub async fn throw_away(url: &str, pool: PgPool) -> anyhow::Result<()> {
    pool.close().await;
    let options = url.parse::<PgConnectOptions>()?;
    let name = options.get_database().unwrap_or_default().to_owned();
    let admin = PgPool::connect_with(options.database("postgres")).await?;
    let sql = format!("drop database if exists {name} with (force)");
    sqlx::query(AssertSqlSafe(sql)).execute(&admin).await?;
    admin.close().await;
    Ok(())
}

/// A new, empty, migrated database.
pub async fn database(postgres: &str, name: &str) -> anyhow::Result<(String, PgPool)> {
    let options = postgres.parse::<PgConnectOptions>()?;
    let admin = PgPool::connect_with(options.clone()).await?;
    let name = format!("kindred_bench_{name}");
    for sql in [format!("drop database if exists {name} with (force)"), format!("create database {name}")] {
        sqlx::query(AssertSqlSafe(sql)).execute(&admin).await?;
    }
    admin.close().await;
    let options = options.database(&name);
    let pool = PgPool::connect_with(options.clone()).await?;
    db::pool::migrate(&pool).await?;
    Ok((options.to_url_lossy().to_string(), pool))
}

pub async fn service(pool: &PgPool, name: &str) -> anyhow::Result<ServiceId> {
    Ok(ServiceId(sqlx::query_scalar("select id from service where name = $1").bind(name).fetch_one(pool).await?))
}

pub async fn practitioner(pool: &PgPool, first: &str) -> anyhow::Result<StaffId> {
    Ok(StaffId(
        sqlx::query_scalar("select id from staff_member where first_name = $1").bind(first).fetch_one(pool).await?,
    ))
}

pub async fn client(pool: &PgPool, username: &str) -> anyhow::Result<ClientId> {
    let sql = "select client_id from account where username = $1::citext";
    Ok(ClientId(sqlx::query_scalar(sql).bind(username).fetch_one(pool).await?))
}

/// Log-ins `bench0@demo.test`, `bench1@demo.test` … for the given number of new clients.
pub async fn logins(pool: &PgPool, count: i32) -> anyhow::Result<Vec<(String, ClientId)>> {
    let clients = "insert into client (id, kind, code, first_name, last_name, zone)
         select gen_random_uuid(), 'individual', 'ZZ' || n, 'Bench', 'Client ' || n, 'America/Toronto'
           from generate_series(0, $1 - 1) n";
    sqlx::query(clients).bind(count).execute(pool).await?;
    let accounts = "insert into account (id, username, client_id, password_hash)
         select gen_random_uuid(), 'bench' || substr(c.code::text, 3) || '@demo.test', c.id, a.password_hash
           from client c, account a where c.first_name = 'Bench' and a.username = 'parent@demo.test'";
    sqlx::query(accounts).execute(pool).await?;
    let mut logins = Vec::new();
    for n in 0..count {
        let username = format!("bench{n}@demo.test");
        let id = client(pool, &username).await?;
        logins.push((username, id));
    }
    Ok(logins)
}
