//! Serving: database, jobs and the site, until Ctrl-C or SIGTERM.

use crate::cli::{self, Database, Serve};
use crate::health::Health;
use crate::listen::{self, Limits};
use crate::{AppState, mail, router};
use anyhow::Context;
use app::context::Settings;
use db::accounts::RelyingParty;
use leptos::prelude::LeptosOptions;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

pub async fn run(database: Database, serve: Box<Serve>) -> anyhow::Result<()> {
    let listener = TcpListener::bind(serve.listen).await.with_context(|| format!("listening on {}", serve.listen))?;
    let sealer = cli::sealer(serve.secret_key.as_deref(), &database.data_dir)?;
    let opened = database.open().await?;
    let base_url = serve.base_url.clone().unwrap_or_else(|| own_address(serve.listen));
    let base_url = base_url.trim_end_matches('/').to_owned();
    let demo = serve.demo && cli::demo(&opened.pool, serve.listen, &base_url).await?;

    let unopened = db::accounts::unopened_secrets(&opened.pool, &sealer).await?;
    if unopened > 0 {
        tracing::warn!(
            unopened,
            "authenticator apps were set up with another key: their codes don’t work until KINDRED_SECRET_KEY has it"
        );
    }
    if let Some(warning) = passkeys_warning(&opened.pool, &base_url).await? {
        tracing::warn!("{warning}");
    }
    let mailer = mail::Mailer::new(serve.smtp_url.as_deref(), serve.mail_from.as_deref())?;
    let settings =
        Settings { base_url: base_url.clone(), demo, smtp: mailer.is_some(), login_burst: serve.login_burst };
    let state = AppState::new(opened.pool.clone(), settings, leptos_options(&serve.site_root, serve.listen)?)
        .sealing(sealer)
        .behind(serve.trusted_proxies.clone());
    if let Some(warning) = warning(serve.listen, &base_url) {
        tracing::warn!("{warning}");
    }
    let health = state.health.clone();
    compare_clocks(&opened.pool, &health).await;
    let watching = tokio::spawn(health.clone().watch(opened.url.clone()));
    let lost = opened.supervise(health.clone());
    let (stop, stopped) = watch::channel(false);
    let jobs = crate::jobs::start(&opened.pool, &base_url, mailer, state.app.sealer.clone(), health, stopped);
    let signals = Signals::listen()?;

    println!("\nKindred is ready: {base_url}");
    if demo {
        cli::print_logins();
    }
    cli::print_setup_link(&opened.pool, &base_url).await?;
    let site = router(state);
    let mut failure = None;
    let told = async {
        tokio::select! {
            () = signals.first() => {}
            error = lost => failure = Some(error),
        }
    };
    listen::serve(listener, site, Limits::default(), told, signals.second()).await;

    println!("\nStopping.");
    let _ = stop.send(true);
    watching.abort();
    // A mail server that hangs must not: what it was given is sent again later.
    tokio::select! {
        () = jobs.ended() => {}
        () = tokio::time::sleep(Duration::from_secs(10)) => tracing::warn!("a job was still at work: broken off"),
        () = signals.second() => tracing::warn!("told again to stop: jobs are broken off"),
    }
    let closed = opened.close().await;
    failure.map_or(closed, Err)
}

/// Warns of the zones in which Postgres has another time, here and in `/readyz`.
async fn compare_clocks(pool: &db::PgPool, health: &Health) {
    match db::time::skew(pool, chrono::Utc::now()).await {
        Ok(skewed) => {
            let lines: Vec<String> = skewed.iter().map(ToString::to_string).collect();
            for line in &lines {
                tracing::warn!("the clocks of Postgres: {line}. Update the time zone data of its system.");
            }
            health.clocks_differ(lines);
        }
        Err(error) => tracing::warn!(%error, "the clocks of Postgres could not be compared"),
    }
}

