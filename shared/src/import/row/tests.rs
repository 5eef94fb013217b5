use super::*;
use crate::clients::ClientFormRules;
use crate::clients::columns::heads;
use crate::import::setup::ImportForm;
use crate::import::target::choices;
use chrono::NaiveDate;
use proptest::prelude::*;

fn offered() -> Vec<Target> {
    let choices = choices(&heads(&[], true, false), false);
    choices.into_iter().flat_map(|(_, choices)| choices).map(|choice| choice.target).collect()
}

fn mapping(columns: &[&str], more: ImportForm) -> Mapping {
    let form = ImportForm { columns: columns.iter().map(|word| (*word).to_owned()).collect(), ..more };
    let details = form.parse(columns.len(), &offered()).unwrap();
    Mapping::new(columns.iter().map(|word| (*word).to_owned()).collect(), details)
}

fn words() -> Words {
    let mut words = Words::of("America/Toronto");
    words.add(Column::Gender, "Non-binary", uuid::Uuid::from_u128(1).to_string());
    words.add(Column::Tags, "VIP", uuid::Uuid::from_u128(2).to_string());
    words
}

fn rules() -> ClientFormRules {
    ClientFormRules {
        today: NaiveDate::from_ymd_opt(2026, 3, 8).unwrap(),
        language: "en".into(),
        ..ClientFormRules::default()
    }
}

fn validated(mapping: &Mapping, cells: &[&str]) -> Result<Person, Vec<(Option<usize>, String)>> {
    let cells: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
    let validated = mapping.validate(mapping.read(&cells, &words()), &rules());
    validated.map_err(|problems| problems.into_iter().map(|problem| (problem.column, problem.words)).collect())
}

#[test]
fn a_row_is_read_as_the_form_would_be() {
    let columns = ["full_name", "birth_date", "gender", "tags", "email", "phone", "status", "family"];
    let form = ImportForm { date_format: "dmy".into(), email_consent: true, ..Default::default() };
    let cells = [
        "Okafor, Mia",
        "31/3/2016",
        "NON-BINARY",
        "vip; new one",
        "mia@example.com",
        "'+1 416 555 0123",
        "yes",
        "Okafor",
    ];
    let person = validated(&mapping(&columns, form), &cells).unwrap();
    let details = &person.details;
    assert_eq!((details.first_name.as_str(), details.last_name.as_str()), ("Mia", "Okafor"));
    assert_eq!(details.birth_date, NaiveDate::from_ymd_opt(2016, 3, 31));
    assert_eq!((details.tags.len(), details.new_tags.as_slice()), (1, &["new one".to_owned()][..]));
    assert!(details.gender.is_some() && details.email_consent && person.family.as_deref() == Some("Okafor"));
    assert_eq!((details.phones[0].label.as_str(), details.phones[0].number.as_str()), ("phone", "+1 416 555 0123"));
}

#[test]
fn every_problem_of_a_row_is_reported_with_its_column() {
    let columns = ["first_name", "last_name", "birth_date", "gender", "email", "email_consent", "code"];
    let cells = ["", "", "31/31/2010", "Martian", "no address", "perhaps", "far too long"];
    let problems = validated(&mapping(&columns, Default::default()), &cells).unwrap_err();
    let places: Vec<Option<usize>> = problems.iter().map(|(column, _)| *column).collect();
    for place in [0, 2, 3, 4, 5, 6] {
        assert!(places.contains(&Some(place)), "{problems:?}");
    }
    assert!(problems.iter().any(|(_, words)| words.contains("“Martian” isn’t in your gender list")));
}

/// Whether mail is agreed to, when that was ticked for all rows.
fn agrees(headings: &[&str], targets: &[&str], cells: &[&str]) -> bool {
    let columns = targets.iter().map(|target| (*target).to_owned()).collect();
    let form = ImportForm { columns, email_consent: true, ..Default::default() };
    let details = form.parse(headings.len(), &offered()).unwrap();
    let mapping = Mapping::new(headings.iter().map(|heading| (*heading).to_owned()).collect(), details);
    validated(&mapping, cells).unwrap().details.email_consent
}

