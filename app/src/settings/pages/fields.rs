//! Client information fields: the list of them, and one.

use super::arranged::{Entry, KEPT, List, arranged, not_set, retired};
use super::{clients, key_input, param, saved_now, version_input};
use crate::context::query;
use crate::ui::page::{Page, Shown, page};
use crate::ui::{CheckField, FormState, PostForm, SelectField, TextArea, TextField, capital};
use db::practice::fields::FieldUse;
use leptos::prelude::*;
use shared::fields::{FieldDefinition, FieldKind};
use shared::{ChoiceId, Refusal};

const SAVE: &str = "/fn/settings/save_field";
const PLACE: &str = "/fn/settings/place_field";
const SET_ACTIVE: &str = "/fn/settings/set_field_active";
const RENAME_CHOICE: &str = "/fn/settings/rename_choice";
const PLACE_CHOICE: &str = "/fn/settings/place_choice";
const SET_CHOICE_ACTIVE: &str = "/fn/settings/set_choice_active";
const HERE: &str = "/settings/fields";

#[component]
pub fn FieldsPage() -> impl IntoView {
    page(|page| async move {
        let list = List {
            page: HERE.to_owned(),
            place: Some(PLACE),
            set_active: SET_ACTIVE,
            may_save: page.actor.administrator().is_ok(),
        };
        let refused = not_set(&list);
        let fields = db::practice::fields::list(page.pool(), &page.actor).await?;
        let (active, gone): (Vec<_>, Vec<_>) = fields.into_iter().partition(|used| used.field.active);
        let entries = |fields: Vec<FieldUse>| fields.into_iter().map(|used| entry(used, &page)).collect::<Vec<_>>();
        let add =
            || list.may_save.then(|| view! { <a class="button primary" href="/settings/fields/new">"New field"</a> });
        let table = match active.is_empty() {
            true => {
                let words = "Add a custom question, such as school or T-shirt size.";
                view! { <div class="panel empty"><h2>"No fields yet"</h2><p>{words}</p>{add()}</div> }.into_any()
            }
            false => view! { <div class="panel flush">{arranged(&list, entries(active))}</div> }.into_any(),
        };
        Ok(Shown::new(
            "Custom fields",
            view! {
                <div class="page-head">
                    <div><a class="back" href="/settings">"Settings"</a><h1>"Custom fields"</h1>
                        <p class="sub">"Custom questions, in the order they appear on forms."</p>
                    </div>
                    <div class="actions">{add()}</div>
                </div>
                <div class="stack">{refused}{table}{retired(&list, entries(gone), "Archived. Answers are kept and return if you restore it.")}</div>
            },
        ))
    })
}

fn entry(used: FieldUse, page: &Page) -> Entry {
    let field = used.field;
    let flags = [
        (field.required, "required"),
        (field.for_clients, "shown to them"),
        (field.in_quick_add, "in quick-add"),
        (field.in_search, "in search"),
        (field.in_reports, "in reports"),
    ];
    let flags: Vec<&str> = flags.into_iter().filter(|(on, _)| *on).map(|(_, words)| words).collect();
    let filled = match used.clients {
        0 => "No answers yet".to_owned(),
        count => format!("Filled in for {}", clients(count, &page.practice)),
    };
    Entry {
        id: field.id.to_string(),
        change: format!("{HERE}/{}", field.id),
        notes: vec![field.kind.label().to_owned(), flags.join(", "), filled],
        label: field.label,
    }
}

