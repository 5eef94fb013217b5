//! The schema: its history, and databases of another one.

use db::PgPool;
use db::pool::{NotMigrated, migrate};

#[testkit::test]
async fn a_database_of_another_version_is_refused_with_what_to_do(pool: PgPool) {
    migrate(&pool).await.unwrap();
    for (change, back) in [
        ("update _sqlx_migrations set checksum = '\\x00' where version = 1", "select 1"),
        (
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
             values (9999, 'later', true, '', 0)",
            "delete from _sqlx_migrations where version = 9999",
        ),
    ] {
        sqlx::query(change).execute(&pool).await.unwrap();
        let refused = migrate(&pool).await.unwrap_err();
        assert!(matches!(refused, NotMigrated::OtherVersion), "{refused}");
        assert!(refused.to_string().contains("make clean-data"));
        sqlx::query(back).execute(&pool).await.unwrap();
    }
}
