//! What of a record is chosen field by field: columns that belong together are
//! chosen together. A test compares the list with the table.

use shared::clients::columns::Column;

/// Columns of `client` that are one choice.
pub struct Group {
    pub name: &'static str,
    pub label: &'static str,
    pub columns: &'static [&'static str],
    /// What people see of it: SQL of text about `c`; empty or null for nothing.
    pub shown: &'static str,
    /// Whether both may stay, one below the other: a column of text.
    pub both: bool,
}

const fn plain(
    name: &'static str,
    label: &'static str,
    columns: &'static [&'static str],
    shown: &'static str,
) -> Group {
    Group { name, label, columns, shown, both: false }
}

/// One field of the record, with its usual label.
const fn field(field: Column, columns: &'static [&'static str], shown: &'static str) -> Group {
    plain(field.as_str(), field.label(), columns, shown)
}

/// One field of text, of which both may stay.
const fn text(field: Column, columns: &'static [&'static str], shown: &'static str) -> Group {
    Group { name: field.as_str(), label: field.label(), columns, shown, both: true }
}

/// Longest text of notes, in characters; as in the client form.
pub const NOTES_MAX: usize = 10_000;

pub const GROUPS: &[Group] = &[
    field(Column::Salutation, &["salutation_id"], "(select label from term where id = c.salutation_id)"),
    field(Column::FirstName, &["first_name"], "c.first_name"),
    field(Column::LastName, &["last_name"], "c.last_name"),
    field(Column::PreferredName, &["preferred_name"], "c.preferred_name"),
    field(Column::Code, &["code"], "c.code::text"),
    field(Column::Status, &["status"], "initcap(c.status)"),
    field(Column::Pronouns, &["pronouns"], "c.pronouns"),
    field(Column::Gender, &["gender_id"], "(select label from term where id = c.gender_id)"),
    field(Column::SexAtBirth, &["sex_at_birth"], "c.sex_at_birth"),
    field(Column::BirthDate, &["birth_date"], "to_char(c.birth_date, 'FMDD FMMonth YYYY')"),
    field(Column::AgeRange, &["age_range_id"], "(select label from term where id = c.age_range_id)"),
    field(
        Column::Language,
        &["language"],
        "coalesce((select label from term where vocabulary = 'language' and tag = c.language), c.language)",
    ),
    field(Column::Zone, &["zone"], "replace(c.zone, '_', ' ')"),
    plain(
        "email",
        "Email and consent",
        &["email", "email_consent"],
        "c.email::text || case when c.email_consent then ' (consent given)' else ' (no consent)' end",
    ),
    plain(
        "mobile",
        "Mobile and consents",
        &["mobile", "sms_consent", "mobile_is_primary", "voice_consent"],
        "c.mobile || ' (' || concat_ws(', ', case when c.sms_consent then 'SMS' else 'no SMS' end,
            case when c.voice_consent then 'calls' else 'no calls' end, case when c.mobile_is_primary then 'primary' end) || ')'",
    ),
    plain("address", "Address", &["address", "address_unit"], "trim(concat_ws(' ', c.address_unit, c.address))"),
    field(Column::Alert, &["alert"], "c.alert"),
    text(Column::Notes, &["notes"], "c.notes"),
    field(
        Column::ReferringProvider,
        &["referring_provider_id"],
        "(select name from referring_provider where id = c.referring_provider_id)",
    ),
    field(Column::Qualified, &["qualified"], "case when c.qualified then 'Yes' when not c.qualified then 'No' end"),
    field(Column::VeteranId, &["veteran_id"], "c.veteran_id"),
    field(Column::Location, &["location_id"], "(select name from location where id = c.location_id)"),
    plain(
        "card",
        "Health card",
        &["card_province", "card_number", "card_version", "card_expires"],
        "trim(concat_ws(' ', c.card_province, c.card_number, c.card_version, to_char(c.card_expires, 'FMDD FMMonth YYYY')))",
    ),
    plain(
        "fee_programme",
        "Fee programme",
        &["fee_programme_id", "fee_programme_number"],
        "trim(concat_ws(' ', (select label from term where id = c.fee_programme_id), c.fee_programme_number))",
    ),
    field(Column::Province, &["province"], "c.province"),
    field(Column::BillingAuthorisation, &["billing_authorisation"], "c.billing_authorisation"),
    field(Column::CaseNumber, &["case_number"], "c.case_number"),
    field(Column::SessionsNeeded, &["sessions_needed"], "c.sessions_needed::text"),
    text(Column::BillingNotes, &["billing_notes"], "c.billing_notes"),
    plain(
        "prospect",
        "As a prospect",
        &["prospect_stage", "last_contact", "next_step", "next_step_on"],
        "concat_ws(', ', nullif(initcap(c.prospect_stage), 'New'), 'last contact ' || to_char(c.last_contact, 'FMDD FMMonth YYYY'),
            nullif(c.next_step, ''), 'on ' || to_char(c.next_step_on, 'FMDD FMMonth YYYY'))",
    ),
];

/// Columns that are no one's choice: the kept record's stay.
pub const KEPT: &[&str] = &[
    "id",
    "number",
    "kind",
    "request_key",
    "version",
    "created_at",
    "updated_at",
    "sort_name",
    "erased_at",
    "group_name",
    "import_id",
    "availability_version",
];
