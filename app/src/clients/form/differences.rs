//! After a stale save: what is stored now, where it is not what was typed.

use super::{Fields, Values, label_of};
use crate::ui::FormState;
use shared::clients::{ClientProfile, Contact, Phone};
use shared::health_card::Province;

/// The fields that hold a line, lines or a choice.
const TEXTS: [&str; 34] = [
    "first_name",
    "last_name",
    "email",
    "mobile",
    "language",
    "zone",
    "code",
    "salutation",
    "preferred_name",
    "pronouns",
    "gender",
    "birth_date",
    "age_range",
    "sex_at_birth",
    "address",
    "address_unit",
    "referring_provider",
    "location",
    "qualified",
    "veteran_id",
    "alert",
    "card_province",
    "card_number",
    "card_version",
    "card_expires",
    "fee_programme",
    "fee_programme_number",
    "province",
    "billing_authorisation",
    "case_number",
    "sessions_needed",
    "billing_notes",
    "status",
    "notes",
];

const PROSPECT: [&str; 4] = ["prospect_stage", "last_contact", "next_step", "next_step_on"];

const TICKS: [&str; 4] = ["email_consent", "sms_consent", "mobile_is_primary", "voice_consent"];

/// Names of what a practitioner is not asked.
const FRONT_DESK: [&str; 2] = ["status", "notes"];

/// Labels with the stored value in words.
pub fn differences(state: &FormState, client: &ClientProfile, fields: &Fields) -> Vec<(String, String)> {
    let values = Values::new(state.clone(), &client.form());
    let mut all = Vec::new();
    let asked_prospect = !state.value("prospect_stage", "").is_empty();
    let texts = TEXTS.iter().chain(if asked_prospect { PROSPECT.as_slice() } else { &[] });
    for name in texts {
        if (fields.front_desk || !FRONT_DESK.contains(name)) && differs(&values, name) {
            all.push((label_of(name).to_owned(), words(client, name, values.stored(name))));
        }
    }
    for name in TICKS {
        let stored = values.stored_tick(name);
        if state.checked(name, stored) != stored {
            all.push((label_of(name).to_owned(), if stored { "On" } else { "Off" }.to_owned()));
        }
    }
    for field in &fields.choices.fields {
        if differs(&values, &field.name()) {
            let stored = client.fields.iter().find(|(definition, _)| definition.id == field.id);
            all.push((field.label.clone(), or_blank(stored.map(|(field, value)| value.shown(field)))));
        }
    }
    if let Some(stored) = rows(&values, "phones", &["label", "number"]) {
        all.push((label_of("phones").to_owned(), or_blank((stored > 0).then(|| phones(&client.phones)))));
    }
    if let Some(stored) = rows(&values, "contacts", &["name", "relationship", "phone", "email"]) {
        all.push((label_of("contacts").to_owned(), or_blank((stored > 0).then(|| contacts(&client.contacts)))));
    }
    for (name, stored) in [("tags", names(&client.tags)), ("practitioners", names(&client.practitioners))] {
        if name == "practitioners" && !fields.front_desk {
            continue;
        }
        let (mut before, mut after) = (values.stored_list(name), state.list(name, &[]));
        before.sort();
        after.sort();
        if before != after {
            all.push((label_of(name).to_owned(), or_blank(Some(stored))));
        }
    }
    all
}

fn differs(values: &Values, name: &str) -> bool {
    let typed = values.value(name).replace("\r\n", "\n");
    typed.trim() != values.stored(name).trim()
}

/// How many rows are stored, if those typed are not the same.
fn rows(values: &Values, list: &str, parts: &[&str]) -> Option<usize> {
    let stored = values.stored_rows(list);
    let rows = values.rows(list).max(stored);
    let differs = (0..rows).any(|row| parts.iter().any(|part| differs(values, &format!("{list}.{row}.{part}"))));
    differs.then_some(stored)
}

/// A stored value as people read it.
fn words(client: &ClientProfile, name: &str, stored: String) -> String {
    fn label<T>(chosen: &Option<(T, String)>) -> String {
        or_blank(chosen.as_ref().map(|(_, label)| label.clone()))
    }
    let province = |province: Option<Province>| or_blank(province.map(|province| province.label().to_owned()));
    match name {
        "status" => client.status.label().to_owned(),
        "language" => client.language_label.clone(),
        "salutation" => label(&client.salutation),
        "gender" => label(&client.gender),
        "age_range" => label(&client.age_range),
        "referring_provider" => label(&client.referring_provider),
        "location" => label(&client.location),
        "fee_programme" => label(&client.fee_programme),
        "card_province" => province(client.card_province),
        "province" => province(client.province),
        "prospect_stage" => client.prospect_stage.label().to_owned(),
        "qualified" => or_blank(client.qualified.map(|qualified| if qualified { "Yes" } else { "No" }.to_owned())),
        _ => or_blank(Some(stored)),
    }
}

fn or_blank(value: Option<String>) -> String {
    value.filter(|value| !value.is_empty()).unwrap_or_else(|| "(blank)".to_owned())
}

fn names<T>(all: &[(T, String)]) -> String {
    all.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(", ")
}

pub fn phones(phones: &[Phone]) -> String {
    phones
        .iter()
        .map(|phone| format!("{} {}", phone.label, phone.number).trim().to_owned())
        .collect::<Vec<_>>()
        .join("; ")
}

fn contacts(contacts: &[Contact]) -> String {
    let one = |contact: &Contact| {
        let parts = [&contact.name, &contact.relationship, &contact.phone, &contact.email];
        parts.into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(", ")
    };
    contacts.iter().map(one).collect::<Vec<_>>().join("; ")
}