#[test]
fn consent_is_never_given_over_a_no_in_the_file() {
    let targets = ["first_name", "email", ""];
    for (heading, no, yes) in [
        ("hipaa_allowemail", "NO", "YES"),
        ("Email allowed?", "n", "y"),
        ("Email opt-out", "yes", "no"),
        ("Unsubscribed", "1", "0"),
        ("Do not contact", "x", ""),
        ("Marketing", "No", "Yes"),
        ("Reminders", "off", "on"),
    ] {
        let headings = ["First name", "E-mail", heading];
        // Left out, and mapped to what it looks like.
        assert!(!agrees(&headings, &targets, &["Mia", "mia@example.com", no]), "{heading}");
        assert!(agrees(&headings, &targets, &["Mia", "mia@example.com", yes]), "{heading}");
        let mapped = ["first_name", "email", "email_consent"];
        assert!(!agrees(&headings, &mapped, &["Mia", "mia@example.com", no]), "{heading}");
    }
    let headings = ["First name", "E-mail", "SMS consent"];
    assert!(agrees(&headings, &targets, &["Mia", "mia@example.com", "no"]), "of another channel");
    // No one saw the column, and it says nothing: no consent. Mapped, it is a row that does not say.
    let headings = ["First name", "E-mail", "Email OK"];
    assert!(!agrees(&headings, &targets, &["Mia", "mia@example.com", ""]));
    assert!(agrees(&headings, &["first_name", "email", "email_consent"], &["Mia", "mia@example.com", ""]));
}

#[test]
fn a_parent_does_not_agree_where_the_row_says_no() {
    let columns = ["first_name", "birth_date", "parent_name", "parent_email", "email_consent"];
    let form = ImportForm { parents: "link".into(), email_consent: true, ..Default::default() };
    let parent = |says: &str| {
        let cells = ["Mia", MINOR, "Ana Okafor", "ana@example.com", says];
        validated(&mapping(&columns, form.clone()), &cells).unwrap().parent.unwrap().email_consent
    };
    assert!(parent("") && !parent("no"));
}

#[test]
fn repeated_headings_and_totals_are_not_clients() {
    let columns = ["first_name", "last_name", "email"];
    let headings = ["First name", "Last name", "E-mail"].map(str::to_owned).to_vec();
    let mapping = Mapping::new(headings, mapping(&columns, Default::default()).details);
    for cells in [
        ["FIRST NAME", "LAST NAME", "e-mail"],
        ["First name", "Last name", ""],
        ["First name", "", ""],
        ["Total", "", "3"],
        ["Total: 1", "", ""],
        ["Total", "2", ""],
    ] {
        let problems = validated(&mapping, &cells).unwrap_err();
        assert_eq!((problems.len(), problems[0].0), (1, Some(0)), "{cells:?}: {problems:?}");
        let cells: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
        assert!(mapping.read(&cells, &words()).into_form().is_none(), "there is nothing to fix");
    }
    assert!(validated(&mapping, &["Mia", "Name", ""]).is_ok());
}

#[test]
fn spoilt_cells_are_problems_at_their_cell_and_not_in_the_form() {
    let columns = ["first_name", "last_name", "case_number", "address", "mobile"];
    let mapping = mapping(&columns, Default::default());
    let cells = ["ZoÃ«", "M\u{fffd}ller", "1.23457E+15", "#REF!", "4.16555E+09"];
    let problems = validated(&mapping, &cells).unwrap_err();
    let places: Vec<_> = problems.iter().map(|(column, _)| *column).collect();
    assert_eq!(places, [Some(0), Some(1), Some(2), Some(3), Some(4)], "{problems:?}");
    assert!(problems[0].1.contains("“Zoë”") && problems[2].1.contains("spreadsheet"));
    let cells = cells.map(str::to_owned);
    let (form, _) = mapping.read(&cells, &words()).into_form().unwrap();
    // What it probably was is offered; what is lost is blank.
    assert_eq!((form.first_name.as_str(), form.last_name.as_str(), form.case_number.as_str()), ("Zoë", "", ""));
}