#[component]
pub fn FieldPage() -> impl IntoView {
    page(|page| async move {
        let (id, state, renaming) = (param("id"), FormState::of(SAVE), query("choice"));
        let stored = if id == "new" {
            page.actor.administrator()?;
            None
        } else {
            let id = id.parse().map_err(|_| Refusal::NotFound)?;
            Some(db::practice::fields::one(page.pool(), &page.actor, id).await?)
        };
        let choices = match &stored {
            Some(used) if used.field.kind == FieldKind::Choice => {
                let counts = db::practice::fields::choice_counts(page.pool(), &page.actor, used.field.id).await?;
                Some(choices_panel(&page, &used.field, &counts, &renaming))
            }
            _ => None,
        };
        let title = stored.as_ref().map_or_else(|| "New field".to_owned(), |used| used.field.label.clone());
        Ok(Shown::new(
            title.clone(),
            view! {
                <div class="page-head">
                    <div><a class="back" href=HERE>"Custom fields"</a><h1>{title}</h1></div>
                </div>
                <div class="split">
                    {form(&page, state, stored)}
                    <div class="stack">{choices}</div>
                </div>
            },
        ))
    })
}

/// The form for administrators; the same fields to read for staff.
fn form(page: &Page, state: FormState, stored: Option<FieldUse>) -> AnyView {
    let field = stored.as_ref().map(|used| used.field.clone());
    let id = field.as_ref().map(|field| field.id.to_string()).unwrap_or_default();
    let here = format!("{HERE}/{}", if id.is_empty() { "new" } else { &id });
    let fields = inputs(&state, stored.as_ref(), page);
    if page.actor.administrator().is_err() {
        return view! {
            <div class="stack">
                <p class="notice info">"Only administrators change fields."</p>
                <div class="panel"><fieldset class="form" disabled=true aria-label="Field">{fields}</fieldset></div>
            </div>
        }
        .into_any();
    }
    let hidden = match &field {
        Some(field) => version_input(&state, field.version).into_any(),
        None => key_input(&state).into_any(),
    };
    let beside = field.as_ref().and_then(|field| saved_now(&state, &here, facts(field)));
    view! {
        <div class="stack">
            {beside}
            <PostForm action=SAVE page=here state=state class="panel form" long=true>
                <input type="hidden" name="id" value=id/>
                {hidden}
                {fields}
                <div class="form-actions">
                    <button class="button primary" type="submit">"Save field"</button>
                    <a class="button quiet" href=HERE>"Cancel"</a>
                </div>
            </PostForm>
        </div>
    }
    .into_any()
}

fn inputs(state: &FormState, stored: Option<&FieldUse>, page: &Page) -> AnyView {
    let (word, plural) = (&page.practice.client_word, &page.practice.client_word_plural);
    let field = stored.map(|used| &used.field);
    let used = stored.map_or(0, |used| used.clients);
    let is = |value: fn(&FieldDefinition) -> bool| field.is_some_and(value);
    let kind = field.map_or(FieldKind::Text, |field| field.kind);
    let (kind_word, label) = (kind.as_str(), field.map(|field| field.label.clone()).unwrap_or_default());
    let kind_input = match used {
        0 => {
            let options =
                FieldKind::ALL.iter().map(|kind| (kind.as_str().to_owned(), kind.label().to_owned())).collect();
            view! { <SelectField field="kind" label="Type" class="short" state=state.clone() options value=kind_word/> }
                .into_any()
        }
        count => {
            let words = format!(
                "Type: {}. You can’t change it because {} have answers. Archive this field and add a new one.",
                kind.label().to_lowercase(),
                clients(count, &page.practice)
            );
            view! { <input type="hidden" name=FormState::name("kind") value=kind_word/><p class="hint">{words}</p> }
                .into_any()
        }
    };
    let add_choices = (used == 0 || kind == FieldKind::Choice).then(|| {
        let (label, hint) = match kind == FieldKind::Choice && field.is_some() {
            true => ("Choices to add", "One per line. Added to the end of the list."),
            false => ("Choices", "For the type “Choice”: one per line, in order."),
        };
        view! { <TextArea field="choices" label hint state=state.clone() rows=4 optional=true/> }
    });
    let seen = format!("{} see it", capital(plural));
    view! {
        <TextField field="label" label="Label" state=state.clone() value=label required=true hint="As forms and profiles show it."/>
        {kind_input}
        {add_choices}
        <div>
            <CheckField field="required" label="Required" state=state.clone() checked=is(|field| field.required)
                hint="Must be answered to save. A required checkbox must be ticked."/>
            <CheckField field="for_clients" label=seen state=state.clone() checked=is(|field| field.for_clients)
                hint=format!("{} see their own answer in the portal. New registrations are asked if it’s required or in Quick add.", capital(plural))/>
            <CheckField field="in_quick_add" label="In quick-add" state=state.clone() checked=is(|field| field.in_quick_add)
                hint="A required field is always there."/>
            <CheckField field="in_search" label="In search" state=state.clone() checked=is(|field| field.in_search)
                hint=format!("Include in {word} search.")/>
            <CheckField field="in_reports" label="In reports" state=state.clone() checked=is(|field| field.in_reports)
                hint="Show in reports (choices and checkboxes only)."/>
        </div>
    }
    .into_any()
}

