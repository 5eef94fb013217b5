//! The link that ends mail: its page asks, and a post ends it. Mail programs post to the link
//! by themselves (RFC 8058): `server::unsubscribe`.

pub mod api;
#[cfg(feature = "ssr")]
pub mod page;
