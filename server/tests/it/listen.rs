//! Connections that stall: each has its time, and none keeps the server from
//! stopping.

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{ConnectInfo, Request};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use server::listen::{Limits, serve};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

const SHORT: Duration = Duration::from_millis(200);
const LONG: Duration = Duration::from_secs(60);

/// All limits are long: a test shortens the one it is about.
fn limits() -> Limits {
    Limits { headers: LONG, body: LONG, request: LONG, file: LONG, drain: LONG }
}

struct Server {
    address: SocketAddr,
    stop: Arc<Notify>,
    now: Arc<Notify>,
    serving: JoinHandle<()>,
}

async fn start(limits: Limits) -> Server {
    let read = |request: Request| async {
        match to_bytes(request.into_body(), 1_000).await {
            Ok(_) => StatusCode::OK.into_response(),
            Err(_) => StatusCode::REQUEST_TIMEOUT.into_response(),
        }
    };
    let site = Router::new()
        .route("/who", get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.to_string() }))
        .route("/slow", get(std::future::pending::<()>))
        .route("/slow.csv", get(|| async { tokio::time::sleep(SHORT * 3).await }))
        .route("/read", post(read));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, now) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (stopped, at_once) = (stop.clone(), now.clone());
    let serving = tokio::spawn(async move {
        serve(listener, site, limits, stopped.notified(), at_once.notified()).await;
    });
    Server { address, stop, now, serving }
}

/// Sends what is given and answers all that comes until the connection is closed.
async fn send(server: &Server, bytes: &str) -> String {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let read = tokio::time::timeout(Duration::from_secs(10), stream.read_to_string(&mut answer));
    let _ = read.await.expect("the connection is closed");
    answer
}

const STALLED: &str = "POST /read HTTP/1.1\r\nhost: k.test\r\ncontent-length: 99\r\n\r\nhalf of";

#[tokio::test]
async fn a_request_knows_its_peer() {
    let server = start(limits()).await;
    let answer = send(&server, "GET /who HTTP/1.1\r\nhost: k.test\r\nconnection: close\r\n\r\n").await;
    assert!(answer.contains("127.0.0.1:"), "{answer}");
}

#[tokio::test]
async fn headers_that_do_not_end_are_given_up() {
    let server = start(Limits { headers: SHORT, ..limits() }).await;
    let began = Instant::now();
    send(&server, "GET /who HTTP/1.1\r\nhost:").await;
    send(&server, "").await;
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_body_that_stalls_is_given_up() {
    let server = start(Limits { body: SHORT, ..limits() }).await;
    assert!(send(&server, STALLED).await.starts_with("HTTP/1.1 408"));
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_given_up_and_a_file_has_longer() {
    let server = start(Limits { request: SHORT, ..limits() }).await;
    let ask = |path| format!("GET {path} HTTP/1.1\r\nhost: k.test\r\nconnection: close\r\n\r\n");
    assert!(send(&server, &ask("/slow")).await.starts_with("HTTP/1.1 408"));
    assert!(send(&server, &ask("/slow.csv")).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_stalled_client_keeps_the_server_no_longer_than_the_drain() {
    let server = start(Limits { drain: SHORT, ..limits() }).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(STALLED.as_bytes()).await.unwrap();
    tokio::time::sleep(SHORT).await;
    server.stop.notify_one();
    tokio::time::timeout(Duration::from_secs(10), server.serving).await.expect("it stops").unwrap();
}

#[tokio::test]
async fn a_second_signal_stops_right_away() {
    let server = start(limits()).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(STALLED.as_bytes()).await.unwrap();
    tokio::time::sleep(SHORT).await;
    server.stop.notify_one();
    tokio::time::sleep(SHORT).await;
    assert!(!server.serving.is_finished(), "it waits for what is under way");
    server.now.notify_one();
    tokio::time::timeout(Duration::from_secs(10), server.serving).await.expect("it stops").unwrap();
}
