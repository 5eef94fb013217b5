//! What was typed is kept for this tab until the client is made or the draft is
//! thrown away, and so is which sections were open. Drafts are personal data: they
//! belong to the account that typed them, and leave with the tab and with the login.

use super::dom::is_refused;
use crate::ui::browser::{all, first, listen, listen_early};
use crate::ui::storage::Kept;
use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{
    Element, FormData, HtmlDetailsElement, HtmlElement, HtmlFormElement, HtmlInputElement, HtmlSelectElement,
    HtmlTextAreaElement, UrlSearchParams,
};

const OPEN: &str = "open-sections";
const DRAFTS: &str = "draft:";
/// Members who were picked stand in the form only once they are; their words are
/// kept under this and their number.
const MEMBERS: &str = "form[members][]";
const WORDS: &str = "words:";
const FIND: &str = "form[find]";

fn drafts() -> Option<Kept> {
    Kept::in_tab()
}

/// One draft for each kind of client, and for each row of an import.
fn key(form: &HtmlFormElement) -> String {
    let action = form.get_attribute("action").unwrap_or_default();
    let told = ["form[kind]", "import", "line"].map(|name| {
        first::<HtmlInputElement>(form, &format!("input[name='{name}']")).map(|field| field.value()).unwrap_or_default()
    });
    format!("{DRAFTS}{action}:{}", told.join(":"))
}

pub fn forget(form: &HtmlFormElement) {
    if let Some(storage) = drafts() {
        storage.remove(&key(form));
    }
}

/// The page's own form: where it leads tells whether the client was made.
const SENT: &str = "sent-draft";

/// Notes which draft leaves with the page. A form that is shown again has made
/// no one.
pub fn sending(form: &HtmlFormElement) {
    if let Some(storage) = drafts() {
        storage.remove(SENT);
    }
    let sent = form.clone();
    listen(form, "submit", move |_| {
        if let Some(storage) = drafts() {
            storage.set(SENT, &key(&sent));
        }
    });
}

/// The page that shows the person who was made: the draft that led here is done with.
pub fn made() {
    let Some(storage) = drafts() else { return };
    if let Some(key) = storage.get(SENT) {
        storage.remove(&key);
    }
    storage.remove(SENT);
}

/// Brings back what was typed before, unless the form has just been refused,
/// and keeps what is typed from now on.
pub fn keep(form: &HtmlFormElement) {
    if !is_refused(form)
        && let Some(kept) = drafts().and_then(|storage| storage.get(&key(form)))
        && restore(form, &kept)
    {
        tell(form);
    }
    for event in ["input", "change"] {
        let kept = form.clone();
        listen(form, event, move |_| save(&kept));
    }
    sections(form);
}

fn save(form: &HtmlFormElement) {
    let data = FormData::new_with_form(form).ok();
    let params =
        data.and_then(|data| UrlSearchParams::new_with_str_sequence_sequence(&js_sys::Array::from(&data)).ok());
    if let (Some(params), Some(storage)) = (params, drafts()) {
        for tick in all::<HtmlInputElement>(form, &format!("[name='{MEMBERS}']:checked")) {
            if let Ok(Some(label)) = tick.closest("label") {
                let words = label.text_content().unwrap_or_default();
                params.append(&format!("{WORDS}{}", tick.value()), words.trim());
            }
        }
        storage.set(&key(form), &String::from(params.to_string()));
    }
}

