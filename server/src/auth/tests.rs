//! Logging in through the whole router.

use crate::{AppState, router};
use app::accounts::session::CLEAR_SITE_DATA;
use app::context::Settings;
use axum::Router;
use axum::body::Body;
use axum::http::header::{ACCEPT, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE, STRICT_TRANSPORT_SECURITY};
use axum::http::{Request, StatusCode};
use db::PgPool;
use leptos::prelude::LeptosOptions;
use shared::AccountId;
use shared::accounts::Secret;
use sqlx::query_scalar;
use tower::ServiceExt;

const EMAIL: &str = "ana@example.com";
const PASSWORD: &str = "correct horse";

struct Answer {
    status: StatusCode,
    location: String,
    /// `__Host-kindred=…` without its attributes, and with them.
    cookie: Option<String>,
    set_cookie: String,
    /// What the browser is asked to forget, and to keep.
    clear: String,
    https: String,
    body: String,
}

async fn ask(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let header =
        |name| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    let (status, location) = (response.status(), header(LOCATION));
    let cookies = response.headers().get_all(SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
    let set_cookie = cookies.filter(|cookie| cookie.starts_with("__Host-kindred=")).collect::<Vec<_>>().concat();
    let (clear, https) = (header(CLEAR_SITE_DATA), header(STRICT_TRANSPORT_SECURITY));
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let cookie = set_cookie.split(';').next().filter(|cookie| !cookie.is_empty()).map(str::to_owned);
    Answer { status, location, cookie, set_cookie, clear, https, body: String::from_utf8(body.to_vec()).unwrap() }
}

async fn get(router: &Router, path: &str, cookie: &str) -> Answer {
    ask(router, Request::get(path).header(COOKIE, cookie).body(Body::empty()).unwrap()).await
}

async fn post(router: &Router, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    let request = Request::post(path)
        .header(COOKIE, cookie)
        .header(ACCEPT, "text/html")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish().into())
        .unwrap();
    ask(router, request).await
}

async fn log_in(router: &Router, cookie: &str, password: &str, next: &str) -> Answer {
    let fields = [("_page", "/login"), ("form[username]", EMAIL), ("form[password]", password), ("form[next]", next)];
    post(router, "/fn/accounts/login", cookie, &fields).await
}

async fn practice(pool: &PgPool, login_burst: u32) -> (Router, AccountId) {
    let account = db::accounts::create_admin(pool, "Ana", "Ng", EMAIL, &Secret(PASSWORD.into())).await.unwrap();
    let settings = Settings { base_url: "https://kindred.test".into(), demo: false, smtp: true, login_burst };
    let leptos = LeptosOptions::builder().output_name("kindred").build();
    (router(AppState::new(pool.clone(), settings, leptos)), account)
}

async fn sessions(pool: &PgPool) -> i64 {
    query_scalar("select count(*) from session").fetch_one(pool).await.unwrap()
}

#[testkit::test]
async fn a_session_begins_with_the_password_and_ends_with_logging_out(pool: PgPool) {
    let (router, account) = practice(&pool, 0).await;
    let page = get(&router, "/login", "").await;
    assert_eq!((page.status, page.cookie), (StatusCode::OK, None));
    assert_eq!(page.https, "max-age=31536000");
    assert!(page.body.contains("Email or username"));
    assert_eq!(sessions(&pool).await, 0, "a visitor has no session");

    let wrong = log_in(&router, "", "wrong horse", "").await;
    assert_eq!((wrong.status, wrong.cookie), (StatusCode::UNAUTHORIZED, None));
    assert!(wrong.body.contains("Wrong email, username or password") && wrong.body.contains(EMAIL));
    assert!(!wrong.body.contains("wrong horse"));

    let right = log_in(&router, "", PASSWORD, "/clients?q=a").await;
    assert_eq!((right.status, right.location.as_str()), (StatusCode::SEE_OTHER, "/clients?q=a"));
    for attribute in ["__Host-kindred=", "HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
        assert!(right.set_cookie.contains(attribute), "{attribute}: {}", right.set_cookie);
    }
    for lasting in ["Max-Age", "Expires", "Domain"] {
        assert!(!right.set_cookie.contains(lasting), "it ends with the browser: {}", right.set_cookie);
    }
    let cookie = right.cookie.unwrap();
    let owner: AccountId = query_scalar("select account_id from session").fetch_one(&pool).await.unwrap();
    assert_eq!(owner, account);

    let start = get(&router, "/", &cookie).await;
    assert_eq!((start.location.as_str(), start.cookie), ("/calendar", None));
    assert_eq!(get(&router, "/login", &cookie).await.location, "/calendar");

    let out = post(&router, "/fn/accounts/logout", &cookie, &[]).await;
    assert_eq!(out.location, "/login?done=logged-out");
    assert_eq!(out.clear, "\"cache\", \"storage\"", "Back shows the next person nothing");
    // A browser heeds what removes a `__Host-` cookie only if it is `Secure`.
    assert!(out.set_cookie.contains("Max-Age=0") && out.set_cookie.contains("; Secure"), "{}", out.set_cookie);
    assert_eq!(sessions(&pool).await, 0);
    assert_eq!(get(&router, "/", &cookie).await.location, "/login");
}

