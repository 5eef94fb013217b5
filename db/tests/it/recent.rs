//! The search of the top bar, and the records that were opened last.

use db::clients::{RECENT_MAX, note_opened, quick_find};
use db::{Actor, PgPool, authz};
use shared::ClientNumber;
use shared::accounts::Role;
use testkit::{client_actor, staff_actor};

async fn number(pool: &PgPool, client: &Actor) -> ClientNumber {
    let number = sqlx::query_scalar("select number from client where id = $1").bind(client.id());
    ClientNumber::new(number.fetch_one(pool).await.unwrap())
}

async fn open(pool: &PgPool, actor: &Actor, number: ClientNumber) {
    let mut conn = pool.acquire().await.unwrap();
    let client = authz::readable(&mut conn, actor, number).await.unwrap();
    note_opened(&mut conn, actor, &client).await.unwrap();
}

async fn recent(pool: &PgPool, actor: &Actor) -> Vec<String> {
    let found = quick_find(pool, actor, " ", 10).await.unwrap();
    found.into_iter().map(|client| client.name).collect()
}

#[testkit::test]
async fn the_eight_records_opened_last_come_first_and_once(pool: PgPool) {
    let desk = staff_actor(&pool, "Owen", &[Role::FrontDesk]).await;
    let mut numbers = Vec::new();
    for letter in "ABCDEFGHIJ".chars() {
        let client = client_actor(&pool, &format!("Client {letter}")).await;
        numbers.push(number(&pool, &client).await);
        open(&pool, &desk, *numbers.last().unwrap()).await;
    }
    let names = recent(&pool, &desk).await;
    assert_eq!(names.len() as i64, RECENT_MAX);
    assert_eq!(names[0], "Client J Test");
    open(&pool, &desk, numbers[3]).await;
    let names = recent(&pool, &desk).await;
    assert_eq!(names[0], "Client D Test");
    assert_eq!(names.iter().filter(|name| *name == "Client D Test").count(), 1);
    let kept: i64 = sqlx::query_scalar("select count(*) from recent_client").fetch_one(&pool).await.unwrap();
    assert_eq!(kept, RECENT_MAX, "older rows are deleted");
    let other = staff_actor(&pool, "Nadia", &[Role::FrontDesk]).await;
    assert!(recent(&pool, &other).await.is_empty(), "each staff member has their own");
}

#[testkit::test]
async fn a_practitioner_finds_and_is_reminded_of_their_own_clients_only(pool: PgPool) {
    let practitioner = staff_actor(&pool, "Priya", &[Role::Practitioner]).await;
    let mine = client_actor(&pool, "Miriam").await;
    client_actor(&pool, "Oskar").await;
    let assign = "insert into client_practitioner (client_id, practitioner_id) values ($1, $2)";
    sqlx::query(assign).bind(mine.id()).bind(practitioner.id()).execute(&pool).await.unwrap();
    let mine_number = number(&pool, &mine).await;
    open(&pool, &practitioner, mine_number).await;
    let q = |q: &'static str| quick_find(&pool, &practitioner, q, 10);
    assert_eq!(q("Miriam").await.unwrap().len(), 1);
    assert!(q("Oskar").await.unwrap().is_empty());
    assert_eq!(q("").await.unwrap().len(), 1);
    // No longer assigned: not shown, though it was opened.
    sqlx::query("delete from client_practitioner").execute(&pool).await.unwrap();
    assert!(q("").await.unwrap().is_empty());
}

#[testkit::test]
async fn a_client_in_the_portal_cannot_search(pool: PgPool) {
    let client = client_actor(&pool, "Mia").await;
    assert!(quick_find(&pool, &client, "Mia", 10).await.is_err());
    assert!(quick_find(&pool, &client, "", 10).await.is_err());
}
