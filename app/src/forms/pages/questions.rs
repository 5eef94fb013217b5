//! The items of a form as fields: in the portal, for staff and in the preview.

use super::builder::conditions;
use super::paragraphs;
use crate::ui::{FormState, TextArea, TextField, field_id};
use leptos::prelude::*;
use shared::forms::{Capacity, Definition, Filled, Item, ItemKind, OTHER};

/// What is shown, and with what it begins.
pub struct Asked<'a> {
    pub items: &'a [&'a Item],
    pub stored: &'a Filled,
    /// As what one may sign.
    pub offered: &'static [Capacity],
    /// Who fills it in, where the signature may offer it.
    pub name: &'a str,
    /// Say what an item depends on: in the preview all are shown.
    pub conditions: Option<&'a Definition>,
}

/// What to do about each item that was left out.
pub fn labelled(state: FormState, items: &[&Item]) -> FormState {
    let labels = items.iter().flat_map(|item| {
        [(item.field(), item.label()), (format!("other.{}", item.link_id), other_label(item).to_owned())]
    });
    let state = state.labelled(labels.collect::<Vec<_>>());
    items.iter().fold(state, |state, item| {
        let act = match item.kind {
            ItemKind::Signature => "Sign here: type your full name.".to_owned(),
            ItemKind::Consent => format!("Select this to go on: “{}”.", item.label()),
            _ => format!("Answer “{}”.", item.label()),
        };
        state.asking(&item.field(), act)
    })
}

fn other_label(item: &Item) -> &'static str {
    if item.kind == ItemKind::Signature { "Signing as" } else { "Other" }
}

pub fn fields(state: &FormState, asked: &Asked<'_>) -> AnyView {
    let all = asked.items.iter().map(|item| {
        let note = asked.conditions.filter(|_| !item.when.is_empty());
        let note = note.map(|form| view! { <p class="hint">"Shown "{conditions(form, item)}"."</p> });
        view! { {note}{one(state, asked, item)} }
    });
    view! { <div class="stack questions">{all.collect_view()}</div> }.into_any()
}

fn one(state: &FormState, asked: &Asked<'_>, item: &Item) -> AnyView {
    let (field, state) = (item.field(), state.clone());
    let value = asked.stored.text.get(&item.link_id).cloned().unwrap_or_default();
    let (label, hint, optional) = (item.text.clone(), item.help.clone(), !item.required);
    match item.kind {
        ItemKind::Section => view! { <h2 class="question-section">{label}</h2> }.into_any(),
        ItemKind::Display => view! { <div class="question-text">{paragraphs(&label)}</div> }.into_any(),
        ItemKind::Short => view! { <TextField field label hint state value optional/> }.into_any(),
        ItemKind::Long => view! { <TextArea field label hint state value optional/> }.into_any(),
        ItemKind::Number => {
            view! { <TextField field label hint state value optional inputmode="decimal" class="short"/> }.into_any()
        }
        ItemKind::Date => {
            view! { <TextField field label hint state value optional kind="date" class="short"/> }.into_any()
        }
        ItemKind::Phone => {
            view! { <TextField field label hint state value optional kind="tel" autocomplete="tel"/> }.into_any()
        }
        ItemKind::Email => {
            view! { <TextField field label hint state value optional kind="email" autocomplete="email"/> }.into_any()
        }
        ItemKind::YesNo | ItemKind::Scale | ItemKind::Choice => choice(&state, asked, item, &value),
        ItemKind::Choices => choices(&state, asked, item),
        ItemKind::Consent => consent(&state, item, &value),
        ItemKind::Signature => signature(&state, asked, item, &value),
    }
}

/// Question, hint and problem around buttons.
fn group(state: &FormState, item: &Item, class: &'static str, inside: AnyView) -> AnyView {
    let (field, label) = (item.field(), item.text.clone());
    let id = field_id(&field);
    let problem = state.problem(&field);
    let class = format!("group {class}{}", if problem.is_some() { " invalid" } else { "" });
    let parts =
        [(!item.help.is_empty()).then(|| format!("{id}-hint")), problem.as_ref().map(|_| format!("{id}-error"))];
    let described: Vec<String> = parts.into_iter().flatten().collect();
    let described = (!described.is_empty()).then(|| described.join(" "));
    let help = item.help.clone();
    // Buttons of which one is chosen are one field, which may be wrong; boxes say so each.
    let one = item.kind != ItemKind::Choices;
    let role = one.then_some("radiogroup");
    let invalid = (one && problem.is_some()).then_some("true");
    view! {
        <fieldset class=class id=id.clone() tabindex="-1" role=role aria-invalid=invalid aria-describedby=described>
            <legend>{label}{(!item.required).then(|| view! { <span class="optional">" (optional)"</span> })}</legend>
            {(!help.is_empty()).then(|| view! { <p class="hint" id=format!("{id}-hint")>{help}</p> })}
            {inside}
            {problem.map(|problem| view! { <p class="error" id=format!("{id}-error")>{problem}</p> })}
        </fieldset>
    }
    .into_any()
}

