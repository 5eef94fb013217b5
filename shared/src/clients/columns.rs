//! The columns of clients: one list of keys and headings, from which the list
//! offers columns, the export writes them, and the import recognises them.

use super::{Kind, Status};
use crate::cells;
use crate::vocabulary::vocabulary;
use crate::{ClientId, ClientNumber, FieldId};
use chrono::{NaiveDate, NaiveDateTime};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::{fmt, str::FromStr};

vocabulary! {
    /// A column that every practice has. The word is the name of the form's
    /// field, where there is one. The label is the only one of the field: of the list,
    /// the files, the profile, the form and the comparison of a merge.
    Column {
        Number = "number", "Number";
        Code = "code", "Code";
        Kind = "kind", "Type";
        Status = "status", "Status";
        /// Of a couple, family or group.
        GroupName = "group_name", "Name of couple, family or group";
        Salutation = "salutation", "Salutation";
        FirstName = "first_name", "First name";
        PreferredName = "preferred_name", "Preferred name";
        LastName = "last_name", "Last name";
        Pronouns = "pronouns", "Pronouns";
        Gender = "gender", "Gender";
        SexAtBirth = "sex_at_birth", "Sex assigned at birth";
        BirthDate = "birth_date", "Date of birth";
        /// Today's, in whole years; follows from the date of birth.
        Age = "age", "Age";
        AgeRange = "age_range", "Age range";
        Language = "language", "Preferred language";
        Zone = "zone", "Time zone";
        Email = "email", "Email";
        EmailConsent = "email_consent", "Email consent";
        Mobile = "mobile", "Mobile number";
        SmsConsent = "sms_consent", "SMS consent";
        MobileIsPrimary = "mobile_is_primary", "Primary phone";
        VoiceConsent = "voice_consent", "Voice consent";
        Phones = "phones", "Further phone numbers";
        Contacts = "contacts", "Emergency contacts";
        Address = "address", "Address";
        AddressUnit = "address_unit", "Unit";
        Location = "location", "Location of treatment";
        Practitioners = "practitioners", "Practitioners";
        Tags = "tags", "Tags";
        Alert = "alert", "Alert";
        /// Administrators and staff only.
        Notes = "notes", "Additional information";
        ReferringProvider = "referring_provider", "Referring provider";
        Qualified = "qualified", "Qualified";
        VeteranId = "veteran_id", "Veteran ID";
        CardProvince = "card_province", "Health card province";
        CardNumber = "card_number", "Health card number";
        CardVersion = "card_version", "Health card version";
        CardExpires = "card_expires", "Health card expires";
        FeeProgramme = "fee_programme", "Fee programme";
        FeeProgrammeNumber = "fee_programme_number", "Fee programme number";
        Province = "province", "Province of residence";
        BillingAuthorisation = "billing_authorisation", "Billing authorisation number";
        CaseNumber = "case_number", "Case number";
        SessionsNeeded = "sessions_needed", "Sessions needed";
        BillingNotes = "billing_notes", "Billing notes";
        ProspectStage = "prospect_stage", "Prospect stage";
        LastContact = "last_contact", "Last contact";
        NextStep = "next_step", "Next step";
        NextStepOn = "next_step_on", "Next step due";
        Login = "login", "Portal";
        LastAppointment = "last_appointment", "Last appointment";
        NextAppointment = "next_appointment", "Next appointment";
        CreatedOn = "created_on", "With us since";
    }
}

impl Column {
    /// What the list shows unless someone chooses otherwise, beside the name.
    pub const USUAL: [Column; 7] = [
        Column::Code,
        Column::Number,
        Column::Status,
        Column::Mobile,
        Column::Email,
        Column::NextAppointment,
        Column::Login,
    ];

