//! What was noted of, said to and written to a prospect, on their card.

use super::ADD_ENTRY;
use crate::error::AppError;
use crate::ui::page::Page;
use crate::ui::{FormState, PostForm, escape};
use db::PgConnection;
use db::authz::ReadableClient;
use db::clients::Entry;
use db::time::Zone;
use leptos::prelude::*;
use shared::ClientNumber;
use shared::clients::EntryKind;

/// The newest entries, and the form of another.
pub(super) fn section(page: &Page, state: &FormState, all: &[Entry], number: ClientNumber, name: &str) -> AnyView {
    let zone = Zone::stored(&page.practice.zone);
    // The form that was refused is this card's, or another's.
    let refused = state.plain("number") == Some(number.to_string().as_str());
    let state = if refused { state.clone() } else { FormState::default() };
    let mine: Vec<&Entry> = all.iter().filter(|entry| entry.client == number).collect();
    let count = mine.len();
    let lines = mine.iter().map(|entry| line(entry, &zone)).collect_view();
    let label = if count == 0 { "Notes" } else { "Notes and calls" };
    view! {
        <details class="section" open=refused>
            <summary>{label}<span class="sr-only">{format!(" of {name}")}</span></summary>
            {(count > 0).then(|| view! { <ul class="timeline">{lines}</ul> })}
            {(count > 0).then(|| view! { <p class="small"><a href=format!("/clients/{number}#entries")>"All notes and calls"</a></p> })}
            {form(page, state, number)}
        </details>
    }
    .into_any()
}

fn line(entry: &Entry, zone: &Zone) -> AnyView {
    let subject = (!entry.subject.is_empty()).then(|| view! { <strong>{entry.subject.clone()}": "</strong> });
    let words = entry.words.lines().map(|line| view! { {line.to_owned()}<br/> }).collect_view();
    view! {
        <li>
            <time datetime=entry.at.to_rfc3339()>{format!("{}, {}", zone.short_date(entry.at), zone.clock(entry.at))}</time>
            <div class="small">{format!("{} by {}", entry.kind.label(), entry.author)}</div>
            <div class="small">{subject}{words}</div>
        </li>
    }
    .into_any()
}

/// On a profile: all that was kept while they were a prospect; nothing if there is none.
pub async fn panel(page: &Page, conn: &mut PgConnection, client: &ReadableClient) -> Result<Option<AnyView>, AppError> {
    let all = db::clients::entries_of(conn, client).await?;
    let zone = Zone::stored(&page.practice.zone);
    Ok((!all.is_empty()).then(|| {
        let lines = all.iter().map(|entry| line(entry, &zone)).collect_view();
        view! {
            <section class="panel" aria-labelledby="entries">
                <div class="panel-head"><h2 id="entries">"Notes and calls"</h2></div>
                <ul class="timeline">{lines}</ul>
            </section>
        }
        .into_any()
    }))
}

/// A field of the form, with what is wrong with it.
fn field(id: &str, label: &'static str, problem: Option<String>, input: AnyView) -> AnyView {
    let class = if problem.is_some() { "field invalid" } else { "field" };
    let problem = problem.map(|words| view! { <p class="error" id=format!("{id}-error")>{words}</p> });
    view! { <div class=class><label for=id.to_owned()>{label}</label>{input}{problem}</div> }.into_any()
}

fn form(page: &Page, state: FormState, number: ClientNumber) -> AnyView {
    let chosen = state.value("kind", EntryKind::Note.as_str());
    let key = state.value("request_key", &db::new_id().to_string());
    let id = |name: &str| format!("n{number}-{name}");
    let wrong = |name: &str| state.problem(name).map(|_| ("true", format!("{}-error", id(name)))).unzip();
    let options = EntryKind::ALL
        .iter()
        .map(|kind| {
            view! { <option value=kind.as_str() selected=kind.as_str() == chosen.as_str()>{kind.label()}</option> }
                .into_any()
        })
        .collect::<Vec<_>>();
    let (invalid, described) = wrong("kind");
    let kind = view! { <select id=id("kind") name=FormState::name("kind") aria-invalid=invalid aria-describedby=described>{options}</select> };
    let (invalid, described) = wrong("subject");
    let subject = view! {
        <input id=id("subject") name=FormState::name("subject") value=state.value("subject", "") autocomplete="off"
            aria-invalid=invalid aria-describedby=described/>
    };
    let (invalid, described) = wrong("words");
    let described = [Some(id("hint")), described].into_iter().flatten().collect::<Vec<_>>().join(" ");
    // HTML drops one newline after the tag: give it one to drop.
    let text = format!("\n{}", escape(&state.value("words", "")));
    let words = view! {
        <p class="hint" id=id("hint")>"An email needs their consent. It’s sent right away."</p>
        <textarea id=id("words") name=FormState::name("words") rows="4" aria-invalid=invalid
            aria-describedby=described inner_html=text></textarea>
    };
    let fields = [
        field(&id("kind"), "Type", state.problem("kind"), kind.into_any()),
        field(&id("subject"), "Subject (emails)", state.problem("subject"), subject.into_any()),
        field(&id("words"), "Text", state.problem("words"), words.into_any()),
    ];
    view! {
        <PostForm action=ADD_ENTRY page=page.here.clone() state=state class="form">
            <input type="hidden" name="number" value=number.to_string()/>
            <input type="hidden" name=FormState::name("request_key") value=key autocomplete="off"/>
            {fields.into_iter().collect_view()}
            <div class="form-actions"><button type="submit" class="button small primary">"Add"</button></div>
        </PostForm>
    }
    .into_any()
}
