//! What was done, with the button that takes it back: `u` and Ctrl Z press it.

use crate::ui::browser::{all, by_id, element, listen};
use leptos::prelude::set_timeout;
use std::cell::RefCell;
use std::time::Duration;
use web_sys::Element;

/// Longer than anyone needs to see that it was the wrong one.
const SHOWN_FOR: Duration = Duration::from_secs(30);

/// Shows it in place of the one before.
pub fn show(words: &str, undo: Option<Box<dyn FnOnce()>>) {
    let Some(region) = by_id::<Element>("toasts") else { return };
    for old in all::<Element>(&region, "[data-calendar]") {
        old.remove();
    }
    let (Some(toast), Some(text), Some(close)) =
        (element("div", "toast", ""), element("span", "", words), element("button", "icon-button", "×"))
    else {
        return;
    };
    let _ = toast.set_attribute("data-calendar", "");
    let _ = toast.append_child(&text);
    if let Some(undo) = undo
        && let Some(button) = element("button", "button small", "Undo")
    {
        let _ = button.set_attribute("type", "button");
        let _ = button.set_attribute("aria-keyshortcuts", "u Control+Z");
        let _ = toast.append_child(&button);
        let (undo, shown) = (RefCell::new(Some(undo)), toast.clone());
        listen(&button, "click", move |_| {
            shown.remove();
            if let Some(undo) = undo.take() {
                undo();
            }
        });
    }
    let _ = close.set_attribute("type", "button");
    let _ = close.set_attribute("aria-label", "Dismiss");
    let _ = toast.append_child(&close);
    let shown = toast.clone();
    listen(&close, "click", move |_| shown.remove());
    let _ = region.append_child(&toast);
    set_timeout(move || toast.remove(), SHOWN_FOR);
}

pub fn failed() {
    show("That could not be saved. Reload the page and try again.", None);
}
