//! Saved views of a list: tabs above it, and what can be done with them.

use super::{EVERYBODY, List};
use crate::clients::{CHANGE_VIEW, DEFAULT_VIEW, DELETE_VIEW, OVERWRITE_VIEW, SAVE_VIEW};
use crate::ui::page::Page as Visit;
use crate::ui::{CheckField, ErrorSummary, FormState, TextField};
use db::clients::saved_views::View;
use leptos::prelude::*;
use shared::clients::ClientQuery;

/// Where a view leads.
pub fn address(path: &str, view: &View) -> String {
    let query = if view.query.is_empty() { String::new() } else { format!("{}&", view.query) };
    format!("{path}?{query}view={}", view.id)
}

/// Everyone, and each view; nothing while there is none to choose.
pub fn tabs(list: &List, saved: &[View]) -> impl IntoView + use<> {
    let has_default = saved.iter().any(|view| view.is_default);
    let everybody = if has_default { format!("{}?view={EVERYBODY}", list.path) } else { list.path.to_owned() };
    let here = current(list, saved);
    let tab = |view: &View| {
        let mark = view.is_default.then(|| view! { <span class="tag">"Default view"</span> });
        let is_here = here == Some(view);
        view! { <a href=address(list.path, view) aria-current=is_here.then_some("page")>{view.name.clone()}{mark}</a> }
    };
    (!saved.is_empty()).then(|| {
        view! {
            <nav class="tabs" aria-label="Views">
                <a href=everybody aria-current=here.is_none().then_some("page")>"Everyone"</a>
                {saved.iter().map(tab).collect_view()}
            </nav>
        }
    })
}

fn current<'a>(list: &List, saved: &'a [View]) -> Option<&'a View> {
    saved.iter().find(|view| view.id.to_string() == list.view)
}

/// What can be done with the list as it is shown, and with the view it came from.
pub fn menus(list: &List, saved: &[View], visit: &Visit) -> impl IntoView + use<> {
    let view = current(list, saved);
    let shown = list.query.first_page().query_string();
    let differs = view.map_or(!shown.is_empty(), |view| view.query != shown);
    let is_administrator = visit.actor.administrator().is_ok();
    view! {
        {differs.then(|| save_menu(list, is_administrator))}
        {view.map(|view| change_menu(list, view, differs, is_administrator))}
    }
}

/// Every form of views says which list it is of, and comes back to it.
fn common(list: &List) -> impl IntoView + use<> {
    view! {
        <input type="hidden" name="_page" value=list.here()/>
        <input type="hidden" name="mine" value=if list.mine { "true" } else { "false" }/>
    }
}

fn query_input(query: &ClientQuery) -> impl IntoView + use<> {
    view! { <input type="hidden" name="query" value=query.first_page().query_string()/> }
}

fn save_menu(list: &List, may_share: bool) -> impl IntoView + use<> {
    let state = FormState::of(SAVE_VIEW);
    let hint = "Saves the search, filters, sorting and columns.";
    view! {
        <details class="menu" name="menu" open=state.was_posted()>
            <summary class="button small">"Save view"</summary>
            <form class="menu-list menu-form" method="post" action=SAVE_VIEW data-once="">
                {common(list)}
                {query_input(&list.query)}
                <ErrorSummary state=state.clone()/>
                <TextField field="name" label="Name of this view" hint=hint state=state.clone() required=true/>
                {may_share.then(|| view! { <CheckField field="shared" label="Share with all staff" state=state.clone()/> })}
                <button type="submit" class="button small primary">"Save"</button>
            </form>
        </details>
    }
}

fn change_menu(list: &List, view: &View, changed: bool, may_share: bool) -> impl IntoView + use<> {
    let state = FormState::of(CHANGE_VIEW);
    let id = view.id.to_string();
    let hidden = {
        let (list, id) = (list.clone(), id.clone());
        move || view! { {common(&list)}<input type="hidden" name="view" value=id.clone()/> }
    };
    let overwrite = (changed && view.may_change).then(|| {
        view! {
            <form method="post" action=OVERWRITE_VIEW data-once="">
                {hidden()}
                {query_input(&list.query)}
                <button type="submit" class="menu-item">"Update view"</button>
            </form>
        }
    });
    let (words, default) = match view.is_default {
        true => ("Remove as default", ""),
        false => ("Make default", id.as_str()),
    };
    let default = view! {
        <form method="post" action=DEFAULT_VIEW data-once="">
            {common(list)}
            <input type="hidden" name="view" value=default.to_owned()/>
            <button type="submit" class="menu-item">{words}</button>
        </form>
    };
    let rest = view.may_change.then(|| {
        view! {
            <hr/>
            <form class="menu-form" method="post" action=CHANGE_VIEW data-once="">
                {hidden()}
                <ErrorSummary state=state.clone()/>
                <TextField field="name" label="Name" value=view.name.clone() state=state.clone() required=true/>
                {may_share.then(|| view! {
                    <CheckField field="shared" label="Shared with all staff" checked=view.shared state=state.clone()/>
                })}
                <button type="submit" class="button small">"Save name"</button>
            </form>
            <hr/>
            <form method="post" action=DELETE_VIEW data-once="">
                {hidden()}
                <button type="submit" class="menu-item danger">{format!("Delete the view {}", view.name)}</button>
            </form>
        }
    });
    view! {
        <details class="menu" name="menu" open=state.was_posted()>
            <summary class="button small">"View"</summary>
            <div class="menu-list">{overwrite}{default}{rest}</div>
        </details>
    }
}
