//! What the columns of a file probably are, from their headings.

use super::consent::{Channel, consent_column};
use super::target::{Extra, Target};
use crate::clients::columns::{Column, ColumnKey};

/// How other programs head what we call otherwise; compared without case,
/// accents' absence, spaces and marks. The first that fits is taken.
const SYNONYMS: &[(Target, &[&str])] = &[
    (
        Target::of(Column::Code),
        &["code", "clientcode", "clientid", "id", "reference", "ref", "chart", "chartnumber", "fileno", "filenumber"],
    ),
    (Target::of(Column::Kind), &["type", "clienttype"]),
    (Target::of(Column::Status), &["state", "active", "clientstatus"]),
    (Target::of(Column::GroupName), &["groupname", "householdname"]),
    (Target::of(Column::Salutation), &["title", "prefix", "honorific"]),
    (Target::of(Column::FirstName), &["firstname", "first", "given", "givenname", "forename", "prénom", "prenom"]),
    (Target::of(Column::PreferredName), &["preferred", "nickname", "knownas", "goesby", "alias"]),
    (
        Target::of(Column::LastName),
        &["lastname", "last", "surname", "family name", "secondname", "nom", "nomdefamille"],
    ),
    (Target::of(Column::Pronouns), &["pronoun", "pronoms"]),
    (Target::of(Column::Gender), &["genderidentity", "genre"]),
    (Target::of(Column::SexAtBirth), &["sex", "birthsex", "sexe"]),
    (
        Target::of(Column::BirthDate),
        &["birthdate", "dob", "born", "birthday", "dateofbirth", "birth", "datedenaissance", "naissance"],
    ),
    (Target::of(Column::AgeRange), &["agegroup", "agebracket"]),
    (Target::of(Column::Language), &["preferredlanguage", "lang", "langue"]),
    (Target::of(Column::Zone), &["timezone", "tz"]),
    (Target::of(Column::Email), &["email", "mail", "emailaddress", "courriel", "emails", "clientemail"]),
    (
        Target::of(Column::EmailConsent),
        &["emailoptin", "mailconsent", "emailok", "emailcommunication", "consenttoemail"],
    ),
    (
        Target::of(Column::Mobile),
        &[
            "mobile",
            "cell",
            "mobilephone",
            "cellphone",
            "mobilenumber",
            "cellnumber",
            "phone",
            "telephone",
            "phonenumber",
            "tel",
            "téléphone",
        ],
    ),
    (Target::of(Column::SmsConsent), &["sms", "textconsent", "smsoptin", "textok", "smscommunication"]),
    (Target::of(Column::VoiceConsent), &["voice", "voicemailok", "voicemail"]),
    (Target::of(Column::Phones), &["otherphones", "phones", "furthernumbers"]),
    (Target::of(Column::Contacts), &["contacts", "emergencycontacts"]),
    (Target::of(Column::Address), &["streetaddress", "street", "mailingaddress", "homeaddress", "adresse", "address1"]),
    (Target::of(Column::AddressUnit), &["apt", "apartment", "suite", "unitnumber", "address2"]),
    (Target::of(Column::Location), &["site", "office", "clinic", "location"]),
    (
        Target::of(Column::Practitioners),
        &[
            "practitioner",
            "therapist",
            "provider",
            "clinician",
            "counsellor",
            "counselor",
            "tutor",
            "staff",
            "assignedto",
        ],
    ),
    (Target::of(Column::Tags), &["tag", "labels", "categories", "category"]),
    (Target::of(Column::Alert), &["alerts", "warning", "allergies"]),
    (Target::of(Column::Notes), &["note", "notes", "comments", "comment", "remarks", "internalnotes"]),
    (
        Target::of(Column::ReferringProvider),
        &["referredby", "referral", "referralsource", "referrer", "referringdoctor"],
    ),
    (Target::of(Column::VeteranId), &["veteran", "veterannumber"]),
    (Target::of(Column::CardProvince), &["healthcardprovince", "hcprovince"]),
    (Target::of(Column::CardNumber), &["healthcard", "healthnumber", "phn", "hcn", "healthcardno", "ohip"]),
    (Target::of(Column::CardVersion), &["versioncode", "hcversion"]),
    (Target::of(Column::CardExpires), &["cardexpiry", "healthcardexpiry", "expires"]),
    (Target::of(Column::FeeProgramme), &["feeprogram", "programme", "program", "payer", "insurer"]),
    (Target::of(Column::FeeProgrammeNumber), &["feeprogramnumber", "policynumber", "membernumber"]),
    (Target::of(Column::Province), &["state", "region"]),
    (
        Target::of(Column::BillingAuthorisation),
        &["authorization", "authorizationnumber", "authorisation", "billingauthorization"],
    ),
    (Target::of(Column::CaseNumber), &["case", "caseno", "claimnumber"]),
    (Target::of(Column::SessionsNeeded), &["sessions", "numberofsessions"]),
    (
        Target::Extra(Extra::FullName),
        &[
            "name",
            "fullname",
            "clientname",
            "client",
            "patient",
            "patientname",
            "student",
            "studentname",
            "wholename",
            "nomcomplet",
        ],
    ),
    (
        Target::Extra(Extra::Phone),
        &[
            "homephone",
            "workphone",
            "phone2",
            "otherphone",
            "secondaryphone",
            "alternatephone",
            "homenumber",
            "worknumber",
        ],
    ),
    (Target::Extra(Extra::ContactName), &["emergencycontact", "emergencycontactname", "emergencyname", "contactname"]),
    (
        Target::Extra(Extra::ContactRelationship),
        &["emergencyrelationship", "emergencycontactrelationship", "relationship"],
    ),
    (Target::Extra(Extra::ContactPhone), &["emergencyphone", "emergencycontactphone", "emergencynumber"]),
    (Target::Extra(Extra::ContactEmail), &["emergencyemail", "emergencycontactemail"]),
    (
        Target::Extra(Extra::Family),
        &["family", "household", "familyid", "householdid", "famille", "familycode", "account"],
    ),
    (
        Target::Extra(Extra::ParentName),
        &[
            "parent",
            "parentname",
            "guardian",
            "guardianname",
            "mother",
            "father",
            "parentguardian",
            "parentguardianname",
            "responsibleparty",
        ],
    ),
    (
        Target::Extra(Extra::ParentFirstName),
        &["parentfirstname", "guardianfirstname", "motherfirstname", "fatherfirstname", "parentguardianfirstname"],
    ),
    (
        Target::Extra(Extra::ParentLastName),
        &["parentlastname", "guardianlastname", "motherlastname", "fatherlastname", "parentguardianlastname"],
    ),
    (
        Target::Extra(Extra::ParentEmail),
        &["parentemail", "guardianemail", "motheremail", "fatheremail", "parentsemail", "parentguardianemail"],
    ),
    (
        Target::Extra(Extra::ParentPhone),
        &[
            "parentphone",
            "guardianphone",
            "parentmobile",
            "motherphone",
            "fatherphone",
            "parenttelephone",
            "parentguardianphone",
            "parentcell",
        ],
    ),
];

