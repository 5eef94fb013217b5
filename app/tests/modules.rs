//! Which modules know which: the ground knows no feature, the features know nothing of the site
//! around their pages, and no modules form a circle.

#![expect(clippy::unwrap_used, reason = "a test fails where it panics")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What every feature stands on.
const GROUND: [&str; 4] = ["ui", "context", "delay", "error"];
/// What stands on the features.
const TOP: [&str; 3] = ["site", "routes", "lib"];
/// From one module at the top of the crate to another, as `use` and paths in the text say.
fn references() -> BTreeSet<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeSet::new();
    for file in sources(&root) {
        let inside = file.strip_prefix(&root).unwrap().with_extension("");
        let module = inside.iter().next().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&file).unwrap();
        for path in text.split("crate::").skip(1) {
            for other in first_names(path) {
                if other != module && !other.is_empty() {
                    found.insert((module.clone(), other));
                }
            }
        }
    }
    found
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] });
    files.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

/// `a` of `a::b`; `a` and `b` of `{a, b::{c, d}}`.
fn first_names(path: &str) -> Vec<String> {
    let name = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(group) = path.strip_prefix('{') else { return vec![name(path)] };
    let (mut names, mut depth) = (vec![name(group.trim_start())], 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(name(group[at + 1..].trim_start())),
            _ => {}
        }
    }
    names
}

/// Those that break `rule`, in words.
fn broken(rule: impl Fn(&str, &str) -> bool) -> Vec<String> {
    let all = references();
    assert!(all.contains(&("routes".to_owned(), "clients".to_owned())), "the sources were not read: {all:?}");
    all.iter().filter(|(from, to)| !rule(from, to)).map(|(from, to)| format!("{from} knows {to}")).collect()
}

#[test]
fn the_ground_knows_no_feature() {
    assert_eq!(broken(|from, to| !GROUND.contains(&from) || GROUND.contains(&to)), [""; 0]);
}

#[test]
fn features_know_nothing_of_the_site_around_their_pages() {
    assert_eq!(broken(|from, to| TOP.contains(&from) || !TOP.contains(&to)), [""; 0]);
}

#[test]
fn no_modules_form_a_circle() {
    let mut left = references();
    loop {
        let waiting: BTreeSet<_> = left.iter().map(|(from, _)| from.clone()).collect();
        let before = left.len();
        left.retain(|(_, to)| waiting.contains(to));
        if left.len() == before {
            break;
        }
    }
    assert_eq!(left, BTreeSet::new());
}
