//! Tags: every one with its clients; rename, merge, remove, put back.

use super::{clients, saved_now};
use crate::context::query;
use crate::ui::page::{Page, Shown, page};
use crate::ui::{ErrorSummary, FormState, PostForm, SelectField, TextField};
use db::practice::tags::RemovedTag;
use leptos::prelude::*;
use shared::tags::TagView;

const SAVE: &str = "/fn/settings/save_tag";
const MERGE: &str = "/fn/settings/merge_tag";
const REMOVE: &str = "/fn/settings/remove_tag";
const RESTORE: &str = "/fn/settings/restore_tag";
const HERE: &str = "/settings/tags";

#[component]
pub fn TagsPage() -> impl IntoView {
    page(|page| async move {
        let (edit, state, merging) = (query("edit"), FormState::of(SAVE), FormState::of(MERGE));
        let refused = [FormState::of(REMOVE), FormState::of(RESTORE)];
        let tags = db::practice::tags::list(page.pool(), &page.actor).await?;
        let may_save = page.actor.administrator().is_ok();
        let removed = match may_save {
            true => db::practice::tags::removed(page.pool(), &page.actor).await?,
            false => Vec::new(),
        };
        let stored = tags.iter().find(|tag| tag.id.to_string() == edit).cloned();
        let aside = match stored {
            _ if !may_save => view! { <p class="notice info">"Only administrators change tags."</p> }.into_any(),
            Some(tag) => change(&page, tag, &tags, state, merging),
            None => add(state),
        };
        let add = may_save.then(|| view! { <a class="button" href="#change">"Add a tag"</a> });
        let list = match tags.is_empty() {
            true => empty(&page).into_any(),
            false => table(&page, tags, may_save).into_any(),
        };
        Ok(Shown::new(
            "Tags",
            view! {
                <div class="page-head">
                    <div><a class="back" href="/settings">"Settings"</a><h1>"Tags"</h1>
                        <p class="sub">
                            {format!("A tag marks {} who have something in common: a waiting list, a programme, a discount.",
                                page.practice.client_word_plural)}
                        </p>
                    </div>
                    <div class="actions">{add}</div>
                </div>
                <div class="split">
                    <div class="stack">
                        {refused.map(|state| view! { <ErrorSummary state/> }).collect_view()}
                        {list}
                        {undo(&page, removed)}
                    </div>
                    <div class="stack" id="change">{aside}</div>
                </div>
            },
        ))
    })
}

fn empty(page: &Page) -> impl IntoView + use<> {
    let word = page.practice.client_word.clone();
    view! {
        <div class="panel empty">
            <h2>"No tags yet"</h2>
            <p>{format!("Add one here, or type a new one in the record of {a_word}. Lists can then be filtered by it.", a_word = crate::ui::a(&word))}</p>
        </div>
    }
}

