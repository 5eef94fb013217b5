//! The free times at work: weeks are turned in place, and a chosen time opens
//! the dialog that the page holds. Without JavaScript the same links lead to
//! pages that do as much.

use leptos::prelude::*;

/// The week, what is said when another cannot be loaded, and the dialog.
pub const WEEK: &str = "week";
pub const FAILED: &str = "week-failed";
pub const DIALOG: &str = "book";

/// Wakes the week and the dialog; says which week is shown.
#[island]
pub fn Booker() -> impl IntoView {
    let words = RwSignal::new(String::new());
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| browser::watch(words));
    view! { <p class="sr-only" role="status">{move || words.get()}</p> }
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::{DIALOG, FAILED, WEEK};
    use crate::ui::browser::{Asking, all, by_id, first, listen, part, source};
    use leptos::prelude::{RwSignal, Set};
    use web_sys::{Element, HtmlAnchorElement, HtmlDialogElement, HtmlElement, HtmlInputElement, Url};

    pub fn watch(words: RwSignal<String>) {
        let Some(week) = by_id::<Element>(WEEK) else { return };
        let asking = Asking::default();
        listen(&week.clone(), "click", move |event| {
            let Some(link) = source::<HtmlAnchorElement>(&event, "a") else { return };
            event.prevent_default();
            if link.has_attribute("data-when") {
                choose(&link);
            } else {
                turn(&asking, &week, &link, words);
            }
        });
    }

    /// Shows the week that `link` leads to.
    fn turn(asking: &Asking, week: &Element, link: &HtmlAnchorElement, words: RwSignal<String>) {
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
            words.set(first::<Element>(&week, "h2").and_then(|heading| heading.text_content()).unwrap_or_default());
            // The link that was used is gone: its like has the focus, or else the last way on.
            let links: Vec<HtmlAnchorElement> = all(&week, "a[rel]");
            if let Some(link) = links.iter().find(|link| link.rel() == rel).or(links.last()) {
                let _ = link.focus();
            }
        };
        asking.ask(link.href(), 0, Box::new(show));
    }

    /// Fills the dialog with the time, and opens it.
    fn choose(time: &HtmlAnchorElement) {
        let (Some(dialog), Ok(url)) = (by_id::<HtmlDialogElement>(DIALOG), Url::new(&time.href())) else { return };
        for (name, param) in [("form[starts_at]", "start"), ("form[practitioner]", "with")] {
            if let Some(input) = first::<HtmlInputElement>(&dialog, &format!("[name='{name}']")) {
                input.set_value(&url.search_params().get(param).unwrap_or_default());
            }
        }
        for name in ["data-when", "data-with"] {
            if let Some(shown) = first::<Element>(&dialog, &format!("dd[{name}]")) {
                shown.set_text_content(time.get_attribute(name).as_deref());
            }
        }
        let engaged = time.get_attribute("data-engaged").unwrap_or_default();
        for person in all::<Element>(&dialog, "[data-client]") {
            let id = person.get_attribute("data-client").unwrap_or_default();
            set_engaged(&person, engaged.split(' ').any(|engaged| engaged == id));
        }
        let _ = dialog.show_modal();
    }

    fn set_engaged(person: &Element, engaged: bool) {
        if let Some(radio) = first::<HtmlInputElement>(person, "[type=radio]") {
            radio.set_disabled(engaged);
        }
        if let Some(note) = first::<HtmlElement>(person, "[data-engaged]") {
            let words = note.get_attribute(if engaged { "data-engaged" } else { "data-free" }).unwrap_or_default();
            note.set_hidden(words.is_empty());
            note.set_text_content(Some(&words));
        }
    }
}
