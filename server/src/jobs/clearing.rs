//! What is done by the clock: reminders and the days of practitioners are queued and
//! held times cleared each minute,
//! everything else that has expired each hour.

use db::PgPool;
use std::time::Duration;
use tokio::sync::watch;

const INTERVAL: Duration = Duration::from_secs(60);
/// How many intervals lie between two looks at everything.
const HOUR: u32 = 60;

pub async fn run(pool: PgPool, mut stop: watch::Receiver<bool>) {
    let mut round = 0;
    while !*stop.borrow() {
        told("reminders", db::messages::reminders::enqueue(&pool).await);
        told("days ahead", db::messages::day::enqueue(&pool, chrono::Utc::now()).await);
        told("held times", db::appointments::clear_holds(&pool).await);
        if round % HOUR == 0 {
            clear(&pool).await;
        }
        round = (round + 1) % HOUR;
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            changed = stop.changed() => if changed.is_err() { return },
        }
    }
}

async fn clear(pool: &PgPool) {
    told("sessions", db::accounts::sessions::delete_expired(pool).await);
    told("half logins", db::accounts::forget_ceremonies(pool).await);
    told("wrong passwords", db::accounts::forget_failures(pool).await);
    told("registrations", db::accounts::forget_registrations(pool).await);
    told("old addresses", db::accounts::forget_address_undos(pool).await);
    told("imports", db::import::tidy(pool).await);
    told("deleted activities", db::activities::tidy(pool).await);
}

/// One that fails keeps the others from nothing.
fn told<T>(what: &str, done: db::Result<T>) {
    if let Err(error) = done {
        tracing::error!(%error, what, "clearing");
    }
}
