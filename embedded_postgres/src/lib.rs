//! The embedded Postgres: a cluster of Kindred's own in a data folder, started with the server,
//! stopped with it, and reachable through a Unix socket only. All it needs is the programs
//! `initdb` and `postgres` of PostgreSQL 15 or newer.

mod account;
mod postmaster;
mod programs;
#[cfg(test)]
mod tests;

use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, bail, ensure};
use tokio::sync::oneshot;

use account::Account;
use postmaster::{Postmaster, is_ready, stop_leftover};
use programs::{Programs, major_in};

/// The role and the database that Kindred uses; the role owns the cluster.
const NAME: &str = "kindred";
/// A start after a power cut replays the log first, which can take a while.
const START_TIMEOUT: Duration = Duration::from_mins(5);
/// `sockaddr_un` holds 107 bytes and a zero, and Postgres adds this name to the folder's.
const SOCKET_PATH_MAX: usize = 107;
const SOCKET_NAME: &str = "/.s.PGSQL.5432";
const LOG_MAX_BYTES: u64 = 10 * 1024 * 1024;

/// A running cluster. `stop` it; dropping it stops it too, but blocks the thread meanwhile, and
/// if this process is killed the kernel tells Postgres to stop.
pub struct EmbeddedPostgres {
    running: Arc<Running>,
    /// Held as long as the cluster runs, so that a second server cannot stop this one's.
    _lock: File,
}

impl EmbeddedPostgres {
    /// Starts the cluster in `data_dir`, and creates it the first time. A postmaster that a killed
    /// server left there is stopped first.
    ///
    /// # Errors
    /// When no fitting PostgreSQL is installed, when another server uses the folder, or when
    /// Postgres does not start: then with the end of its log.
    pub async fn start(data_dir: &Path) -> Result<Self> {
        let data_dir = data_dir.to_owned();
        tokio::task::spawn_blocking(move || Self::open(&data_dir)).await?
    }

    /// The address of the cluster that another server runs in `data_dir`, if one does and it is ready.
    #[must_use]
    pub fn running(data_dir: &Path) -> Option<String> {
        let data_dir = data_dir.canonicalize().ok()?;
        let lock = File::open(data_dir.join("kindred.lock")).ok()?;
        // Anyone who can have the lock is alone.
        if lock.try_lock_shared().is_ok() {
            return None;
        }
        let text = fs::read_to_string(data_dir.join("postgres").join("postmaster.pid")).ok()?;
        postmaster::socket_in(&text).map(|socket| url(Path::new(socket)))
    }

    /// The address for sqlx.
    #[must_use]
    pub fn url(&self) -> String {
        url(&self.running.socket.path)
    }

    /// Stops Postgres as by `pg_ctl stop -m fast` and waits until it has gone.
    ///
    /// # Errors
    /// When Postgres did not end within a minute and had to be cut short. The data are safe then
    /// too, but the next start takes longer.
    pub async fn stop(self) -> Result<()> {
        tokio::task::spawn_blocking(move || self.running.stop()).await?
    }

    /// From now on Postgres is started again whenever it ends by itself; `ended` is
    /// called right away when it has. The receiver gets the error of the last try
    /// when it cannot be started.
    pub fn supervise(&self, ended: impl Fn() + Send + 'static) -> oneshot::Receiver<anyhow::Error> {
        let (lost, told) = oneshot::channel();
        let running = self.running.clone();
        let watching = thread::Builder::new().name("postgres-watch".into()).spawn(move || {
            if let Err(error) = running.keep(ended) {
                let _ = lost.send(error);
            }
        });
        if let Err(error) = watching {
            tracing::error!(%error, "Postgres is not watched: it is not started again if it ends");
        }
        told
    }

