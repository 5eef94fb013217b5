//! What a save changes of a client's record, for the audit.

use shared::clients::{ClientDetails, ClientProfile};
use shared::{FieldId, StaffId, TagId};
use std::collections::BTreeSet;

fn id<T: Copy>(chosen: &Option<(T, String)>) -> Option<T> {
    chosen.as_ref().map(|(id, _)| *id)
}

/// The names of the fields that the form changes; client information fields as
/// `fields.ID`.
pub(super) fn changes(stored: &ClientProfile, new: &ClientDetails, code: &str) -> Vec<String> {
    let assigned: BTreeSet<StaffId> = stored.practitioners.iter().map(|(id, _)| *id).collect();
    let tags: BTreeSet<TagId> = stored.tags.iter().map(|(id, _)| *id).collect();
    let named = |name: &String| stored.tags.iter().any(|(_, tag)| tag.to_lowercase() == name.to_lowercase());
    let fields = [
        ("first_name", stored.first_name != new.first_name),
        ("last_name", stored.last_name != new.last_name),
        ("preferred_name", stored.preferred_name != new.preferred_name),
        ("pronouns", stored.pronouns != new.pronouns),
        ("salutation", id(&stored.salutation) != new.salutation),
        ("gender", id(&stored.gender) != new.gender),
        ("sex_at_birth", stored.sex_at_birth != new.sex_at_birth),
        ("birth_date", stored.birth_date != new.birth_date),
        ("age_range", id(&stored.age_range) != new.age_range),
        ("code", stored.code != code),
        ("status", stored.status != new.status),
        ("language", stored.language != new.language),
        ("zone", stored.zone != new.zone),
        ("email", stored.email != new.email),
        ("email_consent", stored.email_consent != new.email_consent),
        ("mobile", stored.mobile != new.mobile),
        ("sms_consent", stored.sms_consent != new.sms_consent),
        ("mobile_is_primary", stored.mobile_is_primary != new.mobile_is_primary),
        ("voice_consent", stored.voice_consent != new.voice_consent),
        ("address", stored.address != new.address),
        ("address_unit", stored.address_unit != new.address_unit),
        ("referring_provider", id(&stored.referring_provider) != new.referring_provider),
        ("qualified", stored.qualified != new.qualified),
        ("veteran_id", stored.veteran_id != new.veteran_id),
        ("location", id(&stored.location) != new.location),
        ("alert", stored.alert != new.alert),
        ("phones", stored.phones != new.phones),
        ("contacts", stored.contacts != new.contacts),
        ("card_province", stored.card_province != new.card_province),
        ("card_number", stored.card_number != new.card_number),
        ("card_version", stored.card_version != new.card_version),
        ("card_expires", stored.card_expires != new.card_expires),
        ("fee_programme", id(&stored.fee_programme) != new.fee_programme),
        ("fee_programme_number", stored.fee_programme_number != new.fee_programme_number),
        ("province", stored.province != new.province),
        ("billing_authorisation", stored.billing_authorisation != new.billing_authorisation),
        ("case_number", stored.case_number != new.case_number),
        ("sessions_needed", stored.sessions_needed != new.sessions_needed),
        ("billing_notes", stored.billing_notes != new.billing_notes),
        ("tags", tags != new.tags.iter().copied().collect() || !new.new_tags.iter().all(named)),
        ("prospect_stage", stored.prospect_stage != new.prospect_stage),
        ("last_contact", stored.last_contact != new.last_contact),
        ("next_step", stored.next_step != new.next_step),
        ("next_step_on", stored.next_step_on != new.next_step_on),
        ("notes", stored.notes.as_ref().is_some_and(|notes| *notes != new.notes)),
        ("practitioners", assigned != new.practitioners.iter().copied().collect()),
    ];
    let mut changed: Vec<String> =
        fields.into_iter().filter(|(_, changed)| *changed).map(|(field, _)| field.to_owned()).collect();
    let mut ids: BTreeSet<FieldId> = stored.fields.iter().map(|(field, _)| field.id).collect();
    ids.extend(new.fields.iter().map(|(id, _)| *id));
    for id in ids {
        let before = stored.fields.iter().find(|(field, _)| field.id == id).map(|(_, value)| value);
        let after = new.fields.iter().find(|(field, _)| *field == id).map(|(_, value)| value);
        if before != after {
            changed.push(format!("fields.{id}"));
        }
    }
    changed
}
