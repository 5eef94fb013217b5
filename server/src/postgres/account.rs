//! The user that Postgres runs as.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// Whom Postgres runs as when the server itself runs as root, which Postgres refuses to.
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
                let passwd = fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
                let account = ["postgres", "nobody"].iter().find_map(|name| Self::in_passwd(&passwd, name));
                account.map(Some).context("Postgres cannot run as root, and there is no user postgres or nobody")
            }
            (me, Some((uid, _))) if uid != me => bail!(
                "{} belongs to user number {uid}: run the server as before (as root, perhaps), or choose another data folder",
                cluster.display()
            ),
            _ => Ok(None),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

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
