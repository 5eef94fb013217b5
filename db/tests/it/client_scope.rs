//! The predicate that says whether a viewer sees a client.

use db::PgPool;
use shared::accounts::Role;
use sqlx::query_scalar;
use testkit::{client_actor, staff_actor};

/// A function that Postgres does not inline is called for each row: twenty times as slow.
#[testkit::test]
async fn the_scope_predicate_is_inlined_into_a_list(pool: PgPool) {
    for scope in ["null", "'00000000-0000-7000-8000-000000000001'"] {
        let sql =
            format!("explain select c.id from client c where exists (select from client_in_scope(c.id, {scope}))");
        let plan: Vec<String> = query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(&pool).await.unwrap();
        let plan = plan.join("\n");
        assert!(!plan.contains("client_in_scope") && !plan.contains("Function Scan"), "{plan}");
    }
}

#[testkit::test]
async fn a_practitioner_sees_the_clients_assigned_and_no_scope_sees_all(pool: PgPool) {
    let pat = staff_actor(&pool, "Pat", &[Role::Practitioner]).await;
    let (mia, ben) = (client_actor(&pool, "Mia").await, client_actor(&pool, "Ben").await);
    let assign = sqlx::query("insert into client_practitioner (client_id, practitioner_id) values ($1, $2)");
    assign.bind(mia.id()).bind(pat.id()).execute(&pool).await.unwrap();
    let sees = async |client: &db::Actor, scope: Option<sqlx::types::Uuid>| -> bool {
        let sql = "select exists (select from client_in_scope($1, $2))";
        query_scalar(sql).bind(client.id()).bind(scope).fetch_one(&pool).await.unwrap()
    };
    assert!(sees(&mia, Some(pat.id())).await && !sees(&ben, Some(pat.id())).await);
    assert!(sees(&mia, None).await && sees(&ben, None).await);
}
