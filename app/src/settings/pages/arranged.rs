//! A list that administrators arrange: move up and down, change, retire, bring
//! back. Each is a link or a plain post; after a move the button pressed has
//! the focus again, so that going on takes one key.

use crate::context::query;
use crate::ui::{FormState, PostForm};
use leptos::prelude::*;

/// Where the list's forms are sent, and what they come back to.
#[derive(Debug, Clone)]
pub struct List {
    /// The path of its page.
    pub page: String,
    /// The server functions; none for a list that has an order of its own.
    pub place: Option<&'static str>,
    pub set_active: &'static str,
    /// Otherwise nothing but the words is shown.
    pub may_save: bool,
}

/// One line of a list.
#[derive(Debug, Clone)]
pub struct Entry {
    pub id: String,
    pub label: String,
    /// What else is to be known of it, each a few words.
    pub notes: Vec<String>,
    /// Where it is changed.
    pub change: String,
}

/// What a retired one could not come back for, or the other way round.
pub fn not_set(list: &List) -> Option<AnyView> {
    let problem = FormState::of(list.set_active).problem("active")?;
    Some(view! { <p class="notice error" role="alert">{problem}</p> }.into_any())
}

pub fn arranged(list: &List, entries: Vec<Entry>) -> AnyView {
    let pressed = (query("at"), query("went"));
    let ids: Vec<String> = entries.iter().map(|entry| entry.id.clone()).collect();
    let rows = entries.into_iter().enumerate().map(|(index, entry)| {
        let moves = list.place.filter(|_| list.may_save).map(|action| {
            let above = index.checked_sub(1).map(|_| index.checked_sub(2).map_or("", |two| ids[two].as_str()));
            let below = ids.get(index + 1).map(String::as_str);
            let pressed = (pressed.0 == entry.id).then_some(pressed.1.as_str());
            // At an end there is one button left to take the focus.
            let up = pressed == Some("up") && above.is_some() || pressed == Some("down") && below.is_none();
            let down = pressed == Some("down") && below.is_some() || pressed == Some("up") && above.is_none();
            view! {
                {mover(list, action, &entry, above, "up", up)}
                {mover(list, action, &entry, below, "down", down)}
            }
        });
        let actions =
            list.may_save.then(|| view! { {moves}{change(&entry)}{set_active(list, &entry, false)} }.into_any());
        line(&entry, actions)
    });
    view! { <ol class="list arranged">{rows.collect_view()}</ol> }.into_any()
}

/// Of words to choose from.
pub const KEPT: &str = "Archived. Existing records keep it.";

/// What is no longer offered, under a heading of its own; nothing when there is nothing.
/// `kept`: what becomes of what was chosen or written.
pub fn retired(list: &List, entries: Vec<Entry>, kept: &'static str) -> Option<AnyView> {
    if entries.is_empty() {
        return None;
    }
    let row = |entry: Entry| {
        let actions = list.may_save.then(|| view! { {change(&entry)}{set_active(list, &entry, true)} }.into_any());
        line(&entry, actions)
    };
    Some(
        view! {
            <section class="panel flush" aria-labelledby="retired">
                <div class="panel-head">
                    <h2 id="retired">"Archived"</h2>
                    <span class="muted small">{kept}</span>
                </div>
                <ul class="list arranged">{entries.into_iter().map(row).collect_view()}</ul>
            </section>
        }
        .into_any(),
    )
}

fn line(entry: &Entry, actions: Option<AnyView>) -> impl IntoView + use<> {
    let notes = entry.notes.iter().filter(|note| !note.is_empty()).cloned().collect::<Vec<_>>().join(" · ");
    view! {
        <li id=format!("item-{}", entry.id)>
            <div class="grow">
                <span class="strong">{entry.label.clone()}</span>
                {(!notes.is_empty()).then(|| view! { <span class="muted small">{notes}</span> })}
            </div>
            {actions.map(|actions| view! { <div class="actions">{actions}</div> })}
        </li>
    }
}

/// A button that puts the entry behind `after`; without one there is no further to go.
fn mover(
    list: &List,
    action: &'static str,
    entry: &Entry,
    after: Option<&str>,
    way: &'static str,
    focus: bool,
) -> AnyView {
    let words = format!("Move {} {way}", entry.label);
    let arrow = if way == "up" { "↑" } else { "↓" };
    let button = move |disabled: bool| {
        view! {
            <button type="submit" class="icon-button small" disabled=disabled autofocus=focus title=words.clone()>
                <span aria-hidden="true">{arrow}</span><span class="sr-only">{words.clone()}</span>
            </button>
        }
    };
    let Some(after) = after.map(str::to_owned) else { return button(true).into_any() };
    let id = entry.id.clone();
    view! {
        <PostForm action page=list.page.clone() state=FormState::default() class="row">
            <input type="hidden" name="id" value=id/>
            <input type="hidden" name="after" value=after/>
            <input type="hidden" name="went" value=way/>
            {button(false)}
        </PostForm>
    }
    .into_any()
}

fn change(entry: &Entry) -> impl IntoView + use<> {
    view! {
        <a class="button small" href=entry.change.clone()>"Edit"<span class="sr-only">" "{entry.label.clone()}</span></a>
    }
}

fn set_active(list: &List, entry: &Entry, active: bool) -> impl IntoView + use<> {
    let words = if active { "Restore" } else { "Archive" };
    let (id, label) = (entry.id.clone(), entry.label.clone());
    view! {
        <PostForm action=list.set_active page=list.page.clone() state=FormState::default() class="row">
            <input type="hidden" name="id" value=id/>
            <input type="hidden" name="active" value=active.to_string()/>
            <button type="submit" class="button small quiet">{words}<span class="sr-only">" "{label}</span></button>
        </PostForm>
    }
}
