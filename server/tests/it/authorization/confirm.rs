//! What asks for the password again in a session that was left open, and the sessions themselves.

use super::proof::PROOF;
use super::table::{Function, functions};
use super::world::World;
use axum::http::{Method, StatusCode};
use db::PgPool;

/// Everyone gave their password six minutes ago.
async fn later(world: &World) {
    sqlx::query("update session set proved_at = now() - interval '6 minutes'").execute(&world.pool).await.unwrap();
}

async fn run(world: &World, sql: &'static str) {
    sqlx::query(sql).execute(&world.pool).await.unwrap();
}

/// The rows that ask, with who sends them.
fn asking() -> Vec<(&'static str, Function)> {
    let asked = |path: &str| PROOF.iter().find(|(of, _)| *of == path).and_then(|(_, actor)| *actor);
    functions().into_iter().filter_map(|row| Some((asked(row.path)?, row))).collect()
}

#[test]
fn every_server_function_that_writes_says_whether_it_asks_for_the_password() {
    let mut real: Vec<_> = functions().iter().filter(|row| row.method == "POST").map(|row| row.path).collect();
    let mut said: Vec<_> = PROOF.iter().map(|(path, _)| *path).collect();
    real.sort_unstable();
    said.sort_unstable();
    assert_eq!(real, said);
}

#[testkit::test]
async fn what_is_said_not_to_ask_for_the_password_does_not(pool: PgPool) {
    let world = World::new(&pool).await;
    let mut asks = Vec::new();
    let free = |path: &str| PROOF.contains(&(path, None)) && path != "/fn/account/confirm";
    for row in functions().iter().filter(|row| row.method == "POST" && free(row.path)) {
        for actor in ["admin", "mia"] {
            world.put_back().await;
            later(&world).await;
            let answer = world.post(actor, row.path, &format!("_page={}&{}", row.page, row.fields)).await;
            if answer.body.contains("Confirm that it’s you") {
                asks.push((row.path, actor));
            }
        }
    }
    assert!(asks.is_empty(), "{asks:?}");
}

#[testkit::test]
async fn the_desk_changes_the_address_of_someone_with_a_login_after_their_password(pool: PgPool) {
    let world = World::new(&pool).await;
    world.put_back().await;
    let save = functions().into_iter().find(|row| row.path == "/fn/clients/save").unwrap();
    let fields = format!("_page={}&{}", save.page, save.fields.replace("{mia_mail}", "mia@elsewhere.test"));
    later(&world).await;
    let before = world.fingerprint().await;
    let asked = world.post("staff", save.path, &fields).await;
    assert!(asked.status == StatusCode::FORBIDDEN && asked.body.contains("Confirm that it’s you"), "{}", asked.status);
    assert!(asked.body.contains("value=\"mia@elsewhere.test\"") && world.fingerprint().await == before);
    let done = world.post("staff", save.path, &format!("{fields}&_confirm={{password}}")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
}

#[testkit::test]
async fn what_matters_asks_for_the_password_again_and_writes_nothing_without_it(pool: PgPool) {
    let world = World::new(&pool).await;
    world.put_back().await;
    for (actor, row) in asking() {
        later(&world).await;
        let before = world.fingerprint().await;
        let fields = format!("_page={}&{}", row.page, row.fields);
        let asked = world.post(actor, row.path, &fields).await;
        assert_eq!(asked.status, StatusCode::FORBIDDEN, "{}", row.path);
        assert!(asked.body.contains("Confirm that it’s you"), "{}", row.path);
        assert!(asked.body.contains(&format!("action=\"{}\"", row.path)), "{}", row.path);
        for (name, value) in world.fields(row.fields) {
            assert!(asked.body.contains(&format!("name=\"{name}\"")), "{} lost {name}", row.path);
            assert!(asked.body.contains(&format!("value=\"{value}\"")), "{} lost {value}", row.path);
        }
        let script = world.ask(actor, Method::POST, row.path, row.fields, &[]).await;
        assert_eq!(script.status, StatusCode::FORBIDDEN, "{}", row.path);
        assert_eq!(world.fingerprint().await, before, "{} wrote", row.path);

        let wrong = world.post(actor, row.path, &format!("{fields}&_confirm=wrong horse")).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", row.path);
        assert!(wrong.body.contains("This is not your current password.") && !wrong.body.contains("wrong horse"));
        assert!(wrong.body.contains(&format!("action=\"{}\"", row.path)), "{}", row.path);

        let done = world.post(actor, row.path, &format!("{fields}&_confirm={{password}}")).await;
        // Some are of what no one has there; the password was enough all the same.
        let there = row.expected.contains('Y');
        let wanted = if there { done.status == StatusCode::SEE_OTHER } else { done.status != StatusCode::FORBIDDEN };
        assert!(wanted && !done.body.contains("Confirm that it’s you"), "{}: {} {}", row.path, done.status, done.body);
        world.put_back().await;
    }
    // What those may not do at all, is answered as ever.
    later(&world).await;
    let erase = functions().into_iter().find(|row| row.path == "/fn/deletion/erase").unwrap();
    assert_eq!(world.post("mia", erase.path, &format!("_page=/&{}", erase.fields)).await.status, StatusCode::NOT_FOUND);
}

#[testkit::test]
async fn a_file_of_clients_asks_for_the_password_and_then_comes(pool: PgPool) {
    let world = World::new(&pool).await;
    later(&world).await;
    let address = "/clients/export.csv?columns=email";
    let asked = world.get("staff", address).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER);
    assert_eq!(asked.location(), "/account/confirm?next=%2Fclients%2Fexport.csv%3Fcolumns%3Demail");
    let page = world.get("staff", asked.location()).await;
    assert!(page.body.contains("name=\"next\"") && page.body.contains("value=\"/clients/export.csv?columns=email\""));
    let fields = format!("_page={}&next={address}&_confirm={{password}}", asked.location());
    let on = world.post("staff", "/fn/account/confirm", &fields).await;
    assert_eq!((on.status, on.location()), (StatusCode::SEE_OTHER, address));
    let file = world.get("staff", address).await;
    assert!(file.status == StatusCode::OK && file.body.contains(&world.fill("{mia_mail}")));

    later(&world).await;
    let selection = "form[numbers][]={mia}&columns=name,email";
    let asked = world.post("staff", "/clients/export.csv", selection).await;
    assert_eq!(asked.status, StatusCode::FORBIDDEN);
    assert!(asked.body.contains("action=\"/clients/export.csv\"") && asked.body.contains("value=\"name,email\""));
    let file = world.post("staff", "/clients/export.csv", &format!("{selection}&_confirm={{password}}")).await;
    assert!(file.status == StatusCode::OK && file.body.contains(&world.fill("{mia_mail}")));
}

