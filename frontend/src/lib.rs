//! Hydrates the islands.

use wasm_bindgen::prelude::wasm_bindgen;

// The islands register themselves by being linked.
extern crate app;

// Names the script by what it was made from.
include!(concat!(env!("OUT_DIR"), "/fingerprint.rs"));

#[wasm_bindgen]
pub fn hydrate() {
    #[cfg(debug_assertions)]
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}
