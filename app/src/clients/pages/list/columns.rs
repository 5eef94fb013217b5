//! Which columns the list shows, and the files of what it shows.

use super::List;
use leptos::prelude::*;
use shared::clients::ClientQuery;
use shared::clients::columns::{Column, ColumnHead, ColumnKey, chosen};

/// Names are in every file that has the columns of the list.
const NAMES: &str = "first_name,last_name,group_name";

/// The columns of the address, or else the usual ones.
pub fn shown(heads: &[ColumnHead], keys: &str) -> Vec<ColumnHead> {
    let is_listed = |head: &ColumnHead| match head.key {
        ColumnKey::Of(column) => column.is_listed(),
        ColumnKey::Field(_) => true,
    };
    let usual = || Column::USUAL.map(Column::as_str).join(",");
    let keys = if keys.is_empty() { usual() } else { keys.to_owned() };
    chosen(heads, &keys).into_iter().filter(is_listed).collect()
}

/// A menu to choose columns from. The boxes stay as they are while someone
/// types: they are sent with the page only.
pub fn menu(list: &List) -> impl IntoView + use<> {
    let ticked: Vec<ColumnKey> = list.shown.iter().map(|head| head.key).collect();
    let offered = list.heads.iter().filter(|head| match head.key {
        ColumnKey::Of(column) => column.is_listed(),
        ColumnKey::Field(_) => true,
    });
    let boxes = offered.filter(|_| list.whole).map(|head| {
        let checked = ticked.contains(&head.key);
        view! {
            <label class="check">
                <input type="checkbox" name="columns" value=head.key.to_string() checked=checked/>
                <span>{head.heading.clone()}</span>
            </label>
        }
    });
    let usual = list.address(&ClientQuery { columns: String::new(), ..list.query.clone() });
    view! {
        <details class="menu" name="menu">
            <summary class="button small">"Columns"</summary>
            <form class="menu-list column-menu" method="get" action=list.path>
                {hidden(list, "columns")}
                <fieldset class="column-choices">
                    <legend class="sr-only">"Columns to show"</legend>
                    <div data-kept="">{boxes.collect_view()}</div>
                </fieldset>
                <div class="actions">
                    <button type="submit" class="button small primary">"Apply"</button>
                    <a class="button small quiet" href=usual>"Reset to default"</a>
                </div>
            </form>
        </details>
    }
}

/// The parameters of this list but `without`, from the first page, as hidden inputs.
pub fn hidden(list: &List, without: &str) -> impl IntoView + use<> {
    let query = list.query.first_page();
    let pairs = [
        ("q", query.q),
        ("kind", query.kind),
        ("status", query.status),
        ("tag", query.tag),
        ("practitioner", query.practitioner),
        ("location", query.location),
        ("sort", query.sort),
        ("columns", query.columns),
        ("view", list.view.clone()),
    ];
    let inputs = pairs.into_iter().filter(|(name, value)| *name != without && !value.is_empty());
    inputs.map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view()
}

/// The columns of the list for a file, and all.
pub fn export_columns(list: &List) -> [(String, &'static str); 2] {
    [(format!("{NAMES},{}", list.keys()), "these columns"), ("all".to_owned(), "every column")]
}

/// The list as a file: everyone it finds, on whichever page.
pub fn export_menu(list: &List) -> impl IntoView + use<> {
    let items = export_columns(list).into_iter().flat_map(|(columns, words)| {
        let query = ClientQuery { columns, ..list.query.first_page() }.query_string();
        let mine = if list.mine { "&mine=1" } else { "" };
        [("csv", "CSV"), ("xlsx", "Excel")].map(|(ending, format)| {
            let href = format!("/clients/export.{ending}?{query}{mine}");
            view! { <a class="menu-item" href=href download="">{format!("{format}, {words}")}</a> }
        })
    });
    view! {
        <details class="menu" name="menu">
            <summary class="button small">"Export"</summary>
            <div class="menu-list">{items.collect_view()}</div>
        </details>
    }
}