#[testkit::test]
async fn logging_in_leads_nowhere_else(pool: PgPool) {
    let (router, _) = practice(&pool, 0).await;
    for next in ["https://evil.test", "//evil.test", "/\\evil.test", "/\t/evil.test", "/a\r\nb", "/é", ""] {
        assert_eq!(log_in(&router, "", PASSWORD, next).await.location, "/", "{next:?}");
    }
}

#[testkit::test]
async fn the_id_rotates_and_a_new_password_ends_the_session(pool: PgPool) {
    let (router, account) = practice(&pool, 0).await;
    let first = log_in(&router, "__Host-kindred=AAAAAAAAAAAAAAAAAAAAAA", PASSWORD, "").await.cookie.unwrap();
    assert_ne!(first, "__Host-kindred=AAAAAAAAAAAAAAAAAAAAAA");
    let second = log_in(&router, &first, PASSWORD, "").await.cookie.unwrap();
    assert_ne!(first, second);
    assert_eq!(sessions(&pool).await, 1);
    assert_eq!(get(&router, "/", &first).await.location, "/login");
    assert_eq!(get(&router, "/", &second).await.location, "/calendar");

    sqlx::query("update account set password_hash = $2 where id = $1")
        .bind(account.0)
        .bind(db::accounts::hash_password("another horse").unwrap())
        .execute(&pool)
        .await
        .unwrap();
    assert_eq!(get(&router, "/", &second).await.location, "/login");
}

#[testkit::test]
async fn an_idle_session_ends_and_a_live_one_is_seldom_written(pool: PgPool) {
    let (router, _) = practice(&pool, 0).await;
    let cookie = log_in(&router, "", PASSWORD, "").await.cookie.unwrap();
    let due = "select extract(epoch from expires_at)::bigint from session";
    let at_login: i64 = query_scalar(due).fetch_one(&pool).await.unwrap();

    // Five minutes later one request is written down, and the cookie lives longer.
    sqlx::query("update session set expires_at = now() + interval '1 hour', data = data || '{\"seen\": 1}'")
        .execute(&pool)
        .await
        .unwrap();
    assert!(get(&router, "/", &cookie).await.cookie.is_some());
    assert!(query_scalar::<_, i64>(due).fetch_one(&pool).await.unwrap() >= at_login);
    assert!(get(&router, "/", &cookie).await.cookie.is_none());

    sqlx::query("update session set expires_at = now()").execute(&pool).await.unwrap();
    assert_eq!(get(&router, "/", &cookie).await.location, "/login");
    assert_eq!(db::accounts::sessions::delete_expired(&pool).await.unwrap(), 1);
}

#[testkit::test]
async fn a_session_ends_after_seven_days_however_much_it_is_used(pool: PgPool) {
    let (router, _) = practice(&pool, 0).await;
    let cookie = log_in(&router, "", PASSWORD, "").await.cookie.unwrap();
    let age = "update session set created_at = now() - interval '6 days 23 hours', data = data || '{\"seen\": 1}'";
    sqlx::query(age).execute(&pool).await.unwrap();
    assert_eq!(get(&router, "/", &cookie).await.location, "/calendar");
    let minutes: i64 = query_scalar("select extract(epoch from expires_at - now())::bigint / 60 from session")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert!((55..=60).contains(&minutes), "{minutes}");
    // The next login starts over.
    let again = log_in(&router, &cookie, PASSWORD, "").await.cookie.unwrap();
    let hours: i64 = query_scalar("select round(extract(epoch from expires_at - now()) / 3600)::bigint from session")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!((hours, get(&router, "/", &again).await.location.as_str()), (8, "/calendar"));
}

#[testkit::test]
async fn a_username_that_fails_often_waits_and_is_not_locked(pool: PgPool) {
    let (router, _) = practice(&pool, 100).await;
    let took = async |username: &str, password: &str| {
        let start = std::time::Instant::now();
        let fields = [("_page", "/login"), ("form[username]", username), ("form[password]", password)];
        let answer = post(&router, "/fn/accounts/login", "", &fields).await;
        (answer.status, start.elapsed().as_millis() >= 500)
    };
    for username in [EMAIL, "nobody@example.com"] {
        for _ in 0..5 {
            assert_eq!(took(username, "wrong horse").await.0, StatusCode::UNAUTHORIZED);
        }
        assert_eq!(took(username, "wrong horse").await, (StatusCode::UNAUTHORIZED, true), "{username}");
    }
    assert_eq!(took(EMAIL, PASSWORD).await, (StatusCode::SEE_OTHER, true), "the owner waits, and comes in");
    assert_eq!(took(EMAIL, PASSWORD).await.0, StatusCode::SEE_OTHER);
}

