//! What tests of deleting and erasing make.

use db::{Actor, PgPool};
use shared::ClientNumber;
use shared::accounts::Role;
use shared::clients::ClientForm;
use shared::deletion::{Blocker, BlockerCount};
use sqlx::{AssertSqlSafe, query, query_scalar};
use testkit::staff_actor;
use uuid::Uuid;

pub async fn desk(pool: &PgPool) -> Actor {
    staff_actor(pool, "Dana", &[Role::FrontDesk]).await
}

pub async fn admin(pool: &PgPool) -> Actor {
    staff_actor(pool, "Ada", &[Role::Administrator]).await
}

pub async fn make(pool: &PgPool, actor: &Actor, first: &str) -> (Uuid, ClientNumber) {
    let form = ClientForm {
        first_name: first.into(),
        last_name: "Test".into(),
        zone: "America/Toronto".into(),
        ..Default::default()
    };
    let new = db::clients::create(pool, actor, form).await.unwrap();
    (new.id.0, new.number)
}

/// A family, for memberships.
pub async fn family(pool: &PgPool, name: &str) -> Uuid {
    let id = db::new_id();
    query("insert into client (id, kind, code, group_name, zone) values ($1, 'family', $2, $2, 'UTC')")
        .bind(id)
        .bind(name)
        .execute(pool)
        .await
        .unwrap();
    id
}

pub async fn run(pool: &PgPool, sql: impl Into<String>, id: Uuid) {
    query(AssertSqlSafe(sql.into())).bind(id).execute(pool).await.unwrap();
}

pub async fn exists(pool: &PgPool, id: Uuid) -> bool {
    query_scalar("select exists (select from client where id = $1)").bind(id).fetch_one(pool).await.unwrap()
}

/// An appointment that begins `days` days from now; negative: in the past.
pub async fn visit(pool: &PgPool, client: Uuid, days: i32) -> Uuid {
    let practitioner = staff_actor(pool, "Sam", &[Role::Practitioner]).await.id();
    let id = db::new_id();
    query(
        "with s as (insert into service (id, name, duration_minutes) values ($1, 'Physio ' || $1, 50) returning id),
              l as (insert into location (id, name, zone) values ($1, $1::text, 'America/Toronto') returning id)
         insert into visit (id, service_id, practitioner_id, location_id, client_id, starts_at, ends_at, zone,
                                  buffer_minutes, price_cents, request_key, booked_by)
         select $1, s.id, $2, l.id, $3, now() + make_interval(days => $4), now() + make_interval(days => $4, mins => 50),
                'America/Toronto', 0, 0, $1, $3 from s, l",
    )
    .bind(id)
    .bind(practitioner)
    .bind(client)
    .bind(days)
    .execute(pool)
    .await
    .unwrap();
    id
}

pub async fn link(pool: &PgPool, one: Uuid, other: Uuid) {
    query(
        "insert into client_link (id, client_low, client_high, low_label, high_label, low_gets_copies, high_gets_copies)
         values ($1, least($2, $3), greatest($2, $3), 'other', 'other', true, true)",
    )
    .bind(db::new_id())
    .bind(one)
    .bind(other)
    .execute(pool)
    .await
    .unwrap();
}

pub async fn mail_all(pool: &PgPool) {
    while db::messages::expand_next(pool, "https://k.test").await.unwrap() {}
    while let Some(copy) = db::messages::claim_copy(pool).await.unwrap() {
        db::messages::sent(pool, &copy).await.unwrap();
    }
}

pub fn kinds(blockers: &[BlockerCount]) -> Vec<(Blocker, i64)> {
    blockers.iter().map(|blocker| (blocker.what, blocker.count)).collect()
}
