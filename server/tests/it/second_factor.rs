//! The second factor through pages without JavaScript, on two servers of one practice.

use crate::support::site;
use axum::Router;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use chrono::Utc;
use db::PgPool;
use shared::accounts::Secret;
use testkit::totp::code;
use testkit::{Answer, Session};

const NAME: &str = "ada@elm.test";

/// Keeps what an answer sets, as a browser does.
fn keep(session: &mut Session<Router>, answer: &Answer) {
    for cookie in answer.headers.get_all(SET_COOKIE) {
        let pair = cookie.to_str().unwrap().split(';').next().unwrap();
        let name = pair.split('=').next().unwrap();
        let mut kept: Vec<&str> = session.cookie.split("; ").filter(|kept| !kept.is_empty()).collect();
        kept.retain(|kept| kept.split('=').next() != Some(name));
        kept.push(pair);
        session.cookie = kept.join("; ");
    }
}

async fn post(session: &mut Session<Router>, path: &str, fields: &[(&str, &str)]) -> Answer {
    let answer = session.post(path, fields).await;
    keep(session, &answer);
    answer
}

/// What stands between two marks.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}"));
    rest.split_once(after).unwrap().0
}

async fn log_in(site: &Router) -> (Session<Router>, Answer) {
    let mut session = Session::new(site, "");
    let answer = post(
        &mut session,
        "/fn/accounts/login",
        &[("_page", "/login"), ("form[username]", NAME), ("form[password]", demo::PASSWORD)],
    )
    .await;
    (session, answer)
}

/// Sets an app up with the code of `at` (in seconds): its secret, and the recovery codes.
async fn set_up(session: &mut Session<Router>, at: i64) -> (String, Vec<String>) {
    let begun = post(session, "/fn/account/begin_totp", &[("_page", "/account/security")]).await;
    assert_eq!(begun.location(), "/account/authenticator");
    let page = session.get("/account/authenticator").await;
    assert!(page.body.contains("<svg") && page.body.contains("Turn on"), "{}", page.body);
    let secret = between(&page.body, "<code class=\"secret\">", "</code>").replace("<!>", "");
    assert_eq!(secret.split(' ').map(str::len).collect::<Vec<_>>(), [4; 8]);
    let typed = code(&secret, at);
    let fields = [("_page", "/account/authenticator"), ("form[code]", &typed)];
    let done = post(session, "/fn/account/confirm_totp", &fields).await;
    assert_eq!(done.location(), "/account/recovery-codes?done=factor-added", "{}", done.body);
    let page = session.get("/account/recovery-codes").await;
    keep(session, &page);
    let list = between(&page.body, "<ol class=\"recovery-codes\">", "</ol>");
    let codes: Vec<String> = list.split("<code>").skip(1).map(|it| it.split('<').next().unwrap().to_owned()).collect();
    assert_eq!(codes.len(), 10);
    let again = session.get("/account/recovery-codes").await.body;
    assert!(!again.contains(&codes[0]) && again.contains("10 recovery codes are left"), "they are shown once");
    (secret, codes)
}

