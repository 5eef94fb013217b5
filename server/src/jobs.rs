//! What a server does beside answering: it turns messages into copies and
//! sends them, works through changes of many clients, and clears expired sessions. Work is claimed in the database,
//! so any number of servers may do this at once.
//!
//! There is a look each second rather than a `NOTIFY` by the writers: that
//! would make their commits wait for one another.

use crate::mail::{Mailer, NotSent};
use db::PgPool;
use db::messages;
use std::time::{Duration, Instant};
use tokio::sync::watch;

const SWEEP: Duration = Duration::from_secs(1);
const TIDY: Duration = Duration::from_secs(60 * 60);

/// Works until `stop` turns true or its sender is gone; the mail being sent and
/// the row being changed are finished first. Without a mailer, mail is kept for
/// administrators. `base_url`, for links, has no slash at its end.
pub async fn run(pool: PgPool, base_url: String, mailer: Option<Mailer>, stop: watch::Receiver<bool>) {
    tokio::join!(mail(pool.clone(), base_url, mailer, stop.clone()), bulk_changes(pool, stop));
}

/// Works through changes of many clients; mail does not wait for them.
async fn bulk_changes(pool: PgPool, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        match db::bulk::work_next(&pool).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "bulk changes"),
        }
        tokio::select! {
            () = tokio::time::sleep(SWEEP) => {}
            changed = stop.changed() => if changed.is_err() { return },
        }
    }
}

async fn mail(pool: PgPool, base_url: String, mailer: Option<Mailer>, mut stop: watch::Receiver<bool>) {
    let mut tidied: Option<Instant> = None;
    while !*stop.borrow() {
        if let Err(error) = send_due(&pool, &base_url, mailer.as_ref(), &stop).await {
            tracing::error!(%error, "mail");
        }
        if tidied.is_none_or(|at| at.elapsed() >= TIDY) {
            if let Err(error) = db::accounts::sessions::delete_expired(&pool).await {
                tracing::error!(%error, "clearing sessions");
            }
            if let Err(error) = db::accounts::forget_registrations(&pool).await {
                tracing::error!(%error, "clearing registrations");
            }
            tidied = Some(Instant::now());
        }
        tokio::select! {
            () = tokio::time::sleep(SWEEP) => {}
            changed = stop.changed() => if changed.is_err() { return },
        }
    }
}

/// Everything that is due. A message gets its copies only once no older copy
/// waits, so that recipients are decided right before they are written to.
async fn send_due(
    pool: &PgPool,
    base_url: &str,
    mailer: Option<&Mailer>,
    stop: &watch::Receiver<bool>,
) -> db::Result<()> {
    while !*stop.borrow() {
        if !deliver_next(pool, base_url, mailer).await? && !messages::expand_next(pool, base_url).await? {
            break;
        }
    }
    Ok(())
}

/// Sends or keeps one copy; `false` when none is due.
pub async fn deliver_next(pool: &PgPool, base_url: &str, mailer: Option<&Mailer>) -> db::Result<bool> {
    let Some(copy) = messages::claim_copy(pool).await? else { return Ok(false) };
    let Some(mailer) = mailer else {
        messages::kept(pool, &copy).await?;
        return Ok(true);
    };
    match mailer.send(&copy, base_url).await {
        Ok(()) => messages::sent(pool, &copy).await?,
        Err(NotSent { for_good, words }) => {
            // The words may name the address; they stand in the outbox.
            tracing::warn!(copy = %copy.id, for_good, "mail was not sent");
            messages::failed(pool, &copy, for_good, &words).await?;
        }
    }
    Ok(true)
}
