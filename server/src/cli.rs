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
    /// How many log-in attempts one address has before it must wait; one more every 3 seconds.
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
        let migrating = db::pool::connect_patient(&url).await.context("connecting to the database")?;
        db::MIGRATOR.run(&migrating).await.context("bringing the database up to date")?;
        migrating.close().await;
        let pool = db::connect(&url, self.connections).await.context("connecting to the database")?;
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

pub async fn migrate(database: Database) -> anyhow::Result<()> {
    database.open().await?.close().await?;
    println!("The database is up to date.");
    Ok(())
}

pub async fn seed_demo(database: Database) -> anyhow::Result<()> {
    let opened = database.open().await?;
    let seeded = db::demo::seed(&opened.pool, chrono::Utc::now()).await;
    opened.close().await?;
    if !seeded? {
        bail!("The database already holds clients: the demo practice was not loaded.");
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
    let opened = database.open().await?;
    let created = set_up(&opened.pool, &admin, &password).await;
    opened.close().await?;
    created.map_err(|error| anyhow::anyhow!("{}", error.refusal()))?;
    println!("{} may now log in.", admin.email);
    if admin.code_only {
        println!("Code-only mode is on: clients are known by their codes alone.");
    }
    Ok(())
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
    println!("\nLog-ins of the demo practice, all with the password {}:", db::demo::PASSWORD);
    for (address, who) in db::demo::LOGINS {
        println!("  {address:<24} {who}");
    }
}
