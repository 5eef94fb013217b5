//! The progress of an import: while a server works, the page's own markup is
//! fetched and put in place. Without JavaScript the page loads itself again.

#[cfg(feature = "ssr")]
use leptos::prelude::*;

#[cfg(feature = "hydrate")]
pub use browser::start;

/// The name of the island.
pub const NAME: &str = "follow-import";
/// The element that is renewed; gone from the page once the work is done.
pub const PROGRESS: &str = "import-progress";

/// Renews the progress every second, and shows the page once it is done.
#[cfg(feature = "ssr")]
#[component]
pub fn ImportProgress() -> impl IntoView {
    crate::ui::staff_island::staff_island(NAME, ())
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::PROGRESS;
    use crate::ui::browser::{Asking, by_id, part};
    use leptos::prelude::window;
    use web_sys::Element;

    /// Milliseconds between two looks.
    const PAUSE: u64 = 1_000;

    pub fn start() {
        watch(Asking::default());
    }

    fn watch(asking: Asking) {
        let url = window().location().href().unwrap_or_default();
        let next = asking.clone();
        let look = move |page: Option<String>| {
            let Some(page) = page else { return watch(next) };
            match (part(&page, PROGRESS), by_id::<Element>(PROGRESS)) {
                (Some(now), Some(shown)) => {
                    shown.set_inner_html(&now.inner_html());
                    watch(next);
                }
                _ => {
                    let _ = window().location().reload();
                }
            }
        };
        asking.ask(url, PAUSE, Box::new(look));
    }
}
