//! Section: coverage and insurance.

use super::{Fields, Options, Select, Text, Values, label_of};
use crate::ui::TextArea;
use leptos::prelude::*;
use shared::health_card::{HealthCard, Province};
use shared::terms::Vocabulary;

const CARD: [&str; 4] = ["card_province", "card_number", "card_version", "card_expires"];
const BILLING: [&str; 7] = [
    "fee_programme",
    "fee_programme_number",
    "province",
    "billing_authorisation",
    "case_number",
    "sessions_needed",
    "billing_notes",
];

/// Whether anything of it is filled in or wrong.
pub fn is_used(values: &Values) -> bool {
    values.any(&CARD) || values.any(&BILLING)
}

pub fn section(values: &Values, fields: &Fields) -> AnyView {
    let person = !fields.code_only;
    let open = is_used(values);
    let provinces: Options =
        Province::ALL.iter().map(|province| (province.as_str().to_owned(), province.label().to_owned())).collect();
    let issuer: Option<Province> = values.value("card_province").parse().ok();
    let hint = issuer.map(|province| format!("{}: {}.", province.label(), province.format())).unwrap_or_default();
    let values = values.clone();
    view! {
        <details class="section" open=open>
            <summary>"Coverage and insurance"</summary>
            {person.then(|| view! {
                <Select values=values.clone() field="card_province" label=label_of("card_province") options=provinces.clone()/>
                <div class="field-row">
                    <Text values=values.clone() field="card_number" label=label_of("card_number") hint=hint/>
                    <Text values=values.clone() field="card_version" label=label_of("card_version") class="short"/>
                </div>
                {checked(&values).map(|words| view! { <p class="hint">{words}" This checks the format only, not current coverage."</p> })}
                <Text values=values.clone() field="card_expires" label=label_of("card_expires") kind="date" class="short"/>
            })}
            <div class="field-row">
                <Select values=values.clone() field="fee_programme" label=label_of("fee_programme") options=fields.terms(Vocabulary::FeeProgramme)/>
                {person.then(|| view! { <Text values=values.clone() field="fee_programme_number" label=label_of("fee_programme_number")/> })}
            </div>
            <Select values=values.clone() field="province" label=label_of("province") options=provinces/>
            <div class="field-row">
                {person.then(|| view! { <Text values=values.clone() field="billing_authorisation" label=label_of("billing_authorisation")/> })}
                <Text values=values.clone() field="case_number" label=label_of("case_number")/>
            </div>
            <Text values=values.clone() field="sessions_needed" label=label_of("sessions_needed") inputmode="numeric" class="short"/>
            <TextArea field="billing_notes" label=label_of("billing_notes") state=values.state.clone() value=values.stored("billing_notes") rows=3 optional=true/>
        </details>
    }
    .into_any()
}

/// What was checked of the number that is stored or was typed.
fn checked(values: &Values) -> Option<String> {
    let (number, version) = (values.value("card_number"), values.value("card_version"));
    let card = HealthCard::parse(values.value("card_province").parse().ok()?, &number, &version).ok()?;
    Some(format!("{}.", card.checked.words()))
}
