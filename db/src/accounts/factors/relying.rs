//! Who passkeys are made for: the host of this site's address, and nothing that a request says.

use crate::{Error, Result};
use shared::Refusal;
use std::time::Duration;
use webauthn_rs::prelude::{Url, Webauthn, WebauthnBuilder};

/// The site as browsers and authenticators know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelyingParty {
    origin: Url,
    host: String,
}

/// Why browsers make no passkeys for an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoPasskeys {
    /// It is a number and no name.
    IpAddress,
    /// It is neither HTTPS nor this very machine.
    NotEncrypted,
}

impl RelyingParty {
    /// The site at this address.
    pub fn of(base_url: &str) -> std::result::Result<RelyingParty, NoPasskeys> {
        let origin = Url::parse(base_url).map_err(|_| NoPasskeys::IpAddress)?;
        let host = origin.domain().ok_or(NoPasskeys::IpAddress)?.to_owned();
        let is_here = host == "localhost" || host.ends_with(".localhost");
        match origin.scheme() {
            "https" => {}
            "http" if is_here => {}
            _ => return Err(NoPasskeys::NotEncrypted),
        }
        Ok(RelyingParty { origin, host })
    }

    /// What passkeys are bound to.
    pub fn id(&self) -> &str {
        &self.host
    }

    /// `practice` is the name that browsers show.
    pub(super) fn webauthn(&self, practice: &str) -> Result<Webauthn> {
        WebauthnBuilder::new(&self.host, &self.origin)
            .and_then(|builder| {
                builder.rp_name(practice).timeout(Duration::from_secs(60 * super::ceremony::MINUTES as u64)).build()
            })
            .map_err(failed)
    }
}

/// What the library cannot have meant for anyone who logs in.
pub(super) fn failed(error: impl std::fmt::Display) -> Error {
    tracing::error!(%error, "passkeys");
    Refusal::Internal.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_need_a_name_and_https_or_this_machine() {
        for (address, host) in [
            ("https://kin.example", "kin.example"),
            ("https://kin.example:8443", "kin.example"),
            ("http://localhost:3000", "localhost"),
            ("http://demo.localhost", "demo.localhost"),
        ] {
            let site = RelyingParty::of(address).unwrap();
            assert_eq!(site.id(), host);
            site.webauthn("Elm").unwrap();
        }
        for address in ["http://127.0.0.1:3000", "https://192.168.1.4", "http://[::1]:3000", "kin.example", ""] {
            assert_eq!(RelyingParty::of(address), Err(NoPasskeys::IpAddress), "{address}");
        }
        for address in ["http://kin.example", "ftp://kin.example"] {
            assert_eq!(RelyingParty::of(address), Err(NoPasskeys::NotEncrypted), "{address}");
        }
    }
}
