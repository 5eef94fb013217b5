//! For the team: writing, sharing, who has opened it.

use super::text::text;
use super::{file_link, param};
use crate::context::query;
use crate::documents::{ATTACH, CREATE, READERS, REPLACE, REVISE, SHARE, WITHDRAW};
use crate::error::AppError;
use crate::ui::page::{Page, Shown, page};
use crate::ui::{FileField, FormState, ListCheck, PostForm, TextArea, TextField};
use db::PgConnection;
use db::authz::ReadableClient;
use db::documents::{Document, VersionRow};
use db::time::Zone;
use leptos::prelude::*;
use shared::documents::DocumentState;
use shared::files::FILE_MEGABYTES;
use shared::{ClientNumber, Refusal};

const HOW: &str =
    "Begin a line with # for a heading, ## for a smaller one, - or 1. for a list, and | for the cells of a table.";

const CHOOSE: &str = "Choose a file.";

fn inputs(state: &FormState, title: &str, body: &str) -> AnyView {
    view! {
        <TextField field="title" label="Title" state=state.clone() value=title required=true/>
        <TextArea field="body" label="Text" state=state.clone() value=body rows=20 hint=HOW/>
    }
    .into_any()
}

/// Of a document that is a file. `stored`: it has one already.
fn file_inputs(state: &FormState, title: &str, stored: bool) -> AnyView {
    let kept = if stored { "Leave it empty to keep the present one. " } else { "" };
    let hint =
        format!("{kept}PDF, PNG or JPEG, up to {FILE_MEGABYTES} MB. We leave out where and when a photo was taken.");
    view! {
        <TextField field="title" label="Title" state=state.clone() value=title required=true/>
        <FileField label="File" state=state.clone() hint required=!stored optional=stored/>
    }
    .into_any()
}

/// What a version says: its text, or its file.
fn content(version: &VersionRow) -> AnyView {
    match &version.file {
        Some(file) => file_link(file, &version.title),
        None => text(&version.body),
    }
}

#[component]
pub fn NewDocumentPage() -> impl IntoView {
    let number = param("number");
    let attaches = !query("attach").is_empty();
    let action = if attaches { ATTACH } else { CREATE };
    let state = FormState::of(action).asking("file", CHOOSE);
    page(move |page| async move {
        page.actor.staff()?;
        let number: ClientNumber = number.parse().map_err(|_| Refusal::NotFound)?;
        let name = {
            let mut conn = page.connection().await?;
            let readable = db::authz::readable(&mut conn, &page.actor, number).await?;
            db::clients::profile(&mut conn, &page.actor, &readable).await?.name
        };
        let key = if state.was_posted() { state.value("request_key", "") } else { db::new_id().to_string() };
        let back = format!("/clients/{number}");
        let (fields, other, words) = match attaches {
            true => {
                (file_inputs(&state, "", false), format!("/clients/{number}/documents/new"), "Write it here instead")
            }
            false => {
                (inputs(&state, "", ""), format!("/clients/{number}/documents/new?attach=1"), "Attach a file instead")
            }
        };
        Ok(Shown::new(
            "New document",
            view! {
                <div class="page-head"><div><a class="back" href=back.clone()>{name.clone()}</a><h1>"New document"</h1>
                    <p class="sub">"Only the team sees it until you share it."</p></div>
                    <div class="actions"><a class="button" href=other>{words}</a></div></div>
                <PostForm action page=page.here.clone() state=state.clone() class="panel form" long=true files=attaches>
                    <input type="hidden" name="number" value=number.to_string()/>
                    <input type="hidden" name="form[request_key]" value=key autocomplete="off"/>
                    {fields}
                    <div class="form-actions"><button type="submit" class="button primary">"Save draft"</button>
                        <a class="button quiet" href=back>"Cancel"</a></div>
                </PostForm>
            },
        )
        .narrow())
    })
}

#[component]
pub fn EditDocumentPage() -> impl IntoView {
    let id = param("id");
    let (written, attached) = (FormState::of(REVISE), FormState::of(REPLACE).asking("file", CHOOSE));
    page(|page| async move {
        page.actor.staff()?;
        let id = id.parse().map_err(|_| Refusal::NotFound)?;
        let document = db::documents::one(page.pool(), &page.actor, id).await?;
        let newest = document.versions.first().ok_or(Refusal::NotFound)?;
        let note = (document.state == DocumentState::Shared).then(|| {
            view! { <p class="notice info">"This document is shared. What you save replaces it right away; the earlier version stays for the team."</p> }
        });
        let back = format!("/documents/{id}");
        let is_file = newest.file.is_some();
        let (action, state) = if is_file { (REPLACE, attached) } else { (REVISE, written) };
        let fields = match is_file {
            true => file_inputs(&state, &newest.title, true),
            false => inputs(&state, &newest.title, &newest.body),
        };
        let (title, version) = (newest.title.clone(), document.version);
        Ok(Shown::new(
            "Edit document",
            view! {
                <div class="page-head"><div><a class="back" href=back.clone()>{title}</a><h1>"Edit document"</h1></div></div>
                {note}
                <PostForm action page=page.here.clone() state=state.clone() class="panel form" long=true files=is_file>
                    <input type="hidden" name="id" value=id.to_string()/>
                    {crate::ui::stale::version_input(&state, version)}
                    {fields}
                    <div class="form-actions"><button type="submit" class="button primary">"Save"</button>
                        <a class="button quiet" href=back>"Cancel"</a></div>
                </PostForm>
            },
        )
        .narrow())
    })
}

