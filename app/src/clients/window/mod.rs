//! The create window: one dialog on every page of staff, which any link to
//! *New client* opens (`data-window`), with the form of the create page in it.
//! Without JavaScript the link leads to that page.
//!
//! What opens it with `data-window="here"` wants the new client where it stands:
//! the form around it has a button `[data-add-client]`, which is pressed with the
//! value `add:{number}`, and the page is not left. Any other goes where the form
//! leads. Where the window cannot open, a button does what it does by itself.

#[cfg(feature = "ssr")]
use leptos::prelude::*;

#[cfg(feature = "hydrate")]
mod again;
#[cfg(feature = "hydrate")]
mod browser;
#[cfg(feature = "hydrate")]
mod consent;
#[cfg(feature = "hydrate")]
mod dom;
#[cfg(feature = "hydrate")]
mod draft;
#[cfg(feature = "hydrate")]
mod likely;

#[cfg(feature = "hydrate")]
pub use browser::start;

/// The name of the island.
pub const NAME: &str = "create-window";
/// On the create page: the form and what stands around it, and its heading.
pub const CONTENTS: &str = "create-client";
pub const HEADING: &str = "create-client-title";
/// Where likely duplicates are told of, inside the form.
pub const LIKELY: &str = "create-client-likely";
/// Said by the browser: email was on from the start, there was no address, and no one
/// touched the box. Saving turned it off.
pub const WITHOUT_EMAIL: &str = "without_email";
/// The field that asks to be told of them before anyone is made.
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

#[cfg(feature = "ssr")]
#[component]
pub fn CreateWindow() -> impl IntoView {
    let window = view! {
        <dialog class="dialog wide" id="create-window" aria-labelledby="create-window-title">
            <div class="dialog-head">
                <h2 id="create-window-title">"New"</h2>
                <button type="button" class="icon-button" aria-label="Close" data-closes="">"×"</button>
            </div>
            // Why nothing was saved, where the form itself does not say it: one of them is shown.
            <div>
                <p class="notice error" role="alert" data-trouble="offline" hidden>"Connection lost. Your entry is safe. Try again."</p>
                <p class="notice error" role="alert" data-trouble="logged-out" hidden>"You are logged out. Nothing you typed is lost: "
                    <a href="/login" target="_blank">"log in in another tab"</a>", and try again here."</p>
                <p class="notice error" role="alert" data-trouble="refused" hidden>"This could not be saved. Nothing you typed is lost: try again."</p>
            </div>
            <div class="dialog-body" id="create-window-body"></div>
        </dialog>
        <p class="sr-only" role="status"></p>
    };
    crate::ui::staff_island::staff_island(NAME, window)
}
