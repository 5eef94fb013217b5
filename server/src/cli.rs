//! Settings and sub-commands. Each setting is a flag or an environment variable.

use crate::health::Health;
use crate::postgres::EmbeddedPostgres;
use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand};
use db::PgPool;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;

/// Kindred: practice management for anyone who sees families by appointment.
#[derive(Debug, Parser)]
#[command(name = "kindred", version, about)]
pub struct Cli {
    #[command(flatten)]
    pub database: Database,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Bring the database up to date and serve the site.
    Serve(Box<Serve>),
    /// Bring the database up to date, and stop.
    Migrate,
    /// Load the demo practice into a database without clients.
    SeedDemo,
    /// Check that nothing in the audit was changed, moved or taken away.
    VerifyAudit,
    /// Create an administrator who can log in. The password is read from standard input.
    CreateAdmin(CreateAdmin),
}

/// Where the data is.
#[derive(Debug, Clone, Args)]
pub struct Database {
    /// A Postgres 15 or newer, as postgres://user:password@host/database. Without it the server
    /// starts a Postgres of its own in the data folder and stops it at exit.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, global = true)]
    pub database_url: Option<String>,
    /// The folder of the server's own Postgres.
    #[arg(long, env = "KINDRED_DATA_DIR", default_value = ".data", global = true)]
    pub data_dir: PathBuf,
    /// Most connections to the database at once; by default four for each processor.
    #[arg(long, env = "KINDRED_CONNECTIONS", default_value_t = connections(), global = true)]
    pub connections: u32,
}

/// More that work at once than this only get in each other's way.
fn connections() -> u32 {
    let processors = std::thread::available_parallelism().map_or(2, |processors| processors.get());
    (4 * processors).clamp(8, 64) as u32
}

#[derive(Debug, Clone, Args)]
pub struct Serve {
    /// Address and port to listen on.
    #[arg(long, env = "KINDRED_LISTEN", default_value = "127.0.0.1:3000")]
    pub listen: std::net::SocketAddr,
    /// Where people reach this server, for links in mail. By default http:// and the address above.
    #[arg(long, env = "KINDRED_BASE_URL")]
    pub base_url: Option<String>,
    /// The folder with the built files of the site.
    #[arg(long, env = "LEPTOS_SITE_ROOT", default_value = "target/site")]
    pub site_root: PathBuf,
    /// The SMTP server, such as smtps://user:password@mail.example.com or smtp://localhost:25.
    /// Without it mail is kept on the outbox page, where administrators read it.
    #[arg(long, env = "KINDRED_SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<String>,
    /// The sender of mail, such as "Maple Clinic <desk@maple.example>".
    #[arg(long, env = "KINDRED_MAIL_FROM")]
    pub mail_from: Option<String>,
    /// Reverse proxies that are believed when they name the client in X-Forwarded-For: addresses and networks,
    /// as 127.0.0.1,10.0.0.0/8. By default none is, and behind a proxy all clients count as one address.
    #[arg(long, env = "KINDRED_TRUSTED_PROXIES", default_value = "", hide_default_value = true)]
    pub trusted_proxies: crate::auth::TrustedProxies,
    /// How many login attempts one address has before it must wait, with one more every 3 seconds. After five
    /// failures a username waits as well, up to 10 seconds. 0 turns both off.
    #[arg(long, env = "KINDRED_LOGIN_BURST", default_value_t = 20)]
    pub login_burst: u32,
    /// Load the demo practice if the database holds no clients, and show its log-ins.
    #[arg(long, env = "KINDRED_DEMO")]
    pub demo: bool,
}

#[derive(Debug, Clone, Args)]
pub struct CreateAdmin {
    #[arg(long)]
    pub first_name: String,
    #[arg(long)]
    pub last_name: String,
    #[arg(long)]
    pub email: String,
    /// Clients are known by codes alone: neither names nor contact details are
    /// asked for or stored. Administrators can change it in the settings.
    #[arg(long)]
    pub code_only: bool,
}

/// A connected, migrated database; and the Postgres behind it, if it is ours.
pub struct Opened {
    pub pool: PgPool,
    pub url: String,
    pub embedded: Option<EmbeddedPostgres>,
}