fn table(page: &Page, tags: Vec<TagView>, may_save: bool) -> impl IntoView + use<> {
    let practice = page.practice.clone();
    let row = move |tag: TagView| {
        let change = may_save.then(|| {
            let href = format!("{HERE}?edit={}#change", tag.id);
            view! { <td class="actions"><a class="button small" href=href>"Edit"<span class="sr-only">" "{tag.name.clone()}</span></a></td> }
        });
        let filter = format!("/clients?tag={}", tag.id);
        view! {
            <tr>
                <th scope="row"><span class="tag">{tag.name}</span></th>
                <td><a href=filter>{clients(tag.clients, &practice)}</a></td>
                {change}
            </tr>
        }
    };
    let heading = page.practice.client_word_plural.clone();
    view! {
        <div class="panel flush">
            <div class="table-wrap">
                <table class="table cards">
                    <thead>
                        <tr>
                            <th scope="col">"Tag"</th>
                            <th scope="col">{format!("How many {heading}")}</th>
                            {may_save.then(|| view! { <th scope="col"><span class="sr-only">"Edit"</span></th> })}
                        </tr>
                    </thead>
                    <tbody>{tags.into_iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        </div>
    }
}

fn add(state: FormState) -> AnyView {
    view! {
        <section class="panel" aria-labelledby="change-title">
            <h2 id="change-title">"Add a tag"</h2>
            <PostForm action=SAVE page=HERE state=state.clone()>
                <input type="hidden" name="id" value=""/>
                <TextField field="name" label="Name" state required=true/>
                <div class="form-actions"><button class="button primary" type="submit">"Save"</button></div>
            </PostForm>
        </section>
    }
    .into_any()
}

/// Rename, merge and remove, each a form of its own.
fn change(page: &Page, tag: TagView, tags: &[TagView], state: FormState, merging: FormState) -> AnyView {
    let id = tag.id.to_string();
    let here = format!("{HERE}?edit={id}");
    let beside = saved_now(&state, &here, vec![("Name", tag.name.clone())]);
    let was = if state.is_stale() { tag.name.clone() } else { state.value("was", &tag.name) };
    let others: Vec<&TagView> = tags.iter().filter(|other| other.id != tag.id).collect();
    // Renamed to what another is called: the two can be one.
    let typed = state.value("name", "").trim().to_lowercase();
    let same = others.iter().find(|other| other.name.to_lowercase() == typed).map(|other| other.id.to_string());
    let offer = same.as_ref().map(|_| {
        let words = "There is a tag of that name already. Merge the two below, or choose another name.";
        view! { <p class="notice info">{words}</p> }
    });
    let into = same.unwrap_or_default();
    let has = clients(tag.clients, &page.practice);
    let merge = (!others.is_empty()).then(|| merge(&id, &here, &has, &others, into, merging));
    let (title, value) = (format!("Edit “{}”", tag.name), tag.name.clone());
    let remove = remove(id.clone(), tag.name, &has);
    view! {
        {beside}
        <section class="panel" aria-labelledby="change-title">
            <h2 id="change-title">{title}</h2>
            <PostForm action=SAVE page=here state=state.clone()>
                <input type="hidden" name="id" value=id/>
                <input type="hidden" name=FormState::name("was") value=was/>
                <TextField field="name" label="Name" state value required=true/>
                {offer}
                <div class="form-actions">
                    <button class="button primary" type="submit">"Save"</button>
                    <a class="button quiet" href=HERE>"Cancel"</a>
                </div>
            </PostForm>
        </section>
        {merge}
        {remove}
    }
    .into_any()
}

fn merge(id: &str, here: &str, has: &str, others: &[&TagView], into: String, state: FormState) -> AnyView {
    let choose = std::iter::once((String::new(), "Choose a tag".to_owned()));
    let options = choose.chain(others.iter().map(|tag| (tag.id.to_string(), tag.name.clone()))).collect();
    let (id, here) = (id.to_owned(), here.to_owned());
    let words = format!("{has} will get the other tag. This tag is deleted. This can’t be undone.");
    view! {
        <section class="panel" aria-labelledby="merge-title">
            <h2 id="merge-title">"Merge"</h2>
            <p>{words}</p>
            <PostForm action=MERGE page=here state=state.clone()>
                <input type="hidden" name="id" value=id/>
                <SelectField field="into" label="Merge into" state options value=into/>
                <div class="form-actions"><button class="button" type="submit">"Merge"</button></div>
            </PostForm>
        </section>
    }
    .into_any()
}

fn remove(id: String, name: String, has: &str) -> AnyView {
    let words = format!("Removes this tag from {has}. You can undo this for 24 hours.");
    view! {
        <section class="panel" aria-labelledby="remove-title">
            <h2 id="remove-title">"Remove"</h2>
            <p>{words}</p>
            <PostForm action=REMOVE page=HERE state=FormState::default() class="row">
                <input type="hidden" name="id" value=id/>
                <button class="button danger" type="submit">{format!("Remove “{name}”")}</button>
            </PostForm>
        </section>
    }
    .into_any()
}

/// What was removed within a day.
fn undo(page: &Page, removed: Vec<RemovedTag>) -> Option<AnyView> {
    if removed.is_empty() {
        return None;
    }
    let practice = page.practice.clone();
    let row = move |tag: RemovedTag| {
        view! {
            <li>
                <div class="grow"><span class="tag">{tag.name.clone()}</span>
                    <span class="muted small">{clients(tag.clients, &practice)}</span></div>
                <div class="actions">
                    <PostForm action=RESTORE page=HERE state=FormState::default() class="row">
                        <input type="hidden" name="id" value=tag.id.to_string()/>
                        <button type="submit" class="button small">"Undo"<span class="sr-only">" the removal of "{tag.name}</span></button>
                    </PostForm>
                </div>
            </li>
        }
    };
    Some(
        view! {
            <section class="panel flush" aria-labelledby="removed">
                <div class="panel-head"><h2 id="removed">"Removed within a day"</h2></div>
                <ul class="list">{removed.into_iter().map(row).collect_view()}</ul>
            </section>
        }
        .into_any(),
    )
}
