//! The audit: what was changed, moved or taken away is noticed.

use db::PgPool;
use db::audit::{By, append, verify};
use sqlx::{AssertSqlSafe, raw_sql};

async fn holds(pool: &PgPool) -> bool {
    verify(&mut pool.acquire().await.unwrap()).await.unwrap()
}

/// Three rows of one connection, and so of one chain, by this version of the server.
async fn rows(pool: &PgPool) {
    let mut conn = pool.acquire().await.unwrap();
    for fields in [&["code"][..], &[], &["first_name", "last_name"]] {
        append(&mut conn, By::System, "update", "client", db::new_id(), fields).await.unwrap();
    }
}

/// As someone who may do anything to the database.
async fn tamper(pool: &PgPool, sql: &str) {
    let sql =
        format!("begin; alter table audit disable trigger all; {sql}; alter table audit enable trigger all; commit");
    raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
}

#[testkit::test]
async fn a_cut_tail_is_noticed(pool: PgPool) {
    rows(&pool).await;
    assert!(holds(&pool).await);
    tamper(
        &pool,
        "delete from audit where (chain, position) in (select chain, max(position) from audit group by chain)",
    )
    .await;
    assert!(!holds(&pool).await);
}

#[testkit::test]
async fn an_audit_that_is_gone_is_noticed(pool: PgPool) {
    assert!(holds(&pool).await, "an empty one holds");
    rows(&pool).await;
    tamper(&pool, "delete from audit").await;
    assert!(!holds(&pool).await);
}

#[testkit::test]
async fn a_chain_that_was_moved_is_noticed(pool: PgPool) {
    rows(&pool).await;
    let moved = "update audit set chain = (chain + 1) % 16;
                 update audit_chain c set head = o.head, length = o.length
                   from audit_chain o where o.chain = (c.chain + 15) % 16";
    tamper(&pool, moved).await;
    assert!(!holds(&pool).await);
}

#[testkit::test]
async fn words_that_slip_into_the_next_field_are_noticed(pool: PgPool) {
    rows(&pool).await;
    tamper(&pool, "update audit set fields = '{\"first_name,last_name\"}' where cardinality(fields) = 2").await;
    assert!(!holds(&pool).await);
}

#[testkit::test]
async fn rows_of_before_still_hold(pool: PgPool) {
    let old = "insert into audit (chain, position, at, actor_kind, action, record_kind, hash, version)
               select 3, 1, t, 'system', 'update', 'client', audit_hash('\\x00', t, 'system', null, 'update', 'client', null, '{}'), 1
                 from now() t;
               update audit_chain set length = 1, head = (select hash from audit) where chain = 3";
    raw_sql(old).execute(&pool).await.unwrap();
    assert!(holds(&pool).await);
    rows(&pool).await;
    assert!(holds(&pool).await);
    tamper(&pool, "update audit set action = 'read' where version = 1").await;
    assert!(!holds(&pool).await);
}
