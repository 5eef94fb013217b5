//! Search as one types: the results are asked for and put in place. The form
//! works without it.

#[cfg(feature = "ssr")]
use leptos::prelude::*;

#[cfg(feature = "hydrate")]
pub use browser::start;

/// The name of the island.
pub const NAME: &str = "live-search";
/// The search form, and the element with what it found.
pub const FORM: &str = "client-filters";
pub const RESULTS: &str = "client-results";

/// Renews the results as one types or filters; the arrows go from the search field
/// through the rows, Enter opens one.
#[cfg(feature = "ssr")]
#[component]
pub fn LiveSearch() -> impl IntoView {
    crate::ui::staff_island::staff_island(NAME, view! { <p class="sr-only" role="status"></p> })
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::{FORM, RESULTS};
    use crate::ui::browser::{Asking, Status, all, by_id, first, listen, part, push_address, replace_address, source};
    use crate::ui::storage::Kept;
    use leptos::prelude::{document, window};
    use std::cell::{Cell, RefCell};
    use std::rc::Rc;
    use wasm_bindgen::JsCast;
    use web_sys::{
        Element, Event, FormData, HtmlElement, HtmlFormElement, HtmlSelectElement, KeyboardEvent, SubmitEvent,
    };

    /// What the arrows go through: the link of each row.
    const ROWS: &str = "a.row-link";
    /// The address for which the page was made again, while it is.
    const TRIED: &str = "list-made-anew";
    /// What stays as it is: empty in results that replace others.
    const KEPT: &str = "[data-kept]";

    pub fn start(island: &HtmlElement) {
        let Some(status) = Status::within(island) else { return };
        let Some(form) = by_id::<HtmlFormElement>(FORM) else { return };
        let Some(results) = by_id::<Element>(RESULTS) else { return };
        let (asking, watched, shown) = (Asking::default(), form.clone(), results.clone());
        let query = Rc::new(RefCell::new(search()));
        let (last, chosen) = (query.clone(), Rc::new(Cell::new(false)));
        listen(&form.clone(), "input", move |event| {
            let (url, results, last) = (address(&watched), shown.clone(), last.clone());
            // A filter is a step that one may want to take back; letters are not.
            if source::<HtmlSelectElement>(&event, "select").is_some() {
                chosen.set(true);
            }
            let (chosen, status) = (chosen.clone(), status.clone());
            let show = {
                let url = url.clone();
                move |answer: Option<String>| {
                    let html = answer.and_then(|text| js_sys::JSON::parse(&text).ok()?.as_string());
                    if let Some(found) = html.and_then(|html| part(&html, RESULTS)) {
                        let kept = all::<Element>(&results, KEPT);
                        results.set_inner_html(&found.inner_html());
                        for (new, old) in all::<Element>(&results, KEPT).into_iter().zip(kept) {
                            let _ = new.replace_with_with_node_1(&old);
                        }
                        status.say(&found.get_attribute("data-summary").unwrap_or_default());
                        if chosen.take() {
                            push_address(&url)
                        } else {
                            replace_address(&url)
                        }
                        last.replace(search());
                        // For what else reacts on the results.
                        let _ = Event::new("renewed").and_then(|event| results.dispatch_event(&event));
                    }
                }
            };
            let (path, query) = url.split_once('?').unwrap_or((&url, ""));
            let mine = if path.ends_with("/mine") { "mine=true&" } else { "" };
            asking.ask(format!("/fn/clients/results?{mine}{query}"), 150, Box::new(show));
        });
        // Back to what the page does not show any more, even before this woke up.
        // The answer to a post has another address, and is what it should be.
        let is_list = form.get_attribute("action") == window().location().pathname().ok();
        let asked = form.get_attribute("data-asked").filter(|_| is_list);
        if asked.is_some_and(|asked| asked != search().trim_start_matches('?')) {
            anew();
        } else if let Some(storage) = Kept::in_tab() {
            storage.remove(TRIED);
        }
        listen(&window(), "popstate", move |_| {
            if *query.borrow() != search() {
                anew();
            }
        });
        // Without the names of what is left empty.
        let sent = form.clone();
        listen(&form, "submit", move |event| {
            let pressed = event.dyn_ref::<SubmitEvent>().and_then(SubmitEvent::submitter);
            if pressed.is_none_or(|button| !button.has_attribute("name") && !button.has_attribute("formaction")) {
                event.prevent_default();
                let _ = window().location().assign(&address(&sent));
            }
        });
        listen(&document(), "keydown", move |event| {
            let Some(key) = event.dyn_ref::<KeyboardEvent>() else { return };
            if key.ctrl_key() || key.meta_key() || key.alt_key() || key.is_composing() {
                return;
            }
            let field = || first::<HtmlElement>(&form, "[type=search]");
            let to = match key.key().as_str() {
                "ArrowDown" => beside(&event, &results, 1),
                "ArrowUp" => beside(&event, &results, -1).or_else(|| in_row(&event).and_then(|_| field())),
                _ => None,
            };
            if let Some(to) = to {
                event.prevent_default();
                let _ = to.focus();
            }
        });
    }

    /// Has the page made again, once for an address: whatever stands between here and
    /// the server might write it otherwise each time.
    fn anew() {
        let Some(storage) = Kept::in_tab() else { return };
        let href = window().location().href().unwrap_or_default();
        if storage.get(TRIED).is_none_or(|tried| tried != href) {
            storage.set(TRIED, &href);
            let _ = window().location().reload();
        }
    }

    /// What the address asks for.
    fn search() -> String {
        window().location().search().unwrap_or_default()
    }

    /// The row where the event happened.
    fn in_row(event: &web_sys::Event) -> Option<HtmlElement> {
        source(event, ROWS)
    }

    /// The row before or behind that of the event; from the search field, the first.
    fn beside(event: &web_sys::Event, results: &Element, step: i32) -> Option<HtmlElement> {
        let rows = all::<HtmlElement>(results, ROWS);
        let at = match in_row(event) {
            Some(row) => rows.iter().position(|other| *other == row)? as i32 + step,
            None if step > 0 && source::<Element>(event, "[type=search]").is_some() => 0,
            None => return None,
        };
        rows.into_iter().nth(usize::try_from(at).ok()?)
    }

    /// Where the form would lead: the first page of what it asks for.
    fn address(form: &HtmlFormElement) -> String {
        let path = window().location().pathname().unwrap_or_default();
        let Ok(data) = FormData::new_with_form(form) else { return path };
        let mut pairs = Vec::new();
        for pair in data.entries().into_iter().flatten() {
            let pair = js_sys::Array::from(&pair);
            if let (Some(name), Some(value)) = (pair.get(0).as_string(), pair.get(1).as_string())
                && !value.is_empty()
            {
                pairs.push(format!("{name}={}", String::from(js_sys::encode_uri_component(&value))));
            }
        }
        if pairs.is_empty() { path } else { format!("{path}?{}", pairs.join("&")) }
    }
}
