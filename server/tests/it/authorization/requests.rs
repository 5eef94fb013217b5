//! Requests that no page of ours sends, and the headers of every answer.

use super::table::{PAGES, functions};
use super::world::World;
use app::context::Settings;
use axum::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, Method, StatusCode};
use db::PgPool;
use leptos::prelude::LeptosOptions;
use server::AppState;
use std::collections::HashSet;

/// Who may do what the row does.
fn permitted(path: &str) -> &'static str {
    if path.starts_with("/fn/portal/") { "mia" } else { "admin" }
}

#[testkit::test]
async fn another_site_posts_in_vain(pool: PgPool) {
    let world = World::new(&pool).await;
    let before = world.fingerprint().await;
    let foreign: [&[(&str, &str)]; 5] = [
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site"), ("accept", "text/html")],
        &[("origin", "https://evil.test"), ("host", "kindred.test")],
        &[("origin", "null"), ("host", "kindred.test"), ("accept", "text/html")],
        &[("origin", "http://kindred.test.evil.test"), ("host", "kindred.test")],
    ];
    for row in functions().iter().filter(|row| row.method == "POST") {
        for headers in foreign {
            let answer = world.ask(permitted(row.path), Method::POST, row.path, row.fields, headers).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{} {headers:?}", row.path);
        }
    }
    assert_eq!(world.fingerprint().await, before);

    // Our own may.
    let row = functions().into_iter().find(|row| row.path == "/fn/clients/create").unwrap();
    let ours = [("origin", "http://kindred.test"), ("host", "kindred.test")];
    assert_eq!(world.ask("admin", Method::POST, row.path, row.fields, &ours).await.status, StatusCode::OK);
}

#[testkit::test]
async fn only_a_post_writes(pool: PgPool) {
    let world = World::new(&pool).await;
    let before = world.fingerprint().await;
    for row in functions().iter().filter(|row| row.method == "POST") {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(world.fields(row.fields)).finish();
        let address = format!("{}?{query}", row.path);
        for method in [Method::GET, Method::HEAD, Method::PUT, Method::PATCH, Method::DELETE] {
            let answer = world.ask(permitted(row.path), method.clone(), &address, row.fields, &[]).await;
            assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {}", row.path);
            assert_eq!(answer.headers.get(ALLOW).unwrap(), "POST", "{method} {}", row.path);
        }
    }
    assert_eq!(world.fingerprint().await, before);
}

/// Another site that opens one of these addresses learns nothing of who is logged in,
/// and a person who does finds a page.
#[testkit::test]
async fn a_link_to_a_server_function_leads_home_for_every_account(pool: PgPool) {
    let world = World::new(&pool).await;
    let evil = ("referer", "https://evil.test/");
    let browsers: [&[(&str, &str)]; 2] =
        [&[evil, ("accept", "text/html"), ("sec-fetch-mode", "navigate")], &[evil, ("accept", "text/html,*/*;q=0.8")]];
    for row in functions() {
        for actor in ["", "mia", "admin"] {
            for headers in browsers {
                for (query, page) in [
                    ("", "/"),
                    ("?_page=/calendar", "/calendar"),
                    ("?_page=https://evil.test", "/"),
                    ("?_page=//evil.test&q=Okafor", "/"),
                ] {
                    let address = format!("{}{query}", row.path);
                    let answer = world.ask(actor, Method::GET, &address, "", headers).await;
                    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{address} as {actor:?}");
                    assert_eq!(answer.location(), page, "{address} as {actor:?}");
                }
            }
        }
    }
    // A script gets data and is sent nowhere, whatever it says it accepts.
    for actor in ["", "mia", "admin"] {
        let headers = [evil, ("accept", "text/html"), ("sec-fetch-mode", "cors")];
        let answer = world.ask(actor, Method::GET, "/fn/clients/search?q=Okafor", "", &headers).await;
        assert_eq!(answer.headers.get(LOCATION), None, "{actor:?}");
        let posted = world.ask(actor, Method::POST, "/fn/clients/likely", "", &[evil, ("accept", "text/html")]).await;
        assert!(!posted.location().contains("evil"), "{actor:?}");
    }
}

