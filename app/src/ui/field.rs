//! Fields: each owns its label, hint, error, `aria-invalid`,
//! `aria-describedby` and a stable id.

use super::form::{FormState, field_id};
use leptos::prelude::*;

/// The ids that describe an input, for `aria-describedby`.
fn described_by(id: &str, hint: bool, error: bool) -> Option<String> {
    let parts = [hint.then(|| format!("{id}-hint")), error.then(|| format!("{id}-error"))];
    let ids: Vec<String> = parts.into_iter().flatten().collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

/// Label, hint and error around an input that another person makes.
#[component]
pub fn Field(
    #[prop(into)] field: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: String,
    #[prop(optional)] required: bool,
    #[prop(optional)] optional: bool,
    #[prop(optional, into)] class: String,
    state: FormState,
    children: Children,
) -> impl IntoView {
    let id = field_id(&field);
    let problem = state.problem_of(&field, &label);
    let class = format!("field {class}{}", if problem.is_some() { " invalid" } else { "" });
    let _ = required;
    view! {
        <div class=class>
            <label for=id.clone()>{label}{optional.then(|| view! { <span class="optional">" (optional)"</span> })}</label>
            {(!hint.is_empty()).then(|| view! { <p class="hint" id=format!("{id}-hint")>{hint}</p> })}
            {children()}
            {problem.map(|problem| view! { <p class="error" id=format!("{id}-error")>{problem}</p> })}
        </div>
    }
}

/// One line of input.
#[component]
pub fn TextField(
    #[prop(into)] field: String,
    #[prop(into)] label: String,
    state: FormState,
    /// What is stored; what was typed and refused comes before it.
    #[prop(optional, into)]
    value: String,
    #[prop(optional, into)] hint: String,
    /// The input's type; `text` when left out.
    #[prop(optional)]
    kind: &'static str,
    #[prop(optional)] autocomplete: &'static str,
    #[prop(optional)] inputmode: &'static str,
    #[prop(optional, into)] class: String,
    #[prop(optional)] required: bool,
    #[prop(optional)] optional: bool,
    #[prop(optional)] autofocus: bool,
    #[prop(optional_no_strip)] list: Option<String>,
    #[prop(optional, into)] placeholder: Option<String>,
) -> impl IntoView {
    let id = field_id(&field);
    let invalid = state.problem(&field).is_some();
    let describedby = described_by(&id, !hint.is_empty(), invalid);
    let kind = if kind.is_empty() { "text" } else { kind };
    // A password is never sent back.
    let value = if kind == "password" { String::new() } else { state.value(&field, &value) };
    view! {
        <Field field=field.clone() label hint class state optional>
            <input
                id=id name=FormState::name(&field) type=kind value=value
                required=required
                autocomplete=(!autocomplete.is_empty()).then_some(autocomplete)
                inputmode=(!inputmode.is_empty()).then_some(inputmode)
                list=list placeholder=placeholder autofocus=autofocus
                aria-invalid=invalid.then_some("true") aria-describedby=describedby
            />
        </Field>
    }
}

/// Several lines of input. Leptos does not escape a textarea's children, so
/// the escaping is here, and nowhere else is a `<textarea>` written.
#[component]
pub fn TextArea(
    #[prop(into)] field: String,
    #[prop(into)] label: String,
    state: FormState,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] hint: String,
    #[prop(default = 4)] rows: u8,
    #[prop(optional)] optional: bool,
) -> impl IntoView {
    let id = field_id(&field);
    let invalid = state.problem(&field).is_some();
    let describedby = described_by(&id, !hint.is_empty(), invalid);
    let value = state.value(&field, &value);
    // HTML drops one newline after the tag: give it one to drop.
    let text = format!("\n{}", escape(&value));
    view! {
        <Field field=field.clone() label hint state optional>
            <textarea
                id=id name=FormState::name(&field) rows=rows
                aria-invalid=invalid.then_some("true") aria-describedby=describedby
                inner_html=text
            ></textarea>
        </Field>
    }
}

/// Files to choose, in a form that sends them ([`super::PostForm`] with `files`). They are sent as
/// `file`, and chosen again when the form is refused: no browser fills that in.
#[component]
pub fn FileField(
    #[prop(into)] label: String,
    state: FormState,
    #[prop(optional, into)] hint: String,
    /// More than one may be chosen.
    #[prop(optional)]
    several: bool,
    #[prop(optional)] required: bool,
    #[prop(optional)] optional: bool,
) -> impl IntoView {
    let id = field_id("file");
    let invalid = state.problem("file").is_some();
    let describedby = described_by(&id, !hint.is_empty(), invalid);
    view! {
        <Field field="file" label hint state optional>
            <input
                id=id name="file" type="file" accept=shared::files::ACCEPTED multiple=several required=required
                aria-invalid=invalid.then_some("true") aria-describedby=describedby
            />
        </Field>
    }
}

/// Text as HTML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A choice from a list of (value, words).
#[component]
pub fn SelectField(
    #[prop(into)] field: String,
    #[prop(into)] label: String,
    state: FormState,
    options: Vec<(String, String)>,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] hint: String,
    #[prop(optional, into)] class: String,
    #[prop(optional)] optional: bool,
) -> impl IntoView {
    let id = field_id(&field);
    let invalid = state.problem(&field).is_some();
    let describedby = described_by(&id, !hint.is_empty(), invalid);
    let chosen = state.value(&field, &value);
    view! {
        <Field field=field.clone() label hint class state optional>
            <select id=id name=FormState::name(&field) aria-invalid=invalid.then_some("true") aria-describedby=describedby>
                {options
                    .into_iter()
                    .map(|(value, words)| {
                        let selected = value == chosen;
                        view! { <option value=value selected=selected>{words}</option> }
                    })
                    .collect_view()}
            </select>
        </Field>
    }
}

/// A checkbox with its words.
#[component]
pub fn CheckField(
    #[prop(into)] field: String,
    #[prop(into)] label: String,
    state: FormState,
    #[prop(optional)] checked: bool,
    #[prop(optional, into)] hint: String,
) -> impl IntoView {
    let id = field_id(&field);
    let problem = state.problem_of(&field, &label);
    let invalid = problem.is_some();
    let describedby = described_by(&id, !hint.is_empty(), invalid);
    view! {
        <div class=if invalid { "field invalid" } else { "field" }>
            <label class="check" for=id.clone()>
                <input id=id.clone() type="checkbox" name=FormState::name(&field) value="true"
                    checked=state.checked(&field, checked)
                    aria-invalid=invalid.then_some("true") aria-describedby=describedby/>
                <span>{label}</span>
            </label>
            {(!hint.is_empty()).then(|| view! { <p class="hint" id=format!("{id}-hint")>{hint}</p> })}
            {problem.map(|problem| view! { <p class="error" id=format!("{id}-error")>{problem}</p> })}
        </div>
    }
}

/// One of several checkboxes that make a list, `field[]`.
#[component]
pub fn ListCheck(
    #[prop(into)] field: String,
    #[prop(into)] value: String,
    #[prop(into)] label: String,
    state: FormState,
    #[prop(optional)] checked: bool,
) -> impl IntoView {
    let ticked = state.includes(&field, &value, checked);
    view! {
        <label class="check">
            <input type="checkbox" name=format!("{}[]", FormState::name(&field)) value=value checked=ticked/>
            <span>{label}</span>
        </label>
    }
}
