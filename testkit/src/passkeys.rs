//! An authenticator in software, with the browser around it: made by other code than the product's, so that it
//! can also do what none does.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Someone touched it; a finger, a face or a PIN was checked.
const PRESENT: u8 = 1;
const VERIFIED: u8 = 4;
const WITH_CREDENTIAL: u8 = 0x40;

/// A device that holds one passkey.
pub struct Authenticator {
    /// Where the browser is.
    pub origin: String,
    /// Goes up with each use; 0 stays 0, as with passkeys that are synchronised.
    pub counter: u32,
    /// Whether its owner is verified.
    pub verifies: bool,
    /// Says which account it is for.
    pub tells_owner: bool,
    key: EcdsaKeyPair,
    id: Vec<u8>,
    owner: String,
    rp_id: String,
}

impl Authenticator {
    /// A new passkey, for what the server asked of a browser at this origin; and the browser's answer.
    pub fn make(origin: &str, options: &Value) -> (Authenticator, String) {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref(), &random).unwrap();
        let public = &options["publicKey"];
        let id = Sha256::digest(key.public_key().as_ref()).to_vec();
        let authenticator = Authenticator {
            origin: origin.to_owned(),
            counter: 0,
            verifies: true,
            tells_owner: true,
            key,
            id,
            owner: text(&public["user"]["id"]),
            rp_id: text(&public["rp"]["id"]),
        };
        let answer = authenticator.attest(options);
        (authenticator, answer)
    }

    /// Whether the server asks browsers to leave this one out.
    pub fn is_excluded(&self, options: &Value) -> bool {
        let listed = options["publicKey"]["excludeCredentials"].as_array();
        listed.is_some_and(|all| all.iter().any(|one| text(&one["id"]) == encode(&self.id)))
    }

    fn attest(&self, options: &Value) -> String {
        let mut data = self.data(WITH_CREDENTIAL);
        data.extend([0; 16]);
        data.extend((self.id.len() as u16).to_be_bytes());
        data.extend(&self.id);
        data.extend(self.cose());
        // {"fmt": "none", "attStmt": {}, "authData": …}
        let mut object = vec![0xa3];
        object.extend(b"\x63fmt\x64none\x67attStmt\xa0\x68authData\x58");
        object.push(u8::try_from(data.len()).unwrap());
        object.extend(data);
        let client = self.client("webauthn.create", &text(&options["publicKey"]["challenge"]));
        json!({
            "id": encode(&self.id),
            "rawId": encode(&self.id),
            "type": "public-key",
            "response": { "clientDataJSON": encode(&client), "attestationObject": encode(&object) },
        })
        .to_string()
    }

    /// What the browser answers to what the server asked.
    pub fn answer(&self, options: &Value) -> String {
        let data = self.data(0);
        let client = self.client("webauthn.get", &text(&options["publicKey"]["challenge"]));
        let mut signed = data.clone();
        signed.extend(Sha256::digest(&client));
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        json!({
            "id": encode(&self.id),
            "rawId": encode(&self.id),
            "type": "public-key",
            "response": {
                "clientDataJSON": encode(&client),
                "authenticatorData": encode(&data),
                "signature": encode(signature.as_ref()),
                "userHandle": self.tells_owner.then_some(&self.owner),
            },
        })
        .to_string()
    }

    fn client(&self, kind: &str, challenge: &str) -> Vec<u8> {
        let data = json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false });
        data.to_string().into_bytes()
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest(self.rp_id.as_bytes()).to_vec();
        data.push(flags | PRESENT | if self.verifies { VERIFIED } else { 0 });
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// The public key: {1: 2, 3: -7, -1: 1, -2: x, -3: y}.
    fn cose(&self) -> Vec<u8> {
        let point = &self.key.public_key().as_ref()[1..];
        let mut key = vec![0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32];
        key.extend(&point[..32]);
        key.extend([0x22, 0x58, 32]);
        key.extend(&point[32..]);
        key
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn encode(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
