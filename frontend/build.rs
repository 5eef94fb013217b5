//! Writes an exported function whose name is a fingerprint of all that the browser's files are
//! made from. cargo-leptos names the script `kindred.{hash}.js` before it writes the name of the
//! split-off files into it: without the fingerprint a change of those alone would leave the name
//! as it was, and browsers, which keep a name for a year, would look for files that are gone.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Result;
use std::path::{Path, PathBuf};

const SOURCES: [&str; 6] = ["app/src", "app/Cargo.toml", "shared/src", "frontend/src", "Cargo.toml", "Cargo.lock"];

fn main() -> Result<()> {
    let root = PathBuf::from("..");
    let mut hasher = DefaultHasher::new();
    for source in SOURCES {
        println!("cargo::rerun-if-changed=../{source}");
        add(&root.join(source), &mut hasher)?;
    }
    for name in ["PROFILE", "OPT_LEVEL", "CARGO_ENCODED_RUSTFLAGS", "RUSTC", "RUSTUP_TOOLCHAIN"] {
        std::env::var_os(name).hash(&mut hasher);
    }
    let code = format!("#[wasm_bindgen(js_name = \"build_{:016x}\")]\npub fn build() {{}}\n", hasher.finish());
    let folder = std::env::var_os("OUT_DIR").map(PathBuf::from).unwrap_or_default();
    fs::write(folder.join("fingerprint.rs"), code)
}

/// A file, or all files beneath a folder, in the order of their names.
fn add(path: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    if !path.is_dir() {
        path.hash(hasher);
        fs::read(path)?.hash(hasher);
        return Ok(());
    }
    let mut inside = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    inside.sort();
    inside.iter().try_for_each(|path| add(path, hasher))
}
