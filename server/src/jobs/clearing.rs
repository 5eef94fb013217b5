//! Clears what has expired, each hour.

use db::PgPool;
use std::time::Duration;
use tokio::sync::watch;

const INTERVAL: Duration = Duration::from_secs(60 * 60);

pub async fn run(pool: PgPool, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        clear(&pool).await;
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            changed = stop.changed() => if changed.is_err() { return },
        }
    }
}

async fn clear(pool: &PgPool) {
    told("sessions", db::accounts::sessions::delete_expired(pool).await);
    told("registrations", db::accounts::forget_registrations(pool).await);
    told("imports", db::import::tidy(pool).await);
    told("deleted activities", db::activities::tidy(pool).await);
}

/// One that fails keeps the others from nothing.
fn told<T>(what: &str, done: db::Result<T>) {
    if let Err(error) = done {
        tracing::error!(%error, what, "clearing");
    }
}
