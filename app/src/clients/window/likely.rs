//! Anyone who is likely to be the same person, told of while one types.

use super::{HERE, LIKELY, LOOK};
use crate::ui::browser::{first, listen};
use gloo_net::http::Request;
use leptos::prelude::{TimeoutHandle, document, set_timeout, set_timeout_with_handle};
use leptos::task::spawn_local;
use shared::clients::{Likely, LikelyRow};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::JsValue;
use web_sys::{Element, HtmlFormElement, HtmlInputElement, UrlSearchParams};

/// What tells people apart.
const FIELDS: [&str; 5] = ["first_name", "last_name", "birth_date", "email", "mobile"];
const PAUSE: Duration = Duration::from_millis(350);

/// `window`: profiles open in a tab of their own, so that what was typed stays.
pub fn watch(form: &HtmlFormElement, window: bool) {
    let Some(place) = first::<Element>(form, &format!("#{LIKELY}")) else { return };
    if let Some(look) = first::<Element>(form, &format!("input[name={LOOK}]")) {
        look.remove();
    }
    let waiting: Rc<RefCell<Option<TimeoutHandle>>> = Rc::default();
    let asked: Rc<RefCell<String>> = Rc::default();
    let watched = form.clone();
    let look = move || {
        let Some(question) = question(&watched) else { return };
        if *asked.borrow() == question || asked.borrow().is_empty() && !is_telling(&watched) {
            return;
        }
        asked.replace(question.clone());
        if let Some(waiting) = waiting.take() {
            waiting.clear();
        }
        let (place, asked) = (place.clone(), asked.clone());
        let ask = move || {
            spawn_local(async move {
                let found = ask(&question).await;
                // Another question has been asked since.
                if *asked.borrow() == question {
                    tell(&place, found.as_ref().map(|found| found.rows.as_slice()).unwrap_or_default(), window);
                    if let Some(found) = found {
                        suggest(&place, &found.code);
                    }
                }
            });
        };
        *waiting.borrow_mut() = set_timeout_with_handle(ask, PAUSE).ok();
    };
    listen(form, "input", {
        let look = look.clone();
        move |_| look()
    });
    // What was typed before is in the form by then: a refused form, or a draft.
    set_timeout(look, Duration::ZERO);
}

/// Whether anything is filled in that tells people apart.
fn is_telling(form: &HtmlFormElement) -> bool {
    let value =
        |name: &str| first::<HtmlInputElement>(form, &format!("[name=\"form[{name}]\"]")).map(|field| field.value());
    FIELDS.iter().any(|name| value(name).is_some_and(|value| !value.trim().is_empty()))
}

fn question(form: &HtmlFormElement) -> Option<String> {
    let params = UrlSearchParams::new().ok()?;
    for name in FIELDS {
        let name = format!("form[{name}]");
        let field = first::<HtmlInputElement>(form, &format!("[name=\"{name}\"]"));
        params.append(&name, &field.map(|field| field.value()).unwrap_or_default());
    }
    Some(params.to_string().into())
}

/// By post: names stand in no address.
async fn ask(question: &str) -> Option<Likely> {
    let request = Request::post("/fn/clients/likely")
        .header("accept", "application/json")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(JsValue::from_str(question));
    request.ok()?.send().await.ok()?.json().await.ok()
}

fn tell(place: &Element, found: &[LikelyRow], window: bool) {
    place.set_text_content(None);
    if found.is_empty() {
        return;
    }
    let Some(notice) = made("div", "notice warn", "") else { return };
    let Some(list) = made("ul", "list", "") else { return };
    for row in found {
        let (Some(item), Some(name), Some(note), Some(link)) = (
            made("li", "", ""),
            made("span", "strong", &row.name),
            made("span", "muted small", &format!(" {} · {}", row.note, row.reason)),
            made("a", "button small", "Open"),
        ) else {
            return;
        };
        let _ = link.set_attribute("href", &format!("/clients/{}", row.number));
        let _ = link.set_attribute("aria-label", &format!("Open {}", row.name));
        if window {
            let _ = link.set_attribute("target", "_blank");
        }
        for part in [&name, &note, &link] {
            let _ = item.append_child(part);
        }
        if let Some(button) = use_button(row, place) {
            let _ = item.append_child(&button);
        }
        let _ = list.append_child(&item);
    }
    if let Some(title) = made("p", "strong", "Possible match. Is this the same person?") {
        let _ = notice.append_child(&title);
    }
    let _ = notice.append_child(&list);
    let _ = place.append_child(&notice);
}

/// Shows the code that they get if none is typed.
fn suggest(place: &Element, code: &str) {
    let form = place.closest("form").ok().flatten();
    let input = form.and_then(|form| first::<HtmlInputElement>(&form, "[name=\"form[code]\"]"));
    if let Some(input) = input {
        input.set_placeholder(code);
    }
}

/// Where a client is being chosen, anyone who is here already can be chosen instead.
fn use_button(row: &LikelyRow, place: &Element) -> Option<Element> {
    let form = place.closest("form").ok()??;
    let next = first::<HtmlInputElement>(&form, "input[name=next]").map(|field| field.value()).unwrap_or_default();
    let here = place.closest(&format!("[{HERE}]")).ok()?.is_some();
    if next.is_empty() && !here {
        return None;
    }
    let word = place.get_attribute("data-word").unwrap_or_default();
    let link = made("a", "button small", &format!("Use this {word}"))?;
    let joint = if next.contains('?') { "&" } else { "?" };
    let _ = link.set_attribute("href", &format!("{next}{joint}client={}", row.number));
    let _ = link.set_attribute("data-choose", &row.number);
    let _ = link.set_attribute("aria-label", &format!("Use this {word}: {}", row.name));
    Some(link)
}

fn made(tag: &str, class: &str, text: &str) -> Option<Element> {
    let element = document().create_element(tag).ok()?;
    if !class.is_empty() {
        element.set_class_name(class);
    }
    if !text.is_empty() {
        element.set_text_content(Some(text));
    }
    Some(element)
}
