//! What a client opens: the booking page with a week of free times, and *My appointments*.

use crate::figures::load;
use crate::http::Session;
use crate::site::{self, Site};

const TIMES: usize = 2_000;

pub async fn run(postgres: &str) -> anyhow::Result<()> {
    let site = Site::start(postgres, "portal").await?;
    sqlx::query("analyze").execute(&site.pool).await?;
    measure(&site).await?;
    site.stop().await
}

pub async fn measure(site: &Site) -> anyhow::Result<()> {
    let parent = Session::log_in(&site.base, "parent@demo.test").await?;
    let service = site::service(&site.pool, "Family session").await?;
    println!("the portal of a parent of two:");
    for (name, path) in
        [("booking page", format!("/book?service={service}")), ("My appointments", "/my/appointments".to_owned())]
    {
        let bytes = parent.get(&path, "identity").await?.body.len();
        for connections in [1, 8] {
            let (session, path) = (parent.clone(), path.clone());
            let figures = load(connections, TIMES / connections, move |_, _| {
                let (session, path) = (session.clone(), path.clone());
                async move { session.page(&path).await }
            })
            .await?;
            println!("  {name:16} {connections} at a time   {figures}");
        }
        println!("  {name:16} {bytes} bytes");
    }
    Ok(())
}
