//! Section: client details.

use super::{Fields, Select, Text, Values, label_of};
use crate::ui::{CheckField, TextArea};
use leptos::prelude::*;
use shared::terms::Vocabulary;

const NAMES: [&str; 14] = [
    "salutation",
    "preferred_name",
    "pronouns",
    "gender",
    "sex_at_birth",
    "age_range",
    "voice_consent",
    "address",
    "address_unit",
    "referring_provider",
    "location",
    "qualified",
    "veteran_id",
    "alert",
];

pub fn section(values: &Values, fields: &Fields) -> AnyView {
    let person = !fields.code_only;
    let open = values.any(&NAMES) || (fields.creating && fields.code_only);
    let providers = fields.choices.providers.iter().map(|(id, name)| (id.to_string(), name.clone())).collect();
    let locations = fields.choices.locations.iter().map(|(id, name)| (id.to_string(), name.clone())).collect();
    let yes_or_no = vec![("yes".to_owned(), "Yes".to_owned()), ("no".to_owned(), "No".to_owned())];
    // It follows from the date of birth, where that is known.
    let asks_age_range =
        !fields.own && (values.value("birth_date").is_empty() || values.state.problem("birth_date").is_some());
    let values = values.clone();
    let title =
        if fields.own { "More about you".to_owned() } else { format!("{} details", crate::ui::capital(&fields.word)) };
    view! {
        <details class="section" open=open>
            <summary>{title}</summary>
            <div class="field-row">
                <Select values=values.clone() field="salutation" label=label_of("salutation") options=fields.terms(Vocabulary::Salutation) class="short"/>
                {person.then(|| view! { <Text values=values.clone() field="preferred_name" label=label_of("preferred_name")/> })}
            </div>
            <div class="field-row">
                <Text values=values.clone() field="pronouns" label=label_of("pronouns") words=fields.words(Vocabulary::Pronouns)/>
                <Select values=values.clone() field="gender" label=label_of("gender") options=fields.terms(Vocabulary::Gender)/>
            </div>
            {asks_age_range.then(|| view! {
                <Select values=values.clone() field="age_range" label=label_of("age_range") options=fields.terms(Vocabulary::AgeRange)
                    hint="If you don’t know the date of birth." class="short"/>
            })}
            <Text values=values.clone() field="sex_at_birth" label=label_of("sex_at_birth") words=fields.words(Vocabulary::SexAtBirth)
                hint="Choose from the list, or type."/>
            {person.then(|| view! {
                <CheckField field="voice_consent" label=label_of("voice_consent") state=values.state.clone() checked=values.stored_tick("voice_consent")
                    hint="They agree to phone calls."/>
                <TextArea field="address" label=label_of("address") state=values.state.clone() value=values.stored("address") rows=3 optional=true/>
                <Text values=values.clone() field="address_unit" label=label_of("address_unit") hint="Apartment, suite or floor." class="short"/>
            })}
            {(!fields.own).then(|| view! {
            <div class="field-row">
                <Select values=values.clone() field="referring_provider" label=label_of("referring_provider") options=providers/>
                <Select values=values.clone() field="location" label=label_of("location") options=locations/>
            </div>
            <div class="field-row">
                <Select values=values.clone() field="qualified" label=label_of("qualified") options=yes_or_no class="short"/>
                {person.then(|| view! { <Text values=values.clone() field="veteran_id" label=label_of("veteran_id")/> })}
            </div>
            <Text values=values.clone() field="alert" label=label_of("alert") hint="Shown on the profile and on every appointment."/>
            })}
        </details>
    }
    .into_any()
}
