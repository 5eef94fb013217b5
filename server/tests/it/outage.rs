//! The database goes away while the server runs: the server says so within a
//! second, and is back by itself once the database is.

use axum::http::StatusCode;
use db::PgPool;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use testkit::{Answer, Session, database_url};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::sync::watch;

use axum::body::Body;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;

type Http = Client<HttpConnector, Body>;

/// A second, and what a busy machine adds to it.
const WITHIN: Duration = Duration::from_millis(1_500);
const PAGES: [&str; 4] = ["/login", "/clients", "/readyz", "/nothing"];

struct Server {
    process: Child,
    session: Session<Http>,
    base: String,
}

impl Server {
    async fn start(database: (&str, &str)) -> Server {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = Command::new(env!("CARGO_BIN_EXE_kindred"))
            .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--site-root", "none"])
            .env_remove("DATABASE_URL")
            .env(database.0, database.1)
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let base = format!("http://127.0.0.1:{port}");
        let http: Http = Client::builder(TokioExecutor::new()).build_http();
        let server = Server { process, session: Session::new(&http, &base), base };
        server.recovered().await;
        server
    }

    async fn get(&self, path: &str) -> Option<Answer> {
        self.session.try_get(path).await.ok()
    }

    async fn recovered(&self) {
        let asked = Instant::now();
        loop {
            let mut well = true;
            for path in ["/readyz", "/login"] {
                well &= self.get(path).await.is_some_and(|answer| answer.status == StatusCode::OK);
            }
            if well {
                return;
            }
            assert!(asked.elapsed() < Duration::from_secs(90), "{} does not answer", self.base);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Every page says that the database is away, right away.
    async fn is_away(&self) {
        for path in PAGES {
            let asked = Instant::now();
            let answer = self.get(path).await.expect("an answer");
            assert!(asked.elapsed() < WITHIN, "{path} took {:?}", asked.elapsed());
            assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
            assert!(answer.headers.contains_key("retry-after"), "{path}");
            assert!(path == "/readyz" || answer.body.contains("<h1>Back in a moment</h1>"), "{path}");
        }
        let health = self.get("/healthz").await.expect("an answer");
        assert_eq!(health.status, StatusCode::OK, "the process itself lives");
    }

    async fn stop(mut self) {
        let id = self.process.id().expect("it runs").to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
        let ended = tokio::time::timeout(Duration::from_secs(30), self.process.wait()).await;
        assert!(ended.expect("it stops").unwrap().success());
    }
}

fn postmaster(data: &Path) -> String {
    let text = std::fs::read_to_string(data.join("postgres/postmaster.pid")).unwrap();
    text.lines().next().unwrap().trim().to_owned()
}

#[tokio::test]
async fn the_embedded_database_is_started_again_after_a_kill() {
    let data: PathBuf = std::env::temp_dir().join(format!("kindred-outage-{}", std::process::id()));
    let server = Server::start(("KINDRED_DATA_DIR", data.to_str().unwrap())).await;
    let first = postmaster(&data);
    let killed = Instant::now();
    assert!(Command::new("kill").args(["-KILL", &first]).status().await.unwrap().success());
    // From now on each answer comes within a second, whatever it is, and says the truth.
    let mut away = 0;
    while killed.elapsed() < Duration::from_secs(3) {
        let asked = Instant::now();
        let answer = server.get("/login").await.expect("an answer");
        assert!(asked.elapsed() < WITHIN, "it took {:?}", asked.elapsed());
        let known = matches!(answer.status, StatusCode::OK | StatusCode::SERVICE_UNAVAILABLE);
        assert!(known, "{}: {}", answer.status, answer.body);
        away += usize::from(answer.status == StatusCode::SERVICE_UNAVAILABLE);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(away > 0, "it never said so");
    server.recovered().await;
    assert_ne!(postmaster(&data), first);
    server.stop().await;
    std::fs::remove_dir_all(&data).unwrap();
}

/// Stands between server and database, and can go silent or hang up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Open,
    /// Nothing comes through, and no one is told.
    Silent,
    HungUp,
}

async fn line(to: String) -> (u16, watch::Sender<Line>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (set, state) = watch::channel(Line::Open);
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let (state, to) = (state.clone(), to.clone());
            tokio::spawn(async move {
                if *state.borrow() == Line::HungUp {
                    return;
                }
                let far = TcpStream::connect(&to).await.unwrap();
                let ((near_from, near_to), (far_from, far_to)) = (near.into_split(), far.into_split());
                let mut hung_up = state.clone();
                tokio::select! {
                    () = pass(near_from, far_to, state.clone()) => {}
                    () = pass(far_from, near_to, state) => {}
                    _ = hung_up.wait_for(|state| *state == Line::HungUp) => {}
                }
            });
        }
    });
    (port, set)
}

async fn pass(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    mut state: watch::Receiver<Line>,
) {
    let mut piece = [0; 8_192];
    while let Ok(read @ 1..) = from.read(&mut piece).await {
        if state.wait_for(|state| *state != Line::Silent).await.is_err() || to.write_all(&piece[..read]).await.is_err()
        {
            return;
        }
    }
}

#[testkit::test]
async fn an_outside_database_that_is_gone_or_silent_is_reported_within_a_second(pool: PgPool) {
    let options = pool.connect_options();
    let (port, set) = line(format!("{}:{}", options.get_host(), options.get_port())).await;
    let url = database_url(&pool).replacen(&format!(":{}", options.get_port()), &format!(":{port}"), 1);
    let server = Server::start(("DATABASE_URL", &url)).await;

    for state in [Line::HungUp, Line::Silent] {
        set.send(state).unwrap();
        server.is_away().await;
        set.send(Line::Open).unwrap();
        server.recovered().await;
    }
    server.stop().await;
}