/// Fills the fields in; `true` if anything is another than it was.
fn restore(form: &HtmlFormElement, kept: &str) -> bool {
    let Ok(params) = UrlSearchParams::new_with_str(kept) else { return false };
    let mut changed = members(form, &params);
    for field in all::<Element>(form, "input[name], select[name], textarea[name]") {
        let name = field.get_attribute("name").unwrap_or_default();
        // The search of the picker is not part of the new record.
        if name == FIND {
            continue;
        }
        let values: Vec<String> = params.get_all(&name).iter().filter_map(|value| value.as_string()).collect();
        if let Some(input) = field.dyn_ref::<HtmlInputElement>() {
            match input.type_().as_str() {
                "hidden" => {}
                "checkbox" | "radio" => {
                    let checked = values.contains(&input.value());
                    changed |= checked != input.checked();
                    input.set_checked(checked);
                }
                _ => {
                    let value = values.first().cloned().unwrap_or_default();
                    changed |= value != input.value();
                    input.set_value(&value);
                }
            }
        } else if let Some(select) = field.dyn_ref::<HtmlSelectElement>() {
            let value = values.first().cloned().unwrap_or_default();
            changed |= value != select.value();
            select.set_value(&value);
        } else if let Some(area) = field.dyn_ref::<HtmlTextAreaElement>() {
            let value = values.first().cloned().unwrap_or_default();
            changed |= value != area.value();
            area.set_value(&value);
        }
    }
    changed
}

/// Ticks for those who were picked; `true` if there are any.
fn members(form: &HtmlFormElement, params: &UrlSearchParams) -> bool {
    let Some(place) = first::<Element>(form, "#f-members legend") else { return false };
    let picked: Vec<String> = params.get_all(MEMBERS).iter().filter_map(|number| number.as_string()).collect();
    let mut any = false;
    for number in picked.iter().rev() {
        let (Some(words), Ok(label), Ok(tick), Ok(span)) = (
            params.get(&format!("{WORDS}{number}")),
            document().create_element("label"),
            document().create_element("input"),
            document().create_element("span"),
        ) else {
            continue;
        };
        if all::<HtmlInputElement>(form, &format!("[name='{MEMBERS}']")).iter().any(|here| here.value() == *number) {
            continue;
        }
        label.set_class_name("check");
        for (name, value) in [("type", "checkbox"), ("name", MEMBERS), ("value", number), ("checked", "")] {
            let _ = tick.set_attribute(name, value);
        }
        span.set_text_content(Some(&words));
        let _ = label.append_child(&tick);
        let _ = label.append_child(&span);
        let _ = place.after_with_node_1(&label);
        any = true;
    }
    any
}

/// Says that a draft is back, and how to start over.
fn tell(form: &HtmlFormElement) {
    let (Ok(note), Ok(button)) = (document().create_element("p"), document().create_element("button")) else { return };
    note.set_class_name("notice info small");
    note.set_text_content(Some("We restored your unsaved entry. "));
    button.set_class_name("button small");
    let _ = button.set_attribute("type", "button");
    button.set_text_content(Some("Start over"));
    let _ = note.append_child(&button);
    let _ = form.prepend_with_node_1(&note);
    let form = form.clone();
    listen(&button, "click", move |_| {
        forget(&form);
        form.reset();
        note.remove();
        if let Some(field) = first::<HtmlElement>(&form, "input:not([type=hidden]):not([type=radio])") {
            let _ = field.focus();
        }
    });
}

/// Opens the sections that were open the last time, in any window of this browser.
pub fn sections(form: &HtmlFormElement) {
    let Some(storage) = Kept::in_browser() else { return };
    let open = storage.get(OPEN).unwrap_or_default();
    for section in all::<HtmlDetailsElement>(form, "details.section") {
        if open.lines().any(|name| name == name_of(&section)) {
            section.set_open(true);
        }
    }
    // `toggle` does not bubble.
    let watched = form.clone();
    listen_early(form, "toggle", move |_| {
        let open = all::<HtmlDetailsElement>(&watched, "details.section").into_iter().filter(HtmlDetailsElement::open);
        let names: Vec<String> = open.map(|section| name_of(&section)).collect();
        storage.set(OPEN, &names.join("\n"));
    });
}

fn name_of(section: &HtmlDetailsElement) -> String {
    first::<Element>(section, "summary").and_then(|summary| summary.text_content()).unwrap_or_default()
}
