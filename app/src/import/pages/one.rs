//! One import, in whatever state it is.

use super::parts::{count, thousands};
use super::{mapping, result, review};
use crate::error::AppError;
use crate::import::progress::{ImportProgress, PROGRESS};
use crate::import::{PAGE, STOP};
use crate::ui::page::{Page, Shown, page};
use db::import::{Import, State};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::{ImportId, Refusal};

#[component]
pub fn ImportPage() -> impl IntoView {
    page(|page| async move {
        let id = use_params_map().get_untracked().get("id").and_then(|id| id.parse::<ImportId>().ok());
        let params = review::ReviewParams::from_address();
        // Whether there is one is only for those who may import.
        page.actor.front_desk()?;
        let id = id.ok_or(Refusal::NotFound)?;
        let import = db::import::one(page.pool(), &page.actor, id).await?;
        let (title, contents) = contents(&page, &import, params).await?;
        let people = &page.practice.client_word_plural;
        Ok(Shown::new(
            title.clone(),
            view! {
                <div class="page-head">
                    <div>
                        <a class="back" href=PAGE>{format!("Import {people}")}</a>
                        <h1>{title}</h1>
                        <p class="sub">{file_words(&import)}</p>
                    </div>
                </div>
                {contents}
            },
        ))
    })
}

async fn contents(page: &Page, import: &Import, params: review::ReviewParams) -> Result<(String, AnyView), AppError> {
    let people = &page.practice.client_word_plural;
    Ok(match import.state {
        State::Mapping => ("Map the columns".to_owned(), mapping::form(page, import).await?),
        State::Checking => ("Checking the rows".to_owned(), working(import, "Rows checked")),
        State::Checked => ("Check before importing".to_owned(), review::review(page, import, params).await?),
        State::Importing => (format!("Importing {people}"), working(import, "Rows imported")),
        State::Undoing => ("Undoing the import".to_owned(), working(import, "Records deleted")),
        State::Done => ("Imported".to_owned(), result::done(page, import).await?),
        State::Undone => ("Import undone".to_owned(), result::undone(import, people)),
        State::Discarded => return Err(Refusal::NotFound.into()),
    })
}

fn file_words(import: &Import) -> String {
    let rows = count(import.row_count, "row", "rows");
    if import.file_name.is_empty() { rows } else { format!("{}: {rows}", import.file_name) }
}

/// How far the server is.
fn working(import: &Import, what: &'static str) -> AnyView {
    let total = match import.state {
        State::Undoing => import.client_count + import.parent_count + import.family_count,
        _ => import.row_count,
    };
    let words = match (import.stopping, import.done_rows) {
        (true, _) => "Stopping…".to_owned(),
        (false, 0) => "Waiting for its turn…".to_owned(),
        (false, done) if done >= total => "Finishing…".to_owned(),
        (false, done) => format!("{what}: {} of {}", thousands(done), thousands(total)),
    };
    let whole = match import.state {
        State::Checking => "Nothing is stored by checking.",
        State::Importing => "You can leave this page; the import keeps running.",
        _ => "All of it is undone at the end, or nothing.",
    };
    view! {
        <section class="panel form" id=PROGRESS>
            <p class="strong" role="status">{words.clone()}</p>
            <progress max=total.max(1).to_string() value=import.done_rows.min(total).to_string() aria-label=what></progress>
            <p class="hint">{whole}</p>
            <form method="post" action=STOP data-once="">
                <input type="hidden" name="_page" value=format!("{PAGE}/{}", import.id)/>
                <input type="hidden" name="id" value=import.id.to_string()/>
                <button class="button" type="submit" disabled=import.stopping>"Stop"</button>
            </form>
        </section>
        <ImportProgress/>
        <noscript><meta http-equiv="refresh" content="2"/></noscript>
    }
    .into_any()
}
