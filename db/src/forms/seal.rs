//! The hashes that tell whether a version, the answers and a signature are as they were.

use crate::{Error, Result};
use sha2::{Digest, Sha256};
use shared::forms::{Answers, Definition};

/// As it is written, in one way: it comes out the same whenever it is made from what is stored.
fn text<T: serde::Serialize>(what: &T) -> Result<Vec<u8>> {
    serde_json::to_vec(what).map_err(|error| Error::Database(sqlx::Error::Encode(error.into())))
}

/// Of what a version asks.
pub fn content_hash(definition: &Definition) -> Result<Vec<u8>> {
    Ok(Sha256::digest(text(definition)?).to_vec())
}

/// Over the hash of the version and the answers.
pub fn answers_hash(version: &[u8], answers: &Answers) -> Result<Vec<u8>> {
    Ok(Sha256::new_with_prefix(version).chain_update([0]).chain_update(text(answers)?).finalize().to_vec())
}

/// Of a name as it was typed.
pub fn name_digest(name: &str) -> Vec<u8> {
    Sha256::digest(name).to_vec()
}

/// As [`answers_hash`], with the statement, the digest of the name and the capacity.
pub fn signed_hash(version: &[u8], answers: &Answers, statement: &str, name: &[u8], capacity: &str) -> Result<Vec<u8>> {
    let digest = Sha256::new_with_prefix(answers_hash(version, answers)?).chain_update(name).chain_update(capacity);
    Ok(digest.chain_update([0]).chain_update(statement).finalize().to_vec())
}
