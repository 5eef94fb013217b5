//! The toast: says what was done, after a write has led to another page.
//! The page's address carries a word from a fixed list (`?done=created`); the
//! server puts it into words, and with JavaScript the address is then cleaned.

use leptos::prelude::*;

/// What was done, in words; `None` for a word that is not on the list.
pub fn done_words(word: &str) -> Option<&'static str> {
    Some(match word {
        "client-created" => "Client created.",
        "client-invited" => "Client created. A welcome e-mail with a claim link is on its way.",
        "client-saved" => "Changes saved.",
        "status-changed" => "Status changed.",
        "link-created" => "The two are linked.",
        "link-saved" => "Relationship saved.",
        "link-removed" => "The link is removed. Neither can act for the other any more.",
        "invited" => "Welcome e-mail sent. Its link is valid for 72 hours; earlier links no longer work.",
        "login-removed" => "Log-in removed. Open sessions have ended.",
        "reset-sent" => "A reset link is on its way.",
        "booked" => "Booked. A confirmation is on its way.",
        "cancelled" => "Appointment cancelled.",
        "service-saved" => "Service saved.",
        "hours-saved" => "Working hours saved.",
        "welcome-saved" => "Welcome e-mail saved.",
        "password-set" => "Password saved. You are logged in.",
        "logged-out" => "You are logged out.",
        _ => return None,
    })
}

/// Shows the words, cleans the address, guards forms against a second submit,
/// and marks the page as awake. The last island of every page.
#[island]
pub fn Awake(
    /// A word of [`done_words`], or empty.
    done: String,
) -> impl IntoView {
    let words = done_words(&done);
    let (open, set_open) = signal(words.is_some());
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        wake();
        if words.is_some() {
            set_timeout(move || set_open.set(false), std::time::Duration::from_secs(8));
        }
    });
    view! {
        <div class="toasts" role="status">
            <Show when=move || open.get()>
                <div class="toast">
                    <span>{words}</span>
                    <button type="button" class="icon-button" aria-label="Dismiss" on:click=move |_| set_open.set(false)>"×"</button>
                </div>
            </Show>
        </div>
    }
}

#[cfg(feature = "hydrate")]
fn wake() {
    use wasm_bindgen::JsCast;
    use wasm_bindgen::closure::Closure;
    let document = document();
    // An address that says "done" would say it again on reload.
    if let Ok(url) = web_sys::Url::new(&window().location().href().unwrap_or_default())
        && url.search_params().has("done")
    {
        url.search_params().delete("done");
        if let Ok(history) = window().history() {
            let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&url.href()));
        }
    }
    // The second submit of a form that is on its way does nothing.
    let guard = Closure::<dyn Fn(web_sys::Event)>::new(|event: web_sys::Event| {
        let Some(form) = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlFormElement>().ok()) else {
            return;
        };
        if !form.has_attribute("data-once") {
            return;
        }
        if form.get_attribute("aria-busy").is_some() {
            event.prevent_default();
        } else {
            let _ = form.set_attribute("aria-busy", "true");
        }
    });
    let _ = document.add_event_listener_with_callback("submit", guard.as_ref().unchecked_ref());
    guard.forget();
    // Coming back by the back button shows the page as it was left.
    let unguard = Closure::<dyn Fn()>::new(|| {
        let busy = leptos::prelude::document().query_selector_all("form[aria-busy]");
        if let Ok(forms) = busy {
            for index in 0..forms.length() {
                if let Some(form) = forms.get(index).and_then(|node| node.dyn_into::<web_sys::Element>().ok()) {
                    let _ = form.remove_attribute("aria-busy");
                }
            }
        }
    });
    let _ = window().add_event_listener_with_callback("pageshow", unguard.as_ref().unchecked_ref());
    unguard.forget();
    if let Some(root) = document.document_element() {
        let _ = root.set_attribute("data-hydrated", "");
    }
}
