//! Works on imports, beside the other jobs: a large one must not keep mail
//! waiting.

use db::PgPool;
use std::time::{Duration, Instant};
use tokio::sync::watch;

const SWEEP: Duration = Duration::from_millis(500);
const TIDY: Duration = Duration::from_secs(60 * 60);

/// Works until `stop` turns true or its sender is gone. What is under way then
/// is broken off: nothing of it is kept, and the next server begins it anew.
pub async fn run(pool: PgPool, mut stop: watch::Receiver<bool>) {
    let stopped = async move { while !*stop.borrow() && stop.changed().await.is_ok() {} };
    tokio::select! {
        () = stopped => {}
        () = work(pool) => {}
    }
}

async fn work(pool: PgPool) {
    let mut tidied: Option<Instant> = None;
    loop {
        match db::import::work(&pool).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "imports"),
        }
        if tidied.is_none_or(|at| at.elapsed() >= TIDY) {
            if let Err(error) = db::import::tidy(&pool).await {
                tracing::error!(%error, "clearing imports");
            }
            if let Err(error) = db::activities::tidy(&pool).await {
                tracing::error!(%error, "clearing deleted activities");
            }
            tidied = Some(Instant::now());
        }
        tokio::time::sleep(SWEEP).await;
    }
}
