//! Connections, permits for making lists, and the migrations compiled into the binary.
//!
//! Lists are made a few at a time and the others wait ([`list_permit`]): shared among many, a
//! processor answers all of them late.

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgConnection, PgPool, PgTransaction};
use std::sync::LazyLock;
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};

/// The schema's history; [`migrate`] brings a database up to date.
pub static MIGRATOR: Migrator = sqlx::migrate!("../migrations");

/// Why a database cannot be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum NotMigrated {
    #[error(
        "this database was made by another version of Kindred, whose schema this version does not know. \
         Run the version that made it, or begin with an empty database (`make clean-data` deletes the one of `make run`)"
    )]
    OtherVersion,
    #[error(transparent)]
    Failed(MigrateError),
}

/// Brings a database up to date; one with another history is left as it is.
pub async fn migrate(pool: &PgPool) -> Result<(), NotMigrated> {
    MIGRATOR.run(pool).await.map_err(|error| match error {
        MigrateError::VersionMissing(_) | MigrateError::VersionMismatch(_) => NotMigrated::OtherVersion,
        error => NotMigrated::Failed(error),
    })
}

/// The version of Postgres, like `15.18`.
pub async fn server_version(pool: &PgPool) -> Result<String, sqlx::Error> {
    sqlx::query_scalar!(r#"select split_part(current_setting('server_version'), ' ', 1) as "version!""#)
        .fetch_one(pool)
        .await
}

/// A connection that was idle for longer is asked whether it still lives.
const TRUSTED: Duration = Duration::from_secs(1);

/// A pool whose connections give up rather than hang: a statement after 2 s, a
/// lock after 1 s, an idle transaction after 5 s. Migrations and seeding turn
/// the first off for their own connection.
pub async fn connect(url: &str, max_connections: u32) -> Result<PgPool, sqlx::Error> {
    let options = url.parse::<PgConnectOptions>()?.application_name("kindred").options([
        ("statement_timeout", "2s"),
        ("lock_timeout", "1s"),
        ("idle_in_transaction_session_timeout", "5s"),
        // Short plans on small sets: compiling them costs more than it saves.
        ("jit", "off"),
    ]);
    PgPoolOptions::new()
        .max_connections(max_connections)
        .acquire_timeout(Duration::from_secs(10))
        // A connection that was just used is alive: asking each time costs a page more than its queries.
        .test_before_acquire(false)
        .before_acquire(|conn, meta| {
            Box::pin(async move {
                if meta.idle_for > TRUSTED {
                    conn.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_with(options)
        .await
}

/// A connection for several statements. Between two that are taken one after
/// another Postgres is asked whether the first still lives.
pub type Conn = sqlx::pool::PoolConnection<sqlx::Postgres>;

/// Takes a connection, which goes back when it is dropped.
pub async fn acquire(pool: &PgPool) -> crate::Result<Conn> {
    Ok(pool.acquire().await?)
}

/// A transaction that only reads, and reads everything as it is at one moment.
pub async fn snapshot(conn: &mut PgConnection) -> crate::Result<PgTransaction<'_>> {
    Ok(conn.begin_with("begin isolation level repeatable read, read only").await?)
}

/// A transaction of a few statements that are asked for by id, as of a booking: they are planned
/// once for each connection. With a plan for each value the planning takes longer than the rest.
pub async fn begin(pool: &PgPool) -> crate::Result<PgTransaction<'static>> {
    Ok(pool.begin_with("begin; set local plan_cache_mode = force_generic_plan").await?)
}

/// The number of lists made at the same time for every two processors: one waits for
/// Postgres while the others are written.
const AT_ONCE: usize = 3;
/// No one waits longer for their turn.
const PATIENCE: Duration = Duration::from_secs(1);

static TURNS: LazyLock<Semaphore> = LazyLock::new(|| {
    let processors = std::thread::available_parallelism().map_or(2, |processors| processors.get());
    Semaphore::new((AT_ONCE * processors).div_ceil(2))
});

/// Waits for a turn to make a list, which ends when what is given back is
/// dropped. Lists are a processor's work: more of them at the same time only share it,
/// and all are late. Anyone who has waited for long goes on without a turn.
pub async fn list_permit() -> Option<SemaphorePermit<'static>> {
    tokio::time::timeout(PATIENCE, TURNS.acquire()).await.ok()?.ok()
}

/// One connection without the limits above, for migrations.
pub async fn connect_patient(url: &str) -> Result<PgPool, sqlx::Error> {
    PgPoolOptions::new().max_connections(1).acquire_timeout(Duration::from_secs(30)).connect(url).await
}

/// A connection beside the pool that only asks whether the database is there.
pub struct Probe(PgConnection);

impl Probe {
    pub async fn connect(url: &str) -> Result<Probe, sqlx::Error> {
        let options = url.parse::<PgConnectOptions>()?.application_name("kindred probe");
        Ok(Probe(PgConnection::connect_with(&options).await?))
    }

    pub async fn ask(&mut self) -> Result<(), sqlx::Error> {
        self.0.ping().await
    }

    /// The database answered, but has no connection to spare.
    pub fn is_crowded(error: &sqlx::Error) -> bool {
        matches!(error, sqlx::Error::Database(error) if error.code().as_deref() == Some("53300"))
    }
}
