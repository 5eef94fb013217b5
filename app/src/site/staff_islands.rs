//! All islands of staff, as one function of the browser that is loaded when a page
//! first needs it; and the calendar's, which is as large as all others and is on one page alone.

use crate::ui::staff_island::NAME;
use crate::{bulk, calendar, clients, import, links};
use leptos::prelude::lazy;
use leptos::web_sys::HtmlElement;

/// Has the name of [`crate::ui::staff_island::FUNCTION`].
#[wasm_bindgen::prelude::wasm_bindgen(
    js_name = "StaffIsland",
    wasm_bindgen = ::leptos::wasm_bindgen,
    wasm_bindgen_futures = ::leptos::__reexports::wasm_bindgen_futures
)]
pub async fn start_staff_island(island: HtmlElement) {
    match island.get_attribute(NAME).as_deref() {
        Some(calendar::desk::NAME) => start_calendar(island).await,
        _ => start(island).await,
    }
}

#[lazy]
fn start_calendar(island: HtmlElement) {
    calendar::desk::start(&island);
}

/// What is called here and nowhere else is no part of the main file.
#[lazy]
fn start(island: HtmlElement) {
    let name = island.get_attribute(NAME).unwrap_or_default();
    match name.as_str() {
        bulk::follow::NAME => bulk::follow::start(&island),
        clients::find::NAME => clients::find::start(&island),
        clients::live::NAME => clients::live::start(&island),
        clients::picker::NAME => clients::picker::start(&island),
        clients::selection::FORGET => clients::selection::forget(),
        clients::selection::SELECT => clients::selection::start(),
        clients::window::NAME => clients::window::start(&island),
        import::progress::NAME => import::progress::start(),
        links::behavior::NAME => links::behavior::start(),
        name => leptos::logging::warn!("no island of staff has the name {name}"),
    }
}
