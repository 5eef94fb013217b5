//! Islands that only staff use. The server writes their markup; their code in the browser is one
//! file of WebAssembly, which is fetched when a page has such an island, so that the portal and
//! the log-in page do without it.

#[cfg(feature = "ssr")]
use leptos::prelude::*;

/// The function of the browser that starts them all: it is looked for by this name.
pub const FUNCTION: &str = "StaffIsland";

/// The attribute that says which of them an island is.
pub const NAME: &str = "data-name";

/// The island `name` with what it consists of: `site::staff_islands` starts it in the browser.
#[cfg(feature = "ssr")]
pub fn staff_island(name: &'static str, contents: impl IntoView) -> impl IntoView {
    view! { <leptos-island data-component=FUNCTION data-name=name>{contents}</leptos-island> }
}

/// Of the functions of `site::staff_islands` that are loaded by themselves: those of the calendar.
#[cfg(feature = "ssr")]
const CALENDAR: &str = "start_calendar_";

/// Has the browser fetch the islands' file while it still reads the page.
#[cfg(feature = "ssr")]
#[component]
pub fn PreloadStaffIslands() -> impl IntoView {
    preload(|function| !function.starts_with(CALENDAR))
}

/// As [`PreloadStaffIslands`], of the calendar.
#[cfg(feature = "ssr")]
#[component]
pub fn PreloadCalendar() -> impl IntoView {
    preload(|function| function.starts_with(CALENDAR))
}

#[cfg(feature = "ssr")]
fn preload(wanted: fn(&str) -> bool) -> impl IntoView {
    use leptos_meta::Link;
    // There is none in a test of the site without built files.
    let built = use_context::<leptos::WasmSplitManifest>()?.0.get_value();
    let (folder, files, _) = built;
    let file = move |name: String| {
        let href = format!("{folder}/{name}.wasm");
        view! { <Link rel="preload" href as_="fetch" type_="application/wasm" crossorigin="anonymous"/> }
    };
    let files = files.into_iter().filter(|(function, _)| wanted(function)).flat_map(|(_, files)| files);
    Some(files.map(file).collect_view())
}
