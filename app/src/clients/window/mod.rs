//! The create window: one dialog on every page of staff, which any link to
//! *New client* opens (`data-window`), with the form of the create page in it.
//! Without JavaScript the link leads to that page.
//!
//! A link with `data-window="here"` wants the new client where it stands: it
//! hears the event [`MADE`] with the client's [`PickerRow`](shared::clients::PickerRow)
//! as JSON in `detail`, and the page is not left. Any other goes where the form
//! leads. A button does the same with the page in `data-href`, and what it does
//! by itself where there is no window.

use leptos::prelude::*;

#[cfg(feature = "hydrate")]
mod browser;
#[cfg(feature = "hydrate")]
mod draft;
#[cfg(feature = "hydrate")]
mod likely;

/// The form of the create page, and what stands around it in the window.
pub const FORM: &str = "create-client";
/// Where likely duplicates are told of, inside the form.
pub const LIKELY: &str = "create-client-likely";
/// Bubbles from the link that opened the window.
pub const MADE: &str = "client-made";

#[cfg(feature = "hydrate")]
const WINDOW: &str = "create-window";
#[cfg(feature = "hydrate")]
const BODY: &str = "create-window-body";
/// Stands on the body while the new client is wanted where the opener stands.
#[cfg(feature = "hydrate")]
const HERE: &str = "data-here";
#[cfg(feature = "hydrate")]
const TITLE: &str = "create-window-title";

/// Where there is no window nobody of the staff is logged in: what they typed
/// is forgotten.
#[cfg(feature = "hydrate")]
pub fn forget_drafts() {
    if crate::ui::browser::by_id::<web_sys::Element>(WINDOW).is_none() {
        draft::forget_all();
    }
}

#[island]
pub fn CreateWindow() -> impl IntoView {
    let words = RwSignal::new("");
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| browser::watch(words));
    view! {
        <dialog class="dialog wide" id="create-window" aria-labelledby="create-window-title">
            <div class="dialog-head">
                <h2 id="create-window-title">"New"</h2>
                <button type="button" class="icon-button" aria-label="Close" data-closes="">"×"</button>
            </div>
            <div class="dialog-body" id="create-window-body"></div>
        </dialog>
        <p class="sr-only" role="status">{move || words.get()}</p>
    }
}
