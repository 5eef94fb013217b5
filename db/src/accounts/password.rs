//! Passwords: argon2id, off the async threads, a few at a time.

use crate::{Error, Result};
use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use shared::Refusal;
use shared::accounts::Secret;
use std::sync::LazyLock;
use tokio::sync::Semaphore;

/// Each hash takes 19 MiB: more at once would only press the others out.
static AT_ONCE: Semaphore = Semaphore::const_new(4);

/// What a password is compared with when nobody has that username, so that the
/// answer takes as long.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| hash_password("nobody has this password").ok());

/// argon2id with a salt of its own. Takes tens of milliseconds: not for async threads.
pub fn hash_password(password: &str) -> Result<String> {
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

/// Whether the password is the one hashed; takes as long when there is no hash.
pub(super) async fn verify(password: Secret, hash: Option<String>) -> Result<bool> {
    aside(move || {
        let known = hash.is_some();
        let hash = hash.or_else(|| NOBODY.clone()).unwrap_or_default();
        let fits = PasswordHash::new(&hash)
            .is_ok_and(|hash| Argon2::default().verify_password(password.0.as_bytes(), &hash).is_ok());
        known && fits
    })
    .await
}

async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let failed = |_| Error::Refused(Refusal::Internal);
    let _permit = AT_ONCE.acquire().await.map_err(|_| Error::Refused(Refusal::Internal))?;
    tokio::task::spawn_blocking(work).await.map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let hash = hash_password("correct horse").unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(verify(Secret("correct horse".into()), Some(hash.clone())).await.unwrap());
        assert!(!verify(Secret("wrong horse".into()), Some(hash)).await.unwrap());
        assert!(!verify(Secret("nobody has this password".into()), None).await.unwrap());
    }
}
