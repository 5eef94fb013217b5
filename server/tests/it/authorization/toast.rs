//! What a page says was done was done for the browser that shows it.

use super::world::World;
use axum::http::header::SET_COOKIE;
use axum::http::{Method, StatusCode};
use db::PgPool;

#[testkit::test]
async fn a_toast_tells_of_nothing_but_what_this_browser_did(pool: PgPool) {
    let world = World::new(&pool).await;
    let has_toast = |body: &str| body.contains("id=\"toast\"");
    // Links that a stranger sends, to a page and to what leads there.
    assert!(!has_toast(&world.get("mia", "/my/appointments?done=booked").await.body));
    let fields = "form[username]=mia&form[password]={password}&form[next]=/my/appointments?done=booked";
    let login = world.post("", "/fn/accounts/login", fields).await;
    assert_eq!((login.status, login.location()), (StatusCode::SEE_OTHER, "/my/appointments"));
    let navigation = [("sec-fetch-mode", "navigate")];
    let forged = "/fn/portal/book?_page=/my/appointments%3Fdone=booked";
    let led = world.ask("mia", Method::GET, forged, "", &navigation).await;
    assert_eq!(led.location(), "/my/appointments");
    for answer in [login, led] {
        let notes = answer.headers.get_all(SET_COOKIE).iter();
        assert!(!notes.filter_map(|note| note.to_str().ok()).any(|note| note.contains("booked")));
    }
    // A refused form is shown again, not what its page once said.
    let refused = "_page=/login?done=logged-out&form[username]=mia&form[password]=a wrong one";
    assert!(!has_toast(&world.post("", "/fn/accounts/login", refused).await.body));

    let out = world.post("", "/fn/accounts/logout", "").await;
    assert_eq!(out.location(), "/login?done=logged-out");
    let note = out.headers.get_all(SET_COOKIE).iter().filter_map(|note| note.to_str().ok());
    let note = note.filter(|note| note.starts_with("kindred-done=logged-out;")).collect::<Vec<_>>().concat();
    assert!(note.contains("HttpOnly") && note.contains("Max-Age=60"), "{note}");
    let mut browser = world.session("").clone();
    browser.cookie = note.split(';').next().unwrap().to_owned();
    assert!(browser.get("/login?done=logged-out").await.body.contains("You are logged out."));
    assert!(!has_toast(&browser.get("/login?done=password-set").await.body));
}
