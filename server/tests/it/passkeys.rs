//! Passkeys through the site, with an authenticator in software in place of the browser's.

use crate::support::{site, site_at};
use axum::Router;
use axum::body::Body;
use axum::http::header::{ACCEPT, CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::{Request, StatusCode};
use db::PgPool;
use http_body_util::BodyExt;
use serde_json::Value;
use shared::accounts::Secret;
use testkit::passkeys::Authenticator;
use testkit::{Answer, Session};
use tower::ServiceExt;

const NAME: &str = "ada@elm.test";
const BASE: &str = "http://kindred.localhost";

/// Keeps what an answer sets, as a browser does.
fn keep(session: &mut Session<Router>, headers: &axum::http::HeaderMap) {
    for cookie in headers.get_all(SET_COOKIE) {
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
    keep(session, &answer.headers);
    answer
}

/// What the page's script asks.
async fn ask(site: &Router, session: &mut Session<Router>, path: &str, body: &'static str) -> Value {
    let request = Request::post(path)
        .header(ACCEPT, "application/json")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(COOKIE, &session.cookie)
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(body))
        .unwrap();
    let (parts, body) = site.clone().oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    assert_eq!(parts.status, StatusCode::OK, "{}", String::from_utf8_lossy(&body));
    keep(session, &parts.headers);
    let text: String = serde_json::from_slice(&body).unwrap();
    serde_json::from_str(&text).unwrap()
}

async fn give_password(site: &Router) -> (Session<Router>, Answer) {
    let mut session = Session::new(site, "");
    let fields = [("_page", "/login"), ("form[username]", NAME), ("form[password]", demo::PASSWORD)];
    let answer = post(&mut session, "/fn/accounts/login", &fields).await;
    (session, answer)
}

async fn add(site: &Router, session: &mut Session<Router>) -> Authenticator {
    let options = ask(site, session, "/fn/account/begin_passkey", "").await;
    let (authenticator, answer) = Authenticator::make(BASE, &options);
    let ceremony = options["ceremony"].as_str().unwrap();
    let fields = [
        ("_page", "/account/passkey"),
        ("form[name]", "My phone"),
        ("form[ceremony]", ceremony),
        ("form[credential]", &answer),
    ];
    let done = post(session, "/fn/account/add_passkey", &fields).await;
    assert_eq!(done.location(), "/account/recovery-codes?done=passkey-added", "{}", done.body);
    authenticator
}

fn fields<'a>(options: &'a Value, answer: &'a str, second: &'a str) -> Vec<(&'a str, &'a str)> {
    let page = if second.is_empty() { "/login" } else { "/login/code" };
    let mut fields =
        vec![("_page", page), ("form[ceremony]", options["ceremony"].as_str().unwrap()), ("form[credential]", answer)];
    if !second.is_empty() {
        fields.push(("second", second));
    }
    fields
}

