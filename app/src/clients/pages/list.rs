//! All clients and my clients: search, status, pages; the address holds it all.

use super::StatusForm;
use crate::clients::SET_STATUS;
use crate::clients::live::{FORM, LiveSearch, RESULTS};
use crate::context;
use crate::ui::page::{Page as Visit, Shown, page};
use crate::ui::parts::{StatusBadge, client_pager, thousands};
use crate::ui::{ErrorSummary, FormState};
use chrono::{DateTime, Utc};
use db::time::Zone;
use leptos::prelude::*;
use shared::clients::{ClientPage, ClientQuery, ClientRow, Status};

#[component]
pub fn AllClientsPage() -> impl IntoView {
    clients_page(false)
}

#[component]
pub fn MyClientsPage() -> impl IntoView {
    clients_page(true)
}

fn clients_page(mine: bool) -> impl IntoView {
    page(move |visit| async move {
        let query = context::client_query();
        let state = FormState::of(SET_STATUS);
        let found = db::clients::list(visit.pool(), &visit.actor, &query, mine).await?;
        let path = if mine { "/clients/mine" } else { "/clients" };
        let word = visit.practice.client_word.clone();
        let title = format!("{} {}", if mine { "My" } else { "All" }, visit.practice.client_word_plural);
        let scoped = !mine && visit.actor.front_desk().is_err();
        let searched = query.is_filtered();
        let summary = summary(&found, &visit.practice.client_word_plural);
        let results = match found.rows.is_empty() {
            false => table(&visit, &query, path, found),
            true if searched => nobody_matches(path),
            true => nobody_yet(mine || scoped, &word),
        };
        Ok(Shown::new(
            title.clone(),
            view! {
                <div class="page-head">
                    <div>
                        <h1>{title}</h1>
                        {scoped.then(|| view! { <p class="sub">"You see those who are assigned to you."</p> })}
                    </div>
                    <div class="actions"><a class="button primary" href="/clients/new" data-window="">{format!("New {word}")}</a></div>
                </div>
                <ErrorSummary state/>
                <Filters query path/>
                <div class="panel flush" id=RESULTS data-summary=summary>{results}</div>
                <LiveSearch/>
            },
        ))
    })
}

/// What a screen reader hears when the results have changed.
fn summary(found: &ClientPage<ClientRow>, word: &str) -> String {
    match (found.total, found.more) {
        (0, _) => "Nobody found".to_owned(),
        (1, false) => "One found".to_owned(),
        (total, true) => format!("More than {} {word}", thousands(total)),
        (total, false) => format!("{} {word}", thousands(total)),
    }
}

#[component]
fn Filters(query: ClientQuery, path: &'static str) -> impl IntoView {
    let option = |status: &Status| {
        let selected = query.status == status.as_str();
        view! { <option value=status.as_str() selected=selected>{status.label()}</option> }
    };
    let options = Status::ALL.iter().map(option).collect_view();
    view! {
        <form class="filters" id=FORM method="get" action=path role="search">
            <div class="field">
                <label for="q">"Search"</label>
                <input id="q" type="search" name="q" value=query.q.clone() maxlength="200" autocomplete="off" aria-keyshortcuts="/"
                    placeholder="Name, e-mail, code, number or telephone"/>
            </div>
            <div class="field">
                <label for="status">"Status"</label>
                <select id="status" name="status"><option value="">"All"</option>{options}</select>
            </div>
            <button type="submit" class="button">"Search"</button>
        </form>
    }
}

fn table(visit: &Visit, query: &ClientQuery, path: &'static str, found: ClientPage<ClientRow>) -> AnyView {
    let zone = Zone::stored(&visit.practice.zone);
    let may_change = visit.actor.front_desk().is_ok();
    let pages = client_pager(&found, query, path);
    let here = query.address(path);
    let rows = found.rows.into_iter().map(|client| row(client, &zone, may_change.then_some(here.as_str())));
    view! {
        <div class="table-wrap">
            <table class="table cards">
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"Code"</th>
                        <th scope="col" class="num">"No."</th>
                        <th scope="col">"Status"</th>
                        <th scope="col">"Mobile"</th>
                        <th scope="col">"E-mail"</th>
                        <th scope="col">"Next appointment"</th>
                        <th scope="col">"Log-in"</th>
                        {may_change.then(|| view! { <th scope="col"><span class="sr-only">"Change status"</span></th> })}
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
        {pages}
    }
    .into_any()
}

/// `here`: where a change of status comes back to, for those who may change it.
fn row(client: ClientRow, zone: &Zone, here: Option<&str>) -> impl IntoView + use<> {
    let next = client.next_appointment.map(|at| when(zone, at));
    let menu = here.map(|here| {
        view! {
            <td class="actions">
                <details class="menu">
                    <summary class="icon-button small" aria-label=format!("Change status of {}", client.name)>"⋯"</summary>
                    <div class="menu-list"><StatusForm number=client.number status=client.status here/></div>
                </details>
            </td>
        }
    });
    view! {
        <tr>
            <th scope="row">
                <a class="row-link" href=format!("/clients/{}", client.number)>{client.name}</a>
                {client.has_alert.then(|| view! { " "<span class="badge warn">"Alert"</span> })}
            </th>
            <td data-label="Code">{client.code}</td>
            <td data-label="No." class="num">{client.number.to_string()}</td>
            <td><StatusBadge status=client.status/></td>
            <td data-label="Mobile" class="nowrap tnum">{client.mobile}</td>
            <td data-label="E-mail">{client.email}</td>
            <td data-label="Next" class="nowrap">{next}</td>
            <td data-label="Log-in">{client.has_login.then_some("Yes")}</td>
            {menu}
        </tr>
    }
}

/// `Mon 9 Mar, 9:30 am`, in the practice's zone.
fn when(zone: &Zone, at: DateTime<Utc>) -> String {
    format!("{}, {}", zone.short_date(at), zone.clock(at))
}

fn nobody_matches(path: &'static str) -> AnyView {
    view! {
        <div class="empty">
            <h2>"Nobody matches"</h2>
            <p>"Try part of the name, or the number. Another status may have been chosen than theirs."</p>
            <a class="button" href=path>"Show everybody"</a>
        </div>
    }
    .into_any()
}

fn nobody_yet(assigned_only: bool, word: &str) -> AnyView {
    let (title, words) = if assigned_only {
        (
            "Nobody is assigned to you yet",
            "Whoever you create here is assigned to you. The front desk can assign others, and so does a first appointment with you.",
        )
    } else {
        (
            "Nobody here yet",
            "Everybody whom the practice sees is listed here, to be found by name, e-mail, code, number or telephone.",
        )
    };
    view! {
        <div class="empty">
            <h2>{title}</h2>
            <p>{words}</p>
            <a class="button primary" href="/clients/new" data-window="">{format!("New {word}")}</a>
        </div>
    }
    .into_any()
}
