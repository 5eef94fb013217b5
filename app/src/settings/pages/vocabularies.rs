//! The vocabularies, and one page for each of them.

use super::arranged::{Entry, KEPT, List, arranged, not_set, retired};
use super::{clients, key_input, param, saved_now, version_input};
use crate::context::query;
use crate::ui::page::{Page, Shown, page};
use crate::ui::{FormState, PostForm, TextField};
use db::practice::terms::TermUse;
use leptos::prelude::*;
use shared::Refusal;
use shared::terms::{Term, Vocabulary};

const SAVE: &str = "/fn/settings/save_term";
const PLACE: &str = "/fn/settings/place_term";
const SET_ACTIVE: &str = "/fn/settings/set_term_active";

#[component]
pub fn VocabulariesPage() -> impl IntoView {
    page(|page| async move {
        let counts = db::practice::terms::counts(page.pool(), &page.actor).await?;
        let card = |(vocabulary, count): (Vocabulary, i64)| {
            let words = match count {
                0 => "None yet".to_owned(),
                count => format!("{count} to choose from"),
            };
            view! {
                <li>
                    <a class="service-card" href=address(vocabulary)>
                        <span>{vocabulary.label()}</span><span>{vocabulary.purpose()}</span><span>{words}</span>
                    </a>
                </li>
            }
        };
        Ok(Shown::new(
            "Lists",
            view! {
                <div class="page-head">
                    <div><a class="back" href="/settings">"Settings"</a><h1>"Lists"</h1>
                        <p class="sub">"Choices offered in forms. Add, rename, reorder or archive."</p>
                    </div>
                </div>
                <ul class="service-list roomy">{counts.into_iter().map(card).collect_view()}</ul>
            },
        ))
    })
}

fn address(vocabulary: Vocabulary) -> String {
    format!("/settings/vocabularies/{}", vocabulary.as_str())
}

#[component]
pub fn VocabularyPage() -> impl IntoView {
    page(|page| async move {
        let (word, state, edit) = (param("vocabulary"), FormState::of(SAVE), query("edit"));
        let vocabulary: Vocabulary = word.parse().map_err(|_| Refusal::NotFound)?;
        let list = List {
            page: address(vocabulary),
            place: Some(PLACE),
            set_active: SET_ACTIVE,
            may_save: page.actor.administrator().is_ok(),
        };
        let refused = not_set(&list);
        let terms = db::practice::terms::list(page.pool(), &page.actor, vocabulary).await?;
        let stored = terms.iter().find(|used| used.term.id.to_string() == edit).map(|used| used.term.clone());
        let (active, gone): (Vec<_>, Vec<_>) = terms.into_iter().partition(|used| used.term.active);
        let entries = |terms: Vec<TermUse>| terms.into_iter().map(|used| entry(used, &page)).collect::<Vec<_>>();
        let table = match active.is_empty() {
            true => empty(vocabulary),
            false => view! { <div class="panel flush">{arranged(&list, entries(active))}</div> }.into_any(),
        };
        let add = list.may_save.then(|| view! { <a class="button" href="#change">"Add "{vocabulary.one()}</a> });
        let aside = match list.may_save {
            true => form(vocabulary, state, stored),
            false => view! { <p class="notice info">"Only administrators can change lists."</p> }.into_any(),
        };
        Ok(Shown::new(
            vocabulary.label(),
            view! {
                <div class="page-head">
                    <div><a class="back" href="/settings/vocabularies">"Lists"</a><h1>{vocabulary.label()}</h1>
                        <p class="sub">{vocabulary.purpose()}</p>
                    </div>
                    <div class="actions">{add}</div>
                </div>
                <div class="split">
                    <div class="stack">{refused}{table}{retired(&list, entries(gone), KEPT)}</div>
                    {aside}
                </div>
            },
        ))
    })
}

