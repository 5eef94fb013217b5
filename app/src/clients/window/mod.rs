//! The create window: one dialog on every page of staff, which any link to
//! *New client* opens (`data-window`), with the form of the create page in it.
//! Without JavaScript the link leads to that page.
//!
//! What opens it with `data-window="here"` wants the new client where it stands:
//! the form around it has a button `[data-add-client]`, which is pressed with the
//! value `add:{number}`, and the page is not left. Any other goes where the form
//! leads. Where the window cannot open, a button does what it does by itself.

use leptos::prelude::*;

#[cfg(feature = "hydrate")]
mod again;
#[cfg(feature = "hydrate")]
mod browser;
#[cfg(feature = "hydrate")]
mod consent;
#[cfg(feature = "hydrate")]
mod draft;
#[cfg(feature = "hydrate")]
mod likely;

/// On the create page: the form and what stands around it, and its heading.
pub const CONTENTS: &str = "create-client";
pub const HEADING: &str = "create-client-title";
/// Where likely duplicates are told of, inside the form.
pub const LIKELY: &str = "create-client-likely";
/// Said by the browser: email was on from the start, there was no address, and nobody
/// touched the box. Saving turned it off.
pub const WITHOUT_EMAIL: &str = "without_email";
/// The field that asks to be told of them before anybody is made.
pub const LOOK: &str = "look";

#[cfg(feature = "hydrate")]
const WINDOW: &str = "create-window";
#[cfg(feature = "hydrate")]
const BODY: &str = "create-window-body";
/// Stands on the body while the new client is wanted where the opener stands.
#[cfg(feature = "hydrate")]
const HERE: &str = "data-here";
#[cfg(feature = "hydrate")]
const TITLE: &str = "create-window-title";

/// Why nothing was saved, where the form itself does not say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "the browser alone meets it"))]
enum Trouble {
    None,
    Offline,
    LoggedOut,
    Refused,
}

#[island]
pub fn CreateWindow() -> impl IntoView {
    let words = RwSignal::new("");
    let trouble = RwSignal::new(Trouble::None);
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| browser::watch(words, trouble));
    view! {
        <dialog class="dialog wide" id="create-window" aria-labelledby="create-window-title">
            <div class="dialog-head">
                <h2 id="create-window-title">"New"</h2>
                <button type="button" class="icon-button" aria-label="Close" data-closes="">"×"</button>
            </div>
            <div>
                {move || match trouble.get() {
                    Trouble::None => None,
                    Trouble::Offline => Some(view! {
                        <p class="notice error" role="alert">"Connection lost. Your entry is safe. Try again."</p>
                    }.into_any()),
                    Trouble::LoggedOut => Some(view! {
                        <p class="notice error" role="alert">"You are logged out. Nothing you typed is lost: "
                            <a href="/login" target="_blank">"log in in another tab"</a>", and try again here."</p>
                    }.into_any()),
                    Trouble::Refused => Some(view! {
                        <p class="notice error" role="alert">"This could not be saved. Nothing you typed is lost: try again."</p>
                    }.into_any()),
                }}
            </div>
            <div class="dialog-body" id="create-window-body"></div>
        </dialog>
        <p class="sr-only" role="status">{move || words.get()}</p>
    }
}
