//! Every page, asked for by many at the same time over real connections.

use super::table::PAGES;
use super::world::{ACTORS, World};
use axum::body::Body;
use axum::http::StatusCode;
use db::PgPool;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use server::listen::{Limits, serve};
use std::collections::BTreeMap;
use testkit::{Session, on_threads, rounds};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinSet;

const AT_ONCE: usize = 32;

/// Pages that the table does not have by these parameters, with the client picker.
const MORE: &[(&str, &str)] = &[
    ("/clients/new?kind=family", "admin"),
    ("/clients/new?kind=couple", "admin"),
    ("/clients/{family}/members/new", "admin"),
    ("/appointments/new?client={mia}", "admin"),
];

/// Each page with someone who may see it.
fn pages() -> Vec<(&'static str, &'static str)> {
    let viewer = |expected: &str| {
        let codes: Vec<char> = expected.chars().filter(|code| !code.is_whitespace()).collect();
        let sees = |actor: &str| ACTORS.iter().position(|one| *one == actor).is_some_and(|n| "Yy".contains(codes[n]));
        ["admin", "mia", ""].into_iter().find(|actor| sees(actor))
    };
    let pages = PAGES.iter().filter_map(|(_, address, expected)| Some((*address, viewer(expected)?)));
    pages.chain(MORE.iter().copied()).collect()
}

#[testkit::test]
async fn every_page_answers_many_at_once(pool: PgPool) {
    let rounds = rounds(2, 50);
    on_threads(&pool, move |pool| async move {
        let world = World::new(&pool).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let stop = std::sync::Arc::new(Notify::new());
        let (stopped, site) = (stop.clone(), world.site.clone());
        let serving = tokio::spawn(async move {
            serve(listener, site, Limits::default(), stopped.notified(), std::future::pending()).await;
        });

        let http: Client<HttpConnector, Body> = Client::builder(TokioExecutor::new()).build_http();
        let mut failed = BTreeMap::<String, usize>::new();
        for (address, actor) in pages() {
            let mut session = Session::new(&http, &base);
            session.cookie = world.session(actor).cookie.clone();
            let path = world.fill(address);
            for _ in 0..rounds {
                let mut asking = JoinSet::new();
                for _ in 0..AT_ONCE {
                    let (session, path) = (session.clone(), path.clone());
                    asking.spawn(async move {
                        let answer = session.try_get(&path).await?;
                        if answer.status == StatusCode::OK { Ok(()) } else { Err(answer.status.to_string()) }
                    });
                }
                for answer in asking.join_all().await {
                    if let Err(words) = answer {
                        *failed.entry(format!("{address} as {actor:?}: {words}")).or_default() += 1;
                    }
                }
            }
        }
        assert!(failed.is_empty(), "{failed:#?}");
        drop(http);
        stop.notify_one();
        serving.await.unwrap();
    })
    .await;
}
