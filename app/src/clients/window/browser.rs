//! Opens the window, fills it with the create page's form, posts that form and
//! hands over whoever was made.

use super::{BODY, FORM, HERE, MADE, TITLE, WINDOW, draft, likely};
use crate::ui::browser::{all, by_id, first, listen, part, source};
use gloo_net::http::Request;
use leptos::prelude::{RwSignal, Set, document, window};
use leptos::task::spawn_local;
use shared::clients::PickerRow;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    CustomEvent, CustomEventInit, Element, Event, FormData, HtmlDialogElement, HtmlElement, HtmlFormElement,
    MouseEvent, Url, UrlSearchParams,
};

/// The link that opened the window.
type Opener = Rc<RefCell<Option<Element>>>;

pub fn watch(words: RwSignal<&'static str>) {
    let Some(root) = document().document_element() else { return };
    let opener = Opener::default();
    // The create page itself has the form from the start.
    if let Some(form) = by_id::<HtmlFormElement>(FORM) {
        likely::watch(&form, false);
        draft::keep(&form);
    }
    let opened_by = opener.clone();
    listen(&root, "click", move |event| clicked(&event, &opened_by, words));
    let Some(body) = by_id::<Element>(BODY) else { return };
    listen(&body, "submit", move |event| {
        let Some(form) = source::<HtmlFormElement>(&event, &format!("#{FORM}")) else { return };
        event.prevent_default();
        let opener = opener.clone();
        spawn_local(async move { submit(form, opener, words).await });
    });
}

fn clicked(event: &Event, opener: &Opener, words: RwSignal<&'static str>) {
    // With a key held down, or by the wheel, the link is opened elsewhere.
    let plain = event.dyn_ref::<MouseEvent>().is_none_or(|mouse| {
        mouse.button() == 0 && !mouse.ctrl_key() && !mouse.meta_key() && !mouse.shift_key() && !mouse.alt_key()
    });
    if !plain || event.default_prevented() {
        return;
    }
    if let Some(link) = source::<Element>(event, "[data-window]") {
        event.prevent_default();
        if let Some(body) = by_id::<Element>(BODY) {
            let _ = body.toggle_attribute_with_force(HERE, wants_here(&link));
        }
        opener.replace(Some(link.clone()));
        load(address(&link), Some(link), words);
    } else if source::<Element>(event, &format!("#{BODY}")).is_some()
        && let Some(link) = source::<Element>(event, "a")
    {
        let href = link.get_attribute("href").unwrap_or_default();
        if link.has_attribute("data-cancel") {
            event.prevent_default();
            close();
        } else if let Some(number) = link.get_attribute("data-choose")
            && opener.borrow().as_ref().is_some_and(wants_here)
        {
            event.prevent_default();
            let opener = opener.take();
            spawn_local(async move {
                if let (Some(opener), Some(client)) = (opener, find(&number).await) {
                    hand_over(&opener, &client);
                }
            });
        } else if href.starts_with("/clients/new") {
            // Another kind of client, in the same window.
            event.prevent_default();
            load(href, None, words);
        }
    }
}

/// Where a link leads; the page whose form a button opens.
fn address(opener: &Element) -> String {
    opener.get_attribute("href").or_else(|| opener.get_attribute("data-href")).unwrap_or_default()
}

/// Shows the create page's form in the window. If that fails, the page itself,
/// or what the button does without the window.
fn load(href: String, opener: Option<Element>, words: RwSignal<&'static str>) {
    spawn_local(async move {
        let page = match Request::get(&href).send().await {
            Ok(answer) if answer.ok() => answer.text().await.ok(),
            _ => None,
        };
        match page.as_deref().and_then(show) {
            Some(form) => {
                draft::keep(&form);
                open(&form);
                words.set("");
            }
            None => match opener.and_then(|opener| opener.dyn_into::<HtmlElement>().ok()) {
                Some(button) if button.has_attribute("data-href") => {
                    let _ = button.remove_attribute("data-window");
                    button.click();
                }
                _ => _ = window().location().assign(&href),
            },
        }
    });
}

