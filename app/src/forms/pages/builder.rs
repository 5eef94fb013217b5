//! One form: its items in order, what was changed since it was published, its versions.

use super::param;
use crate::context::query;
use crate::forms::{ADD_ITEM, CHANGE_ITEM, PUBLISH, RENAME, UNDO};
use crate::ui::page::{Page, Shown, page};
use crate::ui::{ErrorSummary, FormState, PostForm, TextField};
use db::forms::FormView;
use db::time::Zone;
use leptos::prelude::*;
use shared::Refusal;
use shared::forms::{Definition, Item, ItemKind, changes};

#[component]
pub fn FormPage() -> impl IntoView {
    let id = param("id");
    let pressed = (query("at"), query("went"));
    let refused = [ADD_ITEM, CHANGE_ITEM, UNDO, PUBLISH].map(FormState::of);
    page(|page| async move {
        page.actor.front_desk()?;
        let id = id.parse().map_err(|_| Refusal::NotFound)?;
        let form = db::forms::one(page.pool(), &page.actor, id).await?;
        let may_save = page.actor.administrator().is_ok();
        let here = format!("/settings/forms/{id}");
        let state = match (&form.published, form.has_draft) {
            (None, _) => "Draft, not published yet.".to_owned(),
            (Some(one), false) => format!("Version {} is published.", one.number),
            (Some(one), true) => format!("Version {} is published. The draft has changes.", one.number),
        };
        let refused = refused.map(|state| view! { <ErrorSummary state/> }).collect_view();
        let note = (!may_save).then(|| view! { <p class="notice info">"Only administrators change forms."</p> });
        Ok(Shown::new(
            form.name.clone(),
            view! {
                <div class="page-head"><div><a class="back" href="/settings/forms">"Forms"</a><h1>{form.name.clone()}</h1>
                    <p class="sub">{state}</p></div>
                    <div class="actions"><a class="button" href=format!("{here}/preview")>"Preview"</a></div>
                </div>
                {refused}
                {note}
                <div class="split">
                    <div class="stack">
                        {items(&form, &here, may_save, &pressed)}
                        {may_save.then(|| add(&form, &here))}
                    </div>
                    <div class="stack">
                        {publishing(&form, &here, may_save)}
                        {versions(&page, &form, &here)}
                        {may_save.then(|| rename(&form, &here))}
                    </div>
                </div>
            },
        ))
    })
}

/// Which form, and which version of its draft the page shows.
fn hidden(form: &FormView) -> AnyView {
    view! {
        <input type="hidden" name="id" value=form.id.to_string()/>
        <input type="hidden" name="version" value=form.version.to_string() autocomplete="off"/>
    }
    .into_any()
}

fn items(form: &FormView, here: &str, may_save: bool, pressed: &(String, String)) -> AnyView {
    let last = form.definition.items.len().saturating_sub(1);
    let undo = (form.can_undo && may_save).then(|| {
        let hidden = hidden(form);
        view! {
            <PostForm action=UNDO page=here.to_owned() state=FormState::default() class="row" id="undo">
                {hidden}
                <button type="submit" class="button small">"Undo last change"</button>
            </PostForm>
        }
    });
    let rows = form.definition.items.iter().enumerate().map(|(at, item)| {
        let focus = (pressed.0 == item.link_id).then_some(pressed.1.as_str());
        line(form, item, here, may_save, (at > 0, at < last), focus)
    });
    let list = match form.definition.items.is_empty() {
        true => view! { <p class="muted">"No questions yet. Add the first one below."</p> }.into_any(),
        false => view! { <ol class="list arranged">{rows.collect_view()}</ol> }.into_any(),
    };
    view! {
        <section class="panel" aria-labelledby="items">
            <div class="panel-head"><h2 id="items">"Questions"</h2><div class="actions">{undo}</div></div>
            {list}
        </section>
    }
    .into_any()
}

fn line(
    form: &FormView,
    item: &Item,
    here: &str,
    may_save: bool,
    (up, down): (bool, bool),
    focus: Option<&str>,
) -> AnyView {
    let label = item.label();
    let mut notes = vec![item.kind.label().to_owned()];
    if item.required {
        notes.push("required".to_owned());
    }
    notes.extend((!item.when.is_empty()).then(|| conditions(&form.definition, item)));
    let weight = if item.kind == ItemKind::Section { "strong" } else { "" };
    // At an end there is one button left to take the focus.
    let focus_up = focus == Some("up") && up || focus == Some("down") && !down;
    let focus_down = focus == Some("down") && down || focus == Some("up") && !up;
    let actions = may_save.then(|| {
        let (hidden, name, label) = (hidden(form), item.link_id.clone(), label.clone());
        let edit = format!("{here}/items/{name}");
        view! {
            <div class="actions">
                <PostForm action=CHANGE_ITEM page=here.to_owned() state=FormState::default() class="row">
                    {hidden}
                    <input type="hidden" name="item" value=name/>
                    {deed("up", "↑", format!("Move {label} up"), !up, focus_up)}
                    {deed("down", "↓", format!("Move {label} down"), !down, focus_down)}
                    <a class="button small" href=edit>"Edit"<span class="sr-only">" "{label.clone()}</span></a>
                    <button type="submit" class="button small quiet" name="deed" value="duplicate">"Duplicate"<span class="sr-only">" "{label.clone()}</span></button>
                    <button type="submit" class="button small quiet" name="deed" value="delete">"Delete"<span class="sr-only">" "{label.clone()}</span></button>
                </PostForm>
            </div>
        }
    });
    view! {
        <li id=format!("item-{}", item.link_id)>
            <div class="grow"><span class=weight>{label.clone()}</span><span class="muted small">{notes.join(" · ")}</span></div>
            {actions}
        </li>
    }
    .into_any()
}

