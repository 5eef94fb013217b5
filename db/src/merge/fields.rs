//! What of a record is chosen field by field: columns that belong together are
//! chosen together. A test compares the list with the table.

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

/// Longest text of notes, in characters; as in the client form.
pub const NOTES_MAX: usize = 10_000;

pub const GROUPS: &[Group] = &[
    plain("salutation", "Salutation", &["salutation_id"], "(select label from term where id = c.salutation_id)"),
    plain("first_name", "First name", &["first_name"], "c.first_name"),
    plain("last_name", "Last name", &["last_name"], "c.last_name"),
    plain("preferred_name", "Preferred name", &["preferred_name"], "c.preferred_name"),
    plain("code", "Code", &["code"], "c.code::text"),
    plain("status", "Status", &["status"], "initcap(c.status)"),
    plain("pronouns", "Pronouns", &["pronouns"], "c.pronouns"),
    plain("gender", "Gender", &["gender_id"], "(select label from term where id = c.gender_id)"),
    plain("sex_at_birth", "Sex at birth", &["sex_at_birth"], "c.sex_at_birth"),
    plain("birth_date", "Date of birth", &["birth_date"], "to_char(c.birth_date, 'FMDD FMMonth YYYY')"),
    plain("age_range", "Age range", &["age_range_id"], "(select label from term where id = c.age_range_id)"),
    plain(
        "language",
        "Language",
        &["language"],
        "coalesce((select label from term where vocabulary = 'language' and tag = c.language), c.language)",
    ),
    plain("zone", "Time zone", &["zone"], "replace(c.zone, '_', ' ')"),
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
    plain("alert", "Alert", &["alert"], "c.alert"),
    Group { name: "notes", label: "Additional information", columns: &["notes"], shown: "c.notes", both: true },
    plain(
        "referring_provider",
        "Referring provider",
        &["referring_provider_id"],
        "(select name from referring_provider where id = c.referring_provider_id)",
    ),
    plain("qualified", "Qualified", &["qualified"], "case when c.qualified then 'Yes' when not c.qualified then 'No' end"),
    plain("veteran_id", "Veteran number", &["veteran_id"], "c.veteran_id"),
    plain("location", "Location", &["location_id"], "(select name from location where id = c.location_id)"),
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
    plain("province", "Province of billing", &["province"], "c.province"),
    plain("billing_authorisation", "Billing authorisation", &["billing_authorisation"], "c.billing_authorisation"),
    plain("case_number", "Case number", &["case_number"], "c.case_number"),
    plain("sessions_needed", "Sessions needed", &["sessions_needed"], "c.sessions_needed::text"),
    Group { name: "billing_notes", label: "Billing notes", columns: &["billing_notes"], shown: "c.billing_notes", both: true },
    plain(
        "prospect",
        "As a prospect",
        &["prospect_stage", "last_contact", "next_step", "next_step_on"],
        "concat_ws(', ', nullif(initcap(c.prospect_stage), 'New'), 'last contact ' || to_char(c.last_contact, 'FMDD FMMonth YYYY'),
            nullif(c.next_step, ''), 'on ' || to_char(c.next_step_on, 'FMDD FMMonth YYYY'))",
    ),
];

/// Columns that are nobody's choice: the kept record's stay.
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
