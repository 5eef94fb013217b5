//! What tests of activities make.

use chrono::{Days, NaiveDate, Utc};
use db::{Actor, PgPool};
use shared::accounts::Role;
use shared::activities::ActivityForm;
use shared::{ActivityId, ClientId, ClientNumber, Problem, Refusal};
use testkit::staff_actor;
use uuid::Uuid;

pub fn today() -> NaiveDate {
    // The day before yesterday is past in every zone.
    Utc::now().date_naive() - Days::new(2)
}

pub async fn term(pool: &PgPool, vocabulary: &str, label: &str) -> String {
    let id: Uuid = sqlx::query_scalar("select id from term where vocabulary = $1 and label = $2")
        .bind(vocabulary)
        .bind(label)
        .fetch_one(pool)
        .await
        .unwrap();
    id.to_string()
}

pub async fn client(pool: &PgPool, kind: &str, name: &str) -> (ClientId, ClientNumber) {
    let id = db::new_id();
    let number: i64 = sqlx::query_scalar(
        "insert into client (id, kind, code, first_name, last_name, group_name, zone)
         values ($1, $2, upper(right(replace($1::text, '-', ''), 6)),
                 case $2 when 'individual' then $3 else '' end, '', case $2 when 'individual' then '' else $3 end, 'UTC')
         returning number",
    )
    .bind(id)
    .bind(kind)
    .bind(name)
    .fetch_one(pool)
    .await
    .unwrap();
    (ClientId(id), ClientNumber::new(number))
}

pub async fn assign(pool: &PgPool, actor: &Actor, client: ClientId) {
    sqlx::query("insert into client_practitioner (client_id, practitioner_id) values ($1, $2)")
        .bind(client.0)
        .bind(actor.id())
        .execute(pool)
        .await
        .unwrap();
}

pub async fn member(pool: &PgPool, group: ClientId, member: ClientId, joined: NaiveDate, left: Option<NaiveDate>) {
    sqlx::query(
        "insert into client_membership (id, group_id, member_id, joined_on, left_on) values ($1, $2, $3, $4, $5)",
    )
    .bind(db::new_id())
    .bind(group.0)
    .bind(member.0)
    .bind(joined)
    .bind(left)
    .execute(pool)
    .await
    .unwrap();
}

pub async fn form(pool: &PgPool, clients: &[ClientNumber]) -> ActivityForm {
    ActivityForm {
        activity_type: term(pool, "activity_type", "Individual session").await,
        date: today().to_string(),
        hours: "1:30".into(),
        clients: clients.iter().map(ClientNumber::to_string).collect(),
        request_key: db::new_id().to_string(),
        ..ActivityForm::default()
    }
}

pub async fn practitioner(pool: &PgPool, first: &str) -> Actor {
    staff_actor(pool, first, &[Role::Practitioner]).await
}

/// Who is stored as having been there, by number.
pub async fn there(pool: &PgPool, id: ActivityId) -> Vec<i64> {
    sqlx::query_scalar(
        "select c.number from activity_attendee a join client c on c.id = a.member_id where activity_id = $1 order by 1",
    )
    .bind(id.0)
    .fetch_all(pool)
    .await
    .unwrap()
}

pub async fn count(pool: &PgPool, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(pool).await.unwrap()
}

pub fn problem(refusal: &Refusal, field: &str) -> Option<Problem> {
    match refusal {
        Refusal::Invalid(errors) => errors.get(field).cloned(),
        _ => None,
    }
}
