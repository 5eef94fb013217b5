//! The toast: says what was done, after a write has led to another page.
//! The page's address carries a word that a feature knows (`?done=created`); the
//! server puts it into words if a server function has just done that for this browser
//! (`context::was_done`), and with JavaScript the address is then cleaned.
//! Behind a colon stands what the deed needs to be undone.

use crate::merge::done::MERGED_HERE;
use crate::ui::{Undo, capital};
use crate::{
    accounts, activities, appointments, availability, calls, clients, deletion, documents, feeds, forms, import, links,
    memberships, merge, permissions, portal, prospects, requests, series, settings, todo, waitlist,
};
use leptos::prelude::*;

/// What was done, in the words of the feature that did it; `None` for a word of none. Without a
/// mail server (`smtp`) nothing has been sent: it waits in the outbox.
fn done_words(word: &str, smtp: bool) -> Option<&'static str> {
    None.or_else(|| accounts::done::words(word, smtp))
        .or_else(|| activities::done::words(word))
        .or_else(|| appointments::done::words(word))
        .or_else(|| availability::done::words(word))
        .or_else(|| calls::done::words(word))
        .or_else(|| clients::done::words(word, smtp))
        .or_else(|| deletion::done::words(word))
        .or_else(|| documents::done::words(word, smtp))
        .or_else(|| feeds::done::words(word))
        .or_else(|| forms::done::words(word))
        .or_else(|| import::done::words(word))
        .or_else(|| links::done::words(word))
        .or_else(|| memberships::done::words(word))
        .or_else(|| merge::done::words(word))
        .or_else(|| permissions::done::words(word))
        .or_else(|| portal::done::words(word))
        .or_else(|| series::done::words(word))
        .or_else(|| prospects::done::words(word))
        .or_else(|| requests::done::words(word, smtp))
        .or_else(|| settings::done::words(word, smtp))
        .or_else(|| todo::done::words(word))
        .or_else(|| waitlist::done::words(word, smtp))
}

/// What was done, in a box that can be dismissed and goes by itself.
#[component]
pub fn Toast(
    /// A word of [`done_words`], perhaps with what is needed for [`undo`], or empty.
    done: String,
    /// The address of the page.
    here: String,
    /// The practice's word for a client.
    word: String,
    /// What was done, where a page has said it in full.
    notice: Option<String>,
    /// There is a mail server.
    smtp: bool,
) -> impl IntoView {
    let named = |words: &str| words.replacen("Client ", &format!("{} ", capital(&word)), 1);
    let (word_done, rest) = done.split_once(':').unwrap_or((&done, ""));
    // An address may say that anything was done: it is believed of what this browser did,
    // or where it claims nothing.
    let is_known = word_done == MERGED_HERE || (!done.is_empty() && crate::context::was_done(&done));
    let words = done_words(word_done, smtp).filter(|_| is_known).map(named);
    view! {
        <div class="toasts" role="status" id="toasts"></div>
        // Moved into the live region by the page's behaviors: what is in it from the
        // start is not announced.
        <div class="toasts" role="region" aria-label="Notice">
            {notice.or(words).map(|words| view! {
                <div class="toast" id="toast">
                    <span>{words}</span>
                    {undo(word_done, rest, &here)}
                    <button type="button" class="icon-button" aria-label="Dismiss">"×"</button>
                </div>
            })}
        </div>
    }
}

/// The form that takes it back, for what can be taken back right away.
fn undo(done: &str, rest: &str, here: &str) -> Option<impl IntoView + use<>> {
    let Undo { action, fields } = clients::done::undo(done, rest, here)
        .or_else(|| activities::done::undo(done, rest))
        .or_else(|| appointments::done::undo(done, rest, here))
        .or_else(|| merge::done::undo(done, rest))
        .or_else(|| todo::done::undo(done, rest))?;
    let inputs = fields.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
    Some(view! {
        <form method="post" action=action data-once="">
            {inputs.collect_view()}
            <button type="submit" class="button small" aria-keyshortcuts="u Control+Z">"Undo"</button>
        </form>
    })
}