/// Letters and digits, in lower case.
fn bare(heading: &str) -> String {
    heading.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What others, too, call a client.
const CLIENT_WORDS: [&str; 6] = ["client", "patient", "student", "member", "customer", "mentee"];

/// What a client has by this heading, as `surname` of *Athlete's surname*: `word`
/// is the practice's own for a client, and the others are widely used. The
/// second is without the letter of a possessive or plural, should it be one.
fn of_a_client<'a>(heading: &'a str, word: &str) -> Vec<&'a str> {
    let word = bare(word);
    let words = CLIENT_WORDS.into_iter().chain(Some(word.as_str()).filter(|word| !word.is_empty()));
    let Some(rest) = words.filter_map(|word| heading.strip_prefix(word)).next() else { return Vec::new() };
    std::iter::once(rest).chain(rest.strip_prefix('s').filter(|rest| !rest.is_empty())).collect()
}

/// Who stands for a child, as headings say it.
const PARENT_WORDS: [&str; 8] = ["parent", "guardian", "mother", "father", "mom", "mum", "dad", "caregiver"];

/// What a parent has by this heading, as *Mother's cell* has `cell`: the person it
/// is a part of, never the client's own.
fn of_a_parent(heading: &str) -> Option<&str> {
    let rest = PARENT_WORDS.into_iter().filter_map(|word| heading.strip_prefix(word)).next()?;
    let rest = PARENT_WORDS.into_iter().filter_map(|word| rest.strip_prefix(word)).next().unwrap_or(rest);
    Some(rest.strip_prefix('s').filter(|rest| !rest.is_empty()).unwrap_or(rest))
}

/// What a heading is that names none of the known words, by the person it belongs to and
/// what it holds: a second telephone number is still a telephone number.
fn sounds_like(heading: &str) -> Option<Extra> {
    let is_number =
        |rest: &str| rest.contains("phone") || ["cell", "cellnumber", "mobile", "mobilenumber", "tel"].contains(&rest);
    if let Some(rest) = of_a_parent(heading) {
        return match rest {
            "" | "name" | "fullname" => Some(Extra::ParentName),
            "firstname" | "givenname" | "forename" => Some(Extra::ParentFirstName),
            "lastname" | "surname" | "familyname" => Some(Extra::ParentLastName),
            "email" | "mail" | "emailaddress" => Some(Extra::ParentEmail),
            _ => is_number(rest).then_some(Extra::ParentPhone),
        };
    }
    let number = heading.contains("phone") || ["cell", "mobile"].iter().any(|word| heading.ends_with(word));
    let mail = heading.contains("mail");
    let contact = ["emergency", "nextofkin"].iter().any(|word| heading.starts_with(word));
    match (contact, number, mail) {
        (true, true, _) => Some(Extra::ContactPhone),
        (true, _, true) => Some(Extra::ContactEmail),
        (false, ..) if heading.contains("phone") || heading == "tel" => Some(Extra::Phone),
        _ => None,
    }
}