#[testkit::test]
async fn a_passkey_is_added_and_logs_in_under_a_new_session_id(pool: PgPool) {
    db::accounts::create_admin(&pool, "Ada", "Roe", NAME, &Secret(demo::PASSWORD.into())).await.unwrap();
    let (one, other) = (site_at(pool.clone(), BASE), site_at(pool.clone(), BASE));
    let (mut ada, _) = give_password(&one).await;
    let page = ada.get("/account/passkey").await;
    assert!(page.body.contains("Create passkey") && page.body.contains("navigator.credentials.create"));
    let policy = page.headers["permissions-policy"].to_str().unwrap();
    for allowed in ["publickey-credentials-create=(self)", "publickey-credentials-get=(self)", "payment=()"] {
        assert!(policy.contains(allowed), "{policy}");
    }
    let mut phone = add(&one, &mut ada).await;
    assert_eq!(ada.get("/calendar").await.status, StatusCode::OK, "this session stays");
    let page = ada.get("/account/security").await.body;
    assert!(page.contains("My phone") && page.contains("10 recovery codes are left"), "{page}");

    // By another server, without a name.
    phone.counter = 1;
    let mut stranger = Session::new(&other, "");
    let page = stranger.get("/login").await;
    assert!(page.body.contains("username webauthn") && page.body.contains(">Use a passkey<"), "{}", page.body);
    assert!(page.headers.get(SET_COOKIE).is_none(), "reading the page writes nothing");
    let options = ask(&other, &mut stranger, "/fn/accounts/begin_passkey", "").await;
    let answer = phone.answer(&options);
    let mut thief = Session::new(&other, "");
    ask(&other, &mut thief, "/fn/accounts/begin_passkey", "").await;
    let stolen = thief.post("/fn/accounts/passkey_login", &fields(&options, &answer, "")).await;
    assert_eq!(stolen.status, StatusCode::GONE, "another browser's");
    let before = stranger.cookie.clone();
    let done = post(&mut stranger, "/fn/accounts/passkey_login", &fields(&options, &answer, "")).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/calendar"), "{}", done.body);
    assert_ne!(before, stranger.cookie);
    assert_eq!(stranger.get("/calendar").await.status, StatusCode::OK);
    let again = thief.post("/fn/accounts/passkey_login", &fields(&options, &answer, "")).await;
    assert_eq!(again.status, StatusCode::GONE);

    // A refused one is answered with the page, and what the device said is not in it.
    let mut late = Session::new(&one, "");
    let options = ask(&one, &mut late, "/fn/accounts/begin_passkey", "").await;
    let answer = phone.answer(&options);
    let refused = post(&mut late, "/fn/accounts/passkey_login", &fields(&options, &answer, "")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("This passkey wasn’t accepted") && !refused.body.contains("signature&quot;"));
}

#[testkit::test]
async fn a_passkey_completes_a_login_and_until_then_it_is_a_strangers(pool: PgPool) {
    db::accounts::create_admin(&pool, "Ada", "Roe", NAME, &Secret(demo::PASSWORD.into())).await.unwrap();
    let site = site_at(pool.clone(), BASE);
    let (mut ada, _) = give_password(&site).await;
    let mut phone = add(&site, &mut ada).await;
    phone.counter = 1;
    let (mut half, answer) = give_password(&site).await;
    assert_eq!(answer.location(), "/login/code?next=%2F");
    assert_eq!(half.get("/calendar").await.location(), "/login?next=%2Fcalendar");
    let page = half.get("/login/code").await.body;
    assert!(page.contains("Use a passkey") && page.contains("Use your passkey, or a recovery code."));
    let options = ask(&site, &mut half, "/fn/accounts/begin_passkey", "second=true").await;
    assert_eq!(half.get("/calendar").await.location(), "/login?next=%2Fcalendar");
    let before = half.cookie.clone();
    let answer = phone.answer(&options);
    let done = post(&mut half, "/fn/accounts/passkey_login", &fields(&options, &answer, "true")).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/calendar"), "{}", done.body);
    assert_ne!(before, half.cookie, "the id rotates");
    assert_eq!(half.get("/calendar").await.status, StatusCode::OK);
}

