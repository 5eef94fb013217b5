//! Sends what waits in the outbox, several copies at a time: one mail server that
//! is slow for one address does not hold up the others.

use super::{Mailer, NotSent};
use crate::sms::{self, Sender};
use db::PgPool;
use db::messages::{self, Outgoing};
use db::sealing::Sealer;
use shared::texts::TextChannel;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// The number of copies sent at a time.
const AT_ONCE: usize = 4;
/// While copies are on their way, what is due meanwhile is looked for so often.
const PAUSE: Duration = Duration::from_millis(250);

/// Everything that is due, until nothing is left or `stop` turns true; then those
/// that are on their way are finished. A message gets its copies only once no older
/// copy waits, so that recipients are decided right before they are written to.
pub async fn send_due(
    pool: &PgPool,
    base_url: &str,
    mailer: Option<&Mailer>,
    sealer: &Sealer,
    stop: &watch::Receiver<bool>,
) -> db::Result<()> {
    let mut under_way = JoinSet::new();
    let done = claim_all(pool, base_url, mailer, sealer, stop, &mut under_way).await;
    while let Some(ended) = under_way.join_next().await {
        note(ended);
    }
    done
}

async fn claim_all(
    pool: &PgPool,
    base_url: &str,
    mailer: Option<&Mailer>,
    sealer: &Sealer,
    stop: &watch::Receiver<bool>,
    under_way: &mut JoinSet<db::Result<()>>,
) -> db::Result<()> {
    while !*stop.borrow() {
        if under_way.len() < AT_ONCE {
            if let Some(copy) = messages::claim_copy(pool).await? {
                match copy.channel {
                    TextChannel::Email => match mailer.cloned() {
                        Some(mailer) => {
                            under_way.spawn(deliver(pool.clone(), mailer, copy, base_url.to_owned()));
                        }
                        None => messages::kept(pool, &copy).await?,
                    },
                    TextChannel::Sms => match sms::sender(pool, sealer, base_url).await? {
                        Some(sender) => {
                            under_way.spawn(text(pool.clone(), sender, copy));
                        }
                        None => messages::kept(pool, &copy).await?,
                    },
                }
                continue;
            }
            if messages::expand_next(pool, base_url).await? {
                continue;
            }
            if under_way.is_empty() {
                break;
            }
        }
        tokio::select! {
            Some(ended) = under_way.join_next() => note(ended),
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
    Ok(())
}

/// A copy whose outcome could not be stored is claimed again when its claim ends.
fn note(ended: Result<db::Result<()>, tokio::task::JoinError>) {
    match ended {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(%error, "what became of a mail"),
        Err(error) => tracing::error!(%error, "sending a mail"),
    }
}

async fn deliver(pool: PgPool, mailer: Mailer, copy: Outgoing, base_url: String) -> db::Result<()> {
    match mailer.send(&copy, &base_url).await {
        Ok(()) => messages::sent(&pool, &copy).await,
        Err(NotSent { for_good, words }) => {
            // The words may name the address; they stand in the outbox.
            tracing::warn!(copy = %copy.id, for_good, "mail was not sent");
            messages::failed(&pool, &copy, for_good, &words).await
        }
    }
}

async fn text(pool: PgPool, sender: Arc<dyn Sender>, copy: Outgoing) -> db::Result<()> {
    match sender.send(&copy).await {
        Ok(reference) => messages::sent_as(&pool, &copy, Some(&reference)).await,
        Err(NotSent { for_good, words }) => {
            tracing::warn!(copy = %copy.id, for_good, "a text message was not sent");
            messages::failed(&pool, &copy, for_good, &words).await
        }
    }
}