#[test]
fn rows_of_another_length_than_the_headings_are_named() {
    let mapping = mapping(&["first_name", "last_name"], Default::default());
    assert_eq!(validated(&mapping, &["Mia"]).unwrap_err()[0].1, "This row has 1 cell, and there are 2 headings.");
    assert!(validated(&mapping, &["Mia", "Okafor", "x"]).is_err());
    assert!(validated(&mapping, &["Mia", "Okafor", "", " "]).is_ok());
}

/// A date of birth.
const MINOR: &str = "2020-01-02";

#[test]
fn a_parent_is_kept_as_a_contact_or_becomes_a_client() {
    let columns = ["first_name", "parent_name", "parent_email", "parent_phone", "birth_date"];
    let cells = ["Mia", "Ana Okafor", "ana@example.com", "", MINOR];
    let kept = validated(&mapping(&columns, Default::default()), &cells).unwrap();
    assert_eq!((kept.parent, kept.details.contacts[0].relationship.as_str()), (None, "Parent"));
    let link = ImportForm { parents: "link".into(), ..Default::default() };
    let linked = validated(&mapping(&columns, link.clone()), &cells).unwrap();
    assert_eq!(linked.parent.unwrap().last_name, "Okafor");
    assert!(linked.details.contacts.is_empty());
    assert_eq!(validated(&mapping(&columns, link.clone()), &["Mia", "", "ana@", "", MINOR]).unwrap_err().len(), 2);
    // A parent of a client who may be of age is given nothing.
    let unknown =
        validated(&mapping(&columns, link.clone()), &["Mia", "Ana Okafor", "ana@example.com", "", ""]).unwrap();
    assert_eq!((unknown.parent, unknown.details.contacts.len()), (None, 1));

    // Names in two columns, even of two words each.
    let columns = ["first_name", "parent_first_name", "parent_last_name", "parent_phone", "birth_date"];
    let cells = ["Mia", "Ana Maria", "de Souza", "416 555 1000", MINOR];
    let kept = validated(&mapping(&columns, Default::default()), &cells).unwrap();
    assert_eq!(kept.details.contacts[0].name, "Ana Maria de Souza");
    let parent = validated(&mapping(&columns, link.clone()), &cells).unwrap().parent.unwrap();
    assert_eq!((parent.first_name.as_str(), parent.last_name.as_str()), ("Ana Maria", "de Souza"));
    let nameless = validated(&mapping(&columns, link), &["Mia", "", "", "416 555 1000", MINOR]).unwrap_err();
    assert_eq!((nameless.len(), nameless[0].0), (1, Some(1)));
}

#[test]
fn families_couples_and_groups_have_a_name_and_no_consents() {
    let columns = ["kind", "group_name", "code", "email_consent"];
    let person =
        validated(&mapping(&columns, Default::default()), &["group", "Knitting", "KNITTING2026", "yes"]).unwrap();
    assert_eq!((person.kind, person.group_name.as_str()), (Kind::Group, "Knitting"));
    assert!(person.details.email_consent && person.details.first_name.is_empty());
    assert!(validated(&mapping(&columns, Default::default()), &["couple", "", "KNITTING2026", ""]).is_err());
}

#[test]
fn unknown_words_are_added_only_when_that_was_asked_for() {
    let columns = ["first_name", "gender"];
    let form = ImportForm { new_terms: true, ..Default::default() };
    let mapping = mapping(&columns, form);
    let reading = mapping.read(&["Mia".into(), "Agender".into()], &words());
    assert_eq!(reading.new_terms, [(Column::Gender, "Agender".to_owned())]);
    assert!(mapping.validate(reading, &rules()).is_ok());
}

proptest! {
    #[test]
    fn nothing_makes_a_row_panic(cells in prop::collection::vec("['=\\PC]{0,14}", 0..60)) {
        let all = offered();
        let columns: Vec<String> = all.iter().map(ToString::to_string).collect();
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        for parents in ["contact", "link"] {
            let form = ImportForm { parents: parents.into(), new_terms: true, ..Default::default() };
            let mapping = mapping(&columns, form);
            let _ = mapping.validate(mapping.read(&cells, &words()), &rules());
        }
    }
}
