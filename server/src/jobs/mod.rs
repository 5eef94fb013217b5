//! What a server does beside answering: it turns messages into copies and
//! sends them, works through changes of many clients and through imports, and
//! clears what has expired. Work is claimed in the database, so any number of
//! servers may do this at once. One runner keeps all of them going.
//!
//! There is a look each second rather than a `NOTIFY` by the writers: that
//! would make their commits wait for one another.

mod clearing;
mod runner;

pub use runner::Runner;

use crate::health::Health;
use crate::mail::{Mailer, send_due};
use db::PgPool;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

const SWEEP: Duration = Duration::from_secs(1);

/// Starts all jobs. They work until `stop` turns true or its sender is gone; the
/// mail being sent and the row being changed are finished first. Without a mailer,
/// mail is kept for administrators. `base_url`, for links, has no slash at its end.
pub fn start(
    pool: &PgPool,
    base_url: &str,
    mailer: Option<Mailer>,
    health: Health,
    stop: watch::Receiver<bool>,
) -> Runner {
    let mut runner = Runner::new(health, stop);
    let (mailing, base_url, mailer) = (pool.clone(), base_url.to_owned(), Arc::new(mailer));
    runner.keep("mail", move |stop| mail(mailing.clone(), base_url.clone(), mailer.clone(), stop));
    let changing = pool.clone();
    runner.keep("changes of many clients", move |stop| bulk_changes(changing.clone(), stop));
    let importing = pool.clone();
    runner.keep("imports", move |stop| crate::import::work(importing.clone(), stop));
    let clearing = pool.clone();
    runner.keep("clearing", move |stop| clearing::run(clearing.clone(), stop));
    runner
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

async fn mail(pool: PgPool, base_url: String, mailer: Arc<Option<Mailer>>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if let Err(error) = send_due(&pool, &base_url, mailer.as_ref().as_ref(), &stop).await {
            tracing::error!(%error, "mail");
        }
        tokio::select! {
            () = tokio::time::sleep(SWEEP) => {}
            changed = stop.changed() => if changed.is_err() { return },
        }
    }
}