    fn open(data_dir: &Path) -> Result<Self> {
        fs::create_dir_all(data_dir).with_context(|| format!("cannot create {}", data_dir.display()))?;
        let data_dir = data_dir.canonicalize()?;
        let account = Account::choose(&data_dir.join("postgres"))?;
        seclude(&data_dir, account.as_ref())?;
        let lock = lock(&data_dir)?;
        let home = home(&data_dir, account.as_ref())?;
        let cluster = home.join("postgres");
        let programs = Programs::find(major_of_cluster(&cluster)?, account.as_ref())?;
        let server = Cluster { home, folder: cluster, account, programs };

        stop_leftover(&server.folder)?;
        if !server.folder.exists() {
            server.create()?;
        }
        let socket = SocketDir::create(&server.home, server.account.as_ref())?;
        let postmaster = Mutex::new(server.run(&socket.path)?);
        let running = Running { cluster: server, socket, postmaster, stopping: AtomicBool::new(false) };
        Ok(Self { running: Arc::new(running), _lock: lock })
    }
}

impl Drop for EmbeddedPostgres {
    fn drop(&mut self) {
        if let Err(error) = self.running.stop() {
            tracing::warn!("{error:#}");
        }
    }
}

/// The cluster and its process, which may be another after a crash.
struct Running {
    cluster: Cluster,
    socket: SocketDir,
    postmaster: Mutex<Arc<Postmaster>>,
    stopping: AtomicBool,
}

/// Before the second try of a start; twice as long before each further one.
const PAUSE: Duration = if cfg!(test) { Duration::from_millis(10) } else { Duration::from_millis(200) };
const TRIES: u32 = 6;
/// A database that ends so often within [`CRASHES_WITHIN`] is not started again.
const CRASHES_MAX: usize = 5;
const CRASHES_WITHIN: Duration = Duration::from_mins(5);

impl Running {
    fn postmaster(&self) -> MutexGuard<'_, Arc<Postmaster>> {
        self.postmaster.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    fn stop(&self) -> Result<()> {
        self.stopping.store(true, Ordering::SeqCst);
        let postmaster = self.postmaster().clone();
        postmaster.stop()
    }

    /// Until it is stopped, or cannot be started again.
    fn keep(&self, ended: impl Fn()) -> Result<()> {
        let mut crashes: Vec<Instant> = Vec::new();
        loop {
            let postmaster = self.postmaster().clone();
            postmaster.wait_for_end();
            if self.is_stopping() {
                return Ok(());
            }
            ended();
            tracing::error!("Postgres has ended and is started again");
            crashes.retain(|crash| crash.elapsed() < CRASHES_WITHIN);
            crashes.push(Instant::now());
            ensure!(crashes.len() <= CRASHES_MAX, "Postgres has ended {} times within minutes", crashes.len());
            self.start_again()?;
        }
    }

    fn start_again(&self) -> Result<()> {
        let (mut tries, mut pause) = (1, PAUSE);
        loop {
            let error = {
                let mut postmaster = self.postmaster();
                if self.is_stopping() {
                    return Ok(());
                }
                match self.start() {
                    Ok(started) => {
                        tracing::info!("Postgres runs again");
                        *postmaster = started;
                        return Ok(());
                    }
                    Err(error) => error,
                }
            };
            if tries == TRIES {
                return Err(error);
            }
            tracing::warn!("Postgres could not be started: {error:#}");
            thread::sleep(pause);
            (tries, pause) = (tries + 1, pause * 2);
        }
    }

    fn start(&self) -> Result<Arc<Postmaster>> {
        stop_leftover(&self.cluster.folder)?;
        self.socket.clear()?;
        self.cluster.run(&self.socket.path)
    }
}

fn url(socket: &Path) -> String {
    let mut host = String::new();
    for byte in socket.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'~' => host.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => host.push(char::from(*byte)),
            byte => host.push_str(&format!("%{byte:02X}")),
        }
    }
    format!("postgres:///{NAME}?host={host}&user={NAME}")
}

