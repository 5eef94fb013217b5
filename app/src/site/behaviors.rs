//! What every page does in the browser: announces what was done, opens and closes
//! menus and dialogs, answers keys, prints, guards forms against a second submit and
//! long ones against being left unsaved. The last island of every page.

use leptos::prelude::*;

/// Marks the page as hydrated once all of this is in place.
#[island]
pub fn PageBehaviors() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    Effect::new(|_| browser::attach());
}

#[cfg(feature = "hydrate")]
mod browser {
    use crate::ui::browser::{all, by_id, first, listen, listen_early, replace_address, source};
    use leptos::prelude::{TimeoutHandle, document, set_timeout, set_timeout_with_handle, window};
    use std::cell::RefCell;
    use std::rc::Rc;
    use std::time::Duration;
    use wasm_bindgen::JsCast;
    use web_sys::{Element, Event, HtmlDialogElement, HtmlElement, HtmlFormElement, KeyboardEvent, Node, Url};

    /// Readers hear what is added to a live region that is there already.
    const ANNOUNCED_AFTER: Duration = Duration::from_millis(100);
    const SHOWN_FOR: Duration = Duration::from_secs(8);
    /// Of a date each digit that is typed may be a choice.
    const TYPED_WITHIN: Duration = Duration::from_millis(900);
    const OPEN_MENUS: &str = "details.menu[open]";

    pub fn attach() {
        let Some(root) = document().document_element() else { return };
        crate::ui::storage::purge();
        clean_address();
        toast();
        menus(&root);
        dialogs(&root);
        crate::site::keys::attach();
        printing(&root);
        choices(&root);
        guard(&root);
        crate::site::unsaved::attach(&root);
        let _ = root.set_attribute("data-hydrated", "");
    }

    /// An address that says "done" would say it again on reload.
    fn clean_address() {
        if let Ok(url) = Url::new(&window().location().href().unwrap_or_default())
            && url.search_params().has("done")
        {
            url.search_params().delete("done");
            replace_address(&url.href());
        }
    }

    /// Announces the toast, and lets it go after a while: not while someone points at
    /// it or is inside it, and not when it offers something to do.
    fn toast() {
        let (Some(toast), Some(region)) = (by_id::<Element>("toast"), by_id::<Element>("toasts")) else { return };
        if let Some(button) = first::<Element>(&toast, "button[type=button]") {
            let toast = toast.clone();
            listen(&button, "click", move |_| toast.remove());
        }
        let announced = toast.clone();
        set_timeout(
            move || {
                let _ = region.append_child(&announced);
            },
            ANNOUNCED_AFTER,
        );
        if first::<Element>(&toast, "form").is_some() {
            return;
        }
        let going: Rc<RefCell<Option<TimeoutHandle>>> = Rc::default();
        let leave = {
            let (toast, going) = (toast.clone(), going.clone());
            move || {
                let toast = toast.clone();
                stop(&going);
                *going.borrow_mut() = set_timeout_with_handle(move || toast.remove(), SHOWN_FOR).ok();
            }
        };
        for event in ["pointerenter", "focusin"] {
            let going = going.clone();
            listen(&toast, event, move |_| stop(&going));
        }
        for event in ["pointerleave", "focusout"] {
            let leave = leave.clone();
            listen(&toast, event, move |_| leave());
        }
        leave();
    }

    fn stop(going: &RefCell<Option<TimeoutHandle>>) {
        if let Some(going) = going.take() {
            going.clear();
        }
    }

