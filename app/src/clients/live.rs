//! Search as one types: the list's own page is fetched and its results put in
//! place. The form works without it.

use leptos::prelude::*;

/// Watches the form `form` and renews the element `results`; `/` goes to the
/// search field.
#[island]
pub fn LiveSearch(form: String, results: String) -> impl IntoView {
    let words = RwSignal::new(String::new());
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| browser::watch(&form, &results, words));
    #[cfg(not(feature = "hydrate"))]
    let _ = (form, results);
    view! { <p class="sr-only" role="status">{move || words.get()}</p> }
}

#[cfg(feature = "hydrate")]
mod browser {
    use gloo_net::http::Request;
    use leptos::prelude::*;
    use leptos::task::spawn_local;
    use std::cell::RefCell;
    use std::rc::Rc;
    use std::time::Duration;
    use wasm_bindgen::closure::Closure;
    use wasm_bindgen::{JsCast, JsValue};
    use web_sys::{
        AbortController, AbortSignal, Element, Event, FormData, HtmlElement, HtmlFormElement, KeyboardEvent,
    };

    #[derive(Default)]
    struct Latest {
        waiting: Option<TimeoutHandle>,
        asking: Option<AbortController>,
    }

    pub fn watch(form: &str, results: &str, words: RwSignal<String>) {
        let by_id = |id: &str| document().get_element_by_id(id);
        let Some(form) = by_id(form).and_then(|form| form.dyn_into::<HtmlFormElement>().ok()) else { return };
        let Some(results) = by_id(results) else { return };
        let latest = Rc::new(RefCell::new(Latest::default()));
        let watched = form.clone();
        let typed = Closure::<dyn Fn(Event)>::new(move |_| later(&latest, &watched, &results, words));
        let _ = form.add_event_listener_with_callback("input", typed.as_ref().unchecked_ref());
        typed.forget();
        let slash = Closure::<dyn Fn(KeyboardEvent)>::new(move |event: KeyboardEvent| {
            if event.key() == "/" && !event.ctrl_key() && !event.meta_key() && !event.alt_key() && !is_typing() {
                let field = form.query_selector("[type=search]").ok().flatten();
                if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlElement>().ok()) {
                    event.prevent_default();
                    let _ = field.focus();
                }
            }
        });
        let _ = document().add_event_listener_with_callback("keydown", slash.as_ref().unchecked_ref());
        slash.forget();
    }

    fn is_typing() -> bool {
        let tag = document().active_element().map(|element| element.tag_name()).unwrap_or_default();
        matches!(tag.as_str(), "INPUT" | "TEXTAREA" | "SELECT")
    }

    fn later(latest: &Rc<RefCell<Latest>>, form: &HtmlFormElement, results: &Element, words: RwSignal<String>) {
        {
            let mut latest = latest.borrow_mut();
            if let Some(waiting) = latest.waiting.take() {
                waiting.clear();
            }
            if let Some(asking) = latest.asking.take() {
                asking.abort();
            }
        }
        let (asker, form, results) = (latest.clone(), form.clone(), results.clone());
        let ask = move || {
            let Ok(asking) = AbortController::new() else { return };
            let signal = asking.signal();
            asker.borrow_mut().asking = Some(asking);
            let url = address(&form);
            spawn_local(async move {
                let Some(page) = fetch(&url, &signal).await else { return };
                if signal.aborted() {
                    return;
                }
                results.set_inner_html(&page.inner_html());
                words.set(page.get_attribute("data-summary").unwrap_or_default());
                if let Ok(history) = window().history() {
                    let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&url));
                }
            });
        };
        latest.borrow_mut().waiting = set_timeout_with_handle(ask, Duration::from_millis(200)).ok();
    }

    /// Where the form would lead: the first page of what it asks for.
    fn address(form: &HtmlFormElement) -> String {
        let value = |name: &str| {
            let data = FormData::new_with_form(form).ok()?;
            let value = data.get(name).as_string().unwrap_or_default();
            Some(format!("{name}={}", js_sys::encode_uri_component(&value)))
        };
        let pairs: Vec<String> = ["q", "status"].into_iter().filter_map(value).collect();
        format!("{}?{}", window().location().pathname().unwrap_or_default(), pairs.join("&"))
    }

    /// The results in the page at `url`.
    async fn fetch(url: &str, signal: &AbortSignal) -> Option<Element> {
        let response = Request::get(url).abort_signal(Some(signal)).send().await.ok().filter(|answer| answer.ok())?;
        let holder = document().create_element("div").ok()?;
        holder.set_inner_html(&response.text().await.ok()?);
        holder.query_selector("#client-results").ok().flatten()
    }
}
