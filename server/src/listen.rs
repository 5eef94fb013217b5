//! Connections: how long each may take, and how they end when the server stops.
//!
//! Headers, bodies, requests and the end of the server have time limits; a second signal
//! stops right away.

use crate::plain::{timed_out, wants_html};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tower::Service;
use tower_http::timeout::TimeoutBody;

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// From the beginning of a connection, or of its next request, to the end of
    /// the headers.
    pub headers: Duration,
    /// Between two pieces of a body.
    pub body: Duration,
    /// From the headers to the beginning of the answer.
    pub request: Duration,
    /// The same for uploads and exports.
    pub file: Duration,
    /// For what is under way when the server stops.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            headers: Duration::from_secs(15),
            body: Duration::from_secs(20),
            request: Duration::from_secs(60),
            file: Duration::from_mins(30),
            drain: Duration::from_secs(10),
        }
    }
}

/// Serves until `stop` is done; then finishes what is under way, but for no
/// longer than the limit, and not once `now` is done.
pub async fn serve(
    listener: TcpListener,
    site: Router,
    limits: Limits,
    stop: impl Future<Output = ()>,
    now: impl Future<Output = ()>,
) {
    let site = site.layer(from_fn_with_state(limits, timed));
    let mut site = site.into_make_service_with_connect_info::<SocketAddr>();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.headers);
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    tokio::pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            () = &mut stop => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => continue,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Too many open files, perhaps: that passes.
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
        };
        let _ = stream.set_nodelay(true);
        let Ok(site) = Service::<SocketAddr>::call(&mut site, peer).await;
        let service = service_fn(move |request: Request<Incoming>| site.clone().call(request));
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        // What goes wrong with a connection is the browser's: it went away, or was too slow.
        connections.spawn(async move { drop(connection.await) });
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(limits.drain) => tracing::warn!("requests were still under way: broken off"),
        () = now => tracing::warn!("told again to stop: requests are broken off"),
    }
    connections.shutdown().await;
}

/// A request that stalls is given up.
async fn timed(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let limit = if is_file(request.uri().path()) { limits.file } else { limits.request };
    let html = wants_html(request.headers());
    let request = request.map(|body| Body::new(TimeoutBody::new(limits.body, body)));
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => timed_out(html),
    }
}

fn is_file(path: &str) -> bool {
    path == app::import::UPLOAD || path.ends_with(".csv") || path.ends_with(".xlsx")
}