impl Database {
    pub async fn open(self) -> anyhow::Result<Opened> {
        let (url, embedded) = match self.database_url.filter(|url| !url.is_empty()) {
            Some(url) => (url, None),
            None => {
                tracing::info!(folder = %self.data_dir.display(), "starting Postgres");
                let embedded = EmbeddedPostgres::start(&self.data_dir).await?;
                (embedded.url(), Some(embedded))
            }
        };
        Self::connect(url, embedded, self.connections).await
    }

    /// As [`Database::open`]; while a server runs on its own Postgres in the data folder, the database
    /// of that server, as it is.
    pub async fn open_beside(self) -> anyhow::Result<Opened> {
        let own = self.database_url.as_deref().is_none_or(str::is_empty);
        match own.then(|| EmbeddedPostgres::running(&self.data_dir)).flatten() {
            Some(url) => {
                let pool = db::connect(&url, 2).await.context("connecting to the running server's database")?;
                Ok(Opened { pool, url, embedded: None })
            }
            None => self.open().await,
        }
    }

    async fn connect(url: String, embedded: Option<EmbeddedPostgres>, connections: u32) -> anyhow::Result<Opened> {
        let migrating = db::pool::connect_patient(&url).await.context("connecting to the database")?;
        db::MIGRATOR.run(&migrating).await.context("bringing the database up to date")?;
        migrating.close().await;
        let pool = db::connect(&url, connections).await.context("connecting to the database")?;
        Ok(Opened { pool, url, embedded })
    }
}

/// Connections that are in use when the server stops are given so long to come back.
const CLOSE: Duration = Duration::from_secs(5);

impl Opened {
    /// Starts the server's own Postgres again whenever it ends. What is given back
    /// is done once that cannot be, and says why.
    pub fn supervise(&self, health: Health) -> impl Future<Output = anyhow::Error> + use<> {
        let lost = self.embedded.as_ref().map(|embedded| embedded.supervise(move || health.database_ended()));
        async move {
            match lost {
                Some(lost) => match lost.await {
                    Ok(error) => error.context("the database ended and could not be started again"),
                    Err(_) => std::future::pending().await,
                },
                None => std::future::pending().await,
            }
        }
    }

    pub async fn close(self) -> anyhow::Result<()> {
        let _ = tokio::time::timeout(CLOSE, self.pool.close()).await;
        match self.embedded {
            Some(embedded) => embedded.stop().await,
            None => Ok(()),
        }
    }
}

/// # Errors
/// When the audit does not hold.
pub async fn verify_audit(database: Database) -> anyhow::Result<()> {
    let opened = database.open().await?;
    let mut conn = opened.pool.acquire().await?;
    let holds = db::audit::verify_in_full(&mut conn).await;
    drop(conn);
    opened.close().await?;
    if !holds? {
        bail!("The audit does not hold: rows were changed, moved or taken away.");
    }
    println!("The audit holds.");
    Ok(())
}

pub async fn migrate(database: Database) -> anyhow::Result<()> {
    database.open().await?.close().await?;
    println!("The database is up to date.");
    Ok(())
}

/// Why the demo practice is not loaded into a database.
const DEMO_TAKEN: &str = "this database holds people who are not the demo's";

/// Loads the demo practice for `serve --demo`, or goes on with it; whether it is there and may be
/// shown. Its passwords are published: it is for this machine alone, and never beside other people.
pub async fn demo(pool: &PgPool, listen: std::net::SocketAddr, base_url: &str) -> db::Result<bool> {
    if !(listen.ip().is_loopback() && is_loopback(base_url)) {
        println!(
            "The demo practice was not loaded: it is for this machine only, and the server is reached at {base_url}, on {listen}."
        );
        if db::demo::is_loaded(pool).await? {
            println!("This database holds the demo practice, whose passwords are published: use another one.");
        }
        return Ok(false);
    }
    if db::demo::is_loaded(pool).await? || db::demo::seed(pool, chrono::Utc::now()).await? {
        return Ok(true);
    }
    println!("The demo practice was not loaded: {DEMO_TAKEN}.");
    Ok(false)
}