/// A target for each heading among the `offered` ones, which come with their
/// own labels; nothing is guessed twice that only one column may become. `word`
/// is the practice's own for a client.
pub fn guess(headings: &[String], offered: &[(Target, String)], word: &str) -> Vec<Option<Target>> {
    let mut guessed: Vec<Option<Target>> = vec![None; headings.len()];
    let free = |guessed: &[Option<Target>], target: Target| {
        offered.iter().any(|(other, _)| *other == target) && (target.may_repeat() || !guessed.contains(&Some(target)))
    };
    // What is headed as we head it comes before what only sounds like it.
    let own = |heading: &str, (target, label): &&(Target, String)| {
        bare(label) == heading
            || matches!(target, Target::Client(ColumnKey::Of(column)) if bare(column.as_str()) == heading)
    };
    for (index, heading) in headings.iter().enumerate() {
        let heading = bare(heading);
        let found = offered.iter().find(|offer| own(&heading, offer)).map(|(target, _)| *target);
        guessed[index] = found.filter(|target| !heading.is_empty() && free(&guessed, *target));
    }
    for (index, heading) in headings.iter().enumerate() {
        // Where it is not said to what they agreed, only a person can choose.
        let consent = consent_column(heading).filter(|_| guessed[index].is_none());
        let heading = bare(heading);
        if guessed[index].is_some() || heading.is_empty() {
            continue;
        }
        if let Some(consent) = consent {
            let target = match consent.channel {
                Channel::Email => Some(Column::EmailConsent),
                Channel::Sms => Some(Column::SmsConsent),
                Channel::Voice => Some(Column::VoiceConsent),
                Channel::Any => None,
            };
            let target = target.filter(|_| !consent.of_parent).map(Target::of);
            guessed[index] = target.filter(|target| free(&guessed, *target));
            continue;
        }
        // As it stands, then as a client's, then as if only clients had such a thing.
        let theirs = of_a_client(&heading, word);
        let as_clients: Vec<String> = theirs.iter().map(|rest| format!("client{rest}")).collect();
        let known = std::iter::once(heading.as_str()).chain(as_clients.iter().map(String::as_str)).chain(theirs);
        let mut fitting = known.flat_map(|heading| {
            let fits = move |word: &str| bare(word) == heading;
            SYNONYMS.iter().filter(move |(_, words)| words.iter().any(|word| fits(word))).map(|(target, _)| *target)
        });
        guessed[index] = fitting.find(|target| free(&guessed, *target));
        if guessed[index].is_none() {
            guessed[index] = sounds_like(&heading).map(Target::Extra).filter(|target| free(&guessed, *target));
        }
    }
    guessed
}

/// Headings as people tell them apart: those that occur twice are numbered,
/// those without words are called by their place.
pub fn numbered(headings: &[String]) -> Vec<String> {
    let same = |heading: &str| headings.iter().filter(|other| other.trim() == heading).count();
    let mut seen: Vec<&str> = Vec::new();
    headings
        .iter()
        .enumerate()
        .map(|(index, heading)| match heading.trim() {
            "" => format!("Column {}", index + 1),
            heading if same(heading) > 1 => {
                seen.push(heading);
                format!("{heading} ({})", seen.iter().filter(|other| **other == heading).count())
            }
            heading => heading.to_owned(),
        })
        .collect()
}

/// The places of the headings in alphabetical order, and all of them as one
/// text: two files with the same headings have the same, in whatever order.
pub fn headings_key(headings: &[String]) -> (Vec<usize>, String) {
    let mut order: Vec<usize> = (0..headings.len()).collect();
    order.sort_by_key(|index| (bare(&headings[*index]), *index));
    let key = order.iter().map(|index| bare(&headings[*index])).collect::<Vec<_>>().join("\u{1f}");
    (order, key)
}

#[cfg(test)]
mod tests {
    use super::super::target::choices;
    use super::*;
    use crate::clients::columns::heads;
    use proptest::prelude::*;

    fn offered() -> Vec<(Target, String)> {
        let choices = choices(&heads(&[], true, false), false);
        choices.into_iter().flat_map(|(_, choices)| choices).map(|choice| (choice.target, choice.label)).collect()
    }

