//! Keyboard shortcuts. The page defines what a key does: the element with
//! `aria-keyshortcuts` is clicked, or focused if it is a field. One dialog lists
//! them. Those of a single key can be switched off, in one's own account (WCAG 2.1.4).

#[cfg(feature = "ssr")]
use leptos::prelude::*;

/// The dialog that lists the shortcuts.
pub const DIALOG: &str = "keyboard";

/// Keys, what they do, and where: nowhere in particular, on lists of clients, in the calendar.
#[cfg(feature = "ssr")]
type Shortcut = (&'static str, &'static str);

#[cfg(feature = "ssr")]
const CALENDAR: [Shortcut; 5] = [
    ("t", "Today"),
    ("← →", "Previous, next"),
    ("d l w o g", "Day, list, week, month, agenda"),
    ("u", "Undo what was just done"),
    ("Ctrl Z", "Undo what was just done"),
];

/// While an appointment or a free time of the calendar has the focus.
#[cfg(feature = "ssr")]
const GRID: [Shortcut; 13] = [
    ("↑ ↓ ← →", "Between appointments and free times"),
    ("Enter", "Open, or book the free time"),
    ("n", "New appointment at this time"),
    ("PageUp PageDown", "Previous, next"),
    ("/", "Search"),
    ("a", "Arrived, or not yet"),
    ("s", "In session"),
    ("f", "Left"),
    ("x", "No show"),
    ("m", "Pick up to move: Enter drops, Esc leaves"),
    ("↑ ↓", "While moving: earlier, later"),
    ("Alt ← →", "While moving: to the next column or day"),
    ("Shift ↑ ↓", "While moving: shorter, longer"),
];

#[cfg(feature = "ssr")]
const LISTS: [Shortcut; 6] = [
    ("/", "Search this list"),
    ("↓ ↑", "Next row, previous row"),
    ("j k", "Next row, previous row"),
    ("x", "Select the row"),
    ("b", "Actions for the selected rows"),
    ("Esc", "Clear the selection"),
];

/// The dialog, for staff. `books`: they may book appointments.
#[cfg(feature = "ssr")]
#[component]
pub fn ShortcutsDialog(word: String, books: bool) -> impl IntoView {
    let anywhere = [
        Some(("Ctrl K", format!("Find {}", crate::ui::a(&word)))),
        Some(("n", format!("New {word}"))),
        books.then(|| ("a", "New appointment".to_owned())),
        Some(("?", "Keyboard shortcuts".to_owned())),
    ];
    let row = |keys: &str, does: String| {
        let keys = keys.split(' ').map(|key| view! { <kbd>{key.to_owned()}</kbd>" " }).collect_view();
        view! { <div><dt>{keys}</dt><dd>{does}</dd></div> }
    };
    let fixed = |rows: &[Shortcut]| rows.iter().map(|(keys, does)| row(keys, (*does).to_owned())).collect_view();
    view! {
        <dialog class="dialog" id=DIALOG aria-labelledby="keyboard-title">
            <div class="dialog-head">
                <h2 id="keyboard-title">"Keyboard shortcuts"</h2>
                <button type="button" class="icon-button" aria-label="Close" data-closes="">"×"</button>
            </div>
            <div class="dialog-body shortcuts">
                <h3>"Everywhere"</h3>
                <dl class="facts">{anywhere.into_iter().flatten().map(|(keys, does)| row(keys, does)).collect_view()}</dl>
                <h3>"Calendar"</h3>
                <dl class="facts">{fixed(&CALENDAR)}</dl>
                <h3>"In the calendar’s grid"</h3>
                <dl class="facts">{fixed(&GRID)}</dl>
                <h3>"Lists"</h3>
                <dl class="facts">{fixed(&LISTS)}</dl>
                <p class="hint">"You can turn off single-key shortcuts in "<a href="/account">"My account"</a>". Then only Ctrl K and Ctrl Z work."</p>
            </div>
        </dialog>
        // Pressed by its key alone.
        {books.then(|| view! { <a href="/appointments/new" hidden=true aria-keyshortcuts="a">"New appointment"</a> })}
    }
}

#[cfg(feature = "hydrate")]
pub use browser::attach;

#[cfg(feature = "hydrate")]
mod browser {
    use crate::ui::browser::{by_id, first, is_typing, listen, single_keys, source};
    use leptos::prelude::document;
    use wasm_bindgen::JsCast;
    use web_sys::{Element, HtmlDialogElement, HtmlElement, HtmlInputElement, KeyboardEvent};

    pub fn attach() {
        listen(&document(), "keydown", |event| {
            if let Some(key) = event.dyn_ref::<KeyboardEvent>()
                && !event.default_prevented()
                && !key.is_composing()
                && let Some(target) = wanted(key)
            {
                event.prevent_default();
                press(&target);
            }
        });
        // On a phone the search of the top bar is behind a button.
        listen(&document(), "click", |event| {
            if source::<Element>(&event, ".find-open").is_some()
                && let Some(field) = by_id::<HtmlElement>("find-client")
            {
                event.prevent_default();
                press(&field);
            }
        });
    }

    /// What the key that was pressed is for, here and now.
    fn wanted(key: &KeyboardEvent) -> Option<HtmlElement> {
        let root = document().document_element()?;
        if first::<HtmlDialogElement>(&root, "dialog[open]").is_some() || key.alt_key() {
            return None;
        }
        let name = key.key();
        if key.ctrl_key() || key.meta_key() {
            return match name.as_str() {
                "k" | "K" => labelled(&root, "Control+K"),
                // In a field it takes back what was typed.
                "z" if !is_typing() => labelled(&root, "Control+Z"),
                _ => None,
            };
        }
        if !single_keys() || is_typing() {
            return None;
        }
        match name.as_str() {
            "ArrowLeft" | "ArrowRight" if in_page() => labelled(&root, &name),
            _ if name.len() == 1 && (name == "/" || name == "?" || name.bytes().all(|b| b.is_ascii_lowercase())) => {
                labelled(&root, &name)
            }
            _ => None,
        }
    }

    fn labelled(root: &Element, name: &str) -> Option<HtmlElement> {
        first(root, &format!("[aria-keyshortcuts~='{name}']"))
    }

    /// Nothing that answers the arrows itself has the focus.
    fn in_page() -> bool {
        let tag = document().active_element().map(|element| element.tag_name()).unwrap_or_default();
        matches!(tag.as_str(), "" | "BODY" | "MAIN" | "A" | "BUTTON" | "SUMMARY")
    }

    fn press(target: &HtmlElement) {
        if let Ok(Some(find)) = target.closest(".find") {
            let _ = find.set_attribute("data-open", "");
        }
        match target.dyn_ref::<HtmlInputElement>() {
            Some(field) => {
                let _ = field.focus();
                field.select();
            }
            None => target.click(),
        }
    }
}