/// `next` stands in links and hidden fields of pages: it is a page of this site or nothing.
#[testkit::test]
async fn next_leads_to_no_other_site(pool: PgPool) {
    let world = World::new(&pool).await;
    for next in ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:alert(1)//evil.test"] {
        let next = app::context::url_encode(next);
        for (actor, page) in [
            ("admin", "/clients/new"),
            ("admin", "/clients/new?kind=family"),
            ("admin", "/clients/new?kind=couple"),
            ("", "/login"),
            ("", "/register"),
        ] {
            let joint = if page.contains('?') { '&' } else { '?' };
            let answer = world.get(actor, &format!("{page}{joint}next={next}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{page}");
            for written in attributes(&answer.body) {
                assert!(!leads_away(written), "{page}: {written}");
            }
        }
        // Refused, the form comes back without it; done, it leads to our own page.
        for (path, page) in
            [("/fn/clients/create", "/clients/new"), ("/fn/memberships/create", "/clients/new?kind=family")]
        {
            let fields = format!("_page={page}&next={next}");
            let answer = world.post("admin", path, &fields).await;
            assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
            for written in attributes(&answer.body) {
                assert!(!leads_away(written), "{path}: {written}");
            }
        }
    }
}

/// The values of links and fields.
fn attributes(body: &str) -> impl Iterator<Item = &str> {
    ["href=\"", "value=\"", "action=\""]
        .into_iter()
        .flat_map(|name| body.split(name).skip(1))
        .filter_map(|rest| rest.split('"').next())
}

/// The page's own address, which stands in its form, is on this site.
fn leads_away(value: &str) -> bool {
    value.contains("evil.test")
        && !value.starts_with("/clients/new?")
        && !value.starts_with("/login?")
        && !value.starts_with("/register?")
}

#[testkit::test]
async fn every_page_has_its_headers(pool: PgPool) {
    let world = World::new(&pool).await;
    let mut nonces = HashSet::new();
    for actor in ["", "granted", "assigned", "admin"] {
        for (route, address, _) in PAGES {
            let answer = world.get(actor, address).await;
            let header =
                |name: HeaderName| answer.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default();
            assert_eq!(header(CACHE_CONTROL), "no-store", "{route}");
            assert_eq!(header(X_CONTENT_TYPE_OPTIONS), "nosniff", "{route}");
            // The address of a visit is a secret, also from our own pages; so is that of a form.
            let secret = ["/visit/:secret", "/form-links/:token"].contains(route);
            let referrer = if secret { "no-referrer" } else { "same-origin" };
            assert_eq!(header(REFERRER_POLICY), referrer, "{route}");
            assert_eq!(header(HeaderName::from_static("cross-origin-opener-policy")), "same-origin", "{route}");
            assert!(header(HeaderName::from_static("permissions-policy")).contains("camera=()"), "{route}");
            assert_eq!(header(STRICT_TRANSPORT_SECURITY), "", "{route}: this site is not reached by HTTPS");
            if answer.status.is_redirection() {
                continue;
            }
            let policy = header(CONTENT_SECURITY_POLICY);
            let nonce = policy.split_once("script-src 'nonce-").expect(policy).1.split('\'').next().unwrap();
            assert!(nonces.insert(nonce.to_owned()), "a nonce twice");
            for part in ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"] {
                assert!(policy.contains(part), "{route}: {part}");
            }
            assert!(!policy.contains("unsafe-inline"));
            for script in answer.body.split("<script").skip(1) {
                let tag = script.split('>').next().unwrap();
                assert!(tag.contains(&format!("nonce=\"{nonce}\"")), "{route}: <script{tag}>");
            }
            assert!(!answer.body.contains(" onclick=") && !answer.body.contains(" style="), "{route}");
        }
    }
    // What a script or a browser gets of a server function is no one else's either.
    let search = world.ask("admin", Method::GET, "/fn/clients/search?q=Okafor", "", &[]).await;
    assert_eq!(search.headers.get(CACHE_CONTROL).unwrap(), "no-store");
}

