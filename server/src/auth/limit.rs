//! How often an address may try what can be guessed at. The person who tries too
//! often gets the same form back, with [`shared::Refusal::TooMany`], status 429.

use super::TrustedProxies;
use crate::AppState;
use app::accounts::session::{Network, TooMany};
use app::context::CurrentActor;
use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::http::Method;
use axum::middleware::{Next, from_fn};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tower_governor::governor::GovernorConfigBuilder;

const LIMITED: [&str; 16] = [
    "/fn/accounts/login",
    "/fn/accounts/second_factor",
    "/fn/accounts/passkey_login",
    "/fn/account/confirm_totp",
    "/fn/accounts/request_reset",
    "/fn/accounts/reset",
    "/fn/accounts/claim",
    "/fn/accounts/register",
    "/fn/accounts/finish_registration",
    "/fn/account/save_details",
    "/fn/account/change_password",
    "/fn/account/request_address",
    "/fn/account/confirm_address",
    "/fn/setup/create",
    "/fn/visits/enter",
    "/fn/forms/unlock_link",
];

/// Seconds until an address that has used up its tries gets one more.
const SECONDS_EACH: u64 = 3;

/// Seconds until an address gets one more look at free times without a login, and how many
/// times as many looks as tries it has.
const LOOK_SECONDS: u64 = 1;
const LOOKS: u32 = 5;

/// Marks requests that come too often, for the server functions to refuse. Free times are
/// looked at and kept without a login too: those are counted apart.
pub fn limited(router: Router<AppState>, burst: u32, proxies: TrustedProxies) -> Router<AppState> {
    let may_try = Arc::new(allowance(burst, SECONDS_EACH));
    let may_hold = Arc::new(allowance(burst, SECONDS_EACH));
    let may_look = Arc::new(allowance(burst * LOOKS, LOOK_SECONDS));
    let may_ask = Arc::new(allowance(burst * LOOKS, LOOK_SECONDS));
    router.layer(from_fn(move |mut request: Request, next: Next| {
        let (may_try, may_hold) = (may_try.clone(), may_hold.clone());
        let (may_look, may_ask) = (may_look.clone(), may_ask.clone());
        let proxies = proxies.clone();
        async move {
            let path = request.uri().path().to_owned();
            let stranger = request.extensions().get::<CurrentActor>().is_none_or(|current| current.0.is_none());
            let is_post = request.method() == Method::POST;
            let allowed = match path.as_str() {
                path if is_post && LIMITED.contains(&path) => may_try(address(&request, &proxies)),
                "/fn/portal/hold" if is_post && stranger => {
                    let address = address(&request, &proxies);
                    request.extensions_mut().insert(Network(address.to_string()));
                    may_hold(address)
                }
                "/book" | "/book/confirm" if stranger => may_look(address(&request, &proxies)),
                // The page asks by itself: it is no try.
                "/fn/accounts/begin_passkey" if is_post => may_ask(address(&request, &proxies)),
                _ => true,
            };
            if !allowed {
                request.extensions_mut().insert(TooMany);
            }
            next.run(request).await
        }
    }))
}

/// Takes one of an address's tries; `false` when there is none left.
fn allowance(burst: u32, seconds_each: u64) -> impl Fn(IpAddr) -> bool {
    // None when `burst` is 0: no limit.
    let config = GovernorConfigBuilder::default().per_second(seconds_each).burst_size(burst).finish();
    let asked = AtomicU32::new(0);
    move |address| {
        let Some(config) = &config else { return true };
        if asked.fetch_add(1, Ordering::Relaxed) % 1024 == 1023 {
            // Forgets addresses that have all their tries again.
            config.limiter().retain_recent();
        }
        config.limiter().check_key(&address).is_ok()
    }
}

/// Who is on the other side, as far as proxies that are trusted tell.
fn address(request: &Request, proxies: &TrustedProxies) -> IpAddr {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    // Without a socket, as in tests, everyone is one.
    let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    match proxies.client(peer, request.headers()) {
        // A network of this size is one household's.
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn asked_by(peer: &str, forwarded: &str) -> String {
        let mut request = Request::new(Body::empty());
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1)));
        request.headers_mut().append("x-forwarded-for", forwarded.parse().unwrap());
        address(&request, &"10.0.0.1".parse().unwrap()).to_string()
    }

    #[test]
    fn a_forged_header_is_no_new_address() {
        for forged in ["198.51.100.1", "198.51.100.2", "2001:db8::1"] {
            assert_eq!(asked_by("127.0.0.1", forged), "127.0.0.1");
            assert_eq!(asked_by("192.168.1.5", forged), "192.168.1.5");
        }
        assert_eq!(asked_by("10.0.0.1", "198.51.100.1"), "198.51.100.1");
        assert_eq!(address(&Request::new(Body::empty()), &TrustedProxies::default()).to_string(), "0.0.0.0");
    }

    #[test]
    fn a_network_of_version_6_is_one_address() {
        assert_eq!(asked_by("2001:db8:1:2:3:4:5:6", ""), "2001:db8:1:2::");
        assert_eq!(asked_by("10.0.0.1", "2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
    }

    #[test]
    fn tries_are_counted_by_address() {
        let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let may_try = allowance(2, 3);
        assert_eq!([may_try(one), may_try(one), may_try(one), may_try(other)], [true, true, false, true]);
        let unlimited = allowance(0, 3);
        assert!((0..100).all(|_| unlimited(one)));
    }
}
