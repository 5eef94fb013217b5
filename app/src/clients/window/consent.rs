//! Email is on from the start. Who has no address is saved with it off, as long as
//! no one touched the box: a name alone is enough.

use super::WITHOUT_EMAIL;
use super::dom::is_refused;
use crate::ui::browser::{first, listen};
use wasm_bindgen::JsCast;
use web_sys::{Element, FormData, HtmlFormElement, HtmlInputElement};

const CONSENT: &str = "form[email_consent]";
const EMAIL: &str = "form[email]";
/// On the form, while it is sent without an address.
const SENT_WITHOUT: &str = "data-without-email";
/// On the box, once someone has decided.
const DECIDED: &str = "data-decided";

pub fn watch(form: &HtmlFormElement) {
    let input = |name: &str| first::<HtmlInputElement>(form, &format!("[name='{name}']"));
    let (Some(consent), Some(email)) = (input(CONSENT), input(EMAIL)) else { return };
    // Refused as it was sent, it is what someone decided; unless it was decided here.
    if is_refused(form) && first::<Element>(form, "[data-without-email]").is_none() {
        let _ = consent.set_attribute(DECIDED, "");
    }
    let decided = consent.clone();
    listen(&consent, "change", move |_| {
        let _ = decided.set_attribute(DECIDED, "");
    });
    let sent = form.clone();
    listen(form, "submit", move |_| {
        let without = consent.checked() && email.value().trim().is_empty() && !consent.has_attribute(DECIDED);
        let _ = sent.toggle_attribute_with_force(SENT_WITHOUT, without);
    });
    // Drafts hold the box as it is shown.
    let edited = form.clone();
    listen(form, "input", move |_| _ = edited.remove_attribute(SENT_WITHOUT));
    let sent = form.clone();
    listen(form, "formdata", move |event| {
        let data = js_sys::Reflect::get(&event, &"formData".into()).ok();
        if let Some(data) = data.and_then(|data| data.dyn_into::<FormData>().ok())
            && sent.has_attribute(SENT_WITHOUT)
        {
            turn_off(&data);
        }
    });
}

fn turn_off(data: &FormData) {
    data.delete(CONSENT);
    let _ = data.append_with_str(WITHOUT_EMAIL, "true");
}
