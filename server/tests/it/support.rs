//! The whole site in a test's own process.

use app::context::Settings;
use axum::Router;
use db::PgPool;
use db::sealing::Sealer;
use leptos::prelude::LeptosOptions;
use server::AppState;

/// Everything that the server answers, without a socket, built files or a
/// limit on log-ins.
pub fn site(pool: PgPool) -> Router {
    site_with(pool, false)
}

/// As [`site`], with a mail server or without one, as far as pages tell.
pub fn site_with(pool: PgPool, smtp: bool) -> Router {
    made(pool, "http://kindred.test", smtp)
}

/// As [`site`], reached at this address: of a name that browsers make passkeys for, perhaps.
pub fn site_at(pool: PgPool, base_url: &str) -> Router {
    made(pool, base_url, false)
}

fn made(pool: PgPool, base_url: &str, smtp: bool) -> Router {
    let settings = Settings { base_url: base_url.to_owned(), demo: false, smtp, login_burst: 0 };
    let leptos = LeptosOptions::builder().output_name("kindred").site_root("none").hash_files(false).build();
    server::router(AppState::new(pool, settings, leptos).sealing(sealer()))
}

/// The key of every site: two of them are two servers of one practice.
pub fn sealer() -> Sealer {
    Sealer::new(&[[7; 32]])
}