    /// One menu is open at a time; Escape and a press elsewhere close it.
    fn menus(root: &Element) {
        let opened_in = root.clone();
        // `toggle` does not bubble.
        listen_early(root, "toggle", move |event| {
            let Some(opened) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
            if opened.matches(OPEN_MENUS).unwrap_or_default() {
                close_menus(&opened_in, Some(&opened));
            }
        });
        let pressed_in = root.clone();
        listen(root, "pointerdown", move |event| {
            let pressed = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            close_menus(&pressed_in, pressed.as_ref());
        });
        let root = root.clone();
        listen(&document(), "keydown", move |event| {
            let is_escape = event.dyn_ref::<KeyboardEvent>().is_some_and(|key| key.key() == "Escape");
            let here = || source::<Element>(&event, OPEN_MENUS);
            if is_escape && let Some(menu) = here().or_else(|| first(&root, OPEN_MENUS)) {
                event.prevent_default();
                let _ = menu.remove_attribute("open");
                if let Some(summary) = first::<HtmlElement>(&menu, "summary") {
                    let _ = summary.focus();
                }
            }
        });
    }

    /// Closes the menus that `kept` is not in.
    fn close_menus(root: &Element, kept: Option<&Element>) {
        for menu in all::<Element>(root, OPEN_MENUS) {
            if kept.is_none_or(|kept| !menu.contains(Some(kept.unchecked_ref::<Node>()))) {
                let _ = menu.remove_attribute("open");
            }
        }
    }

    /// `data-opens` is the id of a dialog, `data-closes` is inside one; one with
    /// `data-open` is open from the start.
    fn dialogs(root: &Element) {
        let menus_of = root.clone();
        listen(root, "click", move |event| {
            if let Some(opener) = source::<Element>(&event, "[data-opens]") {
                let id = opener.get_attribute("data-opens").unwrap_or_default();
                if let Some(dialog) = by_id::<HtmlDialogElement>(&id) {
                    event.prevent_default();
                    close_menus(&menus_of, None);
                    let _ = dialog.show_modal();
                }
            } else if source::<Element>(&event, "[data-closes]").is_some()
                && let Some(dialog) = source::<HtmlDialogElement>(&event, "dialog")
            {
                dialog.close();
            }
        });
        if let Some(dialog) = first::<HtmlDialogElement>(root, "dialog[data-open]") {
            let _ = dialog.show_modal();
        }
    }

    /// `data-print` prints the page.
    fn printing(root: &Element) {
        listen(root, "click", |event| {
            if source::<Element>(&event, "[data-print]").is_some() {
                let _ = window().print();
            }
        });
    }

    /// A choice in a form with `data-submits` sends it: not one within a menu, where more may
    /// be chosen, and a date only when no more of it is typed.
    fn choices(root: &Element) {
        let waits: Rc<RefCell<Option<TimeoutHandle>>> = Rc::default();
        listen(root, "change", move |event| {
            let Some(field) = source::<Element>(&event, "form[data-submits] :is(select, input[type=date])") else {
                return;
            };
            let in_menu = field.closest(".menu").ok().flatten().is_some();
            let Some(form) =
                field.closest("form").ok().flatten().and_then(|form| form.dyn_into::<HtmlFormElement>().ok())
            else {
                return;
            };
            if in_menu {
                return;
            }
            stop(&waits);
            let delay = if field.matches("select").unwrap_or_default() { Duration::ZERO } else { TYPED_WITHIN };
            *waits.borrow_mut() = set_timeout_with_handle(
                move || {
                    let _ = form.request_submit();
                },
                delay,
            )
            .ok();
        });
    }

    /// The second submit of a form that is on its way does nothing.
    fn guard(root: &Element) {
        listen(root, "submit", |event: Event| {
            let Some(form) = source::<HtmlFormElement>(&event, "form[data-once]") else { return };
            if form.has_attribute("aria-busy") {
                event.prevent_default();
            } else {
                let _ = form.set_attribute("aria-busy", "true");
            }
        });
        // Coming back by the back button shows the page as it was left.
        let root = root.clone();
        listen(&window(), "pageshow", move |_| {
            for form in all::<Element>(&root, "form[aria-busy]") {
                let _ = form.remove_attribute("aria-busy");
            }
        });
    }
}
