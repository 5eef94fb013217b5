//! Calendar feeds over HTTP: created in a form, read without a session, and nowhere in a log.

use crate::support::site;
use axum::Router;
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, LAST_MODIFIED, SET_COOKIE};
use axum::http::{Request, StatusCode};
use db::PgPool;
use std::io::Write;
use std::sync::{Arc, Mutex};
use testkit::{Answer, Demo, Session};
use tower::ServiceExt;

const PAGE: &str = "/account/feeds";

/// A feed that someone has just created in the form: its path, and the page that shows it.
async fn created(session: &Session<Router>, fields: &[(&str, &str)]) -> (String, Answer) {
    let fields: Vec<_> = fields.iter().copied().chain([("_page", PAGE)]).collect();
    let answer = session.post("/fn/feeds/create", &fields).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/account/feeds?done=feed-created"));
    let cookies = answer.headers.get_all(SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
    let cookie = cookies.filter(|cookie| cookie.starts_with("kindred-feed=")).collect::<Vec<_>>().concat();
    assert!(cookie.contains("HttpOnly") && cookie.contains("Max-Age=60"), "{cookie}");
    let mut browser = session.clone();
    browser.cookie = format!("{}; {}", session.cookie, cookie.split(';').next().unwrap());
    let page = browser.get(answer.location()).await;
    let (_, rest) = page.body.split_once("http://kindred.test/feeds/").expect("the address is shown");
    let path = format!("/feeds/{}", rest.split('"').next().unwrap());
    (path, page)
}

/// As a calendar program asks.
async fn fetch(site: &Router, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (parts, body) = site.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap().into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    Answer { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() }
}

#[testkit::test]
async fn a_feeds_address_is_shown_once_and_read_without_a_session_until_it_is_revoked(pool: PgPool) {
    Demo::load(&pool).await;
    let site = site(pool.clone());
    let parent = Session::log_in(&site, "", "parent@demo.test").await;
    let (path, page) = created(&parent, &[("form[others]", "true")]).await;
    assert!(page.body.contains("Copy this address now") && page.body.contains("webcal://kindred.test/feeds/"));
    assert!(page.body.contains("4 to 24 hours"));
    let taken = page.headers.get_all(SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
    assert!(taken.into_iter().any(|cookie| cookie.starts_with("kindred-feed=; ") && cookie.contains("Max-Age=0")));
    let again = parent.get(PAGE).await.body;
    assert!(!again.contains("/feeds/") || !again.contains(".ics"), "the address is shown once");
    assert!(again.contains("Not yet") && again.contains("Mine, and people I book for"));

    let file = fetch(&site, &path, &[]).await;
    assert_eq!(file.status, StatusCode::OK);
    let header = |name| file.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default();
    assert_eq!(header(CONTENT_TYPE), "text/calendar; charset=utf-8");
    assert_eq!(header(CACHE_CONTROL), "private, no-cache");
    assert!(file.headers.get(SET_COOKIE).is_none(), "there is no session");
    assert!(header(ETAG).starts_with("W/\"") && header(LAST_MODIFIED).ends_with(" GMT"));
    for line in
        ["X-PUBLISHED-TTL:PT1H", "REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-WR-CALNAME:Appointments", "BEGIN:VEVENT"]
    {
        assert!(file.body.contains(line), "{line}");
    }
    assert!(!parent.get(PAGE).await.body.contains("Not yet"));

    let id = parent.get(PAGE).await.body;
    let (_, id) = id.split_once("name=\"feed\" value=\"").unwrap();
    let fields = [("_page", PAGE), ("feed", id.split('"').next().unwrap())];
    assert_eq!(parent.post("/fn/feeds/revoke", &fields).await.status, StatusCode::SEE_OTHER);
    assert_eq!(fetch(&site, &path, &[]).await.status, StatusCode::NOT_FOUND);
    let wrong = format!("/feeds/{}.ics", "A".repeat(43));
    for unknown in [wrong.as_str(), "/feeds/", "/feeds/x.ics", "/feeds/x"] {
        assert_eq!(fetch(&site, unknown, &[]).await.status, StatusCode::NOT_FOUND, "{unknown}");
    }
}

#[testkit::test]
async fn a_feed_that_has_not_changed_is_not_sent_again(pool: PgPool) {
    Demo::load(&pool).await;
    let site = site(pool.clone());
    let parent = Session::log_in(&site, "", "parent@demo.test").await;
    let (path, _) = created(&parent, &[]).await;
    let file = fetch(&site, &path, &[]).await;
    let mark = file.headers[ETAG].to_str().unwrap().to_owned();
    let since = file.headers[LAST_MODIFIED].to_str().unwrap().to_owned();
    for asked in [("if-none-match", mark.as_str()), ("if-modified-since", since.as_str())] {
        let same = fetch(&site, &path, &[asked]).await;
        assert_eq!((same.status, same.body.as_str()), (StatusCode::NOT_MODIFIED, ""), "{asked:?}");
        assert_eq!(same.headers[ETAG], mark.as_str());
    }
    sqlx::query("update practice set name = 'Another name'").execute(&pool).await.unwrap();
    for asked in [("if-none-match", mark.as_str()), ("if-modified-since", since.as_str())] {
        assert_eq!(fetch(&site, &path, &[asked]).await.status, StatusCode::OK, "{asked:?}");
    }
}

#[testkit::test]
async fn a_feed_that_is_read_too_often_is_refused_for_a_while(pool: PgPool) {
    Demo::load(&pool).await;
    let site = site(pool.clone());
    let parent = Session::log_in(&site, "", "parent@demo.test").await;
    let ((path, _), (other, _)) = (created(&parent, &[]).await, created(&parent, &[]).await);
    let mut last = StatusCode::OK;
    for _ in 0..40 {
        last = fetch(&site, &path, &[]).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(fetch(&site, &other, &[]).await.status, StatusCode::OK, "each address has its own count");
}

/// Collects what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[testkit::test]
async fn no_log_has_the_secret_of_a_feed(pool: PgPool) {
    Demo::load(&pool).await;
    let log = Log::default();
    let writer = log.clone();
    let logged = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _logging = tracing::subscriber::set_default(logged);
    let site = site(pool.clone());
    let parent = Session::log_in(&site, "", "parent@demo.test").await;
    let (path, _) = created(&parent, &[]).await;
    assert_eq!(fetch(&site, &path, &[]).await.status, StatusCode::OK);
    let logged = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(logged.contains("/feeds/{file}"), "the route is logged: {logged}");
    let secret = path.trim_start_matches("/feeds/").trim_end_matches(".ics");
    assert!(!logged.contains(secret));
}