#[component]
pub fn DocumentPage() -> impl IntoView {
    let id = param("id");
    let readers = FormState::of(READERS);
    page(|page| async move {
        page.actor.staff()?;
        let id = id.parse().map_err(|_| Refusal::NotFound)?;
        let document = db::documents::one(page.pool(), &page.actor, id).await?;
        let zone = Zone::stored(&page.practice.zone);
        let newest = document.versions.first().ok_or(Refusal::NotFound)?.clone();
        let state = match document.state {
            DocumentState::Draft => "Draft. Only the team sees it.".to_owned(),
            DocumentState::Shared => {
                let at = document.shared_at.map(|at| zone.short_date(at)).unwrap_or_default();
                format!("Shared on {at}.")
            }
            DocumentState::Withdrawn => "Withdrawn. Only the team sees it.".to_owned(),
        };
        let opened = document
            .opened
            .as_ref()
            .map(|(at, by)| format!("First opened {}, {} by {by}.", zone.short_date(*at), zone.exact_clock(*at)));
        let earlier = document.versions.iter().skip(1).map(|one| {
            let words = format!("Version {}, {}, {}", one.number, zone.short_date(one.at), one.by);
            view! { <details class="section"><summary>{words}</summary><h3>{one.title.clone()}</h3>{content(one)}</details> }
        });
        let earlier = earlier.collect_view();
        let button = |action: &'static str, words: &'static str, class: &'static str| {
            view! {
                <PostForm action page=page.here.clone() state=FormState::default() class="row">
                    <input type="hidden" name="id" value=id.to_string()/>
                    <button type="submit" class=class>{words}</button>
                </PostForm>
            }
        };
        let print = newest.file.is_none().then(|| {
            view! { <button type="button" class="button needs-script" data-print="">"Print"</button> }
        });
        let deed = match document.state {
            DocumentState::Shared => button(WITHDRAW, "Withdraw", "button").into_any(),
            DocumentState::Draft | DocumentState::Withdrawn => button(SHARE, "Share", "button primary").into_any(),
        };
        Ok(Shown::new(
            format!("{}: {}", newest.title, document.client),
            view! {
                <div class="page-head"><div><a class="back" href=format!("/clients/{}", document.number)>{document.client.clone()}</a>
                    <h1>{newest.title.clone()}</h1><p class="sub">{state}" "{opened}</p></div>
                    <div class="actions">
                        <a class="button" href=format!("/documents/{id}/edit")>"Edit"</a>
                        {print}
                        {deed}
                    </div>
                </div>
                <div class="split">
                    <div class="stack"><article class="panel">{content(&newest)}</article>{earlier}</div>
                    <div class="stack">{who(&page, &document, readers)}</div>
                </div>
            },
        ))
    })
}

/// Who may read it beside the client.
fn who(page: &Page, document: &Document, state: FormState) -> AnyView {
    let once = if document.state == DocumentState::Shared { "" } else { " once it’s shared" };
    let lead = format!("{} can read it{once}.", document.client);
    if document.linked.is_empty() {
        return view! { <section class="panel" aria-labelledby="readers"><h2 id="readers">"Who can read it"</h2><p>{lead}</p></section> }
            .into_any();
    }
    let boxes = document.linked.iter().map(|(id, name, chosen)| {
        view! { <ListCheck field="readers" value=id.to_string() label=name.clone() state=state.clone() checked=*chosen/> }
    });
    let (boxes, id) = (boxes.collect_view(), document.id.to_string());
    view! {
        <section class="panel" aria-labelledby="readers">
            <h2 id="readers">"Who can read it"</h2>
            <p>{lead}</p>
            <PostForm action=READERS page=page.here.clone() state=state.clone()>
                <input type="hidden" name="id" value=id/>
                <fieldset class="group" id="f-readers"><legend>"Also show it to"</legend>{boxes}</fieldset>
                <p class="hint">"For this document alone. It ends when they’re no longer linked."</p>
                <div class="form-actions"><button type="submit" class="button">"Save"</button></div>
            </PostForm>
        </section>
    }
    .into_any()
}

/// A profile's section.
pub async fn panel(
    page: &Page,
    conn: &mut PgConnection,
    client: &ReadableClient,
    number: ClientNumber,
) -> Result<AnyView, AppError> {
    let zone = Zone::stored(&page.practice.zone);
    let all = db::documents::of_client(conn, client).await?;
    let list = match all.is_empty() {
        true => view! { <p class="muted">"No documents yet."</p> }.into_any(),
        false => {
            let lines = all.into_iter().map(|one| {
                let opened = if one.opened_at.is_some() { ", opened" } else { "" };
                let kind = one.file.map(|kind| format!("{kind} · ")).unwrap_or_default();
                let words = format!("{kind}{}{opened} · {}, {}", one.state.label(), zone.short_date(one.written_at), one.author);
                view! { <li><a href=format!("/documents/{}", one.id)>{one.title}</a>" "<span class="muted small">{words}</span></li> }
            });
            view! { <ul class="list">{lines.collect_view()}</ul> }.into_any()
        }
    };
    Ok(view! {
        <section class="panel" aria-labelledby="documents">
            <div class="panel-head"><h2 id="documents">"Documents and reports"</h2>
                <div class="actions"><a class="button small" href=format!("/clients/{number}/documents/new")>"New document"</a></div></div>
            {list}
        </section>
    }
    .into_any())
}
