//! The process of Postgres: starting it so that it never outlives the server, and stopping it,
//! one that a killed server left behind included.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

const STOP_TIMEOUT: Duration = Duration::from_mins(1);

/// The child process. A thread of its own starts it and waits for it: `PR_SET_PDEATHSIG` follows
/// the thread that forked, and a thread of tokio's pool may end long before the server does.
pub(super) struct Postmaster {
    /// None once it has ended, so that a signal never meets another process with its number.
    pid: Mutex<Option<i32>>,
    ended: Condvar,
}

impl Postmaster {
    pub(super) fn spawn(mut command: Command) -> Result<(Arc<Self>, i32)> {
        // Ctrl-C in a terminal goes to the server's process group; the server then stops Postgres.
        command.process_group(0);
        die_with_parent(&mut command);
        let postmaster = Arc::new(Self { pid: Mutex::new(None), ended: Condvar::new() });
        let (started, start) = mpsc::channel();
        let ours = postmaster.clone();
        thread::Builder::new().name("postgres".into()).spawn(move || match command.spawn() {
            Ok(mut child) => {
                let pid = child.id().cast_signed();
                *ours.pid() = Some(pid);
                let _ = started.send(Ok(pid));
                wait_for_end(pid);
                let mut running = ours.pid();
                let _ = child.wait();
                *running = None;
                ours.ended.notify_all();
            }
            Err(error) => {
                let _ = started.send(Err(error));
            }
        })?;
        let pid = start.recv()?.context("cannot start postgres")?;
        Ok((postmaster, pid))
    }

    fn pid(&self) -> MutexGuard<'_, Option<i32>> {
        self.pid.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn signal(&self, number: i32) {
        if let Some(pid) = *self.pid() {
            signal(pid, number);
        }
    }

    /// Whether it has ended, at the latest after this time.
    pub(super) fn wait(&self, limit: Duration) -> bool {
        let waited = self.ended.wait_timeout_while(self.pid(), limit, |pid| pid.is_some());
        waited.unwrap_or_else(PoisonError::into_inner).0.is_none()
    }

    pub(super) fn wait_for_end(&self) {
        let waited = self.ended.wait_while(self.pid(), |pid| pid.is_some());
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn stop(&self) -> Result<()> {
        self.signal(libc::SIGINT);
        if self.wait(STOP_TIMEOUT) {
            return Ok(());
        }
        self.signal(libc::SIGQUIT);
        self.wait(Duration::from_secs(10));
        bail!("Postgres did not stop within a minute and was cut short")
    }
}

/// Waits for the end of a child but leaves its number taken.
fn wait_for_end(pid: i32) {
    let id = pid.cast_unsigned();
    loop {
        // SAFETY: all zeros is a valid siginfo_t, and waitid only writes to it.
        let done = unsafe {
            let mut info: libc::siginfo_t = std::mem::zeroed();
            libc::waitid(libc::P_PID, id, &raw mut info, libc::WEXITED | libc::WNOWAIT) == 0
        };
        if done || std::io::Error::last_os_error().kind() != std::io::ErrorKind::Interrupted {
            return;
        }
    }
}

/// When the server is killed without a chance to stop Postgres, the kernel does.
fn die_with_parent(command: &mut Command) {
    #[cfg(target_os = "linux")]
    {
        let parent = std::process::id().cast_signed();
        // SAFETY: prctl, getppid and raise are allowed between fork and exec.
        unsafe {
            command.pre_exec(move || {
                libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGINT);
                if libc::getppid() != parent {
                    libc::raise(libc::SIGKILL); // it was killed in between
                }
                Ok(())
            });
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = command;
}

/// Postgres writes its state into line 8 of postmaster.pid.
pub(super) fn is_ready(cluster: &Path, pid: i32) -> bool {
    fs::read_to_string(cluster.join("postmaster.pid")).is_ok_and(|text| {
        pid_in(&text) == Some(pid) && text.lines().nth(7).is_some_and(|state| state.trim() == "ready")
    })
}

/// The folder of the socket, in line 5, of one that is ready.
pub(super) fn socket_in(postmaster_pid: &str) -> Option<&str> {
    let ready = postmaster_pid.lines().nth(7).is_some_and(|state| state.trim() == "ready");
    postmaster_pid.lines().nth(4).map(str::trim).filter(|socket| ready && !socket.is_empty())
}

fn pid_in(postmaster_pid: &str) -> Option<i32> {
    postmaster_pid.lines().next()?.trim().parse().ok()
}

/// After `kill -9` of a server its postmaster may still run or be stopping, or be long gone and
/// its number be another process's. We hold the lock, so no living server needs it.
pub(super) fn stop_leftover(cluster: &Path) -> Result<()> {
    let file = cluster.join("postmaster.pid");
    let Some(pid) = fs::read_to_string(&file).ok().as_deref().and_then(pid_in) else {
        return Ok(());
    };
    if runs_in(pid, cluster) {
        tracing::info!("stopping the Postgres that an earlier server left behind");
        let deadline = Instant::now() + STOP_TIMEOUT;
        signal(pid, libc::SIGINT);
        while runs_in(pid, cluster) {
            ensure!(Instant::now() < deadline, "Postgres, process {pid}, does not stop");
            thread::sleep(Duration::from_millis(50));
        }
    }
    if file.exists() {
        fs::remove_file(&file)?;
    }
    Ok(())
}

/// Whether this process is the postmaster of this cluster: its working directory is the cluster.
fn runs_in(pid: i32, cluster: &Path) -> bool {
    match fs::read_link(format!("/proc/{pid}/cwd")) {
        Ok(folder) => folder == cluster,
        // SAFETY: signal 0 only asks whether the process exists.
        Err(_) => !Path::new("/proc/self").exists() && unsafe { libc::kill(pid, 0) } == 0,
    }
}

fn signal(pid: i32, signal: i32) {
    // SAFETY: kill takes two numbers; callers know that the process is ours.
    unsafe { libc::kill(pid, signal) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_postmaster_is_ready_when_line_8_says_so() {
        let folder = std::env::temp_dir().join(format!("kindred-ready-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a temporary folder");
        let state = |text: &str| {
            fs::write(folder.join("postmaster.pid"), text).expect("a file in it");
            is_ready(&folder, 42)
        };
        assert!(!state("42\n/data\n1700000000\n5432\n/tmp\n\n1 2\nstarting\n"));
        assert!(state("42\n/data\n1700000000\n5432\n/tmp\n\n1 2\nready   \n"));
        assert!(!state("43\n/data\n1700000000\n5432\n/tmp\n\n1 2\nready   \n"));
        fs::remove_dir_all(&folder).expect("ours to remove");
    }
}
