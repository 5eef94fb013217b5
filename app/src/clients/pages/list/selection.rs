//! What is done with the rows that are ticked: a bar at the foot of the list,
//! there once a row is ticked. It works without JavaScript, for the page at
//! hand; with it the selection is kept from page to page.

use super::List;
use super::columns::export_columns;
use crate::clients::selection::{BAR, GATHER, NUMBERS, SELECTION, START};
use crate::ui::parts::thousands;
use crate::ui::{FormState, SelectField, TextField};
use db::clients::list::Choices;
use leptos::prelude::*;
use shared::bulk::BULK_MAX;
use shared::clients::{ClientPage, Status};

pub fn bar<T>(list: &List, choices: &Choices, found: &ClientPage<T>) -> AnyView {
    let statuses = Status::ALL.iter().map(|status| {
        let words = format!("Make {}", status.label().to_lowercase());
        // The button says both what and which.
        view! { <button type="submit" class="menu-item" name="form[status]" value=status.as_str()>{words}</button> }
    });
    let statuses = statuses.collect_view();
    let query = list.query.query_string();
    let state = FormState::of(START);
    view! {
        <form class="selection-bar" id=SELECTION method="post" action=START data-bar=BAR>
            // Enter in a field of the bar does nothing: none of the buttons is the one that is meant.
            <button type="submit" disabled=true hidden=true></button>
            <input type="hidden" name="_page" value=list.here()/>
            <input type="hidden" name="form[query]" value=query/>
            <input type="hidden" name="form[mine]" value=if list.mine { "true" } else { "false" }/>
            <input type="hidden" name="form[request_key]" value=db::new_id().to_string()/>
            <input type="hidden" name=NUMBERS value="" data-elsewhere=""/>
            <p class="selected" role="status"><span data-count="">{format!("Selected {}:", list.words)}</span></p>
            {everybody(list, found)}
            <div class="actions">
                {list.front_desk.then(|| menu("Status", false, statuses))}
                {tags(choices, &state)}
                {list.front_desk.then(|| practitioners(choices, &state))}
                {more(list)}
                {files(list)}
                <button type="reset" class="button small quiet">"Clear"</button>
            </div>
        </form>
    }
    .into_any()
}

fn menu(words: &'static str, open: bool, items: impl IntoView + 'static) -> AnyView {
    view! {
        <details class="menu up" name="menu" open=open>
            <summary class="button small">{words}</summary>
            <div class="menu-list">{items}</div>
        </details>
    }
    .into_any()
}

/// Not those ticked, but all who match. Anyone who is only close to what was
/// searched is ticked by hand or not at all.
fn everybody<T>(list: &List, found: &ClientPage<T>) -> Option<AnyView> {
    let words = match found.total - found.close {
        0 => return None,
        total if found.more || total > BULK_MAX => format!("All matching (up to {})", thousands(BULK_MAX)),
        total if list.query.is_filtered() => format!("All {} matching", thousands(total)),
        total => format!("All {} {}", thousands(total), list.words),
    };
    let view = view! {
        <label class="check small">
            <input type="checkbox" name="form[all]" value="true" data-everybody=""/>
            <span>{words}</span>
        </label>
    };
    Some(view.into_any())
}

/// A button that says which action.
fn act(action: &'static str, words: &'static str) -> impl IntoView {
    view! { <button type="submit" class="button small" name="form[action]" value=action>{words}</button> }
}

fn choose(rows: &[(String, String)]) -> Vec<(String, String)> {
    std::iter::once((String::new(), "Choose…".to_owned())).chain(rows.iter().cloned()).collect()
}

/// The menus with something to fill in are open where that was refused.
fn refused(state: &FormState, fields: &[&str]) -> bool {
    fields.iter().any(|field| state.problem(field).is_some())
}

fn tags(choices: &Choices, state: &FormState) -> AnyView {
    let picked = (!choices.tags.is_empty())
        .then(|| view! { <SelectField field="tag" label="Tag" state=state.clone() options=choose(&choices.tags)/> });
    let remove = (!choices.tags.is_empty()).then(|| act("remove_tag", "Remove tag"));
    menu(
        "Tags",
        refused(state, &["tag", "new_tag"]),
        view! {
            <div class="menu-form">
                {picked}
                <TextField field="new_tag" label="Or a new tag" state=state.clone() autocomplete="off"/>
                <div class="actions">{act("add_tag", "Add tag")}{remove}</div>
            </div>
        },
    )
}

fn practitioners(choices: &Choices, state: &FormState) -> AnyView {
    let options = choose(&choices.practitioners);
    menu(
        "Practitioners",
        refused(state, &["practitioner"]),
        view! {
            <div class="menu-form">
                <SelectField field="practitioner" label="Practitioner" state=state.clone() options/>
                <div class="actions">{act("assign", "Assign")}{act("unassign", "Unassign")}</div>
            </div>
        },
    )
}

fn more(list: &List) -> impl IntoView + use<> {
    let resets = list.invites.then(|| {
        view! { <button type="submit" class="menu-item" name="form[action]" value="send_reset">"Send password reset links"</button> }
    });
    let front_desk = list.front_desk.then(|| {
        view! {
            {resets}
            <hr/>
            <button type="submit" class="menu-item danger" name="form[action]" value="delete">"Delete…"</button>
        }
    });
    menu(
        "More",
        false,
        view! {
            <button type="submit" class="menu-item" formaction=GATHER>"Add selected to a couple, family or group"</button>
            {front_desk}
        },
    )
}

fn files(list: &List) -> impl IntoView + use<> {
    let items = export_columns(list).into_iter().flat_map(|(columns, words)| {
        [("/clients/export.csv", "CSV"), ("/clients/export.xlsx", "Excel")].map(|(action, format)| {
            view! {
                <button type="submit" class="menu-item" formaction=action name="columns" value=columns.clone()>
                    {format!("{format}, {words}")}
                </button>
            }
        })
    });
    menu("Export", false, items.collect_view())
}