fn deed(value: &'static str, arrow: &'static str, words: String, disabled: bool, focus: bool) -> AnyView {
    view! {
        <button type="submit" class="icon-button small" name="deed" value=value disabled=disabled autofocus=focus title=words.clone()>
            <span aria-hidden="true">{arrow}</span><span class="sr-only">{words.clone()}</span>
        </button>
    }
    .into_any()
}

/// `only if “Any medication?” is Yes`.
pub(super) fn conditions(form: &Definition, item: &Item) -> String {
    let words = item.when.iter().map(|condition| {
        let asked = form.item(&condition.question);
        let label = asked.map(Item::label).unwrap_or_else(|| "a deleted question".to_owned());
        let values = asked.map(Item::values).unwrap_or_default();
        let answer = values.into_iter().find(|(value, _)| *value == condition.answer).map(|(_, words)| words);
        let answer = answer.unwrap_or_else(|| condition.answer.clone());
        format!("“{label}” {} {answer}", condition.operator.label()).trim_end().to_owned()
    });
    let joint = match item.behaviour {
        shared::forms::Behaviour::All => " and ",
        shared::forms::Behaviour::Any => " or ",
    };
    format!("only if {}", words.collect::<Vec<_>>().join(joint))
}

fn add(form: &FormView, here: &str) -> AnyView {
    let hidden = hidden(form);
    let options = ItemKind::ALL.iter().map(|kind| view! { <option value=kind.as_str()>{kind.label()}</option> });
    view! {
        <section class="panel" aria-labelledby="add">
            <h2 id="add">"Add"</h2>
            <PostForm action=ADD_ITEM page=here.to_owned() state=FormState::default()>
                {hidden}
                <div class="field"><label for="new-kind">"Type"</label>
                    <select id="new-kind" name="kind">{options.collect_view()}</select></div>
                <div class="form-actions"><button type="submit" class="button">"Add to the end"</button></div>
            </PostForm>
        </section>
    }
    .into_any()
}

/// What was changed, and the button that makes it a version.
fn publishing(form: &FormView, here: &str, may_save: bool) -> Option<AnyView> {
    if !form.has_draft {
        return None;
    }
    let changed = form.published.as_ref().map(|one| {
        let list = changes(&one.definition, &form.definition);
        match list.is_empty() {
            true => view! { <p class="muted">{format!("Nothing differs from version {}.", one.number)}</p> }.into_any(),
            false => {
                let lines = list.iter().map(|change| view! { <li>{change.words()}</li> }).collect_view();
                view! { <p class="muted">{format!("Changes since version {}:", one.number)}</p><ul>{lines}</ul> }
                    .into_any()
            }
        }
    });
    let button = may_save.then(|| {
        let hidden = hidden(form);
        view! {
            <PostForm action=PUBLISH page=here.to_owned() state=FormState::default()>
                {hidden}
                <p class="hint" id="f-publish">"Forms that someone has begun stay on their version. Requests not begun yet use the new one."</p>
                <div class="form-actions"><button type="submit" class="button primary">"Publish"</button></div>
            </PostForm>
        }
    });
    Some(
        view! {
            <section class="panel" aria-labelledby="publish">
                <h2 id="publish">"Draft"</h2>
                {changed}
                {button}
            </section>
        }
        .into_any(),
    )
}

fn versions(page: &Page, form: &FormView, here: &str) -> Option<AnyView> {
    let zone = Zone::stored(&page.practice.zone);
    let rows = form.versions.iter().map(|one| {
        let words = format!("{}, {}", zone.short_date(one.at), one.by);
        view! {
            <li><a href=format!("{here}/preview?version={}", one.number)>{format!("Version {}", one.number)}</a>
                <span class="muted small">{words}</span></li>
        }
    });
    (!form.versions.is_empty()).then(|| {
        view! {
            <section class="panel" aria-labelledby="versions"><h2 id="versions">"Versions"</h2><ul class="list">{rows.collect_view()}</ul></section>
        }
        .into_any()
    })
}

fn rename(form: &FormView, here: &str) -> AnyView {
    let state = FormState::of(RENAME);
    let (id, name, open) = (form.id.to_string(), form.name.clone(), state.was_posted());
    view! {
        <details class="section" open=open>
            <summary>"Rename"</summary>
            <PostForm action=RENAME page=here.to_owned() state=state.clone()>
                <input type="hidden" name="id" value=id/>
                <TextField field="name" label="Name" state value=name required=true/>
                <div class="form-actions"><button type="submit" class="button">"Save name"</button></div>
            </PostForm>
        </details>
    }
    .into_any()
}
