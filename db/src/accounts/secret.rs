//! The secrets of links: 32 random bytes as base64url, of which the database
//! keeps the SHA-256.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use sha2::{Digest, Sha256};
use shared::accounts::Secret;

/// A secret no one has guessed yet.
pub(crate) fn new() -> Secret {
    Secret(BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()))
}

pub(crate) fn hash(secret: &Secret) -> Vec<u8> {
    Sha256::digest(&secret.0).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_are_the_same() {
        let (one, other) = (new(), new());
        assert_eq!(one.0.len(), 43);
        assert_ne!(one.0, other.0);
        assert_ne!(hash(&one), hash(&other));
    }
}
