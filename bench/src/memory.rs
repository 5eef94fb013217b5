//! Memory of the server process; its database is another.

use crate::figures::load;
use crate::http::Session;
use crate::site::{self, Site};
use std::time::Duration;

const CONNECTIONS: usize = 32;
const TIMES: usize = 100;

pub async fn run(postgres: &str) -> anyhow::Result<()> {
    let site = Site::start(postgres, "memory").await?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    println!("  idle, resident             {}", site.memory("VmRSS"));
    let service = site::service(&site.pool, "Family session").await?;
    let parent = Session::log_in(&site.base, "parent@demo.test").await?;
    let desk = Session::log_in(&site.base, "staff@demo.test").await?;
    let work = move |_, time: usize| {
        let (parent, desk) = (parent.clone(), desk.clone());
        async move {
            match time % 4 {
                0 => desk.page("/clients").await,
                1 => parent.page(&format!("/book?service={service}")).await,
                2 => desk.page("/calendar").await,
                _ => parent.page("/my/appointments").await,
            }
        }
    };
    let figures = load(CONNECTIONS, TIMES, work).await?;
    println!("  under load, resident       {}", site.memory("VmRSS"));
    println!("  peak                       {}", site.memory("VmHWM"));
    println!("  the load: four pages in turn at {CONNECTIONS} connections, {figures}");
    site.stop().await
}
