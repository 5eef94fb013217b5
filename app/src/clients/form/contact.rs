//! Section: further telephone numbers and emergency contacts. There
//! are always blank rows for more; a row that is blanked is removed.

use super::{Text, Values};
use crate::ui::field_id;
use leptos::prelude::*;
use shared::clients::{CONTACTS_MAX, PHONES_MAX};

/// Blank rows below those that are filled in.
const SPARE: usize = 2;

const PHONE_LABELS: [&str; 4] = ["Home", "Work", "School", "Fax"];
const RELATIONSHIPS: [&str; 6] = ["Mother", "Father", "Parent", "Guardian", "Partner", "Friend"];

/// `own`: someone registers, and saves once.
pub fn section(values: &Values, own: bool) -> AnyView {
    let removing = match own {
        true => "Where else you can be reached.",
        false => "Clear a row and save to remove it. More rows appear after saving.",
    };
    let calling = match own {
        true => "Who we can call in an emergency. Doesn’t give them access.",
        false => "Emergency contact, e.g. a parent without a record here. Doesn’t give them access.",
    };
    let (phones, contacts) = (rows(values, "phones", PHONES_MAX), rows(values, "contacts", CONTACTS_MAX));
    let filled = |rows: &[usize], list: &str, names: &[&str]| {
        let of_row = |row: &usize| names.iter().any(|name| values.any(&[&format!("{list}.{row}.{name}")]));
        rows.iter().any(of_row) || values.state.problem(list).is_some()
    };
    let open = filled(&phones, "phones", &["label", "number"])
        || filled(&contacts, "contacts", &["name", "relationship", "phone", "email"]);
    let phone = |row: usize| {
        let name = |part: &str| format!("phones.{row}.{part}");
        let nth = row + 1;
        view! {
            <div class="field-row">
                <Text values=values.clone() field=name("label") label=format!("Type {nth}") words=words(&PHONE_LABELS) class="short"/>
                <Text values=values.clone() field=name("number") label=format!("Number {nth}") kind="tel"/>
            </div>
        }
    };
    let contact = |row: usize| {
        let name = |part: &str| format!("contacts.{row}.{part}");
        let nth = row + 1;
        view! {
            <fieldset class="group">
                <legend>{format!("Contact {nth}")}</legend>
                <div class="field-row">
                    <Text values=values.clone() field=name("name") label="Contact’s name"/>
                    <Text values=values.clone() field=name("relationship") label="Relationship" words=words(&RELATIONSHIPS)/>
                </div>
                <div class="field-row">
                    <Text values=values.clone() field=name("phone") label="Contact’s phone" kind="tel"/>
                    <Text values=values.clone() field=name("email") label="Contact’s email" kind="email"/>
                </div>
            </fieldset>
        }
    };
    let problem = |list: &str| {
        let id = field_id(list);
        values.state.problem(list).map(|problem| view! { <p class="error" id=id tabindex="-1">{problem}</p> })
    };
    view! {
        <details class="section" open=open>
            <summary>"Contact information"</summary>
            <h2>"Further phone numbers"</h2>
            <p class="hint">{removing}</p>
            {problem("phones")}
            {phones.iter().map(|row| phone(*row)).collect_view()}
            <h2>"Emergency contacts"</h2>
            <p class="hint">{calling}</p>
            {problem("contacts")}
            {contacts.iter().map(|row| contact(*row)).collect_view()}
        </details>
    }
    .into_any()
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The rows to show: those sent or stored, and spare ones up to the most there may be.
fn rows(values: &Values, list: &str, most: usize) -> Vec<usize> {
    let sent = values.rows(list);
    let spare = if values.state.was_posted() { 0 } else { SPARE };
    (0..(sent + spare).min(most).max(sent)).collect()
}
