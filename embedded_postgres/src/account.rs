//! The user that Postgres runs as.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

/// The user the database runs as where there is no user `postgres`.
const OWN_USER: &str = "kindred";
const USERADD: [&str; 3] = ["/usr/sbin/useradd", "/sbin/useradd", "/usr/bin/useradd"];

/// The user Postgres runs as when the server itself runs as root, which Postgres refuses to.
#[derive(Debug, PartialEq)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
}

impl Account {
    pub(super) fn choose(cluster: &Path) -> Result<Option<Self>> {
        // SAFETY: geteuid takes nothing and cannot fail.
        let me = unsafe { libc::geteuid() };
        let owner = fs::metadata(cluster).ok().map(|metadata| (metadata.uid(), metadata.gid()));
        match (me, owner) {
            (0, Some((uid, gid))) if uid != 0 => Ok(Some(Self { name: format!("number {uid}"), uid, gid })),
            (0, _) => {
                let account = Self::find(&passwd()?, || {
                    create_user()?;
                    passwd()
                });
                account.map(Some).context("Postgres cannot run as root, and there is no user postgres or kindred")
            }
            (me, Some((uid, _))) if uid != me => bail!(
                "{} belongs to user number {uid}: run the server as before (as root, perhaps), or choose another data folder",
                cluster.display()
            ),
            _ => Ok(None),
        }
    }

    /// `postgres`, or a user of our own, who is created where there is none. Other
    /// programs run as `no one` too, and could come to the data: the last resort.
    fn find(passwd: &str, create: impl FnOnce() -> Result<String>) -> Option<Self> {
        let known = ["postgres", OWN_USER].iter().find_map(|name| Self::in_passwd(passwd, name));
        known
            .or_else(|| match create() {
                Ok(passwd) => Self::in_passwd(&passwd, OWN_USER),
                Err(error) => {
                    tracing::warn!("user {OWN_USER} could not be created: {error:#}");
                    None
                }
            })
            .or_else(|| {
                let nobody = Self::in_passwd(passwd, "nobody")?;
                tracing::warn!(
                    "the database runs as nobody, whom other programs share: create a system user {OWN_USER}"
                );
                Some(nobody)
            })
    }

    fn in_passwd(passwd: &str, name: &str) -> Option<Self> {
        passwd.lines().find_map(|line| {
            let mut fields = line.split(':');
            let found = fields.next()? == name;
            let (uid, gid) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
            found.then(|| Self { name: name.to_owned(), uid, gid })
        })
    }

    /// Whether this user may pass through a folder of this owner and mode.
    fn passes(&self, uid: u32, gid: u32, mode: u32) -> bool {
        let bit = if uid == self.uid {
            0o100
        } else if gid == self.gid {
            0o010
        } else {
            0o001
        };
        mode & bit != 0
    }

    pub(super) fn reaches(&self, folder: &Path) -> bool {
        folder
            .ancestors()
            .all(|folder| fs::metadata(folder).is_ok_and(|found| self.passes(found.uid(), found.gid(), found.mode())))
    }
}

fn passwd() -> Result<String> {
    fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")
}

/// A system user that no one can log in as.
fn create_user() -> Result<()> {
    let program = USERADD.iter().map(Path::new).find(|path| path.is_file()).context("there is no useradd")?;
    let output = Command::new(program)
        .args(["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"])
        .args(["--shell", "/usr/sbin/nologin", OWN_USER])
        .stdin(Stdio::null())
        .output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim_end());
    tracing::info!("created the system user {OWN_USER}, as whom the database runs");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_of_its_own_comes_before_the_user_nobody() {
        let name = |passwd: &str, create: fn() -> Result<String>| Account::find(passwd, create).map(|found| found.name);
        let nobody = "nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\n";
        let unasked = || panic!("nobody is created where there is somebody");
        let both = format!("{nobody}kindred:x:999:999::/:/bin/sh\npostgres:x:101:104::/:/bin/bash\n");
        assert_eq!(name(&both, unasked).as_deref(), Some("postgres"));
        assert_eq!(name("kindred:x:999:999::/:/bin/sh\n", unasked).as_deref(), Some("kindred"));
        let created = || Ok("kindred:x:999:999::/:/bin/sh\n".to_owned());
        assert_eq!(name(nobody, created).as_deref(), Some("kindred"));
        let failed = || bail!("read-only");
        assert_eq!(name(nobody, failed).as_deref(), Some("nobody"));
        assert_eq!(name("", failed), None);
    }

    #[test]
    fn an_account_is_found_and_passes_where_the_mode_lets_it() {
        let passwd = "root:x:0:0:root:/root:/bin/bash\npostgres:x:101:104:,,,:/var/lib/postgresql:/bin/bash\n";
        let account = Account::in_passwd(passwd, "postgres").expect("it is listed");
        assert_eq!(account, Account { name: "postgres".into(), uid: 101, gid: 104 });
        assert_eq!(Account::in_passwd(passwd, "nobody"), None);
        assert!(account.passes(0, 0, 0o755));
        assert!(!account.passes(0, 0, 0o700));
        assert!(!account.passes(101, 0, 0o011));
        assert!(account.passes(0, 104, 0o710));
    }
}
