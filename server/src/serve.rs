//! Serving: database, jobs and the site, until Ctrl-C or SIGTERM.

use crate::cli::{Database, Serve, print_logins};
use crate::{AppState, mail, router};
use anyhow::Context;
use app::context::Settings;
use leptos::prelude::LeptosOptions;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

pub async fn run(database: Database, serve: Box<Serve>) -> anyhow::Result<()> {
    let listener = TcpListener::bind(serve.listen).await.with_context(|| format!("listening on {}", serve.listen))?;
    let opened = database.open().await?;
    let base_url = serve.base_url.clone().unwrap_or_else(|| format!("http://{}", serve.listen));
    let base_url = base_url.trim_end_matches('/').to_owned();
    let demo = serve.demo && {
        db::demo::seed(&opened.pool, chrono::Utc::now()).await?;
        db::demo::is_loaded(&opened.pool).await?
    };

    let mailer = mail::Mailer::new(serve.smtp_url.as_deref(), serve.mail_from.as_deref())?;
    let settings =
        Settings { base_url: base_url.clone(), demo, smtp: mailer.is_some(), login_burst: serve.login_burst };
    let state = AppState::new(opened.pool.clone(), settings, leptos_options(&serve.site_root, serve.listen)?);
    let (stop, stopped) = watch::channel(false);
    let imports = tokio::spawn(crate::import::work(opened.pool.clone(), stopped.clone()));
    let jobs = tokio::spawn(crate::jobs::run(opened.pool.clone(), base_url.clone(), mailer, stopped));

    println!("\nKindred is ready: {base_url}");
    if demo {
        print_logins();
    }
    let site = router(state).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, site).with_graceful_shutdown(signal()).await?;

    println!("\nStopping.");
    let _ = stop.send(true);
    // A mail server that hangs must not: what it was given is sent again later.
    if tokio::time::timeout(Duration::from_secs(10), jobs).await.is_err() {
        tracing::warn!("a mail was still being sent");
    }
    let _ = imports.await;
    opened.close().await
}

/// Ctrl-C, or SIGTERM from a service manager.
async fn signal() {
    let interrupt = tokio::signal::ctrl_c();
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = interrupt => {}
        _ = terminate => {}
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