#[testkit::test]
async fn at_an_ip_address_the_page_offers_an_app_and_a_new_name_warns_of_passkeys(pool: PgPool) {
    db::accounts::create_admin(&pool, "Ada", "Roe", NAME, &Secret(demo::PASSWORD.into())).await.unwrap();
    for (base, words) in [("http://192.0.2.7:3000", "by its IP address"), ("http://kin.example", "by HTTPS")] {
        let (mut ada, _) = give_password(&site_at(pool.clone(), base)).await;
        for page in ["/account/security", "/account/passkey"] {
            let page = ada.get(page).await.body;
            assert!(page.contains(words) && page.contains("Use an authenticator app."), "{base}");
            assert!(!page.contains("Create passkey") && !page.contains("Add a passkey</a>"), "{base}");
        }
        let login = Session::new(&site_at(pool.clone(), base), "").get("/login").await.body;
        assert!(!login.contains(">Use a passkey<"));
        let refused = post(&mut ada, "/fn/account/begin_passkey", &[("_page", "/account/security")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let named = site_at(pool.clone(), BASE);
    let (mut ada, _) = give_password(&named).await;
    assert_eq!(server::serve::passkeys_warning(&pool, "https://new.example").await.unwrap(), None);
    add(&named, &mut ada).await;
    add_second(&named, &mut ada).await;
    assert_eq!(server::serve::passkeys_warning(&pool, BASE).await.unwrap(), None);
    for base in ["https://new.example", "http://192.0.2.7:3000"] {
        let warning = server::serve::passkeys_warning(&pool, base).await.unwrap().unwrap();
        assert!(warning.starts_with("2 passkeys were made for another host"), "{warning}");
    }
    // The page of the other host says so; recovery codes let in there.
    let (moved, answer) = give_password(&site(pool.clone())).await;
    assert_eq!(answer.location(), "/login/code?next=%2F");
    assert!(!moved.get("/login/code").await.body.contains(">Use a passkey<"));
    assert!(ada.get("/account/security").await.body.matches("Added ").count() >= 2);
}

async fn add_second(site: &Router, session: &mut Session<Router>) {
    let options = ask(site, session, "/fn/account/begin_passkey", "").await;
    let (_, answer) = Authenticator::make(BASE, &options);
    let mut sent = fields(&options, &answer, "");
    sent.push(("form[name]", "Laptop"));
    let done = post(session, "/fn/account/add_passkey", &sent).await;
    assert_eq!(done.location(), "/account/security?done=passkey-added", "the codes stay: {}", done.body);
}

#[testkit::test]
async fn before_what_matters_a_passkey_is_as_good_as_the_password(pool: PgPool) {
    db::accounts::create_admin(&pool, "Ada", "Roe", NAME, &Secret(demo::PASSWORD.into())).await.unwrap();
    let site = site_at(pool.clone(), BASE);
    let (mut ada, _) = give_password(&site).await;
    let mut phone = add(&site, &mut ada).await;
    let later = async || {
        sqlx::query("update session set proved_at = now() - interval '6 minutes'").execute(&pool).await.unwrap();
    };
    later().await;
    let page = ada.get("/account/authenticator").await;
    assert_eq!(page.location(), "/account/confirm?next=%2Faccount%2Fauthenticator");
    let page = ada.get(page.location()).await.body;
    assert!(page.contains(">Use a passkey<") && page.contains("data-begin=\"/fn/account/begin_proof\""), "{page}");
    let confirm = async |session: &Session<Router>, options: &Value, answer: &str| {
        let fields = [
            ("_page", "/account/confirm"),
            ("next", "/account/authenticator"),
            ("_confirm", ""),
            ("_ceremony", options["ceremony"].as_str().unwrap()),
            ("_credential", answer),
        ];
        session.post("/fn/account/confirm", &fields).await
    };
    phone.counter = 1;
    phone.origin = "http://evil.localhost".into();
    let options = ask(&site, &mut ada, "/fn/account/begin_proof", "").await;
    let wrong = confirm(&ada, &options, &phone.answer(&options)).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("This passkey wasn’t accepted") && !wrong.body.contains("&quot;rawId&quot;"));
    phone.origin = BASE.into();
    // What logs in does not confirm, nor what another session was asked.
    let options = ask(&site, &mut ada, "/fn/accounts/begin_passkey", "").await;
    assert_eq!(confirm(&ada, &options, &phone.answer(&options)).await.status, StatusCode::GONE);
    let options = ask(&site, &mut ada, "/fn/account/begin_proof", "").await;
    let (mut other, _) = give_password(&site).await;
    let step = ask(&site, &mut other, "/fn/accounts/begin_passkey", "second=true").await;
    let done = post(&mut other, "/fn/accounts/passkey_login", &fields(&step, &phone.answer(&step), "true")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    later().await;
    phone.counter = 2;
    let answer = phone.answer(&options);
    assert_eq!(confirm(&other, &options, &answer).await.status, StatusCode::GONE);
    let done = confirm(&ada, &options, &answer).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/account/authenticator"), "{}", done.body);
    assert_eq!(ada.get("/account/authenticator").await.status, StatusCode::OK);
    assert_eq!(other.get("/account/authenticator").await.status, StatusCode::FOUND, "this session alone");
}
