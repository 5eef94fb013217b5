//! Whether the database answers and the background jobs run: what `/readyz`
//! says, and the gate before every page, which answers within a second while
//! the database does not.
//!
//! The database is asked five times a second over a connection of its own. While it does not
//! answer, requests under way are answered with 503 too.

use crate::plain::{self, wants_html};
use app::context::AppContext;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use db::pool::Probe;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// How often the database is asked whether it is there.
const INTERVAL: Duration = Duration::from_millis(200);
/// An answer that takes longer makes the database slow.
const SLOW: Duration = Duration::from_millis(600);
/// So long a request waits for a database that is slow.
const PATIENCE: Duration = Duration::from_millis(900);
/// A connection that has not answered for so long is given up.
const GIVEN_UP: Duration = Duration::from_secs(5);
/// Connections of the pool that were idle for a second are tried before they are
/// used. After this time no dead one is used untried.
const SETTLED: Duration = Duration::from_millis(1_200);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Database {
    Up,
    /// It may be gone, or the machine may be busy: requests go on, but none waits
    /// for long.
    Slow,
    Down,
}

/// Shared by the server, its jobs and the embedded Postgres. Of a router without
/// [`Health::watch`] the database is taken to be there.
#[derive(Clone)]
pub struct Health(Arc<Inner>);

struct Inner {
    database: watch::Sender<Database>,
    /// How often each job has ended before its time.
    ended: Mutex<BTreeMap<&'static str, u64>>,
    /// The zones in which Postgres has other clocks, a line each.
    clocks: Mutex<Vec<String>>,
}

impl Default for Health {
    fn default() -> Self {
        Health(Arc::new(Inner {
            database: watch::Sender::new(Database::Up),
            ended: Mutex::default(),
            clocks: Mutex::default(),
        }))
    }
}

impl Health {
    /// The database is known to have ended.
    pub fn database_ended(&self) {
        self.set(Database::Down);
    }

    /// A job ended before its time.
    pub fn job_ended(&self, job: &'static str) {
        *self.0.ended.lock().unwrap_or_else(PoisonError::into_inner).entry(job).or_default() += 1;
    }

    /// How often each job has ended before its time, of those that have.
    pub fn jobs_ended(&self) -> BTreeMap<&'static str, u64> {
        self.0.ended.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The zones in which Postgres has other clocks than the zone database in use.
    pub fn clocks_differ(&self, lines: Vec<String>) {
        *self.0.clocks.lock().unwrap_or_else(PoisonError::into_inner) = lines;
    }

    fn set(&self, now: Database) {
        let changed = self.0.database.send_if_modified(|state| std::mem::replace(state, now) != now);
        match now {
            Database::Down if changed => tracing::error!("the database does not answer: pages say so"),
            Database::Up if changed => tracing::info!("the database answers"),
            _ => {}
        }
    }

    /// Asks the database again and again, over a connection of its own. Never ends.
    pub async fn watch(self, url: String) {
        let mut down = None::<Instant>;
        loop {
            match timeout(GIVEN_UP, Probe::connect(&url)).await {
                Ok(Ok(probe)) => {
                    self.follow(probe, down).await;
                    down = Some(Instant::now());
                }
                // It is there, and has no connection left for us.
                Ok(Err(error)) if Probe::is_crowded(&error) => self.set(Database::Slow),
                Ok(Err(_)) | Err(_) => {
                    down.get_or_insert_with(Instant::now);
                    self.set(Database::Down);
                }
            }
            sleep(INTERVAL).await;
        }
    }

    /// Until the connection is lost. `down`: since when there was none.
    async fn follow(&self, mut probe: Probe, down: Option<Instant>) {
        loop {
            let asked = probe.ask();
            tokio::pin!(asked);
            let answer = match timeout(SLOW, &mut asked).await {
                Ok(answer) => answer.is_ok(),
                Err(_) => {
                    if *self.0.database.borrow() == Database::Up {
                        self.set(Database::Slow);
                    }
                    timeout(GIVEN_UP, asked).await.is_ok_and(|answer| answer.is_ok())
                }
            };
            if !answer {
                return self.set(Database::Down);
            }
            if down.is_none_or(|since| since.elapsed() > SETTLED) {
                self.set(Database::Up);
            }
            sleep(INTERVAL).await;
        }
    }
}

/// Before every page and server function: without a database they answer 503,
/// also those that were under way when it went.
pub async fn gate(State(health): State<Health>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let html = wants_html(request.headers());
    let mut database = health.0.database.subscribe();
    let answer = next.run(request);
    tokio::pin!(answer);
    let response = loop {
        let left = match *database.borrow_and_update() {
            Database::Down => return plain::unavailable(html),
            Database::Slow => Some(PATIENCE.saturating_sub(began.elapsed())),
            Database::Up => None,
        };
        let late = async {
            match left {
                Some(left) => sleep(left).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            response = &mut answer => break response,
            _ = database.changed() => {}
            () = late => return plain::unavailable(html),
        }
    };
    // A failure may be the first that is noticed of its end.
    if response.status() == StatusCode::INTERNAL_SERVER_ERROR
        && timeout(INTERVAL * 2, database.wait_for(|state| *state == Database::Down)).await.is_ok()
    {
        return plain::unavailable(html);
    }
    response
}

/// 200 once the database answers. A job that had to be started again and clocks that differ are
/// named; the server can be used all the same.
pub async fn ready(State(app): State<AppContext>, State(health): State<Health>) -> Response {
    let down = *health.0.database.borrow() == Database::Down;
    if down || !matches!(timeout(PATIENCE, db::practice::practice(&app.pool)).await, Ok(Ok(_))) {
        return plain::unavailable(false);
    }
    let ended = health.jobs_ended();
    let jobs: Vec<String> = ended.iter().map(|(job, times)| format!("{job} ({times})")).collect();
    let first = match jobs.is_empty() {
        true => "ready".to_owned(),
        false => format!("degraded: started again: {}", jobs.join(", ")),
    };
    let zones = db::time::in_use();
    let mut lines = vec![first, format!("time zone database {} ({})", zones.version, zones.source)];
    let clocks = health.0.clocks.lock().unwrap_or_else(PoisonError::into_inner).clone();
    lines.extend(clocks.into_iter().map(|line| format!("clocks of Postgres: {line}")));
    lines.join("\n").into_response()
}
