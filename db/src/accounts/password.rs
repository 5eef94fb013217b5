//! Passwords: normalised, argon2id, off the async threads, a few at a time.

use crate::{Error, Result};
use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use shared::Refusal;
use shared::accounts::Secret;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Each hash takes a processor for tens of milliseconds and 19 MiB: more at the same time
/// than there are processors would only slow each other down.
static LINE: LazyLock<Line> = LazyLock::new(|| {
    let processors = std::thread::available_parallelism().map_or(1, |processors| processors.get());
    Line::new(processors.min(4), WAITING_MAX)
});

/// The number that wait for their turn, a second or two; the next is answered
/// [`Refusal::Busy`] right away.
const WAITING_MAX: usize = 64;

/// Turns to hash, and a waiting line of limited length.
struct Line {
    turns: Arc<Semaphore>,
    waiting: AtomicUsize,
    max: usize,
}

/// Leaves the line, either to hash or because the request is gone.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Line {
    fn new(at_once: usize, max: usize) -> Line {
        Line { turns: Arc::new(Semaphore::new(at_once)), waiting: AtomicUsize::new(0), max }
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit> {
        if let Ok(turn) = self.turns.clone().try_acquire_owned() {
            return Ok(turn);
        }
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let _waiting = Waiting(&self.waiting);
        if before >= self.max {
            return Err(Error::Refused(Refusal::Busy));
        }
        self.turns.clone().acquire_owned().await.map_err(|_| Error::Refused(Refusal::Internal))
    }
}

/// What a password is compared with when no one has that username, so that the
/// answer takes as long.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| hash_password("nobody has this password").ok());

/// argon2id of the normalised password, with a salt of its own. Takes tens of
/// milliseconds: not for async threads.
pub fn hash_password(password: &str) -> Result<String> {
    hash_as_typed(&Secret(password.to_owned()).normalized().0)
}

fn hash_as_typed(password: &str) -> Result<String> {
    match Argon2::default().hash_password(password.as_bytes()) {
        Ok(hash) => Ok(hash.to_string()),
        Err(error) => {
            tracing::error!(%error, "cannot hash a password");
            Err(Error::Refused(Refusal::Internal))
        }
    }
}

/// [`hash_password`] on a thread for it.
pub(super) async fn hash(password: Secret) -> Result<String> {
    aside(move || hash_password(&password.0)).await?
}

/// How a password compares with a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fits {
    No,
    Normalized,
    /// Only as it was typed: the hash is of before passwords were normalised.
    AsTyped,
}

/// Whether the password is the one hashed; takes as long when there is no hash.
pub(super) async fn verify(password: Secret, hash: Option<String>) -> Result<Fits> {
    aside(move || {
        let known = hash.is_some();
        let hash = hash.or_else(|| NOBODY.clone()).unwrap_or_default();
        let Ok(hash) = PasswordHash::new(&hash) else { return Fits::No };
        let opens = |text: &Secret| Argon2::default().verify_password(text.0.as_bytes(), &hash).is_ok();
        let normalized = password.normalized();
        let fits = if opens(&normalized) {
            Fits::Normalized
        } else if normalized != password && opens(&password) {
            Fits::AsTyped
        } else {
            Fits::No
        };
        if known { fits } else { Fits::No }
    })
    .await
}

async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let failed = |_| Error::Refused(Refusal::Internal);
    let turn = LINE.turn().await?;
    // The turn lasts as long as the work, also when no one waits for it any more.
    let work = move || {
        let _turn = turn;
        work()
    };
    tokio::task::spawn_blocking(work).await.map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let hash = hash_password("correct horse").unwrap();
        assert!(hash.starts_with("$argon2id$"));
        let fits = async |password: &str, hash: Option<String>| verify(Secret(password.into()), hash).await.unwrap();
        assert_eq!(fits("correct horse", Some(hash.clone())).await, Fits::Normalized);
        assert_eq!(fits("wrong horse", Some(hash)).await, Fits::No);
        assert_eq!(fits("nobody has this password", None).await, Fits::No);
    }

    #[tokio::test]
    async fn a_password_fits_from_every_keyboard_and_a_hash_of_before_as_typed() {
        let (whole, pieces) = ("Zo\u{eb} Nguy\u{1ec5}n 1", "Zoe\u{308} Nguye\u{302}\u{303}n 1");
        let (new, old) = (hash_password(pieces).unwrap(), hash_as_typed(pieces).unwrap());
        let fits = async |password: &str, hash: &str| verify(Secret(password.into()), Some(hash.into())).await.unwrap();
        assert_eq!([fits(whole, &new).await, fits(pieces, &new).await], [Fits::Normalized; 2]);
        assert_eq!(fits(pieces, &old).await, Fits::AsTyped);
    }

    #[tokio::test]
    async fn beyond_the_waiting_line_the_answer_is_busy() {
        let line = Line::new(1, 1);
        let first = line.turn().await.unwrap();
        let mut second = std::pin::pin!(line.turn());
        assert!(tokio::time::timeout(std::time::Duration::from_millis(10), second.as_mut()).await.is_err());
        assert!(matches!(line.turn().await, Err(Error::Refused(Refusal::Busy))));
        drop(first);
        drop(second.await.unwrap());
        assert_eq!(line.waiting.load(Ordering::Relaxed), 0);
        assert!(line.turn().await.is_ok());
    }
}