fn choice(state: &FormState, asked: &Asked<'_>, item: &Item, stored: &str) -> AnyView {
    let field = item.field();
    let chosen = state.value(&field, stored);
    let mut values = item.values();
    if item.other {
        values.push((OTHER.to_owned(), "Other".to_owned()));
    }
    // Chosen once, it could not be left open again.
    if !item.required {
        values.push((String::new(), "No answer".to_owned()));
    }
    let buttons = values.into_iter().map(|(value, words)| {
        let checked = value == chosen;
        view! { <label class="check"><input type="radio" name=FormState::name(&field) value=value checked=checked/><span>{words}</span></label> }
    });
    let class = if item.kind == ItemKind::Scale { "scale" } else { "" };
    group(
        state,
        item,
        class,
        view! { <div class="check-list">{buttons.collect_view()}</div>{other(state, asked, item)} }.into_any(),
    )
}

fn choices(state: &FormState, asked: &Asked<'_>, item: &Item) -> AnyView {
    let field = item.field();
    let stored = asked.stored.many.get(&item.link_id).cloned().unwrap_or_default();
    let mut values = item.values();
    if item.other {
        values.push((OTHER.to_owned(), "Other".to_owned()));
    }
    let invalid = state.problem(&field).is_some().then_some("true");
    let boxes = values.into_iter().map(|(value, words)| {
        let ticked = state.includes(&field, &value, stored.contains(&value));
        let name = format!("{}[]", FormState::name(&field));
        view! { <label class="check"><input type="checkbox" name=name value=value checked=ticked aria-invalid=invalid/><span>{words}</span></label> }
    });
    group(
        state,
        item,
        "",
        view! { <div class="check-list">{boxes.collect_view()}</div>{other(state, asked, item)} }.into_any(),
    )
}

/// Room for own words.
fn other(state: &FormState, asked: &Asked<'_>, item: &Item) -> Option<AnyView> {
    let value = asked.stored.other.get(&item.link_id).cloned().unwrap_or_default();
    item.other.then(|| {
        view! { <TextField field=format!("other.{}", item.link_id) label="Other, in your own words" state=state.clone() value/> }
            .into_any()
    })
}

fn consent(state: &FormState, item: &Item, stored: &str) -> AnyView {
    let field = item.field();
    let checked = state.value(&field, stored) == "yes";
    let (id, words) = (field_id(&field), item.text.clone());
    let problem = state.problem(&field);
    let invalid = problem.is_some();
    let parts = [(!item.help.is_empty()).then(|| format!("{id}-hint")), invalid.then(|| format!("{id}-error"))];
    let described: Vec<String> = parts.into_iter().flatten().collect();
    let described = (!described.is_empty()).then(|| described.join(" "));
    let inside = view! {
        <label class="check" for=format!("{id}-box")>
            <input type="checkbox" id=format!("{id}-box") name=FormState::name(&field) value="yes" checked=checked
                aria-invalid=invalid.then_some("true") aria-describedby=described/><span>{words}</span>
        </label>
    };
    let class = if invalid { "field invalid" } else { "field" };
    let help = item.help.clone();
    view! {
        <div class=class id=id.clone() tabindex="-1">
            {inside}
            {(!help.is_empty()).then(|| view! { <p class="hint" id=format!("{id}-hint")>{help}</p> })}
            {problem.map(|problem| view! { <p class="error" id=format!("{id}-error")>{problem}</p> })}
        </div>
    }
    .into_any()
}

fn signature(state: &FormState, asked: &Asked<'_>, item: &Item, stored: &str) -> AnyView {
    let field = item.field();
    let as_what = format!("other.{}", item.link_id);
    let capacity = match asked.offered {
        [only] => view! { <input type="hidden" name=FormState::name(&as_what) value=only.as_str()/> }.into_any(),
        _ => {
            let stored = asked.stored.other.get(&item.link_id).cloned().unwrap_or_default();
            let mut options = vec![(String::new(), "—".to_owned())];
            options.extend(asked.offered.iter().map(|one| (one.as_str().to_owned(), one.label().to_owned())));
            view! { <crate::ui::SelectField field=as_what label="Signing as" state=state.clone() options value=stored/> }.into_any()
        }
    };
    let hint = match asked.name {
        "" => "Typing your full name is your signature.".to_owned(),
        name => format!("Typing your full name is your signature. You’re logged in as {name}."),
    };
    view! {
        <fieldset class="group signature">
            <legend>"Signature"{(!item.required).then(|| view! { <span class="optional">" (optional)"</span> })}</legend>
            <div class="statement">{paragraphs(&item.text)}</div>
            {(!item.help.is_empty()).then(|| view! { <p class="hint">{item.help.clone()}</p> })}
            <TextField field label="Full name" hint state=state.clone() value=stored autocomplete="name"/>
            {capacity}
        </fieldset>
    }
    .into_any()
}