fn lock(data_dir: &Path) -> Result<File> {
    let path = data_dir.join("kindred.lock");
    let file = File::options()
        .create(true)
        .write(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .with_context(|| format!("cannot write {}", path.display()))?;
    file.try_lock().with_context(|| format!("another Kindred server is using {}", data_dir.display()))?;
    Ok(file)
}

/// The folder that holds the cluster, its socket and its log: the data folder, or one under
/// /var/lib where the data folder is out of reach of the user Postgres runs as (below /root,
/// say). Then `postgres` in the data folder is a link.
fn home(data_dir: &Path, account: Option<&Account>) -> Result<PathBuf> {
    let link = data_dir.join("postgres");
    if link.is_symlink() {
        let target = fs::read_link(&link)?;
        return Ok(target.parent().context("a link to nowhere")?.to_owned());
    }
    let Some(account) = account.filter(|account| !account.reaches(data_dir)) else {
        return Ok(data_dir.to_owned());
    };
    let name = data_dir.to_string_lossy().trim_start_matches('/').replace('/', "-");
    let home = Path::new("/var/lib/kindred").join(name);
    fs::create_dir_all(&home).with_context(|| format!("cannot create {}", home.display()))?;
    seclude(&home, Some(account))?;
    ensure!(account.reaches(&home), "user {} cannot reach {}", account.name, home.display());
    symlink(home.join("postgres"), &link)?;
    tracing::info!("user {} cannot reach {}: the database is in {}", account.name, data_dir.display(), home.display());
    Ok(home)
}

/// Closes a folder to everyone but its owner; the group of Postgres' user may
/// pass through.
fn seclude(folder: &Path, account: Option<&Account>) -> Result<()> {
    let close = || {
        let mode = match account {
            Some(account) => {
                chown(folder, None, Some(account.gid))?;
                0o710
            }
            None => 0o700,
        };
        fs::set_permissions(folder, Permissions::from_mode(mode))
    };
    close().with_context(|| format!("cannot close {} to other users", folder.display()))
}

/// A folder that only the user of Postgres may enter.
fn private_dir(path: &Path, account: Option<&Account>) -> Result<()> {
    let create = || {
        DirBuilder::new().mode(0o700).create(path)?;
        account.map_or(Ok(()), |account| chown(path, Some(account.uid), Some(account.gid)))
    };
    create().with_context(|| format!("cannot create {}", path.display()))
}

struct SocketDir {
    path: PathBuf,
    temporary: bool,
}

impl SocketDir {
    /// Always a new one: Postgres would mind the traces that a killed postmaster left in it.
    fn create(home: &Path, account: Option<&Account>) -> Result<Self> {
        let path = home.join("socket");
        if fits_socket(&path) {
            if path.exists() {
                fs::remove_dir_all(&path)?;
            }
            private_dir(&path, account)?;
            return Ok(Self { path, temporary: false });
        }
        let moment = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_nanos();
        let path = PathBuf::from(format!("/tmp/kindred-{}-{moment}", std::process::id()));
        private_dir(&path, account)?;
        Ok(Self { path, temporary: true })
    }

    /// Without the traces of a postmaster that was killed.
    fn clear(&self) -> Result<()> {
        for entry in fs::read_dir(&self.path)? {
            fs::remove_file(entry?.path())?;
        }
        Ok(())
    }
}

impl Drop for SocketDir {
    fn drop(&mut self) {
        if self.temporary {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

fn fits_socket(folder: &Path) -> bool {
    folder.as_os_str().len() + SOCKET_NAME.len() <= SOCKET_PATH_MAX
}

fn major_of_cluster(cluster: &Path) -> Result<Option<u32>> {
    if !cluster.exists() {
        return Ok(None);
    }
    let file = cluster.join("PG_VERSION");
    let version = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(major_in(&version))
}

struct Cluster {
    home: PathBuf,
    folder: PathBuf,
    account: Option<Account>,
    programs: Programs,
}

impl Cluster {
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.bin.join(program));
        command.current_dir("/").stdin(Stdio::null());
        // What the caller's environment says of other databases must not reach this one.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"PG")) {
            command.env_remove(name);
        }
        if let Some(account) = &self.account {
            command.uid(account.uid).gid(account.gid);
        }
        command
    }

    /// Creates the cluster and its database beside its place and moves it there when it is whole,
    /// so that an interrupted first start leaves nothing half done.
    fn create(&self) -> Result<()> {
        tracing::info!("creating the database in {}", self.folder.display());
        let unfinished = self.home.join("postgres.new");
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished)?;
        }
        private_dir(&unfinished, self.account.as_ref())?;

        let mut initdb = self.command("initdb");
        initdb.arg("--pgdata").arg(&unfinished);
        // The person who gets into the socket's folder is trusted; no one comes over the network.
        initdb.args(["--username", NAME, "--auth-local=trust", "--auth-host=reject"]);
        initdb.args(["--encoding=UTF8", "--locale=C.UTF-8"]);
        succeed("initdb", initdb.output())?;

        let mut single = self.command("postgres");
        single.args(["--single", "-c", "exit_on_error=on", "-D"]).arg(&unfinished).arg("postgres");
        single.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut single = single.spawn().context("cannot start postgres")?;
        let mut statements = single.stdin.take().context("postgres has no standard input")?;
        writeln!(statements, "CREATE DATABASE {NAME}")?;
        drop(statements);
        succeed("creating the database", single.wait_with_output())?;

        fs::rename(&unfinished, &self.folder)?;
        Ok(())
    }

    fn run(&self, socket: &Path) -> Result<Arc<Postmaster>> {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let error = match self.run_once(socket) {
                Ok(postmaster) => return Ok(postmaster),
                Err(error) => error,
            };
            // The sessions of a postmaster that was killed take a moment to notice and to go.
            if !error.to_string().contains("pre-existing shared memory block") || Instant::now() > deadline {
                return Err(error);
            }
            thread::sleep(Duration::from_millis(200));
        }
    }

    fn run_once(&self, socket: &Path) -> Result<Arc<Postmaster>> {
        let mut log = File::options();
        let mut log = log.create(true).read(true).append(true).mode(0o600).open(self.home.join("postgres.log"))?;
        // One of an earlier version may be open to all.
        log.set_permissions(Permissions::from_mode(0o600))?;
        if log.metadata()?.len() > LOG_MAX_BYTES {
            log.set_len(0)?;
        }
        let log_start = log.seek(SeekFrom::End(0))?;

        let mut command = self.command("postgres");
        command.arg("-D").arg(&self.folder).stdout(log.try_clone()?).stderr(log.try_clone()?);
        let quoted = socket.to_string_lossy().replace('"', "\"\"");
        for setting in [
            "listen_addresses=",
            "port=5432",
            &format!("unix_socket_directories=\"{quoted}\""),
            "unix_socket_permissions=0700",
            "max_connections=100",
            "timezone=UTC",
            "log_timezone=UTC",
            "fsync=on",
            "synchronous_commit=on",
            "full_page_writes=on",
            // What people typed stays out of the log.
            "log_error_verbosity=terse",
            "log_parameter_max_length=0",
            "log_parameter_max_length_on_error=0",
        ] {
            command.args(["-c", setting]);
        }

        let (postmaster, pid) = Postmaster::spawn(command)?;
        let deadline = Instant::now() + START_TIMEOUT;
        while !is_ready(&self.folder, pid) {
            let ended = postmaster.wait(Duration::from_millis(20));
            if ended || Instant::now() > deadline {
                let _ = postmaster.stop();
                let mut tail = String::new();
                log.seek(SeekFrom::Start(log_start))?;
                log.read_to_string(&mut tail)?;
                bail!("Postgres did not start. Its log says:\n{}", tail.trim_end());
            }
        }
        Ok(postmaster)
    }
}

fn succeed(what: &str, result: std::io::Result<Output>) -> Result<()> {
    let output = result.with_context(|| format!("cannot run {what}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{what} failed: {}", said.trim_end());
    Ok(())
}
