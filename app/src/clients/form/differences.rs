//! After a stale save: what is stored now, where it is not what was typed.

use super::{Fields, Values};
use crate::ui::FormState;
use shared::clients::{ClientProfile, Contact, Phone};
use shared::health_card::Province;

/// Labels and names of the fields that hold a line, lines or a choice.
const TEXTS: [(&str, &str); 34] = [
    ("First name", "first_name"),
    ("Last name", "last_name"),
    ("Email", "email"),
    ("Mobile number", "mobile"),
    ("Preferred language", "language"),
    ("Time zone", "zone"),
    ("Code", "code"),
    ("Salutation", "salutation"),
    ("Preferred name", "preferred_name"),
    ("Pronouns", "pronouns"),
    ("Gender", "gender"),
    ("Date of birth", "birth_date"),
    ("Age range", "age_range"),
    ("Sex assigned at birth", "sex_at_birth"),
    ("Address", "address"),
    ("Apartment, suite or floor", "address_unit"),
    ("Referring provider", "referring_provider"),
    ("Location of treatment", "location"),
    ("Qualified", "qualified"),
    ("Veteran ID", "veteran_id"),
    ("Alert", "alert"),
    ("Province of the health card", "card_province"),
    ("Health card number", "card_number"),
    ("Health card version", "card_version"),
    ("Health card expires", "card_expires"),
    ("Default fee programme", "fee_programme"),
    ("Fee programme number", "fee_programme_number"),
    ("Province of residence", "province"),
    ("Billing authorisation number", "billing_authorisation"),
    ("Case number", "case_number"),
    ("Sessions needed", "sessions_needed"),
    ("Billing notes", "billing_notes"),
    ("Status", "status"),
    ("Notes", "notes"),
];

const PROSPECT: [(&str, &str); 4] = [
    ("Stage", "prospect_stage"),
    ("Last contact", "last_contact"),
    ("Next step", "next_step"),
    ("Next step on", "next_step_on"),
];

const TICKS: [(&str, &str); 4] = [
    ("Send email", "email_consent"),
    ("Send text messages", "sms_consent"),
    ("Mobile is primary", "mobile_is_primary"),
    ("Voice communication", "voice_consent"),
];

/// Names of what a practitioner is not asked.
const FRONT_DESK: [&str; 2] = ["status", "notes"];

/// Labels with the stored value in words.
pub fn differences(state: &FormState, client: &ClientProfile, fields: &Fields) -> Vec<(String, String)> {
    let values = Values::new(state.clone(), &client.form());
    let mut all = Vec::new();
    let asked_prospect = !state.value("prospect_stage", "").is_empty();
    let texts = TEXTS.iter().chain(if asked_prospect { PROSPECT.as_slice() } else { &[] });
    for (label, name) in texts {
        if (fields.front_desk || !FRONT_DESK.contains(name)) && differs(&values, name) {
            all.push(((*label).to_owned(), words(client, name, values.stored(name))));
        }
    }
    for (label, name) in TICKS {
        let stored = values.stored_tick(name);
        if state.checked(name, stored) != stored {
            all.push((label.to_owned(), if stored { "On" } else { "Off" }.to_owned()));
        }
    }
    for field in &fields.choices.fields {
        if differs(&values, &field.name()) {
            let stored = client.fields.iter().find(|(definition, _)| definition.id == field.id);
            all.push((field.label.clone(), or_blank(stored.map(|(field, value)| value.shown(field)))));
        }
    }
    if let Some(stored) = rows(&values, "phones", &["label", "number"]) {
        all.push(("Further phone numbers".to_owned(), or_blank((stored > 0).then(|| phones(&client.phones)))));
    }
    if let Some(stored) = rows(&values, "contacts", &["name", "relationship", "phone", "email"]) {
        all.push(("Emergency contacts".to_owned(), or_blank((stored > 0).then(|| contacts(&client.contacts)))));
    }
    for (label, name, stored) in
        [("Tags", "tags", names(&client.tags)), ("Practitioners", "practitioners", names(&client.practitioners))]
    {
        if name == "practitioners" && !fields.front_desk {
            continue;
        }
        let (mut before, mut after) = (values.stored_list(name), state.list(name, &[]));
        before.sort();
        after.sort();
        if before != after {
            all.push((label.to_owned(), or_blank(Some(stored))));
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
