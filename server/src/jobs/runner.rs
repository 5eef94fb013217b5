//! Keeps jobs running: one that ends before the server stops, by a panic too, is
//! told of and started again.

use crate::health::Health;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Before the first new start; twice as long before each further one.
const PAUSE: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_mins(1);
/// A job that ran for so long is well again.
const STEADY: Duration = Duration::from_mins(5);

/// The jobs of a server.
pub struct Runner {
    jobs: JoinSet<()>,
    health: Health,
    stop: watch::Receiver<bool>,
    pause: Duration,
}

impl Runner {
    /// `stop` turns true, or its sender goes, when the jobs are to end.
    pub fn new(health: Health, stop: watch::Receiver<bool>) -> Runner {
        Runner { jobs: JoinSet::new(), health, stop, pause: PAUSE }
    }

    /// Runs `work` until it is told to stop.
    pub fn keep<F>(&mut self, job: &'static str, work: impl Fn(watch::Receiver<bool>) -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (health, mut stop, first) = (self.health.clone(), self.stop.clone(), self.pause);
        self.jobs.spawn(async move {
            let mut pause = first;
            loop {
                let began = Instant::now();
                let mut task = JoinSet::new();
                task.spawn(work(stop.clone()));
                let ended = task.join_next().await;
                if is_over(&stop) {
                    return;
                }
                let panicked = matches!(ended, Some(Err(_)));
                tracing::error!(job, panicked, "a job ended before its time and is started again");
                health.job_ended(job);
                if began.elapsed() > STEADY {
                    pause = first;
                }
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    _ = stop.wait_for(|stop| *stop) => return,
                }
                pause = (pause * 2).min(PAUSE_MAX);
            }
        });
    }

    /// Waits until all have ended.
    pub async fn ended(mut self) {
        while self.jobs.join_next().await.is_some() {}
    }
}

fn is_over(stop: &watch::Receiver<bool>) -> bool {
    *stop.borrow() || stop.has_changed().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test]
    async fn a_job_that_panics_is_started_again_and_counted() {
        let health = Health::default();
        let (stop, stopped) = watch::channel(false);
        let mut runner = Runner::new(health.clone(), stopped);
        runner.pause = Duration::from_millis(1);
        let started = Arc::new(AtomicUsize::new(0));
        let counted = started.clone();
        runner.keep("mail", move |mut stop| {
            let number = counted.fetch_add(1, Ordering::Relaxed);
            async move {
                assert!(number > 1, "the first two starts fail");
                let _ = stop.wait_for(|stop| *stop).await;
            }
        });
        while started.load(Ordering::Relaxed) < 3 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(Vec::from_iter(health.jobs_ended()), [("mail", 2)]);
        stop.send(true).expect("it listens");
        tokio::time::timeout(Duration::from_secs(10), runner.ended()).await.expect("it stops when it is told to");
    }
}
