//! Long forms ask before they are left with changes that were not saved
//! (`data-unsaved`). `data-unsaved="refused"`: what was typed came back unsaved.

use crate::ui::browser::{all, first, listen, source};
use leptos::prelude::window;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{BeforeUnloadEvent, Element, FormData, HtmlFormElement, UrlSearchParams};

const FORMS: &str = "form[data-unsaved]";

pub fn attach(root: &Element) {
    let forms: Vec<Watched> = all::<HtmlFormElement>(root, FORMS).into_iter().map(Watched::new).collect();
    if forms.is_empty() {
        return;
    }
    // A form that is being saved is left without a question.
    let saving = Rc::new(Cell::new(false));
    let sent = saving.clone();
    listen(root, "submit", move |event| {
        sent.set(!event.default_prevented() && source::<Element>(&event, FORMS).is_some());
    });
    let back = saving.clone();
    listen(&window(), "pageshow", move |_| back.set(false));
    listen(&window(), "beforeunload", move |event| {
        if !saving.get() && forms.iter().any(Watched::is_changed) {
            event.prevent_default();
            if let Some(event) = event.dyn_ref::<BeforeUnloadEvent>() {
                // What browsers ask for that do not know the above.
                event.set_return_value("unsaved");
            }
        }
    });
}

struct Watched {
    form: HtmlFormElement,
    /// What it held before anything was typed.
    original: Option<String>,
}

impl Watched {
    fn new(form: HtmlFormElement) -> Watched {
        // A copy is put back to what the page says: something may be typed already.
        let copy = form.clone_node_with_deep(true).ok().and_then(|copy| copy.dyn_into::<HtmlFormElement>().ok());
        let original = copy.and_then(|copy| {
            copy.reset();
            contents(&copy)
        });
        Watched { form, original }
    }

    fn is_changed(&self) -> bool {
        self.form.get_attribute("data-unsaved").as_deref() == Some("refused") || contents(&self.form) != self.original
    }
}

/// What the form would send, but for what belongs to each submit; and what is
/// typed into a field without a name is no part of it.
fn contents(form: &HtmlFormElement) -> Option<String> {
    let data = FormData::new_with_form(form).ok()?;
    let params = UrlSearchParams::new_with_str_sequence_sequence(&js_sys::Array::from(&data)).ok()?;
    if let Some(key) = first::<Element>(form, "input[name$='request_key]']") {
        params.delete(&key.get_attribute("name").unwrap_or_default());
    }
    params.to_string().as_string()
}