fn facts(field: &FieldDefinition) -> Vec<(&'static str, String)> {
    let yes = |it: bool| if it { "Yes" } else { "No" }.to_owned();
    let choices: Vec<&str> =
        field.choices.iter().filter(|(.., active)| *active).map(|(_, label, _)| label.as_str()).collect();
    vec![
        ("Label", field.label.clone()),
        ("Type", field.kind.label().to_owned()),
        ("Choices", choices.join(", ")),
        ("Required", yes(field.required)),
        ("Shown to them", yes(field.for_clients)),
        ("In quick-add", yes(field.in_quick_add)),
        ("In search", yes(field.in_search)),
        ("In reports", yes(field.in_reports)),
    ]
}

/// The choices of a field: their order, what they are called, whether they are offered.
fn choices_panel(page: &Page, field: &FieldDefinition, counts: &[(ChoiceId, i64)], renaming: &str) -> AnyView {
    let here = format!("{HERE}/{}", field.id);
    let list = List {
        page: here.clone(),
        place: Some(PLACE_CHOICE),
        set_active: SET_CHOICE_ACTIVE,
        may_save: page.actor.administrator().is_ok(),
    };
    let entry = |(id, label, _): &(ChoiceId, String, bool)| {
        let count = counts.iter().find(|(choice, _)| choice == id).map_or(0, |(_, count)| *count);
        Entry {
            id: id.to_string(),
            label: label.clone(),
            notes: vec![clients(count, &page.practice)],
            change: format!("{here}?choice={id}#choice"),
        }
    };
    let entries =
        |wanted: bool| field.choices.iter().filter(|(.., active)| *active == wanted).map(entry).collect::<Vec<_>>();
    let renamed = field.choices.iter().find(|(id, ..)| list.may_save && id.to_string() == renaming);
    let rename = renamed.map(|(id, label, _)| rename(&here, *id, label));
    view! {
        {rename}
        {not_set(&list)}
        <section class="panel flush" aria-labelledby="choices">
            <div class="panel-head"><h2 id="choices">"Choices"</h2></div>
            {arranged(&list, entries(true))}
        </section>
        {retired(&list, entries(false), KEPT)}
    }
    .into_any()
}

fn rename(field: &str, id: ChoiceId, label: &str) -> AnyView {
    let state = FormState::of(RENAME_CHOICE);
    let here = format!("{field}?choice={id}");
    let beside = saved_now(&state, &here, vec![("Choice", label.to_owned())]);
    let was = if state.is_stale() { label.to_owned() } else { state.value("was", label) };
    let (title, value, cancel) = (format!("Edit “{label}”"), label.to_owned(), field.to_owned());
    view! {
        {beside}
        <section class="panel" id="choice" aria-labelledby="choice-title">
            <h2 id="choice-title">{title}</h2>
            <PostForm action=RENAME_CHOICE page=here state=state.clone()>
                <input type="hidden" name="id" value=id.to_string()/>
                <input type="hidden" name=FormState::name("was") value=was/>
                <TextField field="choice" label="Choice" state value required=true hint="Existing answers are renamed too."/>
                <div class="form-actions">
                    <button class="button primary" type="submit">"Save choice"</button>
                    <a class="button quiet" href=cancel>"Cancel"</a>
                </div>
            </PostForm>
        </section>
    }
    .into_any()
}
