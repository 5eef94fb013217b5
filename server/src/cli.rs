//! Settings and sub-commands. Each setting is a flag or an environment variable.

use crate::health::Health;
use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand};
use db::PgPool;
use db::sealing::Sealer;
use embedded_postgres::EmbeddedPostgres;
use std::io::IsTerminal;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Kindred: practice management for anyone who sees families by appointment.
#[derive(Debug, Parser)]
#[command(name = "kindred", version, about)]
pub struct Cli {
    #[command(flatten)]
    pub database: Database,
    /// The time zone database: newest (the newer of the system's and the built-in one), system, bundled,
    /// or a folder of compiled zones. Restart after an update.
    #[arg(long, env = "KINDRED_TZDB", default_value = "newest", global = true)]
    pub tzdb: db::time::Wish,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Bring the database up to date and serve the site.
    Serve(Box<Serve>),
    /// Bring the database up to date, then stop.
    Migrate,
    /// Load the demo practice into a database that has no clients.
    SeedDemo,
    /// Check that no entry of the audit log was changed, moved or removed.
    VerifyAudit,
    /// Create an administrator who can log in. The password is read from standard input.
    CreateAdmin(CreateAdmin),
    /// Remove the second factor of an account, for someone who has lost it. Their password stays.
    ResetFactor(ResetFactor),
}

/// Where the data is.
#[derive(Debug, Clone, Args)]
pub struct Database {
    /// The database: PostgreSQL 15 or newer, like postgres://user:password@host/database. Default: the
    /// program starts its own PostgreSQL in the data folder and stops it at exit.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, global = true)]
    pub database_url: Option<String>,
    /// The folder of the program's own PostgreSQL. Not used with --database-url.
    #[arg(long, env = "KINDRED_DATA_DIR", default_value = ".data", global = true)]
    pub data_dir: PathBuf,
    /// The maximum number of open database connections. Default: four for each processor, from 8 to 64.
    #[arg(long, env = "KINDRED_CONNECTIONS", default_value_t = connections(), hide_default_value = true, global = true)]
    pub connections: u32,
}

/// More connections than this only slow each other down.
fn connections() -> u32 {
    let processors = std::thread::available_parallelism().map_or(2, |processors| processors.get());
    (4 * processors).clamp(8, 64) as u32
}

#[derive(Debug, Clone, Args)]
pub struct Serve {
    /// The IP address and port to listen on.
    #[arg(long, env = "KINDRED_LISTEN", default_value = "127.0.0.1:3000")]
    pub listen: std::net::SocketAddr,
    /// The public address of the site, used for links in email. Default: http:// and the --listen address, or localhost on this machine alone.
    #[arg(long, env = "KINDRED_BASE_URL")]
    pub base_url: Option<String>,
    /// The folder of the built site files (scripts, styles and images).
    #[arg(long, env = "LEPTOS_SITE_ROOT", default_value = "target/site")]
    pub site_root: PathBuf,
    /// The SMTP server, like smtps://user:password@mail.example.com or smtp://localhost:25. Default: none;
    /// emails are kept on the outbox page, where administrators can read them.
    #[arg(long, env = "KINDRED_SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<String>,
    /// The sender of emails, like "Maple Clinic <desk@maple.example>". Required with --smtp-url. Default: none.
    #[arg(long, env = "KINDRED_MAIL_FROM")]
    pub mail_from: Option<String>,
    /// Reverse proxies whose X-Forwarded-For header is trusted: a comma-separated list of IP addresses and
    /// networks, like 127.0.0.1,10.0.0.0/8. Default: none; all requests through a proxy then count as one address.
    #[arg(long, env = "KINDRED_TRUSTED_PROXIES", default_value = "", hide_default_value = true)]
    pub trusted_proxies: crate::auth::TrustedProxies,
    /// How many login attempts an IP address can make before it must wait; one more is allowed every 3 seconds.
    /// After five failures a username must wait as well, up to 10 seconds. 0 turns both limits off.
    #[arg(long, env = "KINDRED_LOGIN_BURST", default_value_t = 20)]
    pub login_burst: u32,
    /// The key that seals secrets in the database, like those of authenticator apps: 32 bytes in base64. After a
    /// change the earlier keys follow, after commas. Servers on one database need the same. Default: a file beside
    /// the data folder, made at the first start.
    #[arg(long, env = "KINDRED_SECRET_KEY", hide_env_values = true)]
    pub secret_key: Option<String>,
    /// Load the demo practice if the database has no clients, and show its logins. Default: off.
    #[arg(long, env = "KINDRED_DEMO")]
    pub demo: bool,
}

#[derive(Debug, Clone, Args)]
pub struct ResetFactor {
    /// The username of the account, which is an email for most. Required.
    pub username: String,
}

#[derive(Debug, Clone, Args)]
pub struct CreateAdmin {
    /// First name of the administrator. Required.
    #[arg(long)]
    pub first_name: String,
    /// Last name of the administrator. Required.
    #[arg(long)]
    pub last_name: String,
    /// Email of the administrator, which is also the username. Required.
    #[arg(long)]
    pub email: String,
    /// Turn code-only mode on: clients are identified by code only, and names and contact details are never
    /// stored. Administrators can change this in the settings. Default: off.
    #[arg(long)]
    pub code_only: bool,
}

/// A connected, migrated database; and the Postgres behind it, if it is ours.
pub struct Opened {
    pub pool: PgPool,
    pub url: String,
    pub embedded: Option<EmbeddedPostgres>,
}

