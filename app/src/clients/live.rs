//! Search as one types: the list's own page is fetched and its results put in
//! place. The form works without it.

use leptos::prelude::*;

/// The search form, and the element with what it found.
pub const FORM: &str = "client-filters";
pub const RESULTS: &str = "client-results";

/// Renews the results as one types; `/` goes to the search field.
#[island]
pub fn LiveSearch() -> impl IntoView {
    let words = RwSignal::new(String::new());
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| browser::watch(words));
    view! { <p class="sr-only" role="status">{move || words.get()}</p> }
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::{FORM, RESULTS};
    use crate::ui::browser::{Asking, by_id, first, listen, part, replace_address};
    use leptos::prelude::*;
    use wasm_bindgen::JsCast;
    use web_sys::{Element, FormData, HtmlElement, HtmlFormElement, KeyboardEvent};

    pub fn watch(words: RwSignal<String>) {
        let Some(form) = by_id::<HtmlFormElement>(FORM) else { return };
        let Some(results) = by_id::<Element>(RESULTS) else { return };
        let (asking, watched) = (Asking::default(), form.clone());
        listen(&form.clone(), "input", move |_| {
            let (url, results) = (address(&watched), results.clone());
            let show = {
                let url = url.clone();
                move |page: Option<String>| {
                    if let Some(found) = page.and_then(|page| part(&page, RESULTS)) {
                        results.set_inner_html(&found.inner_html());
                        words.set(found.get_attribute("data-summary").unwrap_or_default());
                        replace_address(&url);
                    }
                }
            };
            asking.ask(url, 200, Box::new(show));
        });
        listen(&document(), "keydown", move |event| {
            let Some(key) = event.dyn_ref::<KeyboardEvent>() else { return };
            let is_slash = key.key() == "/" && !key.ctrl_key() && !key.meta_key() && !key.alt_key();
            if is_slash
                && !is_typing()
                && let Some(field) = first::<HtmlElement>(&form, "[type=search]")
            {
                event.prevent_default();
                let _ = field.focus();
            }
        });
    }

    fn is_typing() -> bool {
        let tag = document().active_element().map(|element| element.tag_name()).unwrap_or_default();
        matches!(tag.as_str(), "INPUT" | "TEXTAREA" | "SELECT")
    }

    /// Where the form would lead: the first page of what it asks for.
    fn address(form: &HtmlFormElement) -> String {
        let value = |name: &str| {
            let value = FormData::new_with_form(form).ok().and_then(|data| data.get(name).as_string());
            String::from(js_sys::encode_uri_component(&value.unwrap_or_default()))
        };
        let path = window().location().pathname().unwrap_or_default();
        format!("{path}?q={}&status={}", value("q"), value("status"))
    }
}
