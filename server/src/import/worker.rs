//! Works on imports, beside the other jobs: a large one must not keep mail
//! waiting.

use db::PgPool;
use std::time::Duration;
use tokio::sync::watch;

const SWEEP: Duration = Duration::from_millis(500);

/// Works until `stop` turns true or its sender is gone. What is under way then
/// is broken off: nothing of it is kept, and the next server begins it again.
pub async fn run(pool: PgPool, mut stop: watch::Receiver<bool>) {
    let stopped = async move { while !*stop.borrow() && stop.changed().await.is_ok() {} };
    tokio::select! {
        () = stopped => {}
        () = work(pool) => {}
    }
}

async fn work(pool: PgPool) {
    loop {
        match db::import::work(&pool).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "imports"),
        }
        tokio::time::sleep(SWEEP).await;
    }
}
