//! One item of a form.

use super::param;
use crate::forms::SAVE_ITEM;
use crate::ui::page::{Shown, page};
use crate::ui::{CheckField, FormState, PostForm, SelectField, TextArea, TextField};
use leptos::prelude::*;
use shared::Refusal;
use shared::forms::{Behaviour, Channel, Item, ItemForm, ItemKind, Operator};

/// How many conditions there is room for beyond those that are set.
const MORE: usize = 2;

#[component]
pub fn FormItemPage() -> impl IntoView {
    let (id, name) = (param("id"), param("item"));
    let state = FormState::of(SAVE_ITEM);
    page(|page| async move {
        page.actor.administrator()?;
        let id: shared::FormId = id.parse().map_err(|_| Refusal::NotFound)?;
        let form = db::forms::one(page.pool(), &page.actor, id).await?;
        let items = &form.definition.items;
        let at = items.iter().position(|item| item.link_id == name).ok_or(Refusal::NotFound)?;
        let item = &items[at];
        let stored = ItemForm::of(item);
        let back = format!("/settings/forms/{id}");
        let version = match state.is_stale() || !state.was_posted() {
            true => form.version.to_string(),
            false => state.plain("version").unwrap_or_default().to_owned(),
        };
        let here = format!("{back}/items/{name}");
        let fields = view! {
            {text(&state, item, &stored)}
            {particulars(&state, item, &stored)}
            {when(&state, &items[..at], item, &stored)}
        }
        .into_any();
        let (heading, form_name) = (item.kind.label(), form.name.clone());
        Ok(Shown::new(
            heading,
            view! {
                <div class="page-head"><div><a class="back" href=back.clone()>{form_name}</a><h1>{heading}</h1></div></div>
                <PostForm action=SAVE_ITEM page=here state=state.clone() class="panel form" long=true>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <input type="hidden" name="item" value=name.clone()/>
                    <input type="hidden" name="version" value=version autocomplete="off"/>
                    {fields}
                    <div class="form-actions">
                        <button type="submit" class="button primary">"Save"</button>
                        <a class="button quiet" href=back>"Cancel"</a>
                    </div>
                </PostForm>
            },
        )
        .narrow())
    })
}

fn text(state: &FormState, item: &Item, stored: &ItemForm) -> AnyView {
    let (label, hint, rows) = match item.kind {
        ItemKind::Section => ("Heading", "Begins a section. Conditions apply to everything in it.", 1),
        ItemKind::Display => ("Text", "A blank line begins a paragraph.", 8),
        ItemKind::Signature => ("Statement", "What is signed, word by word.", 4),
        ItemKind::Consent => ("Statement", "Stands beside a checkbox.", 2),
        _ => ("Question", "", 2),
    };
    let help = item.kind.is_question().then(|| {
        view! { <TextArea field="help" label="Hint" state=state.clone() value=stored.help.clone() rows=2 optional=true hint="Appears below the question."/> }
    });
    let required = item.kind.is_question().then(|| {
        view! { <CheckField field="required" label="Required" state=state.clone() checked=stored.required/> }
    });
    let score = item.kind.may_score().then(|| {
        let hint = "The first choice counts 0, the next 1 and so on; a scale counts its number. Only the team sees the sum.";
        view! { <CheckField field="score" label="Count the answer in a sum" state=state.clone() checked=stored.score hint/> }
    });
    view! {
        <TextArea field="text" label=label state=state.clone() value=stored.text.clone() rows=rows hint=hint/>
        {help}
        {required}
        {score}
    }
    .into_any()
}

/// What only some types have.
fn particulars(state: &FormState, item: &Item, stored: &ItemForm) -> Option<AnyView> {
    let state = state.clone();
    Some(match item.kind {
        ItemKind::Choice | ItemKind::Choices => view! {
            <TextArea field="options" label="Choices" state=state.clone() value=stored.options.clone() rows=6 hint="One per line."/>
            <CheckField field="other" label="Offer “Other” with room for own words" state checked=stored.other/>
        }
        .into_any(),
        ItemKind::Scale => view! {
            <div class="field-row">
                <TextField field="min" label="Lowest" kind="number" state=state.clone() value=stored.min.clone() hint="0 or 1."/>
                <TextField field="max" label="Highest" kind="number" state value=stored.max.clone() hint="2 to 20."/>
            </div>
        }
        .into_any(),
        ItemKind::Number => view! {
            <div class="field-row">
                <TextField field="min" label="Lowest" kind="number" state=state.clone() value=stored.min.clone() optional=true/>
                <TextField field="max" label="Highest" kind="number" state value=stored.max.clone() optional=true/>
            </div>
        }
        .into_any(),
        ItemKind::Consent => {
            let options = Channel::ALL.iter().map(|one| (one.as_str().to_owned(), one.label().to_owned())).collect();
            view! { <SelectField field="channel" label="Channel" state options value=stored.channel.clone()/> }.into_any()
        }
        _ => return None,
    })
}

/// When it is shown: by the answers to what comes before it.
fn when(state: &FormState, earlier: &[Item], item: &Item, stored: &ItemForm) -> AnyView {
    let mut options = vec![(String::new(), "—".to_owned())];
    for asked in earlier.iter().filter(|asked| asked.kind.may_be_asked()) {
        let (name, label) = (&asked.link_id, asked.label());
        for (value, words) in asked.values() {
            for operator in [Operator::Is, Operator::IsNot] {
                let holds = format!("{name} {} {value}", operator.as_str());
                options.push((holds, format!("“{label}” {} {words}", operator.label())));
            }
        }
        options.push((format!("{name} {}", Operator::Answered.as_str()), format!("“{label}” is answered")));
    }
    if options.len() == 1 && stored.when.is_empty() {
        return view! { <p class="hint">"Always shown. To show it only after a certain answer, put a yes/no or choice question before it."</p> }.into_any();
    }
    let rows = (stored.when.len() + MORE).max(state.rows("when"));
    let rows = (0..rows).map(|at| {
        let value = stored.when.get(at).map(|condition| condition.holds.clone()).unwrap_or_default();
        let label = if at == 0 { "Show only if".to_owned() } else { format!("Condition {}", at + 1) };
        // One that is set and no longer possible is shown, and refused until it is changed.
        let mut options = options.clone();
        if !options.iter().any(|(holds, _)| *holds == value) {
            options.push((value.clone(), format!("No longer possible: {value}")));
        }
        view! { <SelectField field=format!("when.{at}.holds") label state=state.clone() options value/> }
    });
    let how = Behaviour::ALL.iter().map(|one| (one.as_str().to_owned(), one.label().to_owned())).collect();
    let open = !item.when.is_empty() || state.was_posted();
    view! {
        <details class="section" open=open>
            <summary>"Conditions"</summary>
            <p class="hint">"Without a condition it’s always shown."</p>
            {rows.collect_view()}
            <SelectField field="behaviour" label="With several conditions" state=state.clone() options=how value=stored.behaviour.clone()/>
        </details>
    }
    .into_any()
}