/// Where this machine reaches the server: by name, for browsers make no passkeys for an IP address.
fn own_address(listen: SocketAddr) -> String {
    match listen.ip().is_loopback() {
        true => format!("http://localhost:{}", listen.port()),
        false => format!("http://{listen}"),
    }
}

/// What to tell anyone who starts a server under another name than that of passkeys that were made.
pub async fn passkeys_warning(pool: &db::PgPool, base_url: &str) -> db::Result<Option<String>> {
    let site = RelyingParty::of(base_url);
    let host = site.as_ref().map(RelyingParty::id).unwrap_or_default();
    let elsewhere = db::accounts::passkeys_elsewhere(pool, host).await?;
    Ok((elsewhere > 0).then(|| {
        format!(
            "{elsewhere} passkeys were made for another host than that of KINDRED_BASE_URL ({base_url}): \
             they don’t work here, and their owners need a recovery code or their authenticator app"
        )
    }))
}

/// What to tell anyone who starts a server that others reach without encryption.
fn warning(listen: SocketAddr, base_url: &str) -> Option<&'static str> {
    (!listen.ip().is_loopback() && !base_url.starts_with("https://")).then_some(
        "listening beyond this machine without an https:// base URL: passwords and records can be read on the way. \
         Put a reverse proxy with TLS in front and set KINDRED_BASE_URL.",
    )
}

/// Ctrl-C, and SIGTERM from a service manager: the first asks to stop, the second
/// to do so right away.
struct Signals(watch::Receiver<u8>);

impl Signals {
    /// Counts from now on.
    fn listen() -> anyhow::Result<Signals> {
        let mut interrupt = signal(SignalKind::interrupt()).context("listening for Ctrl-C")?;
        let mut terminate = signal(SignalKind::terminate()).context("listening for SIGTERM")?;
        let (count, counted) = watch::channel(0);
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                count.send_modify(|count: &mut u8| *count = count.saturating_add(1));
            }
        });
        Ok(Signals(counted))
    }

    async fn first(&self) {
        self.reached(1).await;
    }

    async fn second(&self) {
        self.reached(2).await;
    }

    async fn reached(&self, number: u8) {
        let _ = self.0.clone().wait_for(|count| *count >= number).await;
    }
}

/// What Leptos needs to know of the built files. The names' hashes stand in
/// `hash.txt`, in the site's folder or beside the binary.
pub fn leptos_options(site_root: &Path, address: SocketAddr) -> anyhow::Result<LeptosOptions> {
    let beside = std::env::current_exe().ok().and_then(|exe| exe.parent().map(|folder| folder.join("hash.txt")));
    let hashes = [Some(site_root.join("hash.txt")), beside].into_iter().flatten().find(|path| path.exists());
    let hashes = hashes.map(|path| path.canonicalize()).transpose()?;
    if !site_root.join("pkg").is_dir() {
        tracing::warn!(folder = %site_root.display(), "the site's files are not there: pages will be without style and scripts");
    }
    Ok(LeptosOptions::builder()
        .output_name("kindred")
        .site_root(site_root.display().to_string())
        .site_pkg_dir("pkg")
        .site_addr(address)
        .hash_files(hashes.is_some())
        .hash_file(hashes.map(|path| path.display().to_string()).unwrap_or_default().into())
        .build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_of_this_machine_has_a_name() {
        let address = |listen: &str| own_address(listen.parse().unwrap());
        assert_eq!([address("127.0.0.1:3000"), address("[::1]:80")], ["http://localhost:3000", "http://localhost:80"]);
        assert_eq!(address("192.168.1.4:3000"), "http://192.168.1.4:3000");
    }

    #[test]
    fn a_server_that_others_reach_without_encryption_says_so() {
        let warns = |listen: &str, base_url: &str| warning(listen.parse().unwrap(), base_url).is_some();
        assert!(warns("0.0.0.0:80", "http://kin.example") && warns("[::]:80", "http://localhost"));
        assert!(!warns("0.0.0.0:80", "https://kin.example") && !warns("127.0.0.1:3000", "http://127.0.0.1:3000"));
    }
}
