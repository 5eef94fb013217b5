//! What a server does beside answering: it turns messages into copies and
//! sends them, works through changes of many clients and through imports, and
//! clears what has expired. Work is claimed in the database, so any number of
//! servers may do this at the same time. One runner keeps all of them going.
//!
//! There is a look each second rather than a `NOTIFY` by the writers: that
//! would make their commits wait for one another.

mod clearing;
mod runner;

pub use runner::Runner;

use crate::health::Health;
use crate::mail::{Mailer, send_due};
use db::PgPool;
use db::sealing::Sealer;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

const SWEEP: Duration = Duration::from_secs(1);

/// Starts all jobs. They work until `stop` turns true or its sender is gone; the
/// mail being sent and the row being changed are finished first. Without a mailer,
/// mail is kept for administrators. `sealer` opens the secret of the sender of text messages. `base_url`, for links, has no slash at its end.
pub fn start(
    pool: &PgPool,
    base_url: &str,
    mailer: Option<Mailer>,
    sealer: Arc<Sealer>,
    health: Health,
    stop: watch::Receiver<bool>,
) -> Runner {
    let mut runner = Runner::new(health, stop);
    let (mailing, base_url, mailer) = (pool.clone(), base_url.to_owned(), Arc::new(mailer));
    runner.keep("mail", move |stop| mail(mailing.clone(), base_url.clone(), mailer.clone(), sealer.clone(), stop));
    let changing = pool.clone();
    runner.keep("changes of many clients", move |stop| bulk_changes(changing.clone(), stop));
    let importing = pool.clone();
    runner.keep("imports", move |stop| crate::import::work(importing.clone(), stop));
    let settling = pool.clone();
    runner.keep("clock changes", move |stop| clock_changes(settling.clone(), stop));
    let waiting = pool.clone();
    runner.keep("waiting list", move |stop| waiting_list(waiting.clone(), stop));
    let ageing = pool.clone();
    runner.keep("coming of age", move |stop| coming_of_age(ageing.clone(), stop));
    let requesting = pool.clone();
    runner.keep("requests", move |stop| requests(requesting.clone(), stop));
    let clearing = pool.clone();
    runner.keep("clearing", move |stop| clearing::run(clearing.clone(), stop));
    runner
}

/// With a newer zone database upcoming appointments keep their time on the clock: at start, and
/// each hour for what a server with an older one books in the meantime.
async fn clock_changes(pool: PgPool, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        match db::appointments::settle(&pool, chrono::Utc::now()).await {
            Ok(settled) if settled.moved > 0 => tracing::info!(?settled, "appointments kept their local time"),
            Ok(settled) if settled.clashes > 0 => {
                tracing::warn!(?settled, "appointments could not keep their local time")
            }
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "clock changes"),
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(3_600)) => {}
            changed = stop.changed() => if changed.is_err() { return },
        }
    }
}

const COMING_OF_AGE: Duration = Duration::from_secs(60);

/// Ends what others may do for those who come of age: within a minute after midnight.
async fn coming_of_age(pool: PgPool, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        match db::links::coming_of_age::work(&pool, chrono::Utc::now()).await {
            Ok(0) => {}
            Ok(done) => tracing::info!(done, "people who come of age"),
            Err(error) => tracing::error!(%error, "coming of age"),
        }
        tokio::select! {
            () = tokio::time::sleep(COMING_OF_AGE) => {}
            changed = stop.changed() => if changed.is_err() { return },
        }
    }
}

const WAITING_LIST: Duration = Duration::from_secs(5);

/// Ends offers that no one answered, and offers what became free where the practice wants it.
async fn waiting_list(pool: PgPool, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        match db::waitlist::work(&pool).await {
            Ok(0) => {}
            Ok(done) => tracing::info!(done, "offers of the waiting list"),
            Err(error) => tracing::error!(%error, "the waiting list"),
        }
        tokio::select! {
            () = tokio::time::sleep(WAITING_LIST) => {}
            changed = stop.changed() => if changed.is_err() { return },
        }
    }
}

const REQUESTS: Duration = Duration::from_secs(60);

/// Services ask for their forms, and reminders go.
async fn requests(pool: PgPool, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        match db::requests::work(&pool).await {
            Ok(0) => {}
            Ok(done) => tracing::info!(done, "requests and reminders"),
            Err(error) => tracing::error!(%error, "requests"),
        }
        tokio::select! {
            () = tokio::time::sleep(REQUESTS) => {}
            changed = stop.changed() => if changed.is_err() { return },
        }
    }
}

/// Works through changes of many clients; mail does not wait for them.
async fn bulk_changes(pool: PgPool, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        match db::bulk::work_next(&pool).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "bulk changes"),
        }
        tokio::select! {
            () = tokio::time::sleep(SWEEP) => {}
            changed = stop.changed() => if changed.is_err() { return },
        }
    }
}

async fn mail(
    pool: PgPool,
    base_url: String,
    mailer: Arc<Option<Mailer>>,
    sealer: Arc<Sealer>,
    mut stop: watch::Receiver<bool>,
) {
    while !*stop.borrow() {
        if let Err(error) = send_due(&pool, &base_url, mailer.as_ref().as_ref(), &sealer, &stop).await {
            tracing::error!(%error, "mail");
        }
        tokio::select! {
            () = tokio::time::sleep(SWEEP) => {}
            changed = stop.changed() => if changed.is_err() { return },
        }
    }
}