/// Chooses the zone database, says which, and warns of a newer one that is not used.
pub fn choose_zones(wish: &db::time::Wish) -> anyhow::Result<()> {
    let zones = db::time::choose(wish).map_err(anyhow::Error::msg).context("opening the time zone database")?;
    tracing::info!(version = zones.version, source = %zones.source, "time zone database");
    if let Some(newer) = zones.newer() {
        tracing::warn!(newer, "a newer time zone database is there and is not used");
    }
    Ok(())
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
        db::pool::migrate(&migrating).await.context("bringing the database up to date")?;
        migrating.close().await;
        let pool = db::connect(&url, connections).await.context("connecting to the database")?;
        Ok(Opened { pool, url, embedded })
    }
}

/// How long to wait for connections in use when the server stops.
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
        if demo::is_loaded(pool).await? {
            println!("This database holds the demo practice, whose passwords are published: use another one.");
        }
        return Ok(false);
    }
    if demo::is_loaded(pool).await? || demo::seed(pool, chrono::Utc::now()).await? {
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
    let seeded = demo::seed(&opened.pool, chrono::Utc::now()).await;
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

/// Takes an account's factors away, also while a server runs on the database.
pub async fn reset_factor(database: Database, reset: ResetFactor) -> anyhow::Result<()> {
    let opened = database.open_beside().await?;
    let done = db::accounts::reset_factor(&opened.pool, &reset.username).await;
    opened.close().await?;
    done.map_err(|error| match error.refusal() {
        shared::Refusal::NotFound => anyhow::anyhow!("No account has the username {}.", reset.username),
        shared::Refusal::Invalid(_) => anyhow::anyhow!("The account {} has no second factor.", reset.username),
        other => anyhow::anyhow!("{other}"),
    })?;
    println!("The second factor of {} is removed. They log in with their password.", reset.username);
    Ok(())
}

/// The key that seals secrets: as configured, or of the file beside the data folder, which is made if it is
/// not there.
pub fn sealer(configured: Option<&str>, data_dir: &Path) -> anyhow::Result<Sealer> {
    if let Some(keys) = configured.filter(|keys| !keys.is_empty()) {
        return Sealer::parse(keys)
            .context("KINDRED_SECRET_KEY must be 32 bytes in base64, or several with commas between");
    }
    let mut name = data_dir.file_name().unwrap_or_default().to_owned();
    name.push(".key");
    let path = data_dir.with_file_name(name);
    let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
    match made {
        Ok(mut file) => {
            file.write_all(Sealer::new_key().as_bytes()).with_context(|| format!("writing {}", path.display()))?
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => {
            return Err(error)
                .with_context(|| format!("making the key file {}: set KINDRED_SECRET_KEY instead", path.display()));
        }
    }
    let kept = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    Sealer::parse(kept.trim()).with_context(|| format!("{} holds no key", path.display()))
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
    println!("\nLogins of the demo practice, all with the password {}:", demo::PASSWORD);
    for (address, who) in demo::LOGINS {
        println!("  {address:<24} {who}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

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

    #[test]
    fn the_key_file_is_made_once_and_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = std::env::temp_dir().join(format!("kindred-key-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let data = folder.join("data");
        sealer(None, &data).unwrap();
        let file = folder.join("data.key");
        let first = std::fs::read_to_string(&file).unwrap();
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        sealer(None, &data).unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), first);
        assert!(sealer(Some("short"), &data).is_err());
        assert!(sealer(Some(&Sealer::new_key()), &folder.join("nowhere/data")).is_ok());
        assert!(sealer(None, &folder.join("nowhere/data")).is_err());
        std::fs::remove_dir_all(&folder).unwrap();
    }

    /// The words that no text of the interface uses.
    fn forbidden() -> Vec<&'static str> {
        let script = include_str!("../../scripts/check-words");
        let (_, words) = script.split_once("\nwords='").unwrap();
        words.split('\'').next().unwrap().split('|').collect()
    }

    /// The whole `--help` of the program and of each subcommand, by name.
    fn helps() -> Vec<(String, String)> {
        let mut program = Cli::command();
        program.build();
        let mut helps = vec![("kindred".to_owned(), program.render_long_help().to_string())];
        for command in program.get_subcommands_mut() {
            helps.push((command.get_name().to_owned(), command.render_long_help().to_string()));
        }
        helps
    }

    #[test]
    fn help_is_plain_english() {
        let forbidden = forbidden();
        assert!(forbidden.contains(&"whoever") && forbidden.len() > 8, "{forbidden:?}");
        for (command, help) in helps() {
            let plain: String =
                help.chars().map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { ' ' }).collect();
            let plain = format!(" {} ", plain.split_whitespace().collect::<Vec<_>>().join(" "));
            let found: Vec<_> = forbidden.iter().filter(|words| plain.contains(&format!(" {words} "))).collect();
            assert!(found.is_empty(), "{command}: {found:?}");
        }
    }

    #[test]
    fn every_option_says_what_it_is_and_its_default() {
        let mut program = Cli::command();
        program.build();
        for command in program.get_subcommands() {
            assert!(command.get_about().is_some(), "{} has no description", command.get_name());
            for option in
                command.get_arguments().filter(|option| !matches!(option.get_id().as_str(), "help" | "version"))
            {
                let help = option.get_long_help().or(option.get_help()).map(ToString::to_string).unwrap_or_default();
                let shown = !option.get_default_values().is_empty() && !option.is_hide_default_value_set();
                let said = help.contains("Default: ") || help.contains("Required");
                assert!(help.len() > 20 && (shown || said), "{} --{}: {help}", command.get_name(), option.get_id());
            }
        }
    }
}
