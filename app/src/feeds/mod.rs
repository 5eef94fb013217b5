//! Calendar feeds of one's own: made, shown once, revoked.

pub mod api;
#[cfg(feature = "ssr")]
pub mod done;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub(crate) mod shown_once;

#[cfg(feature = "ssr")]
use shared::accounts::Secret;

/// The page of feeds.
pub const PAGE: &str = "/account/feeds";

/// The path at which a feed is read.
#[cfg(feature = "ssr")]
pub fn path_of(secret: &Secret) -> String {
    format!("/feeds/{}.ics", secret.0)
}

/// The secret in the name of a file under `/feeds`.
#[cfg(feature = "ssr")]
pub fn secret_of(file: &str) -> Option<Secret> {
    let secret = file.strip_suffix(".ics")?;
    let is_secret = secret.len() == 43 && secret.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    is_secret.then(|| Secret(secret.to_owned()))
}
