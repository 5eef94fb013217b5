//! Secrets that the database keeps, sealed with a key that it does not have: what is read from a copy of
//! it opens nothing.

use crate::{Error, Result};
use base64::prelude::{BASE64_STANDARD, Engine};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest, Sha256};
use shared::Refusal;
use std::fmt;
use uuid::Uuid;

/// Bytes of a key.
pub const KEY: usize = 32;

/// Stand before what is sealed: which key it was.
const MARK: usize = 4;

/// The keys of this server. The first seals; the others still open what they once sealed.
pub struct Sealer(Vec<([u8; MARK], LessSafeKey)>);

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(…)")
    }
}

impl Sealer {
    /// # Panics
    /// Without a key.
    pub fn new(keys: &[[u8; KEY]]) -> Sealer {
        assert!(!keys.is_empty(), "a key to seal with");
        let mark = |key: &[u8; KEY]| -> [u8; MARK] {
            let digest = Sha256::digest(key);
            [digest[0], digest[1], digest[2], digest[3]]
        };
        let keys = keys.iter().filter_map(|key| {
            let unbound = UnboundKey::new(&AES_256_GCM, key).ok()?;
            Some((mark(key), LessSafeKey::new(unbound)))
        });
        Sealer(keys.collect())
    }

    /// A key that no other server has: what it seals is lost with it.
    pub fn random() -> Sealer {
        Sealer::new(&[rand::random()])
    }

    /// Keys as they are configured: base64 of 32 bytes each, the newest first, with commas between them.
    pub fn parse(text: &str) -> Option<Sealer> {
        let keys: Option<Vec<[u8; KEY]>> =
            text.split(',').map(|key| BASE64_STANDARD.decode(key.trim()).ok()?.try_into().ok()).collect();
        keys.filter(|keys| !keys.is_empty()).map(|keys| Sealer::new(&keys))
    }

    /// A new key, as it is configured.
    pub fn new_key() -> String {
        BASE64_STANDARD.encode(rand::random::<[u8; KEY]>())
    }

    /// Sealed for its owner: moved to another's row it does not open.
    pub(crate) fn seal(&self, owner: Uuid, plain: &[u8]) -> Result<Vec<u8>> {
        let (mark, key) = &self.0[0];
        let nonce: [u8; NONCE_LEN] = rand::random();
        let mut sealed = plain.to_vec();
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(owner.as_bytes()), &mut sealed)
            .map_err(|_| failed("a secret could not be sealed"))?;
        Ok([mark.as_slice(), &nonce, &sealed].concat())
    }

    /// Whether one of the keys sealed it.
    pub(crate) fn knows(&self, sealed: &[u8]) -> bool {
        self.0.iter().any(|(mark, _)| sealed.starts_with(mark))
    }

    pub(crate) fn open(&self, owner: Uuid, sealed: &[u8]) -> Result<Vec<u8>> {
        let open = || {
            let (mark, rest) = sealed.split_at_checked(MARK)?;
            let (nonce, rest) = rest.split_at_checked(NONCE_LEN)?;
            let (_, key) = self.0.iter().find(|(known, _)| known == mark)?;
            let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
            let mut rest = rest.to_vec();
            let plain = key.open_in_place(nonce, Aad::from(owner.as_bytes()), &mut rest).ok()?;
            Some(plain.to_vec())
        };
        open().ok_or_else(|| failed("a secret was sealed with another key: see KINDRED_SECRET_KEY"))
    }
}

fn failed(words: &'static str) -> Error {
    tracing::error!("{words}");
    Refusal::Internal.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_for_its_owner_with_its_key_alone() {
        let (mine, theirs) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let (old, new) = (Sealer::new_key(), Sealer::new_key());
        let before = Sealer::parse(&old).unwrap();
        let sealed = before.seal(mine, b"a seed").unwrap();
        assert_ne!(sealed, before.seal(mine, b"a seed").unwrap());
        assert!(!sealed.windows(6).any(|part| part == b"a seed"));
        assert_eq!(before.open(mine, &sealed).unwrap(), b"a seed");
        assert!(before.open(theirs, &sealed).is_err());
        assert!(Sealer::parse(&new).unwrap().open(mine, &sealed).is_err());
        // A newer key in front: what was sealed before still opens.
        let rotated = Sealer::parse(&format!("{new},{old}")).unwrap();
        assert_eq!(rotated.open(mine, &sealed).unwrap(), b"a seed");
        assert!(before.open(mine, &rotated.seal(mine, b"a seed").unwrap()).is_err());
        let mut spoilt = sealed.clone();
        *spoilt.last_mut().unwrap() ^= 1;
        assert!(before.open(mine, &spoilt).is_err() && before.open(mine, b"").is_err());
        assert!(Sealer::parse("short").is_none() && Sealer::parse("").is_none());
    }
}
