//! The progress of an import: while a server works, the page's own markup is
//! fetched and put in place. Without JavaScript the page loads itself anew.

use leptos::prelude::*;

/// The element that is renewed; gone from the page once the work is done.
pub const PROGRESS: &str = "import-progress";

/// Renews the progress every second, and shows the page once it is done.
#[island]
pub fn ImportProgress() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    Effect::new(|_| browser::watch(crate::ui::browser::Asking::default()));
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::PROGRESS;
    use crate::ui::browser::{Asking, by_id, part};
    use leptos::prelude::window;
    use web_sys::Element;

    /// Milliseconds between two looks.
    const PAUSE: u64 = 1_000;

    pub fn watch(asking: Asking) {
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
