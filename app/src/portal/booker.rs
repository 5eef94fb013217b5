//! The free times at work: weeks are turned in place. Without JavaScript the same links lead to
//! pages that do as much.

use leptos::prelude::*;

/// The week, and the text when another cannot be loaded.
pub const WEEK: &str = "week";
pub const FAILED: &str = "week-failed";
/// Says which week is shown.
const SHOWN: &str = "week-shown";

/// Attaches to the week; says which one is shown.
#[island]
pub fn Booker() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    Effect::new(|_| browser::watch());
    view! { <p class="sr-only" role="status" id=SHOWN></p> }
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::{FAILED, SHOWN, WEEK};
    use crate::ui::browser::{Asking, all, by_id, first, listen, part, source};
    use web_sys::{Element, HtmlAnchorElement, HtmlElement};

    pub fn watch() {
        let Some(week) = by_id::<Element>(WEEK) else { return };
        let asking = Asking::default();
        listen(&week.clone(), "click", move |event| {
            let Some(link) = source::<HtmlAnchorElement>(&event, "a") else { return };
            // With the practice's number one calls.
            if !link.has_attribute("rel") && !link.search().contains("from=") {
                return;
            }
            event.prevent_default();
            turn(&asking, &week, &link);
        });
    }

    /// Shows the week that `link` leads to.
    fn turn(asking: &Asking, week: &Element, link: &HtmlAnchorElement) {
        let _ = week.set_attribute("aria-busy", "true");
        let (week, rel) = (week.clone(), link.rel());
        let show = move |page: Option<String>| {
            let _ = week.set_attribute("aria-busy", "false");
            let answer = page.and_then(|page| part(&page, WEEK));
            if let Some(failed) = by_id::<HtmlElement>(FAILED) {
                failed.set_hidden(answer.is_some());
            }
            let Some(answer) = answer else { return };
            week.set_inner_html(&answer.inner_html());
            if let Some(shown) = by_id::<Element>(SHOWN) {
                let heading = first::<Element>(&week, "h2").and_then(|heading| heading.text_content());
                shown.set_text_content(Some(&heading.unwrap_or_default()));
            }
            // The link that was used is gone: its like has the focus, or else the last way on.
            let links: Vec<HtmlAnchorElement> = all(&week, "a[rel]");
            if let Some(link) = links.iter().find(|link| link.rel() == rel).or(links.last()) {
                let _ = link.focus();
            }
        };
        asking.ask(link.href(), 0, Box::new(show));
    }
}
