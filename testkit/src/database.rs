//! A database for each test, copied from a template that was migrated once.

use sha2::{Digest, Sha256};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, PgPool};
use std::fmt::Write;
use std::time::Duration;

/// Locks the making of the template: the ASCII letters `kindred`.
const TEMPLATE_LOCK: i64 = 0x006b_696e_6472_6564;

/// Tests insert into the view `visit`: an appointment, and its one participant under the
/// same id. Mail about what staff do goes at once: a test of the quiet minutes sets them.
const WRITABLE_VISITS: &str = "
    create function test_visit() returns trigger language plpgsql as $$
    begin
        new.id := coalesce(new.id, gen_random_uuid());
        insert into appointment (id, service_id, practitioner_id, location_id, starts_at, ends_at, starts_local, zone, tzdb,
                buffer_minutes, price_cents, status, practitioner_overbooked, request_key, booked_by, booked_at)
        values (new.id, new.service_id, new.practitioner_id, new.location_id, new.starts_at, new.ends_at,
                new.starts_at at time zone new.zone, new.zone, 'test', new.buffer_minutes, new.price_cents,
                coalesce(new.status, 'confirmed'), coalesce(new.overbooked, false), new.request_key, new.booked_by,
                coalesce(new.booked_at, now()));
        insert into appointment_participant (id, appointment_id, client_id, proxy_id, price_cents, starts_at, ends_at, blocks,
                overbooked, booked_by, booked_at)
        select id, id, new.client_id, new.proxy_id, price_cents, starts_at, ends_at, blocks, coalesce(new.overbooked, false),
               booked_by, booked_at from appointment where id = new.id;
        return new;
    end $$;
    create trigger test_visit instead of insert on visit for each row execute function test_visit();
    update practice set quiet_minutes = 0;";

/// Runs a test on one thread with at most five connections. Its database is
/// named by the test's path; it stays if the test fails, until the next run.
pub fn run<F: Future<Output = ()>>(path: &str, test: impl FnOnce(PgPool) -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = server();
        let mut conn = PgConnection::connect_with(&options).await.expect("the Postgres of DATABASE_URL");
        let name = format!("kindred_test_{}", hash(path));
        let template = template(&mut conn, &options).await;
        execute(&mut conn, format!("drop database if exists {name} with (force)")).await;
        execute(&mut conn, format!("create database {name} template {template}")).await;
        let pool = PgPoolOptions::new()
            .max_connections(5)
            .idle_timeout(Some(Duration::from_secs(1)))
            .connect_with(options.database(&name))
            .await
            .unwrap();
        test(pool.clone()).await;
        drop(pool);
        execute(&mut conn, format!("drop database {name} with (force)")).await;
    });
}

/// The name of a database with today's schema that nobody is connected to.
async fn template(conn: &mut PgConnection, options: &PgConnectOptions) -> String {
    let mut history: Vec<u8> = db::MIGRATOR.iter().flat_map(|migration| migration.checksum.to_vec()).collect();
    history.extend(WRITABLE_VISITS.as_bytes());
    let name = format!("kindred_template_{}", hash(history));
    let ready = async |conn: &mut PgConnection| -> bool {
        let made = sqlx::query_scalar("select exists (select from pg_database where datname = $1 and datistemplate)");
        made.bind(&name).fetch_one(conn).await.unwrap()
    };
    if ready(conn).await {
        return name;
    }
    let lock = "select pg_advisory_lock($1)";
    sqlx::query(lock).bind(TEMPLATE_LOCK).execute(&mut *conn).await.unwrap();
    if !ready(conn).await {
        execute(conn, format!("drop database if exists {name} with (force)")).await;
        execute(conn, format!("create database {name}")).await;
        let mut template = PgConnection::connect_with(&options.clone().database(&name)).await.unwrap();
        db::MIGRATOR.run_direct(None, &mut template, false).await.expect("the migrations");
        sqlx::raw_sql(WRITABLE_VISITS).execute(&mut template).await.expect("visits that can be inserted");
        template.close().await.unwrap();
        execute(conn, format!("alter database {name} with is_template true allow_connections false")).await;
    }
    sqlx::query("select pg_advisory_unlock($1)").bind(TEMPLATE_LOCK).execute(conn).await.unwrap();
    name
}

fn server() -> PgConnectOptions {
    std::env::var("DATABASE_URL").expect("DATABASE_URL").parse().expect("the address of a Postgres")
}

async fn execute(conn: &mut PgConnection, sql: String) {
    sqlx::query(AssertSqlSafe(sql)).execute(conn).await.unwrap();
}

/// 24 letters that a name of a database may have.
fn hash(bytes: impl AsRef<[u8]>) -> String {
    Sha256::digest(bytes).iter().take(12).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Runs a test on several threads, with the connections and time limits that
/// the server has; `#[testkit::test]` itself has one thread and five connections.
pub async fn on_threads<F: Future<Output = ()>>(pool: &PgPool, test: impl FnOnce(PgPool) -> F + Send + 'static) {
    let url = database_url(pool);
    let done = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
        runtime.block_on(async {
            let pool = db::connect(&url, 24).await.unwrap();
            test(pool.clone()).await;
            pool.close().await;
        });
    });
    if let Err(failed) = done.await {
        std::panic::resume_unwind(failed.into_panic());
    }
}

/// The address of the database that the test was given.
pub fn database_url(pool: &PgPool) -> String {
    pool.connect_options().to_url_lossy().to_string()
}