fn entry(used: TermUse, page: &Page) -> Entry {
    let term = used.term;
    let about = match term.ages {
        Some(ages) => ages.words(),
        None => term.tag,
    };
    Entry {
        change: format!("{}?edit={}#change", address(term.vocabulary), term.id),
        notes: vec![about, uses(used.uses, term.vocabulary, page)],
        id: term.id.to_string(),
        label: term.label,
    }
}

fn uses(count: i64, vocabulary: Vocabulary, page: &Page) -> String {
    match (vocabulary.is_of_activities(), count) {
        (false, count) => clients(count, &page.practice),
        (true, 0) => "No activities".to_owned(),
        (true, 1) => "1 activity".to_owned(),
        (true, count) => format!("{count} activities"),
    }
}

fn empty(vocabulary: Vocabulary) -> AnyView {
    view! {
        <div class="panel empty">
            <h2>"No choices yet"</h2>
            <p>{vocabulary.purpose()}" Add what your practice uses. Forms offer it right away, in the order of this list."</p>
        </div>
    }
    .into_any()
}

/// Adds a term, or changes the one that `?edit` names.
fn form(vocabulary: Vocabulary, state: FormState, stored: Option<Term>) -> AnyView {
    let list = address(vocabulary);
    let id = stored.as_ref().map(|term| term.id.to_string()).unwrap_or_default();
    let (title, here) = match &stored {
        Some(term) => (format!("Edit “{}”", term.label), format!("{list}?edit={id}")),
        None => (format!("Add {}", vocabulary.one()), list.clone()),
    };
    let beside = stored.as_ref().and_then(|term| saved_now(&state, &here, facts(term)));
    let hidden = match &stored {
        Some(term) => version_input(&state, term.version).into_any(),
        None => key_input(&state).into_any(),
    };
    let cancel = stored.is_some().then(|| view! { <a class="button quiet" href=list>"Cancel"</a> });
    let hint = match stored.is_some() && vocabulary.is_kept_as_words() {
        true => "Records using the old wording are updated.",
        false => "",
    };
    let ages = stored.as_ref().and_then(|term| term.ages);
    let label = stored.as_ref().map(|term| term.label.clone()).unwrap_or_default();
    let tag = stored.map(|term| term.tag).unwrap_or_default();
    view! {
        <div class="stack" id="change">
            {beside}
            <section class="panel" aria-labelledby="change-title">
                <h2 id="change-title">{title}</h2>
                <PostForm action=SAVE page=here state=state.clone()>
                    <input type="hidden" name="vocabulary" value=vocabulary.as_str()/>
                    <input type="hidden" name="id" value=id/>
                    {hidden}
                    <TextField field="label" label="Label" hint state=state.clone() value=label required=true/>
                    {(vocabulary == Vocabulary::Language).then(|| view! {
                        <TextField field="tag" label="Language tag" class="short" state=state.clone() value=tag required=true
                            hint="The short standard name, like en, fr or pt-BR. It can’t change once someone prefers this language."/>
                    })}
                    {(vocabulary == Vocabulary::AgeRange).then(|| view! {
                        <div class="field-row">
                            <TextField field="age_from" label="From age" class="short" inputmode="numeric" state=state.clone()
                                value=ages.map(|ages| ages.from.to_string()).unwrap_or_default() required=true/>
                            <TextField field="age_to" label="To age" class="short" inputmode="numeric" state=state.clone()
                                value=ages.and_then(|ages| ages.to).map(|to| to.to_string()).unwrap_or_default() optional=true/>
                        </div>
                        <p class="hint">"Whole years, both included. Leave the second blank for “and over”. Ranges can’t overlap."</p>
                    })}
                    <div class="form-actions">
                        <button class="button primary" type="submit">"Save"</button>
                        {cancel}
                    </div>
                </PostForm>
            </section>
        </div>
    }
    .into_any()
}

fn facts(term: &Term) -> Vec<(&'static str, String)> {
    let mut facts = vec![("Label", term.label.clone())];
    if let Some(ages) = term.ages {
        facts.push(("Ages", ages.words()));
    }
    if !term.tag.is_empty() {
        facts.push(("Language tag", term.tag.clone()));
    }
    facts
}