#[testkit::test]
async fn an_app_is_set_up_and_asked_for_without_javascript(pool: PgPool) {
    db::accounts::create_admin(&pool, "Ada", "Roe", NAME, &Secret(demo::PASSWORD.into())).await.unwrap();
    let (one, other) = (site(pool.clone()), site(pool.clone()));
    let (mut ada, entered) = log_in(&one).await;
    assert_eq!(entered.location(), "/");
    // One time for all codes: between two readings of the clock a step of thirty seconds can end.
    let now = Utc::now().timestamp();
    let (secret, codes) = set_up(&mut ada, now).await;
    assert_eq!(ada.get("/calendar").await.status, StatusCode::OK, "this session stays");

    let (mut phone, half) = log_in(&other).await;
    assert_eq!(half.location(), "/login/code?next=%2F");
    assert_eq!(phone.get("/calendar").await.location(), "/login?next=%2Fcalendar");
    let before = phone.cookie.clone();
    let give = |typed: &str| [("_page", "/login/code".to_owned()), ("form[code]", typed.to_owned())];
    let used = code(&secret, now);
    let refused = phone.post("/fn/accounts/second_factor", &give(&used)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("This code doesn’t work") && refused.body.contains("Enter your code"));
    // The step after is early, and works.
    let next = code(&secret, now + 30);
    let done = phone.post("/fn/accounts/second_factor", &give(&next)).await;
    keep(&mut phone, &done);
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/calendar"));
    assert_ne!(phone.cookie, before, "the id rotates");
    assert_eq!(phone.get("/calendar").await.status, StatusCode::OK);
    let mut old = phone.clone();
    old.cookie = before;
    assert_eq!(old.get("/calendar").await.location(), "/login?next=%2Fcalendar");

    // The same code is refused by the other server; a recovery code is not.
    let (mut third, _) = log_in(&one).await;
    assert_eq!(third.post("/fn/accounts/second_factor", &give(&next)).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = third.post("/fn/accounts/second_factor", &give(&codes[0])).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    keep(&mut third, &done);
    assert!(third.get("/account/security").await.body.contains("9 recovery codes are left"));
}

#[testkit::test]
async fn a_reset_sets_the_password_and_the_second_factor_is_still_asked(pool: PgPool) {
    db::accounts::create_admin(&pool, "Ada", "Roe", NAME, &Secret(demo::PASSWORD.into())).await.unwrap();
    let site = site(pool.clone());
    let (mut ada, _) = log_in(&site).await;
    let (_, codes) = set_up(&mut ada, Utc::now().timestamp()).await;
    db::accounts::request_reset(&pool, NAME).await.unwrap();
    let secret: String =
        sqlx::query_scalar("select secret from message where kind = 'reset'").fetch_one(&pool).await.unwrap();
    let page = format!("/reset/{secret}");
    let mut stranger = Session::new(&site, "");
    let fields = [
        ("_page", page.as_str()),
        ("form[token]", &secret),
        ("form[password]", "a whole new one"),
        ("form[again]", "a whole new one"),
    ];
    let done = post(&mut stranger, "/fn/accounts/reset", &fields).await;
    assert_eq!(done.location(), "/login/code?next=%2Fcalendar");
    assert_eq!(stranger.get("/calendar").await.location(), "/login?next=%2Fcalendar");
    let give = [("_page", "/login/code"), ("form[code]", codes[7].as_str())];
    assert_eq!(post(&mut stranger, "/fn/accounts/second_factor", &give).await.status, StatusCode::SEE_OTHER);
    assert_eq!(stranger.get("/calendar").await.status, StatusCode::OK);
}

#[testkit::test]
async fn a_role_that_needs_a_factor_sets_it_up_before_anything_else_once_its_days_are_over(pool: PgPool) {
    db::accounts::create_admin(&pool, "Ada", "Roe", NAME, &Secret(demo::PASSWORD.into())).await.unwrap();
    let site = site(pool.clone());
    let (mut ada, _) = log_in(&site).await;
    assert_eq!(ada.get("/calendar").await.status, StatusCode::OK, "there are seven days");
    assert!(ada.get("/account/security").await.body.contains("Your role needs a second factor"));
    sqlx::query("update account set factor_since = now() - interval '8 days'").execute(&pool).await.unwrap();
    for page in ["/calendar", "/clients", "/settings", "/clients/export.csv", "/login", "/"] {
        let answer = ada.get(page).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/account/security"), "{page}");
    }
    let fields = [("_page", "/clients/new"), ("form[last_name]", "New"), ("form[zone]", "America/Toronto")];
    assert!(ada.post("/fn/clients/create", &fields).await.location().starts_with("/login?next="));
    set_up(&mut ada, Utc::now().timestamp()).await;
    assert_eq!(ada.get("/calendar").await.status, StatusCode::OK);
}

/// What a signature says of it: the session keeps by what it was logged in.
#[testkit::test]
async fn a_session_keeps_by_what_it_was_logged_in(pool: PgPool) {
    db::accounts::create_admin(&pool, "Ada", "Roe", NAME, &Secret(demo::PASSWORD.into())).await.unwrap();
    let site = site(pool.clone());
    let given = async || -> Vec<String> {
        let newest = "select data->'given' from session where account_id is not null order by created_at desc limit 1";
        let given: sqlx::types::Json<Vec<String>> = sqlx::query_scalar(newest).fetch_one(&pool).await.unwrap();
        given.0
    };
    let (mut ada, _) = log_in(&site).await;
    assert_eq!(given().await, ["password"]);
    let (_, codes) = set_up(&mut ada, Utc::now().timestamp()).await;
    let (mut later, half) = log_in(&site).await;
    assert!(half.location().starts_with("/login/code"));
    let fields = [("_page", "/login/code"), ("form[code]", codes[0].as_str())];
    let done = post(&mut later, "/fn/accounts/second_factor", &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    assert_eq!(given().await, ["password", "second factor"]);
}
