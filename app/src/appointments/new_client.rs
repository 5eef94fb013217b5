//! *New client* without leaving the booking: opens the dialog that the page
//! already holds. Without JavaScript it leads to the page with the same form,
//! which comes back with the new client chosen.

use leptos::html::Dialog;
use leptos::prelude::*;

/// What opens the dialog, and the dialog; the form inside is the page's.
#[island]
pub fn NewClientDialog(
    /// The page with the same form.
    href: String,
    /// Open at once: the form in it was just refused.
    open: bool,
    children: Children,
) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    let show = move || {
        if let Some(dialog) = dialog.get() {
            let _ = dialog.show_modal();
        }
    };
    Effect::new(move |_| {
        if open {
            show();
        }
    });
    view! {
        <a class="button" href=href on:click=move |event| { event.prevent_default(); show(); }>"New client"</a>
        <dialog class="dialog wide" node_ref=dialog aria-labelledby="new-client-title">
            <div class="dialog-head">
                <h2 id="new-client-title">"New client"</h2>
                <button type="button" class="icon-button" aria-label="Close"
                    on:click=move |_| if let Some(dialog) = dialog.get() { dialog.close() }>"×"</button>
            </div>
            <div class="dialog-body">{children()}</div>
        </dialog>
    }
}
