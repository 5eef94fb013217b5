//! What the islands do alike in the browser: find, listen, ask the server.

use gloo_net::http::Request;
use leptos::prelude::{TimeoutHandle, document, set_timeout_with_handle, window};
use leptos::task::spawn_local;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AbortController, AbortSignal, Element, Event, EventTarget, HtmlElement};

pub fn by_id<T: JsCast>(id: &str) -> Option<T> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// The first of `T` within `root` that `selector` names.
pub fn first<T: JsCast>(root: &Element, selector: &str) -> Option<T> {
    root.query_selector(selector).ok()??.dyn_into().ok()
}

pub fn all<T: JsCast>(root: &Element, selector: &str) -> Vec<T> {
    let Ok(found) = root.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|index| found.get(index)?.dyn_into().ok()).collect()
}

/// Where an event happened: the element, or the nearest around it, that `selector` names.
pub fn source<T: JsCast>(event: &Event, selector: &str) -> Option<T> {
    event.target()?.dyn_into::<Element>().ok()?.closest(selector).ok()??.dyn_into().ok()
}

/// Hears an event for as long as the page is there.
pub fn listen(target: &EventTarget, event: &str, heard: impl Fn(Event) + 'static) {
    let heard = Closure::<dyn Fn(Event)>::new(heard);
    let _ = target.add_event_listener_with_callback(event, heard.as_ref().unchecked_ref());
    heard.forget();
}

/// As [`listen`], on the event's way down: for events that do not bubble.
pub fn listen_early(target: &EventTarget, event: &str, heard: impl Fn(Event) + 'static) {
    let heard = Closure::<dyn Fn(Event)>::new(heard);
    let _ = target.add_event_listener_with_callback_and_bool(event, heard.as_ref().unchecked_ref(), true);
    heard.forget();
}

/// Whether a key that is pressed goes into a field.
pub fn is_typing() -> bool {
    let tag = document().active_element().map(|element| element.tag_name()).unwrap_or_default();
    matches!(tag.as_str(), "INPUT" | "TEXTAREA" | "SELECT")
}

/// Whether keys without Ctrl or Alt do something: people can switch them off.
pub fn single_keys() -> bool {
    let root = document().document_element();
    root.is_none_or(|root| root.get_attribute("data-keys").as_deref() != Some("off"))
}

/// Another address for this page, without going there.
pub fn replace_address(url: &str) {
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(url));
    }
}

/// Another address for this page, to return from.
pub fn push_address(url: &str) {
    if let Ok(history) = window().history() {
        let _ = history.push_state_with_url(&JsValue::NULL, "", Some(url));
    }
}

/// Presses the button that adds a client to the form around this element.
pub fn add_client(within: &Element, number: &str) {
    let form = within.closest("form").ok().flatten();
    let button = form.and_then(|form| first::<HtmlElement>(&form, "[data-add-client]"));
    if let Some(button) = button {
        let _ = button.set_attribute("value", &format!("add:{number}"));
        button.click();
    }
}

/// A new element.
pub fn element(tag: &str, class: &str, text: &str) -> Option<Element> {
    let element = document().create_element(tag).ok()?;
    element.set_class_name(class);
    element.set_text_content(Some(text));
    Some(element)
}

/// What an island says to those who hear the page.
#[derive(Clone)]
pub struct Status(Element);

impl Status {
    /// The live region of an island.
    pub fn within(island: &Element) -> Option<Status> {
        first(island, "[role=status]").map(Status)
    }

    pub fn say(&self, words: &str) {
        self.0.set_text_content(Some(words));
    }
}

/// An answer of the server in JSON. The browser reads it: a reader of our own would be a tenth of
/// all code that staff load.
pub struct Json(JsValue);

impl Json {
    pub fn parse(text: &str) -> Option<Json> {
        js_sys::JSON::parse(text).ok().map(Json)
    }

    fn field(&self, name: &str) -> Option<JsValue> {
        js_sys::Reflect::get(&self.0, &name.into()).ok()
    }

    pub fn text(&self, name: &str) -> String {
        self.field(name).and_then(|value| value.as_string()).unwrap_or_default()
    }

    pub fn count(&self, name: &str) -> u32 {
        self.field(name).and_then(|value| value.as_f64()).unwrap_or_default() as u32
    }

    pub fn is(&self, name: &str) -> bool {
        self.field(name).is_some_and(|value| value.is_truthy())
    }

    /// A list of texts.
    pub fn texts(&self, name: &str) -> Vec<String> {
        let list = self.field(name).and_then(|value| value.dyn_into::<js_sys::Array>().ok());
        list.map(|list| list.iter().filter_map(|text| text.as_string()).collect()).unwrap_or_default()
    }

    /// The items of a list.
    pub fn items(self) -> Option<Vec<Json>> {
        let list = self.0.dyn_into::<js_sys::Array>().ok()?;
        Some(list.iter().map(Json).collect())
    }
}

/// The element of this id in another page.
pub fn part(page: &str, id: &str) -> Option<Element> {
    let holder = document().create_element("div").ok()?;
    holder.set_inner_html(page);
    first(&holder, &format!("#{id}"))
}

/// A question to the server. Asking again gives up the one that is waiting or
/// under way: a late answer to an old question is never heard.
#[derive(Clone, Default)]
pub struct Asking(Rc<RefCell<Latest>>);

#[derive(Default)]
struct Latest {
    waiting: Option<TimeoutHandle>,
    asking: Option<AbortController>,
}

/// Hears the text, or nothing when there was no good answer.
pub type Answer = Box<dyn FnOnce(Option<String>)>;

impl Asking {
    pub fn stop(&self) {
        let Latest { waiting, asking } = self.0.take();
        if let Some(waiting) = waiting {
            waiting.clear();
        }
        if let Some(asking) = asking {
            asking.abort();
        }
    }

    /// Asks for `url` once nothing else was asked for `pause` milliseconds.
    pub fn ask(&self, url: String, pause: u64, answer: Answer) {
        self.stop();
        let latest = self.0.clone();
        let ask = move || {
            let Ok(asking) = AbortController::new() else { return };
            let signal = asking.signal();
            latest.borrow_mut().asking = Some(asking);
            spawn_local(async move {
                let text = fetch(&url, &signal).await;
                if !signal.aborted() {
                    answer(text);
                }
            });
        };
        self.0.borrow_mut().waiting = set_timeout_with_handle(ask, Duration::from_millis(pause)).ok();
    }
}

async fn fetch(url: &str, signal: &AbortSignal) -> Option<String> {
    let response = Request::get(url).abort_signal(Some(signal)).send().await.ok()?;
    if response.ok() { response.text().await.ok() } else { None }
}
