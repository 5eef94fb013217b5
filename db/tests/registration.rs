//! Registering: nothing is made until the link is followed, and nothing says who is known.

#[expect(dead_code, reason = "shared by all tests")]
mod support;

use db::PgPool;
use db::accounts::{authenticate, finish_registration, forget_registrations, register, registrable};
use shared::accounts::{PasswordForm, RegistrationForm, Secret};
use shared::{Problem, Refusal};
use support::refusal;

const PASSWORD: &str = "correct horse battery";

async fn allow(pool: &PgPool, on: bool) {
    sqlx::query("update practice set client_registration = $1").bind(on).execute(pool).await.unwrap();
}

fn form(email: &str) -> RegistrationForm {
    RegistrationForm { first_name: "Mia".into(), last_name: "Okafor".into(), email: email.into() }
}

async fn secret(pool: &PgPool) -> Secret {
    let row =
        sqlx::query_scalar("select secret from message where kind = 'registration' order by created_at desc limit 1");
    Secret(row.fetch_one(pool).await.unwrap())
}

fn password(token: &Secret, username: &str) -> PasswordForm {
    PasswordForm {
        token: token.clone(),
        username: username.into(),
        password: Secret(PASSWORD.into()),
        again: Secret(PASSWORD.into()),
    }
}

async fn count(pool: &PgPool) -> i64 {
    sqlx::query_scalar("select count(*) from client").fetch_one(pool).await.unwrap()
}

#[sqlx::test(migrator = "db::MIGRATOR")]
async fn a_client_is_made_by_the_link_and_once(pool: PgPool) {
    allow(&pool, true).await;
    register(&pool, &form("mia@example.com")).await.unwrap();
    assert_eq!(count(&pool).await, 0);
    let token = secret(&pool).await;
    assert_eq!(registrable(&pool, &token).await.unwrap().username, "mia@example.com");
    let (own, chosen) = (password(&token, ""), password(&token, "mia2"));
    let (one, other) = tokio::join!(finish_registration(&pool, &own), finish_registration(&pool, &chosen));
    let refused = if one.is_ok() { refusal(other) } else { refusal(one) };
    assert_eq!(refused, Refusal::DeadLink);
    assert_eq!(count(&pool).await, 1);
    assert_eq!(refusal(registrable(&pool, &token).await), Refusal::DeadLink);
}

#[sqlx::test(migrator = "db::MIGRATOR")]
async fn a_known_address_claims_nothing(pool: PgPool) {
    allow(&pool, true).await;
    register(&pool, &form("family@example.com")).await.unwrap();
    let first = secret(&pool).await;
    let account = finish_registration(&pool, &password(&first, "")).await.unwrap();
    // The second of the family is told nothing, and needs a name of their own.
    register(&pool, &form("family@example.com")).await.unwrap();
    let second = secret(&pool).await;
    assert_eq!(registrable(&pool, &second).await.unwrap().username, "");
    let required = Refusal::field("username", Problem::Required);
    assert_eq!(refusal(finish_registration(&pool, &password(&second, "")).await), required);
    let taken = Refusal::field("username", Problem::Taken);
    assert_eq!(refusal(finish_registration(&pool, &password(&second, "family@example.com")).await), taken);
    let other = finish_registration(&pool, &password(&second, "leo.okafor")).await.unwrap();
    assert_ne!(account, other);
    let logged_in = authenticate(&pool, "leo.okafor", &Secret(PASSWORD.into())).await.unwrap();
    assert_eq!(logged_in.map(|account| account.id), Some(other));
    assert_eq!(count(&pool).await, 2);
}

#[sqlx::test(migrator = "db::MIGRATOR")]
async fn the_practice_decides(pool: PgPool) {
    assert_eq!(refusal(register(&pool, &form("a@example.com")).await), Refusal::NotFound);
    allow(&pool, true).await;
    register(&pool, &form("a@example.com")).await.unwrap();
    let token = secret(&pool).await;
    // Switched off meanwhile: the link is dead; on again, it works; late, it is gone.
    allow(&pool, false).await;
    assert_eq!(refusal(finish_registration(&pool, &password(&token, "")).await), Refusal::DeadLink);
    allow(&pool, true).await;
    assert!(registrable(&pool, &token).await.is_ok());
    sqlx::query("update registration set expires_at = now()").execute(&pool).await.unwrap();
    assert_eq!(refusal(registrable(&pool, &token).await), Refusal::DeadLink);
    forget_registrations(&pool).await.unwrap();
    let left: i64 = sqlx::query_scalar("select count(*) from registration").fetch_one(&pool).await.unwrap();
    assert_eq!(left, 0);
    let bad = RegistrationForm { first_name: " ".into(), last_name: "x".repeat(100), email: "a@".into() };
    let Refusal::Invalid(errors) = refusal(register(&pool, &bad).await) else { panic!() };
    assert_eq!(errors.0.len(), 3);
}
