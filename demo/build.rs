//! Query data are read by macros: build again when they change.

fn main() {
    println!("cargo::rerun-if-changed=../.sqlx");
}