    /// The label in a form. Only the consents differ from [`Column::label`]: there each
    /// is a checkbox, which says what the practice does.
    pub const fn form_label(self) -> &'static str {
        match self {
            Column::EmailConsent => "Send email",
            Column::SmsConsent => "Send text messages",
            Column::VoiceConsent => "Make phone calls",
            other => other.label(),
        }
    }

    /// Seen by administrators and staff only.
    pub const fn is_note(self) -> bool {
        matches!(self, Column::Notes)
    }

    /// What a practice in code-only mode does not keep:
    /// names, how they are reached, and numbers of their cards.
    pub const fn identifies(self) -> bool {
        use Column::*;
        matches!(
            self,
            GroupName
                | FirstName
                | PreferredName
                | LastName
                | Email
                | EmailConsent
                | Mobile
                | SmsConsent
                | MobileIsPrimary
                | VoiceConsent
                | Phones
                | Contacts
                | Address
                | AddressUnit
                | VeteranId
                | CardProvince
                | CardNumber
                | CardVersion
                | CardExpires
                | FeeProgrammeNumber
                | BillingAuthorisation
        )
    }

    /// Whether it can be written from outside: the rest follows from elsewhere.
    pub const fn is_importable(self) -> bool {
        use Column::*;
        !matches!(self, Number | Age | Login | LastAppointment | NextAppointment | CreatedOn)
    }

    /// Whether the list offers it: what is too long for a row stays with the profile.
    pub const fn is_listed(self) -> bool {
        use Column::*;
        !matches!(self, GroupName | FirstName | LastName | PreferredName | Notes | Contacts | BillingNotes)
    }
}

/// A column by its key: one that every practice has, or a client information field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ColumnKey {
    Of(Column),
    Field(FieldId),
}

impl fmt::Display for ColumnKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ColumnKey::Of(column) => f.write_str(column.as_str()),
            ColumnKey::Field(id) => write!(f, "field-{id}"),
        }
    }
}

impl FromStr for ColumnKey {
    type Err = crate::Problem;
    fn from_str(key: &str) -> Result<Self, Self::Err> {
        match key.strip_prefix("field-") {
            Some(id) => id.parse().map(ColumnKey::Field).map_err(|_| crate::Problem::Unknown),
            None => key.parse().map(ColumnKey::Of),
        }
    }
}

/// A column with its heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnHead {
    pub key: ColumnKey,
    pub heading: String,
}

/// Every column there is, for someone who may or may not see notes, in a
/// practice that keeps names or only codes, with its own fields at the end.
pub fn heads(fields: &[(FieldId, String)], notes: bool, code_only: bool) -> Vec<ColumnHead> {
    let fixed = Column::ALL
        .iter()
        .copied()
        .filter(|column| (notes || !column.is_note()) && !(code_only && column.identifies()));
    let fixed = fixed.map(|column| ColumnHead { key: ColumnKey::Of(column), heading: column.label().to_owned() });
    let own = fields.iter().map(|(id, label)| ColumnHead { key: ColumnKey::Field(*id), heading: field_heading(label) });
    fixed.chain(own).collect()
}

/// Of a field that is called as a column is: two with one heading would not be
/// told apart in a file.
fn field_heading(label: &str) -> String {
    let taken = Column::ALL.iter().any(|column| column.label().to_lowercase() == label.to_lowercase());
    if taken { format!("{label} (custom field)") } else { label.to_owned() }
}

/// The columns named in `keys`, comma-separated, in the order of `all`; those
/// that are unknown or may not be seen are left out.
pub fn chosen(all: &[ColumnHead], keys: &str) -> Vec<ColumnHead> {
    let keys: Vec<ColumnKey> = keys.split(',').filter_map(|key| key.trim().parse().ok()).collect();
    all.iter().filter(|head| keys.contains(&head.key)).cloned().collect()
}

