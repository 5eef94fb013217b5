//! What one client is asked for, and the forms that were filled in about them.

use super::param;
use super::table::{refused, summaries, table};
use crate::error::AppError;
use crate::ui::page::{Page, Shown, page};
use chrono::Utc;
use db::PgConnection;
use db::authz::ReadableClient;
use db::forms::ResponseRow;
use db::requests::Filter;
use db::time::Zone;
use leptos::prelude::*;
use shared::forms::ResponseState;
use shared::requests::RequestState;
use shared::{ClientNumber, Refusal};

#[component]
pub fn ClientFormsPage() -> impl IntoView {
    let number = param("number");
    let states = refused();
    page(move |page| async move {
        page.actor.staff()?;
        let number: ClientNumber = number.parse().map_err(|_| Refusal::NotFound)?;
        let zone = Zone::stored(&page.practice.zone);
        let mut conn = page.connection().await?;
        let readable = db::authz::readable(&mut conn, &page.actor, number).await?;
        let client = db::clients::profile(&mut conn, &page.actor, &readable).await?;
        let responses = db::forms::responses(&mut conn, &readable).await?;
        let filter = Filter { client: Some(readable.id()), closed: true, ..Filter::default() };
        let requests = db::requests::list(&mut conn, &page.actor, filter).await?;
        let requests = match requests.is_empty() {
            true => view! { <p class="muted">"Nothing has been asked for."</p> }.into_any(),
            false => table(&page, requests, &zone, zone.date(Utc::now()), false),
        };
        let (counted, wrong): (Vec<_>, Vec<_>) =
            responses.into_iter().partition(|one| one.state != ResponseState::EnteredInError);
        let answers = match counted.is_empty() {
            true => view! { <p class="muted">"No forms have been filled in."</p> }.into_any(),
            false => answers(counted, &zone),
        };
        let wrong = (!wrong.is_empty()).then(|| {
            view! { <details class="section"><summary>"Entered in error"</summary>{self::answers(wrong, &zone)}</details> }
        });
        let new = (!client.erased).then(|| {
            view! { <a class="button primary" href=format!("/requests/new?people={number}")>"New request"</a> }
        });
        Ok(Shown::new(
            format!("Forms: {}", client.name),
            view! {
                <div class="page-head"><div><a class="back" href=format!("/clients/{number}")>{client.name.clone()}</a><h1>"Forms and requests"</h1>
                    <p class="sub">{client.name.clone()}</p></div><div class="actions"><a class="button" href="/requests">"All requests"</a>{new}</div></div>
                {summaries(states)}
                <section class="stack" aria-labelledby="answers"><h2 id="answers">"Forms"</h2>{answers}{wrong}</section>
                <section class="stack" aria-labelledby="requests"><h2 id="requests">"Requests"</h2>{requests}</section>
            },
        ))
    })
}

fn answers(rows: Vec<ResponseRow>, zone: &Zone) -> AnyView {
    let line = |row: ResponseRow| {
        let how = match row.acted_as.as_str() {
            "self" => "by themselves".to_owned(),
            "linked" => format!("by {} for them", row.author),
            _ => format!("entered by {}", row.author),
        };
        let state = (row.state == ResponseState::Amended).then(|| view! { " "<span class="badge">"Amended"</span> });
        let words = format!("{}, {how} · version {}", zone.short_date(row.submitted_at), row.version);
        view! {
            <li><div class="grow"><a class="strong" href=format!("/forms/{}", row.id)>{row.form}</a>{state}
                " "<span class="muted small">{words}</span></div></li>
        }
    };
    view! { <div class="panel flush"><ul class="list">{rows.into_iter().map(line).collect_view()}</ul></div> }
        .into_any()
}

/// A profile's section: the newest answers, and what is open.
pub async fn panel(
    page: &Page,
    conn: &mut PgConnection,
    client: &ReadableClient,
    number: ClientNumber,
) -> Result<AnyView, AppError> {
    let zone = Zone::stored(&page.practice.zone);
    let today = zone.date(Utc::now());
    let filter = Filter { client: Some(client.id()), ..Filter::default() };
    let open = db::requests::list(conn, &page.actor, filter).await?;
    let responses = db::forms::responses(conn, client).await?;
    let newest = responses.into_iter().filter(|one| one.state == ResponseState::Submitted).take(3).map(|one| {
        let href = format!("/forms/{}", one.id);
        view! { <li><a href=href>{one.form}</a>" "<span class="muted small">{zone.short_date(one.submitted_at)}</span></li> }
    });
    let newest = newest.collect_view();
    let open = open.into_iter().filter(|one| one.state == RequestState::Open).map(|one| {
        let overdue = one.due_on.is_some_and(|due| due < today);
        let due = one.due_on.map(|due| format!("{} {}", if overdue { "was due" } else { "due" }, due.format("%-d %b")));
        view! { <li>{one.title}" "<span class="muted small">{due.unwrap_or_else(|| "open".to_owned())}</span></li> }
    });
    let open: Vec<_> = open.collect();
    let all = format!("/clients/{number}/forms");
    Ok(view! {
        <section class="panel" aria-labelledby="forms">
            <div class="panel-head"><h2 id="forms">"Forms and requests"</h2>
                <div class="actions"><a class="button small" href=format!("/requests/new?people={number}")>"New request"</a></div></div>
            {(!open.is_empty()).then(|| view! { <h3>"Open"</h3><ul class="list">{open}</ul> })}
            <ul class="list">{newest}</ul>
            <p><a href=all>"All forms and requests"</a></p>
        </section>
    }
    .into_any())
}
