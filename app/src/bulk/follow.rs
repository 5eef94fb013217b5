//! Follows a change that is under way: the bar grows, and at the end the page
//! is shown again. Without it there is a link that does the same.

#[cfg(feature = "ssr")]
use leptos::prelude::*;

#[cfg(feature = "hydrate")]
pub use browser::start;

/// The name of the island.
pub const NAME: &str = "follow-bulk";
/// The bar of the page.
pub const BAR: &str = "bulk-progress";

#[cfg(feature = "ssr")]
#[component]
pub fn Follow(bulk: String) -> impl IntoView {
    crate::ui::staff_island::staff_island(NAME, view! { <span hidden data-bulk=bulk></span> })
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::BAR;
    use crate::ui::browser::{Asking, Json, by_id, first};
    use leptos::prelude::window;
    use web_sys::{Element, HtmlElement};

    /// Milliseconds between two looks.
    const EVERY: u64 = 700;

    pub fn start(island: &HtmlElement) {
        let bulk = first::<Element>(island, "[data-bulk]").and_then(|bulk| bulk.get_attribute("data-bulk"));
        ask(Asking::default(), format!("/fn/bulk/progress?bulk={}", bulk.unwrap_or_default()));
    }

    fn ask(asking: Asking, url: String) {
        let next = (asking.clone(), url.clone());
        let heard = move |answer: Option<String>| {
            match answer.and_then(|text| Json::parse(&text)) {
                Some(progress) if !progress.is("under_way") => {
                    let _ = window().location().reload();
                }
                Some(progress) => {
                    if let Some(bar) = by_id::<Element>(BAR) {
                        let (answered, total) = (progress.count("answered"), progress.count("total"));
                        let _ = bar.set_attribute("value", &answered.to_string());
                        bar.set_text_content(Some(&format!("{answered} of {total}")));
                    }
                    ask(next.0, next.1);
                }
                // Perhaps the server is being restarted: it goes on then, and so do we.
                None => ask(next.0, next.1),
            }
        };
        asking.ask(url, EVERY, Box::new(heard));
    }
}