/// Whether an address leads to this machine and nowhere else.
fn is_loopback(base_url: &str) -> bool {
    let Ok(uri) = base_url.parse::<axum::http::Uri>() else { return false };
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Where the first administrator is made, for people at the terminal; nothing once there is one.
pub async fn print_setup_link(pool: &PgPool, base_url: &str) -> db::Result<()> {
    if let Some(secret) = db::accounts::new_setup_link(pool).await? {
        println!(
            "\nThere is no administrator yet. Open this link to set up Kindred:\n\n  {base_url}/setup/{}\n",
            secret.0
        );
        println!("It works until the first administrator is created. Every start prints a new one.");
    }
    Ok(())
}

pub async fn seed_demo(database: Database) -> anyhow::Result<()> {
    let opened = database.open().await?;
    let seeded = db::demo::seed(&opened.pool, chrono::Utc::now()).await;
    opened.close().await?;
    if !seeded? {
        bail!("The demo practice was not loaded: {}.", DEMO_TAKEN);
    }
    println!("The demo practice is loaded.");
    print_logins();
    Ok(())
}

pub async fn create_admin(database: Database, admin: CreateAdmin) -> anyhow::Result<()> {
    if std::io::stdin().is_terminal() {
        eprint!("Password (at least {} characters): ", shared::accounts::PASSWORD_MIN);
    }
    let mut password = String::new();
    std::io::stdin().read_line(&mut password)?;
    let password = shared::accounts::Secret(password.trim_end_matches(['\r', '\n']).to_owned());
    make_admin(database, &admin, &password).await?;
    println!("{} can now log in.", admin.email);
    if admin.code_only {
        println!("Code-only mode is on: clients are known by their codes alone.");
    }
    Ok(())
}

/// Creates the administrator, also while a server runs on the database.
pub async fn make_admin(
    database: Database,
    admin: &CreateAdmin,
    password: &shared::accounts::Secret,
) -> anyhow::Result<()> {
    let opened = database.open_beside().await?;
    let created = set_up(&opened.pool, admin, password).await;
    opened.close().await?;
    created.map_err(|error| anyhow::anyhow!("{}", error.refusal()))
}

async fn set_up(pool: &PgPool, admin: &CreateAdmin, password: &shared::accounts::Secret) -> db::Result<()> {
    let account = db::accounts::create_admin(pool, &admin.first_name, &admin.last_name, &admin.email, password).await?;
    if admin.code_only
        && let Some(actor) = db::Actor::load(pool, account).await?
    {
        let form = shared::practice::CodeOnlyForm { on: true, ..Default::default() };
        db::practice::set_code_only(pool, &actor, &form).await?;
    }
    Ok(())
}

/// The demo's log-ins, for people at the terminal.
pub fn print_logins() {
    println!("\nLogins of the demo practice, all with the password {}:", db::demo::PASSWORD);
    for (address, who) in db::demo::LOGINS {
        println!("  {address:<24} {who}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_this_machine_are_loopback() {
        for own in ["http://127.0.0.1:3000", "http://localhost", "http://[::1]:3000", "http://demo.localhost:1"] {
            assert!(is_loopback(own), "{own}");
        }
        for other in
            ["https://kindred.example", "http://192.168.1.4:3000", "http://0.0.0.0:3000", "", "localhost.evil.example"]
        {
            assert!(!is_loopback(other), "{other}");
        }
    }

    #[tokio::test]
    async fn an_administrator_is_created_while_the_server_runs() {
        let folder = std::env::temp_dir().join(format!("kindred-admin-{}", std::process::id()));
        let database = || Database { database_url: None, data_dir: folder.clone(), connections: 4 };
        let server = database().open().await.expect("a server");
        let admin = CreateAdmin {
            first_name: "Nadia".into(),
            last_name: "Haddad".into(),
            email: "nadia@example.com".into(),
            code_only: false,
        };
        let password = shared::accounts::Secret("correct horse".into());
        make_admin(database(), &admin, &password).await.expect("an administrator");
        assert!(!db::accounts::needs_admin(&server.pool).await.expect("an answer"));
        server.close().await.expect("a stop");
        std::fs::remove_dir_all(&folder).expect("ours to remove");
    }
}
