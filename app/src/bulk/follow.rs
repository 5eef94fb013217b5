//! Follows a change that is under way: the bar grows, and at the end the page
//! is shown anew. Without it there is a link that does the same.

use leptos::prelude::*;

/// The bar of the page.
pub const BAR: &str = "bulk-progress";

#[island]
pub fn Follow(bulk: String) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| browser::follow(bulk.clone()));
    #[cfg(not(feature = "hydrate"))]
    let _ = bulk;
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::BAR;
    use crate::ui::browser::{Asking, by_id};
    use leptos::prelude::window;
    use shared::bulk::Progress;
    use web_sys::Element;

    /// Milliseconds between two looks.
    const EVERY: u64 = 700;

    pub fn follow(bulk: String) {
        ask(Asking::default(), format!("/fn/bulk/progress?bulk={bulk}"));
    }

    fn ask(asking: Asking, url: String) {
        let next = (asking.clone(), url.clone());
        let heard = move |answer: Option<String>| {
            let progress = answer.and_then(|text| serde_json::from_str::<Progress>(&text).ok());
            match progress {
                Some(Progress { under_way: false, .. }) => {
                    let _ = window().location().reload();
                }
                Some(progress) => {
                    if let Some(bar) = by_id::<Element>(BAR) {
                        let _ = bar.set_attribute("value", &progress.answered.to_string());
                        bar.set_text_content(Some(&format!("{} of {}", progress.answered, progress.total)));
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
