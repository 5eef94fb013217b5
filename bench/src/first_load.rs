//! How many bytes a browser fetches that has been here never before.

use crate::http::Session;
use crate::site::{self, Site};
use anyhow::ensure;

pub async fn run(postgres: &str) -> anyhow::Result<()> {
    let site = Site::start(postgres, "first_load").await?;
    let service = site::service(&site.pool, "Family session").await?;
    page(&Session::new(&site.base), "log-in page", "/login").await?;
    let parent = Session::log_in(&site.base, "parent@demo.test").await?;
    page(&parent, "booking page", &format!("/book?service={service}")).await?;
    let desk = Session::log_in(&site.base, "staff@demo.test").await?;
    page(&desk, "client list", "/clients").await?;
    page(&desk, "staff booking", "/appointments/new").await?;
    page(&desk, "calendar", "/calendar").await?;
    site.stop().await
}

/// The script that loads what staff alone need, and what a page has that needs it.
const LOADER: &str = "/__wasm_split.";
const NEEDS_IT: &str = "data-component=\"StaffIsland\"";
/// The file of the calendar alone, and what a page has that needs it.
const CALENDAR: &str = "split_start_calendar_";
const NEEDS_CALENDAR: &str = "data-name=\"calendar-desk\"";

/// The page itself and every file of this site that it, its styles and its
/// scripts load; each as served to a browser that takes brotli.
async fn page(session: &Session, name: &str, path: &str) -> anyhow::Result<()> {
    println!("{name}, bytes over the wire to a browser that takes brotli:");
    let mut total = show(session, path, "the page").await?;
    let html = session.get(path, "identity").await?.text();
    let mut found = references(&html, "");
    let mut next = 0;
    while let Some(file) = found.get(next).cloned() {
        next += 1;
        total += show(session, &file, &file).await?;
        if file.ends_with(".js") || file.ends_with(".css") {
            let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
            if file.contains(LOADER) && !html.contains(NEEDS_IT) {
                continue;
            }
            for inner in references(&session.get(&file, "identity").await?.text(), &folder) {
                if inner.contains(CALENDAR) && !html.contains(NEEDS_CALENDAR) {
                    continue;
                }
                // Not every name in a script is that of a file.
                if !found.contains(&inner) && session.get(&inner, "br").await?.status.is_success() {
                    found.push(inner);
                }
            }
        }
    }
    println!("  {total:>9}  total, {:.1} kB in {} requests", total as f64 / 1000.0, found.len() + 1);
    Ok(())
}

async fn show(session: &Session, path: &str, name: &str) -> anyhow::Result<usize> {
    let answer = session.get(path, "br").await?;
    ensure!(answer.status.is_success(), "{path}: {}", answer.status);
    let encoding = if answer.encoding().is_empty() { "not compressed" } else { answer.encoding() };
    println!("  {:>9}  {name} ({encoding})", answer.body.len());
    Ok(answer.body.len())
}

/// What is named in quotes or in `url()` and is a file: by its whole path, or
/// beginning with `./` and then in `folder`.
fn references(text: &str, folder: &str) -> Vec<String> {
    const FILES: [&str; 8] = [".css", ".js", ".wasm", ".svg", ".png", ".woff2", ".ico", ".webmanifest"];
    let mut found = Vec::new();
    for word in text.split(['"', '\'', '`', '(', ')']) {
        let path = match word.strip_prefix("./") {
            Some(relative) if !folder.is_empty() => format!("{folder}/{relative}"),
            _ => word.to_owned(),
        };
        let plain = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte));
        let file = plain && path.starts_with('/') && FILES.iter().any(|end| path.ends_with(end));
        if file && !found.contains(&path) {
            found.push(path);
        }
    }
    found
}
