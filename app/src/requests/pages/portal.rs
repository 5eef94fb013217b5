//! In the portal: what there is to do, for oneself and for those one may act for.

use super::param;
use crate::documents::pages::file_link;
use crate::error::AppError;
use crate::requests::{COMPLETE, SEND_FILES};
use crate::ui::page::{Page, Shown, page};
use crate::ui::{FileField, FormState, PostForm, TextField};
use chrono::Utc;
use db::actor::ClientActor;
use db::requests::MyRequest;
use db::time::Zone;
use leptos::prelude::*;
use shared::files::{FILE_MEGABYTES, FILES_MAX};
use shared::requests::{RequestKind, RequestState};
use shared::{Conflict, Refusal, RequestId};

fn href(one: &MyRequest) -> String {
    match one.kind {
        RequestKind::Form => format!("/my/forms/{}", one.id),
        _ => format!("/my/requests/{}", one.id),
    }
}

fn line(one: &MyRequest, today: chrono::NaiveDate) -> AnyView {
    let due = one.due_on.map(|due| {
        let words = if due < today { "was due" } else { "due" };
        format!("{words} {}", due.format("%-d %B %Y"))
    });
    let begun = one.begun.then(|| "begun".to_owned());
    let notes: Vec<String> = [due, begun].into_iter().flatten().collect();
    let for_name = one.for_name.clone().map(|name| view! { " "<span class="badge for">"For "{name}</span> });
    let act = if one.kind == RequestKind::Form { "Fill in" } else { "Open" };
    view! {
        <li>
            <div class="grow"><a class="strong" href=href(one)>{one.title.clone()}</a>{for_name}" "<span class="muted small">{notes.join(" · ")}</span></div>
            <div class="actions"><a class="button small" href=href(one)>{act}<span class="sr-only">": "{one.title.clone()}</span></a></div>
        </li>
    }
    .into_any()
}

fn today(page: &Page) -> chrono::NaiveDate {
    Zone::stored(&page.practice.zone).date(Utc::now())
}

/// What is open, for pages that say what to do next; nothing when there is nothing.
pub async fn outstanding(page: &Page, me: &ClientActor) -> Result<Option<AnyView>, AppError> {
    let open: Vec<_> =
        db::requests::mine(page.pool(), me).await?.into_iter().filter(|one| one.state == RequestState::Open).collect();
    let today = today(page);
    Ok((!open.is_empty()).then(|| {
        let lines = open.iter().map(|one| line(one, today)).collect_view();
        view! {
            <section class="panel" aria-labelledby="to-do"><h2 id="to-do">"To do"</h2><ul class="list">{lines}</ul></section>
        }
        .into_any()
    }))
}

#[component]
pub fn MyRequestsPage() -> impl IntoView {
    page(|page| async move {
        let me = page.actor.client()?.clone();
        let (today, zone) = (today(&page), Zone::stored(&page.practice.zone));
        let all = db::requests::mine(page.pool(), &me).await?;
        let (open, done): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| one.state == RequestState::Open);
        let list = match open.is_empty() {
            true => view! { <div class="panel empty"><h2>"Nothing to do"</h2><p>"Forms and other things the practice asks of you appear here."</p></div> }.into_any(),
            false => {
                let lines = open.iter().map(|one| line(one, today)).collect_view();
                view! { <div class="panel flush"><ul class="list">{lines}</ul></div> }.into_any()
            }
        };
        let sent = (!done.is_empty()).then(|| {
            let lines = done.into_iter().map(|one| {
                let at = one.closed_at.map(|at| zone.short_date(at)).unwrap_or_default();
                let for_name = one.for_name.clone().map(|name| view! { " "<span class="badge for">"For "{name}</span> });
                let own = matches!(one.kind, RequestKind::Form | RequestKind::File) && one.for_name.is_none();
                let title = match own {
                    true => view! { <a href=href(&one)>{one.title.clone()}</a> }.into_any(),
                    false => one.title.clone().into_any(),
                };
                view! { <li>{title}{for_name}" "<span class="muted small">{format!("You sent this on {at}")}</span></li> }
            });
            view! { <section class="stack" aria-labelledby="sent"><h2 id="sent">"Done"</h2><div class="panel flush"><ul class="list">{lines.collect_view()}</ul></div></section> }
        });
        Ok(Shown::new(
            "Forms and requests",
            view! {
                <div class="page-head"><div><h1>"Forms and requests"</h1><p class="sub">"What the practice asks of you."</p></div></div>
                {list}
                {sent}
            },
        )
        .narrow())
    })
}

