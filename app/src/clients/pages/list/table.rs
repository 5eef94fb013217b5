//! The rows: dense on a desk, cards on a phone.

use super::List;
use crate::clients::pages::{status_buttons, status_form};
use crate::clients::selection::{NUMBERS, SELECTION};
use crate::ui::parts::StatusBadge;
use chrono::{NaiveDate, NaiveDateTime};
use leptos::prelude::*;
use shared::clients::columns::{ClientRecord, Column, ColumnHead, ColumnKey};
use shared::clients::{ClientQuery, Kind, Sort};

/// From `near_from` on the rows only resemble what was searched.
pub fn table(list: &List, records: Vec<ClientRecord>, near_from: Option<usize>) -> impl IntoView + use<> {
    let heads = list.shown.iter().map(|head| heading(list, head)).collect_view();
    let span = (list.shown.len() + 2 + usize::from(list.front_desk)).to_string();
    let near = |index: usize| {
        (near_from == Some(index)).then(|| {
            let words = if index == 0 { "No exact matches. Did you mean:" } else { "These are close:" };
            view! { <tr class="near"><td colspan=span.clone()>{words}</td></tr> }
        })
    };
    let rows = records.into_iter().enumerate().map(|(index, record)| view! { {near(index)}{row(list, record)} });
    let rows = rows.collect_view();
    let name = match list.code_only {
        true => sortable(list, "Code", Sort::Code, Sort::CodeDown, ""),
        false => sortable(list, "Name", Sort::Name, Sort::NameDown, ""),
    };
    view! {
        <div class="table-wrap sticky">
            <table class="table cards client-table">
                <thead>
                    <tr>
                        <td class="tick">
                            <input type="checkbox" class="needs-script" data-all="" aria-label="Select all on this page"/>
                        </td>
                        {name}
                        {heads}
                        {list.front_desk.then(|| view! { <th scope="col"><span class="sr-only">"Change status"</span></th> })}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {list.front_desk.then(|| status_form(list.here()))}
    }
}

fn heading(list: &List, head: &ColumnHead) -> AnyView {
    let class = if is_number(head.key) { "num" } else { "" };
    let words = short(head);
    let sort = match head.key {
        ColumnKey::Of(Column::Code) => (Sort::Code, Sort::CodeDown),
        ColumnKey::Of(Column::Number) => (Sort::Number, Sort::NumberDown),
        ColumnKey::Of(Column::LastContact) => (Sort::Contact, Sort::ContactDown),
        _ => return view! { <th scope="col" class=class>{words}</th> }.into_any(),
    };
    sortable(list, &words, sort.0, sort.1, class)
}

/// A heading that sorts: up at first, then down. A list that no one sorted is
/// by name, unless it was searched: then the best matches come first.
fn sortable(list: &List, words: &str, up: Sort, down: Sort, class: &'static str) -> AnyView {
    let query = &list.query;
    let now = query.sort().or_else(|| (query.q.is_empty() && !list.code_only).then_some(Sort::Name));
    let (sorted, next) = match now {
        Some(now) if now == up => (Some("ascending"), down),
        Some(now) if now == down => (Some("descending"), up),
        _ => (None, up),
    };
    let href = list.address(&ClientQuery { sort: next.as_str().to_owned(), ..query.first_page() });
    view! { <th scope="col" class=class aria-sort=sorted><a href=href>{words.to_owned()}</a></th> }.into_any()
}

/// A number needs no wide heading.
fn short(head: &ColumnHead) -> String {
    match head.key {
        ColumnKey::Of(Column::Number) => "No.".to_owned(),
        _ => head.heading.clone(),
    }
}

fn is_number(key: ColumnKey) -> bool {
    matches!(key, ColumnKey::Of(Column::Number | Column::Age | Column::SessionsNeeded))
}

fn row(list: &List, record: ClientRecord) -> impl IntoView + use<> {
    let cells = list.shown.iter().map(|head| cell(&record, head)).collect_view();
    let menu = list.front_desk.then(|| {
        view! {
            <td class="actions">
                <details class="menu" name="menu">
                    <summary class="icon-button small" aria-label=format!("Change status of {}", record.name)>"⋯"</summary>
                    <div class="menu-list">{status_buttons(record.number, record.status, record.was_used)}</div>
                </details>
            </td>
        }
    });
    let kind = (record.kind != Kind::Individual).then(|| view! { " "<span class="tag">{record.kind.label()}</span> });
    view! {
        <tr>
            <td class="tick">
                <input type="checkbox" form=SELECTION name=NUMBERS value=record.number.to_string()
                    aria-label=format!("Select {}", record.name)/>
            </td>
            <th scope="row">
                <a class="row-link" href=format!("/clients/{}", record.number)>{record.name.clone()}</a>
                {kind}
                {record.has_alert.then(|| view! { " "<span class="badge warn">"Alert"</span> })}
            </th>
            {cells}
            {menu}
        </tr>
    }
}

fn cell(record: &ClientRecord, head: &ColumnHead) -> AnyView {
    let label = short(head);
    let day = |date: Option<NaiveDate>| date.map(|date| date.format("%-d %b %Y").to_string());
    let time = |at: Option<NaiveDateTime>| at.map(|at| at.format("%a %-d %b, %-I:%M %P").to_string());
    let (class, text) = match head.key {
        ColumnKey::Of(Column::Status) => {
            return view! { <td><StatusBadge status=record.status/></td> }.into_any();
        }
        ColumnKey::Of(Column::Tags) => {
            let tags = record.tags.iter().map(|tag| view! { <span class="tag">{tag.clone()}</span>" " }).collect_view();
            let label = (!record.tags.is_empty()).then_some(label);
            return view! { <td data-label=label>{tags}</td> }.into_any();
        }
        ColumnKey::Of(Column::Practitioners) => (None, Some(record.practitioners.join(", "))),
        ColumnKey::Of(Column::BirthDate) => (Some("nowrap"), day(record.birth_date)),
        ColumnKey::Of(Column::NextAppointment) => (Some("nowrap"), time(record.next_appointment)),
        ColumnKey::Of(Column::LastAppointment) => (Some("nowrap"), time(record.last_appointment)),
        ColumnKey::Of(Column::Login) => (None, record.has_login.then(|| "Yes".to_owned())),
        ColumnKey::Of(Column::LastContact | Column::NextStepOn | Column::CardExpires | Column::CreatedOn) => {
            (Some("nowrap"), day(record.text(head.key).parse().ok()))
        }
        ColumnKey::Of(Column::Mobile) => (Some("nowrap tnum"), None),
        ColumnKey::Of(Column::Email) => (Some("email"), None),
        key if is_number(key) => (Some("num"), None),
        _ => (None, None),
    };
    let text = text.unwrap_or_else(|| match head.key {
        // Shown as a day above, or not at all.
        ColumnKey::Of(Column::BirthDate | Column::NextAppointment | Column::LastAppointment | Column::Login) => {
            String::new()
        }
        key => record.text(key).into_owned(),
    });
    match class {
        _ if text.is_empty() => view! { <td></td> }.into_any(),
        Some(class) => view! { <td class=class data-label=label>{text}</td> }.into_any(),
        None => view! { <td data-label=label>{text}</td> }.into_any(),
    }
}