/// What a list or a file shows of one client; the words of vocabularies are
/// looked up, times are the practice's own.
#[derive(Debug, Clone, PartialEq)]
pub struct ClientRecord {
    pub id: ClientId,
    pub number: ClientNumber,
    pub kind: Kind,
    pub status: Status,
    /// How they are called; the code where names are not kept.
    pub name: String,
    /// Plain text of the columns that the getters below do not make.
    pub texts: BTreeMap<Column, String>,
    pub birth_date: Option<NaiveDate>,
    /// Whole years today.
    pub age: Option<i32>,
    pub practitioners: Vec<String>,
    pub tags: Vec<String>,
    pub has_login: bool,
    pub has_alert: bool,
    /// Has had an appointment or an activity, and can be no prospect any more; read for menus alone.
    pub was_used: bool,
    pub last_appointment: Option<NaiveDateTime>,
    pub next_appointment: Option<NaiveDateTime>,
    /// Of client information fields, as words.
    pub fields: BTreeMap<FieldId, String>,
}

impl ClientRecord {
    /// What stands in a file under this column: ISO dates, `Yes` and `No`,
    /// several things parted by `; `.
    pub fn text(&self, key: ColumnKey) -> Cow<'_, str> {
        let time = |at: Option<NaiveDateTime>| at.map(|at| at.format("%Y-%m-%d %H:%M").to_string()).unwrap_or_default();
        match key {
            ColumnKey::Field(id) => self.fields.get(&id).map(String::as_str).unwrap_or_default().into(),
            ColumnKey::Of(column) => match column {
                Column::Number => self.number.to_string().into(),
                Column::Kind => self.kind.label().into(),
                Column::Status => self.status.label().into(),
                Column::BirthDate => self.birth_date.map(|date| date.to_string()).unwrap_or_default().into(),
                Column::Age => self.age.map(|years| years.to_string()).unwrap_or_default().into(),
                Column::Practitioners => cells::join(self.practitioners.clone(), "; ", &[',']).into(),
                Column::Tags => cells::join(self.tags.clone(), "; ", &[',']).into(),
                Column::Login => yes_no(self.has_login).into(),
                Column::LastAppointment => time(self.last_appointment).into(),
                Column::NextAppointment => time(self.next_appointment).into(),
                other => self.texts.get(&other).map(String::as_str).unwrap_or_default().into(),
            },
        }
    }
}

/// How a file says whether.
const fn yes_no(is: bool) -> &'static str {
    if is { "Yes" } else { "No" }
}

/// Telephone numbers with their labels in one cell: `Home: 416 555 0199; 905 555 0100`.
pub fn phones_text<'a>(phones: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let one = |(label, number): (&str, &str)| match label {
        "" => number.to_owned(),
        label => format!("{label}: {number}"),
    };
    cells::join(phones.into_iter().map(one), "; ", &[])
}

/// Label and number of each telephone number in a cell: the reverse of [`phones_text`].
pub fn phones_of(cell: &str) -> Vec<(String, String)> {
    let one = |part: String| {
        let (label, number) = part.rsplit_once(':').unwrap_or(("", &part));
        (label.trim().to_owned(), number.trim().to_owned())
    };
    cells::split(cell, ';').into_iter().filter(|part| !part.is_empty()).map(one).collect()
}

/// Emergency contacts in one cell: name, relationship, telephone and e-mail,
/// parted by `|`: `Rosa Okafor | Mother | 416 555 0100 |`.
pub fn contacts_text<'a>(contacts: impl IntoIterator<Item = [&'a str; 4]>) -> String {
    let one = |parts: [&str; 4]| cells::join(parts.map(str::to_owned), " | ", &[]).trim_end().to_owned();
    cells::join(contacts.into_iter().map(one), "; ", &[])
}

/// The contacts in a cell: the reverse of [`contacts_text`].
pub fn contacts_of(cell: &str) -> Vec<[String; 4]> {
    let one = |contact: String| {
        let mut parts = cells::split(&contact, '|').into_iter();
        std::array::from_fn(|_| parts.next().unwrap_or_default())
    };
    cells::split(cell, ';').into_iter().filter(|contact| !contact.is_empty()).map(one).collect()
}

