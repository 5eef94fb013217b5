//! *New client* without leaving the booking: opens the dialog that the page
//! already holds. Without JavaScript it leads to the page with the same form,
//! which comes back with the new client chosen.

use leptos::prelude::*;

/// What opens the dialog, and the dialog; the form inside is the page's.
#[component]
pub fn NewClientDialog(
    /// The page with the same form.
    href: String,
    /// Open at once: the form in it was just refused.
    open: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <a class="button" href=href data-opens="new-client">"New client"</a>
        <dialog class="dialog wide" id="new-client" data-open=open aria-labelledby="new-client-title">
            <div class="dialog-head">
                <h2 id="new-client-title">"New client"</h2>
                <button type="button" class="icon-button" aria-label="Close" data-closes="">"×"</button>
            </div>
            <div class="dialog-body">{children()}</div>
        </dialog>
    }
}