#[testkit::test]
async fn too_many_attempts_are_reported_on_the_page(pool: PgPool) {
    let (router, _) = practice(&pool, 2).await;
    log_in(&router, "", "wrong horse", "").await;
    assert_eq!(log_in(&router, "", PASSWORD, "").await.status, StatusCode::SEE_OTHER);
    let refused = log_in(&router, "", PASSWORD, "").await;
    assert_eq!((refused.status, refused.cookie), (StatusCode::TOO_MANY_REQUESTS, None));
    assert!(refused.body.contains("Too many attempts") && refused.body.contains("Email or username"));
    assert_eq!(get(&router, "/login", "").await.status, StatusCode::OK);
}

#[testkit::test]
async fn a_reset_link_is_used_by_posting_only(pool: PgPool) {
    let (router, _) = practice(&pool, 0).await;
    let old = log_in(&router, "", PASSWORD, "").await.cookie.unwrap();
    let asked = post(&router, "/fn/accounts/request_reset", "", &[("form[username]", EMAIL)]).await;
    let unknown = post(&router, "/fn/accounts/request_reset", "", &[("form[username]", "nobody@example.com")]).await;
    assert_eq!((asked.status, &asked.location), (unknown.status, &unknown.location));
    assert!(get(&router, &asked.location, "").await.body.contains("If there’s an account"));

    let secret: String =
        query_scalar("select secret from message where kind = 'reset'").fetch_one(&pool).await.unwrap();
    let path = format!("/reset/{secret}");
    for _ in 0..2 {
        let page = get(&router, &path, "").await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains(&secret) && page.body.contains(EMAIL));
    }
    let fields = |password| {
        [
            ("_page", path.as_str()),
            ("form[token]", &secret),
            ("form[password]", password),
            ("form[again]", "battery staple"),
        ]
    };
    let refused = post(&router, "/fn/accounts/reset", "", &fields("short")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("at least 10 characters"));
    let done = post(&router, "/fn/accounts/reset", "", &fields("battery staple")).await;
    assert_eq!(done.location, "/calendar?done=password-set");
    assert_eq!(get(&router, "/", &done.cookie.unwrap()).await.location, "/calendar");
    assert_eq!(get(&router, "/", &old).await.location, "/login", "open sessions end");
    assert_eq!(get(&router, &path, "").await.status, StatusCode::GONE);
    assert_eq!(post(&router, "/fn/accounts/reset", "", &fields("battery staple")).await.status, StatusCode::GONE);
    assert_eq!(get(&router, "/claim/no-such-secret", "").await.status, StatusCode::GONE);
}

#[testkit::test]
async fn a_claim_ends_logged_in_at_ones_appointments(pool: PgPool) {
    let (router, admin) = practice(&pool, 0).await;
    let number: i64 = query_scalar(
        "insert into client (id, kind, code, first_name, last_name, zone, email)
         values (gen_random_uuid(), 'individual', 'MO1', 'Mia', 'Okafor', 'America/Toronto', 'mia@example.com')
         returning number",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    let desk = log_in(&router, "", PASSWORD, "").await.cookie.unwrap();
    let number_text = number.to_string();
    let invite = [("number", number_text.as_str()), ("_page", "/clients")];
    assert_eq!(post(&router, "/fn/accounts/invite", "", &invite).await.location, "/login?next=%2Fclients");
    let invited = post(&router, "/fn/accounts/invite", &desk, &invite).await;
    assert_eq!(invited.location, format!("/clients/{number}?done=invited"));
    let secret: String = query_scalar("select secret from message").fetch_one(&pool).await.unwrap();

    let path = format!("/claim/{secret}");
    let page = get(&router, &path, "").await;
    assert!(page.body.contains("Welcome, Mia") && page.body.contains("value=\"mia@example.com\""));
    let fields = [
        ("_page", path.as_str()),
        ("form[token]", &secret),
        ("form[username]", EMAIL),
        ("form[password]", "battery staple"),
        ("form[again]", "battery staple"),
    ];
    let taken = post(&router, "/fn/accounts/claim", "", &fields).await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(taken.body.contains("Choose one without @") && !taken.body.contains("battery"));
    let fields = fields.map(|(name, value)| (name, if value == EMAIL { "" } else { value }));
    let done = post(&router, "/fn/accounts/claim", "", &fields).await;
    assert_eq!(done.location, "/my?done=password-set");
    assert_eq!(get(&router, "/", &done.cookie.unwrap()).await.location, "/my");
    assert_eq!(get(&router, &path, "").await.status, StatusCode::GONE);
    assert!(db::accounts::load(&pool, admin).await.unwrap().is_some());
}