/// Puts the form of a page into the window.
fn show(page: &str) -> Option<HtmlFormElement> {
    let form: HtmlFormElement = part(page, FORM)?.dyn_into().ok()?;
    let body = by_id::<Element>(BODY)?;
    let here = by_id::<HtmlDialogElement>(WINDOW)?;
    if let (Some(title), Some(heading)) = (by_id::<Element>(TITLE), part(page, "create-client-title")) {
        title.set_text_content(heading.text_content().as_deref());
    }
    // The form has its place on the page, its panel and its heading; here it has the window's.
    let _ = form.class_list().remove_1("panel");
    body.replace_children_with_node_1(&form);
    if !here.open() {
        let _ = here.show_modal();
    }
    body.set_scroll_top(0);
    likely::watch(&form, true);
    draft::sections(&form);
    Some(form)
}

fn open(form: &HtmlFormElement) {
    let field = first::<HtmlElement>(form, "input:not([type=hidden]):not([type=radio])");
    if let Some(field) = field {
        let _ = field.focus();
    }
}

fn close() {
    if let Some(here) = by_id::<HtmlDialogElement>(WINDOW) {
        here.close();
    }
}

async fn submit(form: HtmlFormElement, opener: Opener, words: RwSignal<&'static str>) {
    let Some(body) = body_of(&form) else { return };
    words.set("Saving");
    let request = Request::post(&form.action())
        .header("accept", "text/html")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    let answer = match request {
        Ok(request) => request.send().await.ok(),
        Err(_) => None,
    };
    let Some(answer) = answer else {
        let _ = form.remove_attribute("aria-busy");
        words.set("The server could not be reached. Nothing you typed is lost: try again.");
        return;
    };
    if answer.redirected() && answer.ok() {
        draft::forget(&form);
        return made(&answer.url(), opener).await;
    }
    let page = answer.text().await.unwrap_or_default();
    match show(&page) {
        Some(form) => {
            words.set("Something is not right yet");
            if let Some(summary) = first::<HtmlElement>(&form, ".error-summary") {
                let _ = summary.focus();
            }
        }
        // Logged out, for instance: the page says so.
        None => {
            let _ = form.remove_attribute("aria-busy");
            words.set("This could not be saved. Nothing you typed is lost: try again.");
        }
    }
}

/// Every field, as a browser would send it.
fn body_of(form: &HtmlFormElement) -> Option<JsValue> {
    let data = FormData::new_with_form(form).ok()?;
    let params = UrlSearchParams::new_with_str_sequence_sequence(&js_sys::Array::from(&data)).ok()?;
    Some(params.to_string().into())
}

/// Hands the new client to the link that opened the window, or goes where the form leads.
async fn made(address: &str, opener: Opener) {
    let opener = opener.take();
    let number = number_in(address);
    if let (Some(opener), Some(number)) = (opener, number)
        && wants_here(&opener)
        && let Some(client) = find(&number).await
    {
        return hand_over(&opener, &client);
    }
    let _ = window().location().assign(address);
}

fn wants_here(opener: &Element) -> bool {
    opener.get_attribute("data-window").as_deref() == Some("here")
}

fn hand_over(opener: &Element, client: &str) {
    close();
    let init = CustomEventInit::new();
    init.set_bubbles(true);
    init.set_detail(&JsValue::from_str(client));
    if let Ok(event) = CustomEvent::new_with_event_init_dict(MADE, &init) {
        let _ = opener.dispatch_event(&event);
    }
}

/// `/clients/1234` or `…?client=1234`.
fn number_in(address: &str) -> Option<String> {
    let url = Url::new(address).ok()?;
    let number = url.search_params().get("client").or_else(|| url.pathname().rsplit('/').next().map(str::to_owned))?;
    number.bytes().all(|b| b.is_ascii_digit()).then_some(number)
}

/// The client of this number as the picker shows it, as JSON.
async fn find(number: &str) -> Option<String> {
    let answer = Request::get(&format!("/fn/clients/search?q={number}&kinds=all")).send().await.ok()?;
    let found: Vec<PickerRow> = answer.json().await.ok()?;
    let client = found.into_iter().find(|client| client.number == number)?;
    serde_json::to_string(&client).ok()
}

/// Whether a form was refused: what it holds is newer than any draft.
pub fn is_refused(form: &HtmlFormElement) -> bool {
    !all::<Element>(form, ".error-summary").is_empty()
}
