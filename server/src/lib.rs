//! The Kindred server. [`router`] needs no socket: tests call it directly.

mod attachments;
pub mod auth;
pub mod cli;
mod confirm;
mod exit;
pub mod export;
mod feeds;
mod files;
pub mod forms;
pub mod health;
pub mod import;
pub mod jobs;
pub mod listen;
pub mod mail;
pub mod pages;
mod plain;
pub mod reports;
pub mod serve;
pub mod sms;
mod unreadable;
mod unsubscribe;
mod visits;

use app::context::{AppContext, Settings};
use app::delay::Delays;
use auth::TrustedProxies;
use axum::Router;
use axum::extract::{FromRef, MatchedPath};
use axum::http::header::{CACHE_CONTROL, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, HeaderValue, Request, StatusCode};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{any, get};
use db::PgPool;
use db::sealing::Sealer;
use health::Health;
use leptos::prelude::LeptosOptions;
use leptos_axum::{LeptosRoutes, generate_route_list_with_exclusions};
use std::sync::Arc;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;

/// What every handler may use.
#[derive(Clone, FromRef)]
pub struct AppState {
    pub app: AppContext,
    pub leptos: LeptosOptions,
    pub health: Health,
    pub proxies: TrustedProxies,
}

impl AppState {
    pub fn new(pool: PgPool, settings: Settings, leptos: LeptosOptions) -> AppState {
        let delays = Arc::new(Delays::new(settings.login_burst > 0));
        let app = AppContext { pool, settings: Arc::new(settings), delays, sealer: Arc::new(Sealer::random()) };
        AppState { app, leptos, health: Health::default(), proxies: TrustedProxies::default() }
    }

    /// With the key of this practice: other servers of it open what this one seals.
    pub fn sealing(self, sealer: Sealer) -> AppState {
        AppState { app: AppContext { sealer: Arc::new(sealer), ..self.app }, ..self }
    }

    /// Trusts these to name the client they ask for.
    pub fn behind(self, proxies: TrustedProxies) -> AppState {
        AppState { proxies, ..self }
    }

    /// People reach the site by HTTPS.
    fn is_https(&self) -> bool {
        self.app.settings.base_url.starts_with("https://")
    }
}

/// No other site's window holds one of ours.
const OPENER_POLICY: (HeaderName, HeaderValue) =
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));

/// What no page uses, no script may.
const PERMISSIONS: (HeaderName, HeaderValue) = (
    HeaderName::from_static("permissions-policy"),
    HeaderValue::from_static(
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), \
         publickey-credentials-create=(self), publickey-credentials-get=(self)",
    ),
);

/// Browsers that came by HTTPS once come by HTTPS for a year.
const ALWAYS_HTTPS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// The whole site.
pub fn router(state: AppState) -> Router {
    // Server functions are answered by `forms`, not by leptos_axum itself.
    let functions = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    let routes = generate_route_list_with_exclusions(app::App, Some(functions));
    let context = state.app.clone();
    let options = state.leptos.clone();
    let confirming = from_fn_with_state(state.clone(), confirm::around);
    let uploads = attachments::ROUTES
        .into_iter()
        .fold(Router::new(), |router, (path, deed)| router.route(path, attachments::route(deed)));
    let pages = uploads
        .route("/", get(pages::start))
        .route("/exit", get(exit::leave))
        .route("/clients/code-sheet.csv", get(pages::code_sheet))
        .route("/my/appointments/{id}/calendar.ics", get(pages::calendar_file))
        .route("/my/appointments/{id}/visit", get(visits::of_mine))
        .route("/appointments/{id}/visit", get(visits::of_staff))
        .route("/visit/{secret}/room", get(visits::by_link))
        .route("/files/{id}", get(attachments::download))
        .route("/fn/{*function}", any(forms::server_function))
        .route(app::import::UPLOAD, import::upload_route())
        .route(export::CSV, get(export::list).post(export::selection).layer(confirming.clone()))
        .route(export::XLSX, get(export::list).post(export::selection).layer(confirming))
        .route(app::reports::CSV, get(reports::csv))
        .route(app::clients::selection::GATHER, axum::routing::post(export::gather))
        .route("/clients/import/{id}/rows.csv", get(import::rows))
        .leptos_routes_with_context(
            &state,
            routes,
            move || leptos::prelude::provide_context(context.clone()),
            move || app::shell(options.clone()),
        )
        .fallback(pages::page)
        .layer(SetResponseHeaderLayer::if_not_present(CACHE_CONTROL, HeaderValue::from_static("no-store")));
    // Pages hold no secret beside what someone typed, so that the length of a
    // compressed one tells nothing.
    let compression = CompressionLayer::new().quality(CompressionLevel::Precise(4));
    let pages = auth::with_sessions(pages, &state).layer(CsrfLayer::new()).layer(compression);
    let pages = pages
        .layer(from_fn(unreadable::refuse_address))
        .layer(CatchPanicLayer::custom(plain::panicked))
        .layer(from_fn_with_state(state.health.clone(), health::gate));
    let feeds = feeds::routes()
        .merge(unsubscribe::routes())
        .merge(sms::hooks::routes())
        .layer(SetResponseHeaderLayer::if_not_present(CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .layer(CompressionLayer::new().quality(CompressionLevel::Precise(4)))
        .layer(from_fn(unreadable::refuse_address))
        .layer(CatchPanicLayer::custom(plain::panicked))
        .layer(from_fn_with_state(state.health.clone(), health::gate));
    let https = state.is_https();
    let files = tower_http::services::ServeDir::new(&*state.leptos.site_root).precompressed_br().precompressed_gzip();
    Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(health::ready))
        .nest(&format!("/{}", state.leptos.site_pkg_dir), immutable(&state))
        .route_service("/favicon.svg", files.clone())
        .route_service("/robots.txt", files)
        .merge(pages)
        .merge(feeds)
        .layer(SetResponseHeaderLayer::if_not_present(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")))
        .layer(SetResponseHeaderLayer::if_not_present(REFERRER_POLICY, HeaderValue::from_static("same-origin")))
        .layer(SetResponseHeaderLayer::overriding(OPENER_POLICY.0, OPENER_POLICY.1))
        .layer(SetResponseHeaderLayer::overriding(PERMISSIONS.0, PERMISSIONS.1))
        .layer(SetResponseHeaderLayer::overriding(STRICT_TRANSPORT_SECURITY, move |_: &Response| {
            https.then_some(ALWAYS_HTTPS)
        }))
        .layer(TraceLayer::new_for_http().make_span_with(|request: &Request<_>| {
            // The path of a claim or reset link is a secret: the route alone is logged.
            let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
            tracing::info_span!("http", method = %request.method(), route)
        }))
        .with_state(state)
}

/// Hashed files never change: browsers may keep them for a year.
fn immutable(state: &AppState) -> Router<AppState> {
    let folder = format!("{}/{}", state.leptos.site_root, state.leptos.site_pkg_dir);
    let files = tower_http::services::ServeDir::new(folder).precompressed_br().precompressed_gzip();
    Router::new().fallback_service(files).layer(SetResponseHeaderLayer::if_not_present(
        CACHE_CONTROL,
        |response: &Response| {
            let kept =
                if response.status() == StatusCode::OK { "public, max-age=31536000, immutable" } else { "no-store" };
            Some(HeaderValue::from_static(kept))
        },
    ))
}