/// Tags, practitioners or other names in a cell, between semicolons, or else
/// between commas as people write them.
pub fn names_of(cell: &str) -> Vec<String> {
    let (parts, marked) = match cells::split(cell, ';') {
        one if one.len() == 1 => (cells::split(cell, ','), ';'),
        several => (several, ','),
    };
    let plain = |part: String| part.replace(&format!("\\{marked}"), &marked.to_string());
    parts.into_iter().map(plain).filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_columns_have_one_heading() {
        let field = |n: u128, label: &str| (FieldId(uuid::Uuid::from_u128(n)), label.to_owned());
        let heads = heads(&[field(1, "eMAIL"), field(2, "School")], true, false);
        let own: Vec<_> = heads.iter().rev().take(2).map(|head| head.heading.as_str()).collect();
        assert_eq!(own, ["School", "eMAIL (custom field)"]);
        let distinct: std::collections::BTreeSet<_> = heads.iter().map(|head| head.heading.to_lowercase()).collect();
        assert_eq!(distinct.len(), heads.len());
    }
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_columns_share_a_heading() {
        let headings: BTreeSet<_> = Column::ALL.iter().map(|column| column.label().to_lowercase()).collect();
        assert_eq!(headings.len(), Column::ALL.len());
    }

    #[test]
    fn notes_and_names_are_offered_only_to_viewers_who_may_see_them() {
        let key = |column| ColumnKey::Of(column);
        let keys = |notes, code_only| heads(&[], notes, code_only).into_iter().map(|head| head.key).collect::<Vec<_>>();
        assert!(keys(true, false).contains(&key(Column::Notes)) && keys(true, false).contains(&key(Column::Email)));
        assert!(!keys(false, false).contains(&key(Column::Notes)));
        assert!(
            !keys(true, true).contains(&key(Column::LastName)) && !keys(true, true).contains(&key(Column::CardNumber))
        );
        assert!(keys(true, true).contains(&key(Column::Code)));
    }

    #[test]
    fn a_choice_of_columns_holds_only_what_is_there() {
        let field = FieldId(uuid::Uuid::from_u128(7));
        let all = heads(&[(field, "School".into())], false, false);
        let keys = format!("field-{field},notes,nonsense,email,email,field-x");
        let chosen: Vec<_> = chosen(&all, &keys).into_iter().map(|head| head.heading).collect();
        assert_eq!(chosen, ["Email", "School"]);
    }

    proptest! {
        #[test]
        fn a_key_is_read_as_written(column in prop::sample::select(Column::ALL), id in any::<u128>()) {
            for key in [ColumnKey::Of(column), ColumnKey::Field(FieldId(uuid::Uuid::from_u128(id)))] {
                prop_assert_eq!(key.to_string().parse(), Ok(key));
            }
        }

        #[test]
        fn telephone_numbers_survive_a_cell(phones in prop::collection::vec((r"([A-Z]([a-z\\;|: ]{0,8}[a-z;|])?)?", "[0-9][0-9 +()-]{5,12}[0-9]"), 0..4)) {
            let cell = phones_text(phones.iter().map(|(label, number)| (label.as_str(), number.as_str())));
            prop_assert_eq!(phones_of(&cell), phones);
        }

        #[test]
        fn contacts_survive_a_cell(contacts in prop::collection::vec([r"[A-Z]([a-z\\;|, ]{0,8}[a-z;|])?", r"[a-z\\;|]{0,8}", "[0-9]{0,9}", "[a-z]{0,5}"], 0..4)) {
            let cell = contacts_text(contacts.iter().map(|parts| parts.each_ref().map(String::as_str)));
            prop_assert_eq!(contacts_of(&cell), contacts);
        }

        #[test]
        fn names_survive_a_cell(names in prop::collection::vec(r"[a-z\\;|,]([a-z\\;|, ]{0,6}[a-z\\;|,])?", 0..4)) {
            prop_assert_eq!(names_of(&cells::join(names.clone(), "; ", &[','])), names);
        }
    }
}
