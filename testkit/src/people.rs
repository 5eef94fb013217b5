//! Staff members and clients, and how operations refuse.

use db::actor::{ClientActor, StaffActor};
use db::{Actor, PgPool};
use shared::accounts::Role;
use shared::{ClientId, Refusal, StaffId};

/// A new staff member, `{first} Test`, with these roles, who gave their password just now.
pub async fn staff_actor(pool: &PgPool, first: &str, roles: &[Role]) -> Actor {
    let id = StaffId(db::new_id());
    let words: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    sqlx::query("insert into staff_member (id, first_name, last_name, email, roles) values ($1, $2, 'Test', $3, $4)")
        .bind(id.0)
        .bind(first)
        .bind(format!("{}@example.com", id.0))
        .bind(words)
        .execute(pool)
        .await
        .unwrap();
    Actor::Staff(StaffActor::new(id, format!("{first} Test"), roles.to_vec(), false)).confirmed_now(true)
}

/// A new active client, `{first} Test`.
pub async fn client_actor(pool: &PgPool, first: &str) -> Actor {
    let id = ClientId(db::new_id());
    sqlx::query(
        "insert into client (id, kind, code, first_name, last_name, zone)
         values ($1, 'individual', upper(right(replace($1::text, '-', ''), 6)), $2, 'Test', 'America/Toronto')",
    )
    .bind(id.0)
    .bind(first)
    .execute(pool)
    .await
    .unwrap();
    Actor::Client(ClientActor::new(id, format!("{first} Test"))).confirmed_now(true)
}

/// What an operation was refused with.
pub fn refusal<T: std::fmt::Debug>(answer: db::Result<T>) -> Refusal {
    match answer.unwrap_err() {
        db::Error::Refused(refusal) => refusal,
        db::Error::Database(error) => panic!("{error}"),
    }
}