#[testkit::test]
async fn five_wrong_passwords_and_then_a_wait_for_the_right_one_too(pool: PgPool) {
    let world = World::new(&pool).await;
    later(&world).await;
    let confirm = async |password: &str| {
        let fields = format!("_page=/account/confirm&next=/account&_confirm={password}");
        world.post("mia", "/fn/account/confirm", &fields).await.status
    };
    for _ in 0..5 {
        assert_eq!(confirm("wrong horse").await, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(confirm("{password}").await, StatusCode::TOO_MANY_REQUESTS);
    run(&world, "update account_failure set at = now() - interval '16 minutes'").await;
    assert_eq!(confirm("{password}").await, StatusCode::SEE_OTHER);
    assert_eq!(confirm("wrong horse").await, StatusCode::UNPROCESSABLE_ENTITY, "counted afresh");
}

#[testkit::test]
async fn sessions_are_listed_and_ended_by_their_owner_alone(pool: PgPool) {
    let world = World::new(&pool).await;
    world.put_back().await;
    let page = world.get("mia", "/account").await.body;
    assert_eq!(page.matches("This one").count(), 1);
    assert!(page.contains("Firefox on Linux") && page.contains(&world.fill("{session}")));
    assert!(!world.get("granted", "/account").await.body.contains(&world.fill("{session}")));

    let end = "_page=/account&session={session}";
    assert_eq!(world.post("granted", "/fn/account/end_session", end).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.post("mia", "/fn/account/end_session", end).await.status, StatusCode::SEE_OTHER);
    let page = world.get("mia", "/account").await.body;
    assert!(!page.contains(&world.fill("{session}")) && page.contains("This one"));
    assert!(!page.contains("Log out everywhere else"), "there is nowhere else");

    world.put_back().await;
    let others: i64 = sqlx::query_scalar("select count(*) from session where account_id <> $1::uuid")
        .bind(world.fill("{mia_id}"))
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(
        world.post("mia", "/fn/account/end_other_sessions", "_page=/account").await.status,
        StatusCode::SEE_OTHER
    );
    let left: (i64, i64) = sqlx::query_as("select count(*) filter (where account_id = $1::uuid), count(*) filter (where account_id <> $1::uuid) from session")
        .bind(world.fill("{mia_id}"))
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(left, (1, others));
    assert_eq!(world.get("mia", "/account").await.status, StatusCode::OK);
}

#[testkit::test]
async fn a_client_changes_their_password_and_the_other_sessions_end(pool: PgPool) {
    let world = World::new(&pool).await;
    world.put_back().await;
    let change = "_page=/account&form[current]={password}&form[password]=a whole new one&form[again]=a whole new one";
    let wrong = change.replace("{password}", "wrong horse");
    assert_eq!(world.post("mia", "/fn/account/change_password", &wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = world.post("mia", "/fn/account/change_password", change).await;
    assert_eq!(done.location(), "/account?done=password-changed");
    assert_eq!(world.get("mia", "/account").await.location(), "/login?next=%2Faccount", "the id has rotated");
    let left: i64 = sqlx::query_scalar("select count(*) from session where account_id = $1::uuid")
        .bind(world.fill("{mia_id}"))
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(left, 1);
}
