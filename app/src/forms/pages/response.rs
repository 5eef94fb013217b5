//! A form as it was filled in, for staff: beside the answers before it, and on paper.

use super::{paragraphs, param};
use crate::forms::IN_ERROR;
use crate::ui::page::{Page, Shown, page};
use crate::ui::{FormState, PostForm};
use db::forms::{Response, Signature};
use db::time::Zone;
use leptos::prelude::*;
use shared::Refusal;
use shared::forms::{Answer, Answers, Definition, Item, ItemKind, ResponseState};

#[component]
pub fn ResponsePage() -> impl IntoView {
    let id = param("id");
    page(|page| async move {
        page.actor.staff()?;
        let id = id.parse().map_err(|_| Refusal::NotFound)?;
        let response = db::forms::response(page.pool(), &page.actor, id).await?;
        let zone = Zone::stored(&page.practice.zone);
        let at = |at| format!("{}, {}", zone.long_date(at), zone.exact_clock(at));
        let back = format!("/clients/{}/forms", response.number);
        let by = match response.acted_as.as_str() {
            "self" => format!("Filled in by {}", response.author),
            "linked" => format!("Filled in by {} for {}", response.author, response.client),
            _ => format!("Entered by {}", response.author),
        };
        let title = format!("{}: {}", response.form_name, response.client);
        let differs = response.previous.as_ref().map(|(was, before)| {
            let words = match different(&response.answers, before) {
                0 => "no answer is different".to_owned(),
                1 => "1 answer is different".to_owned(),
                n => format!("{n} answers are different"),
            };
            view! { <p class="muted small">{format!("Compared with the answers of {}: {words}.", zone.long_date(*was))}</p> }
        });
        let previous = response.previous.as_ref().map(|(_, before)| before);
        let answers = answers(&response.definition, &response.answers, previous);
        let sum = response.definition.score(&response.answers).map(|score| {
            let left = match score.unanswered {
                0 => String::new(),
                1 => ". 1 question has no answer".to_owned(),
                count => format!(". {count} questions have no answer"),
            };
            view! { <p class="strong">{format!("Sum: {} of {}{left}", score.sum, score.most)}</p> }
        });
        let is_current = response.state == ResponseState::Submitted;
        let actions = (response.state != ResponseState::EnteredInError).then(|| {
            view! {
                {is_current.then(|| view! { <a class="button" href=format!("/forms/{id}/amend")>"Amend"</a> })}
                <details class="menu" name="menu">
                    <summary class="button">"More"</summary>
                    <div class="menu-list">
                        <PostForm action=IN_ERROR page=page.here.clone() state=FormState::default() class="row">
                            <input type="hidden" name="id" value=id.to_string()/>
                            <button type="submit" class="menu-item">"Mark as entered in error"</button>
                        </PostForm>
                    </div>
                </details>
            }
        });
        Ok(Shown::new(
            title,
            view! {
                <div class="page-head"><div><a class="back" href=back>{response.client.clone()}</a>
                    <h1>{response.form_name.clone()}</h1>
                    <p class="sub">{response.client.clone()}" · "{at(response.submitted_at)}</p></div>
                    <div class="actions">
                        <button type="button" class="button needs-script" data-print="">"Print"</button>
                        {actions}
                    </div>
                </div>
                {notices(&page, &response)}
                <section class="panel" aria-label="Answers">
                    <p>{by}" · "{format!("Version {} of the form", response.version)}</p>
                    {differs}
                    {sum}
                    {answers}
                </section>
                {signatures(&response, &zone)}
            },
        )
        .narrow())
    })
}

fn notices(_page: &Page, response: &Response) -> AnyView {
    let state = match response.state {
        ResponseState::EnteredInError => Some("Entered in error. These answers don’t count."),
        ResponseState::Amended => Some("Amended. A later response took the place of this one."),
        ResponseState::Draft | ResponseState::Submitted => None,
    };
    let later = response.amended_by.map(|id| view! { " "<a href=format!("/forms/{id}")>"See the later one"</a> });
    let state = state.map(|words| view! { <p class="notice">{words}{later}</p> });
    let amends = response.amends.map(|id| {
        view! { <p class="notice info">"This amends "<a href=format!("/forms/{id}")>"an earlier response"</a>"."</p> }
    });
    let broken = (!response.intact).then(|| {
        view! { <p class="notice error" role="alert">"The stored answers don’t match their seal. Don’t rely on them, and tell an administrator."</p> }
    });
    view! { {state}{amends}{broken} }.into_any()
}

/// How many items are answered otherwise than before, those of only one of the two among them.
fn different(now: &Answers, before: &Answers) -> usize {
    let gone = before.keys().filter(|item| !now.contains_key(*item)).count();
    gone + now.iter().filter(|(item, answer)| before.get(*item) != Some(answer)).count()
}

/// Every item that was shown, and under it the answer; what was different before is struck.
pub(super) fn answers(definition: &Definition, given: &Answers, previous: Option<&Answers>) -> AnyView {
    let visible: Vec<&str> = definition.visible(given).into_iter().map(|item| item.link_id.as_str()).collect();
    // And what was answered before and is asked no more.
    let had = |item: &&Item| previous.is_some_and(|before| before.contains_key(&item.link_id));
    let items = definition.items.iter().filter(|item| visible.contains(&item.link_id.as_str()) || had(item));
    let lines = items.map(|item| match item.kind {
        ItemKind::Section => view! { <dt class="answer-section">{item.text.clone()}</dt> }.into_any(),
        ItemKind::Display | ItemKind::Signature => ().into_any(),
        _ => {
            let now = given.get(&item.link_id);
            let before = previous.map(|before| before.get(&item.link_id));
            let was = before.filter(|was| *was != now).map(|was| {
                view! { <dd class="was muted small">"Before: "<del>{words(item, was)}</del></dd> }
            });
            view! { <dt>{item.text.clone()}</dt><dd>{words(item, now)}</dd>{was} }.into_any()
        }
    });
    view! { <dl class="answers">{lines.collect_view()}</dl> }.into_any()
}

fn words(item: &Item, answer: Option<&Answer>) -> String {
    answer.map_or_else(|| "No answer".to_owned(), |answer| item.words(answer))
}

fn signatures(response: &Response, zone: &Zone) -> Option<AnyView> {
    let one = |one: &Signature| {
        let at = format!("{}, {}. {}", zone.long_date(one.at), zone.exact_clock(one.at), zone.note());
        let by = match one.logged_in_by.is_empty() {
            true => String::new(),
            false => format!(" by {}", one.logged_in_by.join(" and ")),
        };
        let how = format!("Logged in as {}{by}", one.account);
        let hash: String = one.hash.iter().map(|byte| format!("{byte:02x}")).collect();
        view! {
            <div class="signed">
                <div class="statement">{paragraphs(&one.statement)}</div>
                <p><strong>{one.name.clone()}</strong>{format!(", signing as: {}", one.capacity.label().to_lowercase())}</p>
                <p class="muted small">{at}</p>
                <p class="muted small">{how}{(!one.agent.is_empty()).then(|| format!(" · {}", one.agent))}</p>
                <p class="muted small hash">"SHA-256 of form, answers and statement: "<code>{hash}</code></p>
            </div>
        }
    };
    (!response.signatures.is_empty()).then(|| {
        view! {
            <section class="panel" aria-labelledby="signatures"><h2 id="signatures">"Signatures"</h2>
                {response.signatures.iter().map(one).collect_view()}</section>
        }
        .into_any()
    })
}