#[component]
pub fn MyRequestPage() -> impl IntoView {
    let id = param("id");
    let (state, files) =
        (FormState::of(COMPLETE), FormState::of(SEND_FILES).asking("file", "Choose at least one file."));
    page(|page| async move {
        let me = page.actor.client()?.clone();
        let id = id.parse().map_err(|_| Refusal::NotFound)?;
        let request = match db::requests::open(page.pool(), &me, id).await.map_err(AppError::from) {
            Err(AppError::Refused(Refusal::Conflict(Conflict::RequestClosed))) => {
                return Ok(crate::forms::pages::closed());
            }
            answer => answer?,
        };
        let for_name =
            request.for_name.clone().map(|name| view! { <p><span class="badge for">"For "{name}</span></p> });
        let due = request.due_on.map(|due| format!("Due {}.", due.format("%-d %B %Y")));
        let text = crate::forms::pages::paragraphs(&request.body);
        let act = match (request.state, request.kind) {
            (RequestState::Open, RequestKind::Form) => {
                view! { <a class="button primary" href=format!("/my/forms/{id}")>"Fill in the form"</a> }.into_any()
            }
            (RequestState::Open, RequestKind::File) => send(&page, id, files),
            (RequestState::Open, kind) => {
                let (words, lead) = match kind {
                    RequestKind::Document => ("Accept", None),
                    RequestKind::Details => ("My details are correct", Some(("/my/details", "See your details"))),
                    RequestKind::Form | RequestKind::File | RequestKind::Other => ("Mark as done", None),
                };
                let lead = lead.map(|(href, words)| view! { <p><a href=href>{words}</a></p> });
                let name = (kind == RequestKind::Document).then(|| {
                    let hint = format!("Typing your full name means that you’ve read this and accept it. You’re logged in as {}.", me.name());
                    view! { <TextField field="name" label="Full name" hint state=state.clone() autocomplete="name" required=true/> }
                });
                view! {
                    {lead}
                    <PostForm action=COMPLETE page=page.here.clone() state=state.clone()>
                        <input type="hidden" name="id" value=id.to_string()/>
                        {name}
                        <div class="form-actions"><button type="submit" class="button primary">{words}</button></div>
                    </PostForm>
                }
                .into_any()
            }
            _ if !request.files.is_empty() => {
                let each = request.files.iter().enumerate();
                let each = each.map(|(at, file)| file_link(file, &format!("file {}", at + 1))).collect_view();
                view! { <h2>"What you sent"</h2>{each} }.into_any()
            }
            _ => view! { <p class="notice info">{Conflict::RequestClosed.to_string()}</p> }.into_any(),
        };
        Ok(Shown::new(
            request.title.clone(),
            view! {
                <div class="page-head"><div><a class="back" href="/my/requests">"Forms and requests"</a><h1>{request.title.clone()}</h1>{for_name}
                    {due.map(|due| view! { <p class="sub">{due}</p> })}</div></div>
                <div class="panel"><div class="question-text">{text}</div>{act}</div>
            },
        )
        .narrow())
    })
}

/// Up to [`FILES_MAX`] together: both sides of a card.
fn send(page: &Page, id: RequestId, state: FormState) -> AnyView {
    let hint = format!(
        "PDF, PNG or JPEG, up to {FILE_MEGABYTES} MB each and {FILES_MAX} files together. \
         We leave out where and when a photo was taken."
    );
    view! {
        <PostForm action=SEND_FILES page=page.here.clone() state=state.clone() files=true>
            <input type="hidden" name="id" value=id.to_string()/>
            <FileField label="Files" state=state hint several=true required=true/>
            <p class="hint">"Only the team sees them. You can’t change them once they’re sent."</p>
            <div class="form-actions"><button type="submit" class="button primary">"Send"</button></div>
        </PostForm>
    }
    .into_any()
}
