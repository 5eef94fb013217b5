//! The secrets of links: 32 random bytes as base64url, of which the database
//! keeps the SHA-256.

use sha2::{Digest, Sha256};
use shared::accounts::Secret;

/// A secret nobody has guessed yet.
pub(super) fn new() -> Secret {
    Secret(base64url(&rand::random::<[u8; 32]>()))
}

pub(super) fn hash(secret: &Secret) -> Vec<u8> {
    Sha256::digest(&secret.0).to_vec()
}

/// Without padding (RFC 4648, section 5).
fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for position in 0..=chunk.len() {
            text.push(char::from(ALPHABET[(bits >> (18 - 6 * position)) as usize & 63]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_encodes_as_the_standard_says() {
        for (bytes, text) in [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64url(bytes.as_bytes()), text);
        }
        assert_eq!(base64url(&[0xfb, 0xff, 0xbf]), "-_-_");
    }

    #[test]
    fn no_two_are_the_same() {
        let (one, other) = (new(), new());
        assert_eq!(one.0.len(), 43);
        assert_ne!(one.0, other.0);
        assert_ne!(hash(&one), hash(&other));
    }
}
