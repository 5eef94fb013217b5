//! *New client* without leaving the booking: opens the dialog that the page
//! already holds. Without JavaScript the page shows the same form unfolded.

use leptos::html::Dialog;
use leptos::prelude::*;

/// A button and its dialog; the form inside is the page's.
#[island]
pub fn NewClientDialog(
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
        <button type="button" class="button" on:click=move |_| show()>"New client"</button>
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
