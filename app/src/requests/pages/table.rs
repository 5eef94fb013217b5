//! Requests as a table, with what staff may do about each.

use crate::requests::{MARK_DONE, REMIND, WITHDRAW};
use crate::ui::page::Page;
use crate::ui::{ErrorSummary, FormState, PostForm};
use chrono::NaiveDate;
use db::requests::RequestRow;
use db::time::Zone;
use leptos::prelude::*;
use shared::requests::{RequestKind, RequestState};

/// What was refused of the buttons in the table.
pub fn refused() -> [FormState; 3] {
    [REMIND, WITHDRAW, MARK_DONE].map(FormState::of)
}

pub fn summaries(states: [FormState; 3]) -> AnyView {
    states.into_iter().map(|state| view! { <ErrorSummary state/> }).collect_view().into_any()
}

/// `names`: with a column that says whose each is.
pub fn table(page: &Page, rows: Vec<RequestRow>, zone: &Zone, today: NaiveDate, names: bool) -> AnyView {
    let client = crate::ui::capital(&page.practice.client_word);
    let rows = rows.into_iter().map(|row| line(page, row, zone, today, names)).collect_view();
    view! {
        <div class="panel flush"><div class="table-wrap"><table class="table cards">
            <caption class="sr-only">"Requests"</caption>
            <thead><tr>
                {names.then(|| view! { <th scope="col">{client}</th> })}
                <th scope="col">"Request"</th><th scope="col">"Due"</th><th scope="col">"Status"</th>
                <th scope="col"><span class="sr-only">"Actions"</span></th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table></div></div>
    }
    .into_any()
}

fn line(page: &Page, row: RequestRow, zone: &Zone, today: NaiveDate, names: bool) -> AnyView {
    let open = row.state == RequestState::Open;
    let overdue = open && row.due_on.is_some_and(|due| due < today);
    let due = row.due_on.map(|due| due.format("%-d %b %Y").to_string()).unwrap_or_else(|| "—".to_owned());
    let by = if row.by.is_empty() { "automatic".to_owned() } else { format!("by {}", row.by) };
    let mut notes = vec![format!("{} · asked {} {by}", row.kind.label(), zone.short_date(row.created_at))];
    notes.extend(row.reminded_at.map(|at| format!("reminded {}", zone.short_date(at))));
    notes.extend(row.accepted_name.as_ref().map(|name| format!("accepted by {name}")));
    notes.extend(row.closed_at.map(|at| format!("{} {}", row.state.label().to_lowercase(), zone.short_date(at))));
    let alone = row.reaches_no_one.then(|| {
        let why = row.no_email.map(|why| format!(": {why}")).unwrap_or_default();
        view! { <span class="small danger-text">{format!("No one can be emailed about this{why}. Call them instead.")}</span> }
    });
    let login = (row.needs_login && !row.reaches_no_one).then(|| {
        view! { <br/><span class="small danger-text">"No one who may do this has a portal account. Invite them, or ask at the desk."</span> }
    });
    let label = if overdue { "Overdue" } else { row.state.label() };
    let class = if overdue { "badge overdue" } else { "badge" };
    let answers = row.response.map(|id| view! { <a class="button small" href=format!("/forms/{id}")>"Answers"</a> });
    let sent = (row.kind == RequestKind::File && row.state == RequestState::Done)
        .then(|| view! { <a class="button small" href=format!("/requests/{}", row.id)>"Files"</a> });
    let (id, title) = (row.id.to_string(), row.title.clone());
    let button = |action: &'static str, words: &'static str| {
        let (id, title, next) = (id.clone(), title.clone(), page.here.clone());
        view! {
            <PostForm action page=page.here.clone() state=FormState::default() class="row">
                <input type="hidden" name="id" value=id/>
                <input type="hidden" name="next" value=next/>
                <button type="submit" class="button small quiet">{words}<span class="sr-only">": "{title}</span></button>
            </PostForm>
        }
    };
    // Not one press beside the others: what was begun goes with it.
    let withdraw = open.then(|| {
        let (id, title, named) = (row.id.to_string(), row.title.clone(), row.title.clone());
        let (here, next) = (page.here.clone(), page.here.clone());
        view! {
            <details class="withdraw">
                <summary class="button small quiet">"Withdraw"<span class="sr-only">": "{title}</span></summary>
                <p class="small">"It’s no longer asked for, and what they began is deleted."</p>
                <PostForm action=WITHDRAW page=here state=FormState::default() class="row">
                    <input type="hidden" name="id" value=id/>
                    <input type="hidden" name="next" value=next/>
                    <button type="submit" class="button small danger">"Withdraw now"<span class="sr-only">": "{named}</span></button>
                </PostForm>
            </details>
        }
    });
    let deeds = open.then(|| {
        view! {
            {button(REMIND, "Remind")}
            {(row.kind != RequestKind::Form).then(|| button(MARK_DONE, "Mark as done"))}
            {withdraw}
        }
    });
    let whose = names.then(|| {
        view! { <td data-label="Name"><a href=format!("/clients/{}/forms", row.number)>{row.name.clone()}</a></td> }
    });
    view! {
        <tr>
            {whose}
            <td data-label="Request"><a class="strong" href=format!("/requests/{}", row.id)>{row.title.clone()}</a><br/><span class="muted small">{notes.join(" · ")}</span></td>
            <td data-label="Due" class="tnum">{due}</td>
            <td data-label="Status"><span class=class>{label}</span>{alone}{login}</td>
            <td class="actions"><div class="actions">{answers}{sent}{deeds}</div></td>
        </tr>
    }
    .into_any()
}
