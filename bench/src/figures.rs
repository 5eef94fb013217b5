//! Load from several connections, and its figures.

use std::fmt;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// How long requests took, and all of them together.
pub struct Figures {
    sorted: Vec<Duration>,
    took: Duration,
}

impl Figures {
    pub fn new(mut each: Vec<Duration>, took: Duration) -> Figures {
        each.sort();
        Figures { sorted: each, took }
    }

    fn percentile(&self, percent: usize) -> Duration {
        let rank = (self.sorted.len() * percent).div_ceil(100).max(1);
        self.sorted.get(rank - 1).copied().unwrap_or_default()
    }

    pub fn per_second(&self) -> f64 {
        self.sorted.len() as f64 / self.took.as_secs_f64()
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |percent| self.percentile(percent).as_secs_f64() * 1000.0;
        let (count, rate) = (self.sorted.len(), self.per_second());
        write!(f, "p50 {:.2} ms   p99 {:.2} ms   max {:.2} ms   {rate:.0}/s, {count} in all", ms(50), ms(99), ms(100))
    }
}

/// Does `work` on the given number of connections at the same time, each `times` times in a row.
/// `work` gets the connection and the number of the time.
pub async fn load<W, F>(connections: usize, times: usize, work: W) -> anyhow::Result<Figures>
where
    W: Fn(usize, usize) -> F + Clone + Send + 'static,
    F: Future<Output = anyhow::Result<()>> + Send,
{
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for connection in 0..connections {
        let work = work.clone();
        tasks.spawn(async move {
            let mut each = Vec::with_capacity(times);
            for time in 0..times {
                let asked = Instant::now();
                work(connection, time).await?;
                each.push(asked.elapsed());
            }
            anyhow::Ok(each)
        });
    }
    let mut each = Vec::new();
    for done in tasks.join_all().await {
        each.extend(done?);
    }
    Ok(Figures::new(each, started.elapsed()))
}