    fn guessed(headings: &[&str]) -> Vec<String> {
        let headings: Vec<String> = headings.iter().map(|heading| (*heading).to_owned()).collect();
        let targets = guess(&headings, &offered(), "athlete");
        targets.into_iter().map(|target| target.map(|target| target.to_string()).unwrap_or_default()).collect()
    }

    #[test]
    fn headings_of_other_programs_are_recognised() {
        assert_eq!(
            guessed(&[
                "Given Name",
                "Surname",
                "D.O.B.",
                "E-Mail Address",
                "Cell",
                "Home Phone",
                "Parent e-mail",
                "Household",
                "Shoe size"
            ]),
            ["first_name", "last_name", "birth_date", "email", "mobile", "phone", "parent_email", "family", ""]
        );
        assert_eq!(guessed(&["Phone", "Phone", "Name", ""]), ["mobile", "phone", "full_name", ""]);
        // What is a parent's is never the client's own.
        assert_eq!(
            guessed(&["Parent's name", "Parent's phone", "Mother's e-mail", "Father's phone", "Emergency phone"]),
            ["parent_name", "parent_phone", "parent_email", "", "contact_phone"]
        );
        // Nor is it what it is not.
        let others = ["Parent's last visit", "Guardian's first language", "Parent cancelled", "Telehealth consent"];
        assert_eq!(guessed(&others), ["", "", "", ""]);
        assert_eq!(
            guessed(&["Mom", "Guardian's surname", "Parent/guardian cell"]),
            ["parent_name", "parent_last_name", "parent_phone"]
        );
        assert_eq!(guessed(&["state", "Status"]), ["province", "status"]);
        // A member number is an insurer's; an athlete is a client here.
        assert_eq!(
            guessed(&["Athlete", "Athlete code", "Patient e-mail", "Athlete surname", "Member number", "Athletes"]),
            ["full_name", "code", "email", "last_name", "fee_programme_number", ""]
        );
        assert_eq!(
            guessed(&["Athlete's name", "Client’s surname", "Athletes e-mail", "Patient status", "Student's school"]),
            ["full_name", "last_name", "email", "status", ""]
        );
    }

    #[test]
    fn a_consent_is_never_taken_for_an_address_or_a_number() {
        assert_eq!(
            guessed(&[
                "E-mail",
                "hipaa_allowemail",
                "Email opt-out",
                "OK to text",
                "Phone consent",
                "Marketing",
                "OK to phone"
            ]),
            ["email", "email_consent", "", "sms_consent", "voice_consent", "", ""]
        );
        assert_eq!(guessed(&["Parent email consent", "Telephone reminders (Y/N)"]), ["", "voice_consent"]);
    }

    #[test]
    fn our_own_export_is_recognised_whole() {
        let own: Vec<(Target, String)> = offered();
        let headings: Vec<String> = own.iter().map(|(_, label)| label.clone()).collect();
        let targets: Vec<Option<Target>> = own.iter().map(|(target, _)| Some(*target)).collect();
        assert_eq!(guess(&headings, &own, "client"), targets);
    }

    #[test]
    fn headings_that_occur_twice_are_numbered() {
        let headings = ["Phone", "Name", "Phone ", ""].map(str::to_owned);
        assert_eq!(numbered(&headings), ["Phone (1)", "Name", "Phone (2)", "Column 4"]);
    }

    #[test]
    fn every_synonym_stands_once_for_its_target() {
        for (target, words) in SYNONYMS {
            for (index, word) in words.iter().enumerate() {
                assert!(!words[..index].iter().any(|other| bare(other) == bare(word)), "{target}: {word}");
            }
        }
    }

    proptest! {
        #[test]
        fn nothing_is_guessed_twice(headings in prop::collection::vec(prop::sample::select(vec!["Name", "name", "E-mail", "phone", "Phone", "id", "first", "", "Ünï", "state"]), 0..12)) {
            let headings: Vec<String> = headings.into_iter().map(str::to_owned).collect();
            let targets = guess(&headings, &offered(), "athlete");
            prop_assert_eq!(targets.len(), headings.len());
            for (index, target) in targets.iter().enumerate() {
                if let Some(target) = target && !target.may_repeat() {
                    prop_assert!(!targets[..index].contains(&Some(*target)));
                }
            }
            prop_assert_eq!(numbered(&headings).len(), headings.len());
        }

        #[test]
        fn the_order_of_headings_does_not_matter(headings in prop::collection::vec("\\PC{0,8}", 0..8)) {
            let mut turned = headings.clone();
            turned.reverse();
            prop_assert_eq!(headings_key(&headings).1, headings_key(&turned).1);
        }
    }
}
