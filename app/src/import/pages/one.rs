//! One import, in whatever state it is.

use super::{count, mapping};
use crate::import::PAGE;
use crate::ui::page::{Page, Shown, page};
use db::import::{Import, State};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::{ImportId, Refusal};

#[component]
pub fn ImportPage() -> impl IntoView {
    page(|page| async move {
        let id = use_params_map().get_untracked().get("id").and_then(|id| id.parse::<ImportId>().ok());
        // Whether there is one is only for those who may import.
        page.actor.front_desk()?;
        let id = id.ok_or(Refusal::NotFound)?;
        let import = db::import::one(page.pool(), &page.actor, id).await?;
        let title = match import.state {
            State::Mapping => "Map the columns",
            _ => "Import",
        };
        let contents = match import.state {
            State::Mapping => mapping::form(&page, &import).await?,
            _ => ().into_any(),
        };
        Ok(Shown::new(
            title,
            view! {
                <div class="page-head">
                    <div>
                        <a class="back" href=PAGE>{format!("Import {}", page.practice.client_word_plural)}</a>
                        <h1>{title}</h1>
                        <p class="sub">{file_words(&import)}</p>
                    </div>
                </div>
                {contents}
            },
        ))
    })
}

fn file_words(import: &Import) -> String {
    let rows = count(import.row_count, "row", "rows");
    if import.file_name.is_empty() { rows } else { format!("{}: {rows}", import.file_name) }
}

/// What is not asked of everybody.
pub(super) fn may_add_terms(page: &Page) -> bool {
    page.actor.administrator().is_ok()
}
