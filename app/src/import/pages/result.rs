//! After an import: what was made, and the way back.

use super::parts::{count, failure};
use crate::error::AppError;
use crate::import::{PAGE, UNDO};
use crate::ui::page::Page;
use crate::ui::{ErrorSummary, FormState};
use db::import::Import;
use leptos::prelude::*;
use shared::ClientNumber;

pub async fn done(page: &Page, import: &Import) -> Result<AnyView, AppError> {
    let state = FormState::of(UNDO);
    let (one, people) = (&page.practice.client_word, &page.practice.client_word_plural);
    let left = db::import::remaining(page.pool(), &page.actor, import.id).await?;
    let tag = import.tag.filter(|_| left > 0);
    let list = tag.map(|tag| format!("/clients?tag={tag}"));
    let facts = [
        ("From the rows", count(import.client_count, one, people), true),
        ("Families", count(import.family_count, "family", "families"), import.family_count > 0),
        ("Parents", count(import.parent_count, "parent, linked", "parents, linked"), import.parent_count > 0),
    ];
    let facts = facts.into_iter().filter(|(.., shown)| *shown);
    let facts = facts.map(|(name, value, _)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> }).collect_view();
    let used = match import.failure.as_str() {
        "changed" if left > 0 => db::import::used(page.pool(), &page.actor, import.id).await?,
        _ => Vec::new(),
    };
    let undo = (left > 0).then(|| {
        view! {
            <p class="hint">
                "Undoing deletes all that this import made, while none of it has been changed or used. It cannot be taken back."
            </p>
            <div>
                <details class="menu" name="menu">
                    <summary class="button danger">"Undo import…"</summary>
                    <form class="menu-list menu-form" method="post" action=UNDO data-once="">
                        <input type="hidden" name="_page" value=format!("{PAGE}/{}", import.id)/>
                        <input type="hidden" name="id" value=import.id.to_string()/>
                        <p class="small">{format!("{} will be deleted.", count(left as i32, "record", "records"))}</p>
                        <button class="button small danger primary" type="submit">"Delete them and undo the import"</button>
                    </form>
                </details>
            </div>
        }
    });
    Ok(view! {
        <div class="stack">
            <ErrorSummary state/>
            {failure(import)}
            {in_the_way(used)}
            <section class="panel stack" aria-label="What was imported">
                <p class="notice ok">{format!("{} imported.", count(import.client_count, one, people))}</p>
                <dl class="facts">{facts}</dl>
                <div class="actions">
                    {list.map(|href| view! { <a class="button primary" href=href>{format!("Show these {people}")}</a> })}
                    <a class="button" href="/clients">{format!("All {people}")}</a>
                </div>
            </section>
            <section class="panel stack" aria-labelledby="undo-title">
                <h2 id="undo-title">"Not what you wanted?"</h2>
                {undo}
                {(left == 0).then(|| view! { <p class="hint">"Nothing of this import is left."</p> })}
            </section>
        </div>
    }
    .into_any())
}

/// Who keeps the import from being undone.
fn in_the_way(used: Vec<(ClientNumber, String)>) -> Option<AnyView> {
    if used.is_empty() {
        return None;
    }
    let words = match used.len() {
        10.. => "The first of those who stand in the way:",
        _ => "Those who stand in the way:",
    };
    let rows = used.into_iter().map(|(number, name)| {
        view! { <li><a href=format!("/clients/{number}")>{name}</a>{format!(" (no. {number})")}</li> }
    });
    Some(
        view! {
            <section class="panel stack tight" aria-label="Can’t undo because of">
                <p>{words}</p>
                <ul>{rows.collect_view()}</ul>
                <p class="hint">"Delete the ones you don’t want one by one, or all of them in the list."</p>
            </section>
        }
        .into_any(),
    )
}

pub fn undone(import: &Import, people: &str) -> AnyView {
    view! {
        <div class="panel empty">
            <h2>"The import is undone"</h2>
            <p>{format!("{} deleted. Other records didn’t change. Tags and list values from the file are still in Settings.", count(import.done_rows, "record was", "records were"))}</p>
            <div class="actions">
                <a class="button primary" href=PAGE>"Import another file"</a>
                <a class="button" href="/clients">{format!("All {people}")}</a>
            </div>
        </div>
    }
    .into_any()
}
