//! Sections: prospect, client information fields, tags, practitioners, notes.

use super::{Fields, Select, Text, Values, label_of};
use crate::ui::{CheckField, FormState, ListCheck, SelectField, TextArea, field_id};
use leptos::prelude::*;
use shared::clients::{ClientForm, Stage};
use shared::fields::{FieldDefinition, FieldKind};

/// Of prospects alone.
pub fn prospect(values: &Values) -> AnyView {
    let stages = Stage::ALL.iter().map(|stage| (stage.as_str().to_owned(), stage.label().to_owned())).collect();
    let values = values.clone();
    view! {
        <details class="section" open=true>
            <summary>"Prospect"</summary>
            <div class="field-row">
                <SelectField field="prospect_stage" label=label_of("prospect_stage") state=values.state.clone() options=stages value=values.stored("prospect_stage")/>
                <Text values=values.clone() field="last_contact" label=label_of("last_contact") kind="date" class="short"/>
            </div>
            <div class="field-row">
                <Text values=values.clone() field="next_step" label=label_of("next_step")/>
                <Text values=values.clone() field="next_step_on" label=label_of("next_step_on") kind="date" class="short"/>
            </div>
        </details>
    }
    .into_any()
}

/// The information fields that are asked of everyone new, among the first.
pub fn quick(values: &Values, fields: &Fields) -> Option<AnyView> {
    let asked = fields.choices.fields.iter().filter(|field| field.in_quick_add);
    fields.creating.then(|| asked.map(|field| input(values, field)).collect_view().into_any())
}

/// What this practice asks beside what every practice does.
pub fn information(values: &Values, fields: &Fields) -> Option<AnyView> {
    let definitions: Vec<_> =
        fields.choices.fields.iter().filter(|field| !(fields.creating && field.in_quick_add)).collect();
    if definitions.is_empty() {
        return None;
    }
    let names: Vec<String> = definitions.iter().map(|field| field.name()).collect();
    // What must be filled in is not hidden.
    let required = definitions.iter().any(|field| field.required && !values.any(&[field.name().as_str()]));
    let open = required || values.any(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let title = if fields.own {
        "More questions".to_owned()
    } else {
        format!("{} information fields", crate::ui::capital(&fields.word))
    };
    let inputs = definitions.into_iter().map(|field| input(values, field)).collect_view();
    let view = view! {
        <details class="section" open=open>
            <summary>{title}</summary>
            {inputs}
        </details>
    };
    Some(view.into_any())
}

fn input(values: &Values, field: &FieldDefinition) -> AnyView {
    view! {
        <input type="hidden" name="form[fields_shown][]" value=field.id.to_string()/>
        {named_input(values, field, field.name())}
    }
    .into_any()
}

/// The input of an information field in a form that asks for several people's.
pub fn row_input(state: &FormState, field: &FieldDefinition, row: &str) -> AnyView {
    let values = Values::new(state.clone(), &ClientForm::default());
    named_input(&values, field, format!("{row}.{}", field.name()))
}

fn named_input(values: &Values, field: &FieldDefinition, name: String) -> AnyView {
    let (label, required) = (field.label.clone(), field.required);
    let values = values.clone();
    match field.kind {
        FieldKind::Text => view! { <Text values field=name label required/> }.into_any(),
        FieldKind::Number => {
            view! { <Text values field=name label required inputmode="decimal" class="short"/> }.into_any()
        }
        FieldKind::Date => view! { <Text values field=name label required kind="date" class="short"/> }.into_any(),
        FieldKind::LongText => {
            let value = values.stored(&name);
            view! { <TextArea field=name label state=values.state value optional=!required/> }.into_any()
        }
        FieldKind::Choice => {
            let active = field.choices.iter().filter(|(.., active)| *active);
            let options = active.map(|(id, label, _)| (id.to_string(), label.clone())).collect();
            view! { <Select values field=name label options required/> }.into_any()
        }
        FieldKind::Checkbox => {
            let checked = !values.stored(&name).is_empty();
            let hint = if required { "Must be ticked." } else { "" };
            view! { <CheckField field=name label state=values.state checked hint/> }.into_any()
        }
    }
}

/// Tags there are, and names of new ones.
pub fn tags(values: &Values, fields: &Fields) -> AnyView {
    let (state, stored) = (&values.state, values.stored_list("tags"));
    let mine = state.list("tags", &stored);
    let problem = state.problem("tags");
    let open = !mine.is_empty() || problem.is_some() || values.any(&["new_tags"]);
    let tick = |(id, name): &(shared::TagId, String)| {
        let value = id.to_string();
        let checked = stored.contains(&value);
        view! { <ListCheck field="tags" value label=name.clone() state=state.clone() checked/> }
    };
    let boxes = fields.choices.tags.iter().map(tick).collect_view();
    let id = field_id("tags");
    view! {
        <details class="section" open=open>
            <summary>"Tags"</summary>
            {(!fields.choices.tags.is_empty()).then(|| view! {
                <fieldset class="group" id=id.clone() tabindex="-1">
                    <legend>"Tags"</legend>
                    <div class="tag-boxes">{boxes}</div>
                </fieldset>
            })}
            {problem.map(|problem| view! { <p class="error" id=format!("{id}-error")>{problem}</p> })}
            <Text values=values.clone() field="new_tags" label="New tags" hint="Separate new tags with commas."/>
        </details>
    }
    .into_any()
}

/// Who is assigned: the front desk's.
pub fn practitioners(values: &Values, fields: &Fields) -> AnyView {
    let (state, assigned) = (&values.state, values.stored_list("practitioners"));
    let problem = state.problem("practitioners");
    let open = problem.is_some() || (!fields.creating && !assigned.is_empty());
    let id = field_id("practitioners");
    let tick = |(staff, name): &(shared::StaffId, String)| {
        let value = staff.to_string();
        let checked = assigned.contains(&value);
        view! { <ListCheck field="practitioners" value label=name.clone() state=state.clone() checked/> }
    };
    let people = &fields.choices.practitioners;
    let boxes = if people.is_empty() {
        view! { <p class="muted">"No practitioners yet. Add one in Settings → Staff."</p> }.into_any()
    } else {
        people.iter().map(tick).collect_view().into_any()
    };
    view! {
        <details class="section" open=open>
            <summary>"Practitioners"</summary>
            <fieldset class="group" id=id.clone() tabindex="-1">
                <legend>"Assigned practitioners"</legend>
                <p class="hint">"Assigned practitioners can see this record and book. The first appointment assigns one automatically."</p>
                {boxes}
                {problem.map(|problem| view! { <p class="error" id=format!("{id}-error")>{problem}</p> })}
            </fieldset>
        </details>
    }
    .into_any()
}

/// Administrators' and staff's alone.
pub fn notes(values: &Values) -> AnyView {
    let hint = "Visible to administrators and front desk only.";
    let open = values.any(&["notes"]);
    view! {
        <details class="section" open=open>
            <summary>"Notes"</summary>
            <TextArea field="notes" label=label_of("notes") state=values.state.clone() value=values.stored("notes") rows=6 optional=true hint/>
        </details>
    }
    .into_any()
}
