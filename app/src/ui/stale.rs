//! Two people edit one record: the person who saves second is shown both versions. What
//! they had not touched is as the first saved it; what they typed stays typed.

use super::FormState;
use leptos::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value};

/// The field of a form in which it says what it was opened with.
const ORIGINAL: &str = "original";

/// What the form was opened with, or after a stale save what is stored now.
pub fn original<T: Serialize>(state: &FormState, stored: &T) -> impl IntoView + use<T> {
    let stored = serde_json::to_string(stored).unwrap_or_default();
    let value = if state.is_stale() { stored } else { state.value(ORIGINAL, &stored) };
    view! { <input type="hidden" name=FormState::name(ORIGINAL) value=value autocomplete="off"/> }
}

/// What was typed, and what is `stored` in each field that was sent as it was opened.
pub fn merged(mut state: FormState, stored: &impl Serialize) -> FormState {
    let original = serde_json::from_str(&state.value(ORIGINAL, ""));
    if let (Ok(Value::Object(original)), Ok(Value::Object(stored))) = (original, serde_json::to_value(stored)) {
        each(&mut state, "", &original, &stored);
    }
    state
}

fn each(state: &mut FormState, within: &str, original: &Map<String, Value>, stored: &Map<String, Value>) {
    // What one of them does not name is blank there.
    let gone = original.keys().filter(|name| !stored.contains_key(*name));
    for name in stored.keys().chain(gone) {
        let (before, now) = (original.get(name), stored.get(name));
        if before != now {
            take(state, &format!("{within}{name}"), before, now);
        }
    }
}

fn take(state: &mut FormState, field: &str, before: Option<&Value>, now: Option<&Value>) {
    let name = FormState::name(field);
    let taken = match (before, now) {
        (Some(Value::Object(before)), Some(Value::Object(now))) => {
            return each(state, &format!("{field}."), before, now);
        }
        (Some(Value::Bool(before)), Some(Value::Bool(now))) => (state.checked(field, *before) == *before)
            .then(|| now.then(|| (name.clone(), "true".to_owned())).into_iter().collect()),
        (Some(Value::Array(before)), Some(Value::Array(now))) => {
            match before.iter().chain(now).find_map(Value::as_object) {
                Some(parts) => taken_rows(state, field, parts, before, now),
                None => taken_list(state, field, before, now),
            }
        }
        (before, now) if before.or(now).is_some_and(Value::is_string) => {
            let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
            (plain(&state.value(field, "")) == plain(&text(before))).then(|| vec![(name.clone(), text(now))])
        }
        _ => None,
    };
    if let Some(values) = taken {
        state.replace(&name, values);
    }
}

type Sent = Vec<(String, String)>;

fn taken_list(state: &FormState, field: &str, before: &[Value], now: &[Value]) -> Option<Sent> {
    let texts = |all: &[Value]| all.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>();
    let (mut sent, mut before) = (state.list(field, &[]), texts(before));
    sent.sort();
    before.sort();
    let name = format!("{}[]", FormState::name(field));
    (sent == before).then(|| texts(now).into_iter().map(|text| (name.clone(), text)).collect())
}

/// Rows of which each has the same `parts`; blank ones are none.
fn taken_rows(
    state: &FormState,
    field: &str,
    parts: &Map<String, Value>,
    before: &[Value],
    now: &[Value],
) -> Option<Sent> {
    let row = |value: &dyn Fn(&str) -> String| parts.keys().map(|part| plain(&value(part))).collect::<Vec<_>>();
    let stored = |one: &Value, part: &str| one.get(part).and_then(Value::as_str).unwrap_or_default().to_owned();
    let sent: Vec<Vec<String>> = (0..state.rows(field))
        .map(|at| row(&|part| state.value(&format!("{field}.{at}.{part}"), "")))
        .filter(|row| row.iter().any(|text| !text.is_empty()))
        .collect();
    let before: Vec<Vec<String>> = before.iter().map(|one| row(&|part| stored(one, part))).collect();
    (sent == before).then(|| {
        let each = now.iter().enumerate();
        each.flat_map(|(at, one)| {
            parts.keys().map(move |part| (FormState::name(&format!("{field}.{at}.{part}")), stored(one, part)))
        })
        .collect()
    })
}

/// As it is compared: browsers send line ends of their own.
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
}

/// The version that the form was made from; once refused as stale, the one
/// that is now shown beside it.
pub fn version_input(state: &FormState, stored: i32) -> impl IntoView + use<> {
    let stored = stored.to_string();
    let version = if state.is_stale() { stored } else { state.value("version", &stored) };
    view! { <input type="hidden" name=FormState::name("version") value=version autocomplete="off"/> }
}

/// What another person saved in the meantime, where it is not what was typed.
pub fn stored_version(fields: Vec<(impl Into<String>, String)>, profile: String) -> AnyView {
    let words = match fields.is_empty() {
        true => "Your changes don’t conflict. Save again to keep both.",
        false => "These fields conflict. Saving again overwrites their version.",
    };
    let facts = fields.into_iter().map(|(label, value)| view! { <div><dt>{label.into()}</dt><dd>{value}</dd></div> });
    view! {
        <section class="notice warn" aria-labelledby="stored-now">
            <h2 id="stored-now">"Stored now"</h2>
            <p>"Someone else saved changes while you were editing. Your edits are kept below; other fields show their version. "{words}</p>
            <dl class="facts">{facts.collect_view()}</dl>
            <p class="actions"><a href=profile>"Discard my changes"</a></p>
        </section>
    }
    .into_any()
}
