//! Half a login is no one's: the password was given, the second factor was not.

use super::table::{PAGES, POSTS, SERVER, functions};
use super::world::{World, main_part};
use axum::Router;
use axum::http::header::SET_COOKIE;
use axum::http::{Method, StatusCode};
use db::PgPool;
use testkit::{Answer, Session};

/// The browser of someone who has Mia's or the administrator's password, and not the second factor.
async fn half(world: &World, username: &str) -> Session<Router> {
    sqlx::query(
        "insert into account_totp (account_id, sealed_secret, confirmed_at)
         select id, 'sealed', now() from account where username = $1::text::citext",
    )
    .bind(username)
    .execute(&world.pool)
    .await
    .unwrap();
    let mut session = Session::new(&world.site, "");
    let fields = [("form[username]", username), ("form[password]", demo::PASSWORD), ("form[next]", "/calendar")];
    let answer = session.post("/fn/accounts/login", &fields).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/login/code?next=%2Fcalendar"));
    let cookie = answer.headers.get(SET_COOKIE).unwrap().to_str().unwrap();
    session.cookie = cookie.split(';').next().unwrap().to_owned();
    let page = session.get("/login/code").await;
    assert!(page.status == StatusCode::OK && page.body.contains("Enter your code"));
    session
}

/// As far as someone can tell who asks: status, where it leads, and the page but for what changes each time.
fn told(answer: &Answer) -> (StatusCode, String, usize) {
    (answer.status, answer.location().to_owned(), main_part(&answer.body).split_whitespace().count())
}

#[testkit::test]
async fn half_a_login_reads_what_a_stranger_reads(pool: PgPool) {
    let world = World::new(&pool).await;
    for username in ["mia", "admin"] {
        let half = half(&world, username).await;
        let stranger = world.session("");
        let addresses = PAGES.iter().map(|(_, address, _)| *address).chain(SERVER.iter().map(|(address, _)| *address));
        for address in addresses.filter(|address| *address != "/login/code") {
            let path = world.fill(address);
            assert_eq!(told(&half.get(&path).await), told(&stranger.get(&path).await), "{address} as {username}");
        }
        for row in functions().iter().filter(|row| row.method == "GET") {
            let path = world.fill(&format!("{}?{}", row.path, row.fields));
            assert_eq!(told(&half.get(&path).await), told(&stranger.get(&path).await), "{} as {username}", row.path);
        }
    }
}

#[testkit::test]
async fn half_a_login_does_what_a_stranger_does(pool: PgPool) {
    let world = World::new(&pool).await;
    for username in ["mia", "admin"] {
        let half = half(&world, username).await;
        let before = world.fingerprint().await;
        // Those that a stranger may do are tried elsewhere.
        for row in functions().iter().filter(|row| row.method == "POST" && row.expected.starts_with('L')) {
            if row.path == "/fn/accounts/second_factor" {
                continue;
            }
            let fields = world.fields(&format!("_page={}&_confirm={{password}}&{}", row.page, row.fields));
            let (one, other) = (half.post(row.path, &fields).await, world.session("").post(row.path, &fields).await);
            // Answers that took long are kept on a page to send them from once one is logged in.
            if one.body.contains("Your answers aren’t sent yet") {
                assert_eq!(
                    (one.status, one.body.len()),
                    (other.status, other.body.len()),
                    "{} as {username}",
                    row.path
                );
                continue;
            }
            assert_eq!(told(&one), told(&other), "{} as {username}", row.path);
            assert!(one.location().starts_with("/login?next="), "{} as {username}", row.path);
        }
        for (path, fields, _) in POSTS {
            let fields = world.fields(fields);
            let (one, other) = (half.post(path, &fields).await, world.session("").post(path, &fields).await);
            assert_eq!(told(&one), told(&other), "{path} as {username}");
        }
        assert_eq!(world.fingerprint().await, before, "{username} wrote something");
    }
    let scripts = world.ask("", Method::POST, "/fn/accounts/second_factor", "form[code]=000000", &[]).await;
    assert_eq!(scripts.status, StatusCode::UNAUTHORIZED);
}