#[testkit::test]
async fn files_are_kept_only_where_there_are_any(pool: PgPool) {
    let root = std::env::temp_dir().join(format!("kindred-site-{}", std::process::id()));
    std::fs::create_dir_all(root.join("pkg")).unwrap();
    std::fs::write(root.join("pkg/kindred.abc.js"), "1").unwrap();
    std::fs::write(root.join("secret.txt"), "1").unwrap();
    let settings = Settings { base_url: "http://kindred.test".into(), demo: false, smtp: false, login_burst: 0 };
    let folder = root.display().to_string();
    let leptos = LeptosOptions::builder().output_name("kindred").site_root(folder).site_pkg_dir("pkg").build();
    let world = World::with_site(&pool, server::router(AppState::new(pool.clone(), settings, leptos))).await;
    let kept = |answer: &testkit::Answer| answer.headers.get(CACHE_CONTROL).unwrap().to_str().unwrap().to_owned();

    let file = world.get("", "/pkg/kindred.abc.js").await;
    assert_eq!((file.status, kept(&file).as_str()), (StatusCode::OK, "public, max-age=31536000, immutable"));
    assert_eq!(file.headers.get(X_CONTENT_TYPE_OPTIONS).unwrap(), "nosniff");
    for missing in
        ["/pkg/kindred.def.js", "/pkg/", "/pkg/../secret.txt", "/pkg/%2e%2e/secret.txt", "/pkg/..%2fsecret.txt"]
    {
        let answer = world.get("", missing).await;
        assert_eq!((answer.status, kept(&answer).as_str()), (StatusCode::NOT_FOUND, "no-store"), "{missing}");
    }
    std::fs::remove_dir_all(root).unwrap();
}

/// Addresses that someone has played with.
#[testkit::test]
async fn odd_addresses_break_nothing(pool: PgPool) {
    let world = World::new(&pool).await;
    let odd = [
        "/calendar?date=+262142-12-31",
        "/calendar?date=-262143-01-01",
        "/calendar?date=9999-12-31&practitioner=nobody",
        "/calendar?date=%00",
        "/calendar?view=month&date=1900-01-01",
        "/calendar?view=month&date=2199-12-31",
        "/calendar?view=week&date=2199-12-31",
        "/calendar?view=agenda&date=2199-12-31&before=7258118399.00000000-0000-0000-0000-000000000000",
        "/calendar?view=agenda&after=-9999999999999.x",
        "/calendar?view=nonsense&by=nonsense&density=%00&room=%00&location=nonsense&blank=-1",
        "/calendar?view=week&practitioner=00000000-0000-0000-0000-000000000000",
        "/clients?page=4294967295&q=%25%5C%27%00&status=nonsense",
        "/clients?q=%FF%FE",
        "/clients/99999999999999999999",
        "/clients/-1/edit",
        "/clients/{mia}/links/{mia}",
        "/clients/{mia}/links/new/{mia}",
        "/clients/{mia}/links/new?q=%F0%9F%A6%8A",
        "/appointments/00000000-0000-0000-0000-000000000000",
        "/appointments/new?client={mia}&service={talk}&from=+262142-12-31",
        "/appointments/new?client={mia}&service={talk}&from=+262142-12-31&at=09:30",
        "/appointments/new?client={mia}&service={talk}&from={day}&at=99:99",
        "/appointments/new?client={mia}&service=00000000-0000-0000-0000-000000000000",
        "/settings/outbox?page=4294967295&state=nonsense",
        "/settings/outbox/00000000-0000-0000-0000-000000000000",
        "/settings/services/nonsense",
        "/settings/practitioners/00000000-0000-0000-0000-000000000000",
        "/reset/%F0%9F%A6%8A",
        "/claim/..%2f..%2fetc",
        "/login?next=https://evil.test",
        "/book?service={talk}&from=+262142-12-31",
        "/book?service={talk}&from=-262143-01-01",
        "/book/confirm?service={talk}&with={assigned_id}&start=+262142-12-31T23:59:59Z",
        "/book/confirm?service={talk}&with={assigned_id}&start=0000-01-01T00:00:00Z",
        "/my/appointments/nonsense/cancel",
        "/book?service={talk}&from=+262142-12-31",
        "/book?service=nonsense&from=2026-03-09",
        "/book?from=yesterday",
        "/fn/clients/search?q=%00",
        "/fn/clients/search",
    ];
    for address in odd {
        for actor in ["mia", "admin"] {
            let answer = world.get(actor, address).await;
            assert!(!answer.status.is_server_error(), "{address} as {actor:?}: {}", answer.status);
        }
    }
}
