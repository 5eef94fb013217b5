use super::*;
use crate::{Problem, Refusal};
use proptest::prelude::*;

fn filled(pairs: &[(&str, &str)]) -> Filled {
    Filled {
        text: pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect(),
        ..Filled::default()
    }
}

fn problem(answer: Result<Answers, Refusal>, field: &str) -> Option<Problem> {
    match answer {
        Err(Refusal::Invalid(errors)) => errors.get(field).cloned(),
        _ => None,
    }
}

const PROXY: &[Capacity] = Capacity::offered(false);

/// Medication: yes or no; which, if yes.
fn medication() -> Definition {
    let mut form = Definition::default();
    form.push(ItemKind::YesNo, "Any medication?").required = true;
    let which = form.push(ItemKind::Long, "Which?");
    which.required = true;
    which.when = vec![Condition { question: "q1".into(), operator: Operator::Is, answer: "yes".into() }];
    form
}

#[test]
fn a_hidden_answer_is_not_kept_and_not_required() {
    let form = medication();
    let yes = filled(&[("q1", "yes"), ("q2", "Aspirin")]);
    assert_eq!(form.parse(&yes, PROXY).unwrap().len(), 2);
    let no = form.parse(&filled(&[("q1", "no"), ("q2", "Aspirin")]), PROXY).unwrap();
    assert_eq!(no.keys().collect::<Vec<_>>(), ["q1"]);
    assert_eq!(problem(form.parse(&filled(&[("q1", "yes")]), PROXY), "text.q2"), Some(Problem::Required));
    assert_eq!(problem(form.parse(&filled(&[]), PROXY), "text.q1"), Some(Problem::Required));
}

#[test]
fn the_condition_of_a_section_is_that_of_its_items() {
    let mut form = Definition::default();
    form.push(ItemKind::YesNo, "A minor?");
    form.push(ItemKind::Section, "Guardian").when =
        vec![Condition { question: "q1".into(), operator: Operator::Is, answer: "yes".into() }];
    form.push(ItemKind::Short, "Name").required = true;
    form.push(ItemKind::Section, "The rest");
    form.push(ItemKind::Short, "Notes");
    let shown = |answer: &str| -> Vec<String> {
        let filled = filled(&[("q1", answer)]);
        form.visible_so_far(&filled).into_iter().map(|item| item.link_id.clone()).collect()
    };
    assert_eq!(shown("yes"), ["q1", "q2", "q3", "q4", "q5"]);
    assert_eq!(shown("no"), ["q1", "q4", "q5"]);
    assert!(form.parse(&filled(&[("q1", "no")]), PROXY).is_ok());
}

#[test]
fn a_signature_is_a_name_and_as_what_one_signs() {
    let mut form = Definition::default();
    form.push(ItemKind::Signature, "I agree.").required = true;
    let signed = |name: &str, capacity: &str| {
        let mut typed = filled(&[("q1", name)]);
        typed.other.insert("q1".into(), capacity.into());
        form.parse(&typed, PROXY)
    };
    assert_eq!(signed("Ana Okafor", "parent").unwrap()["q1"].other, "parent");
    assert_eq!(problem(signed("  ", "parent"), "text.q1"), Some(Problem::Required));
    assert_eq!(problem(signed("-", "parent"), "text.q1"), Some(Problem::TooShort { min: 2 }));
    assert_eq!(problem(signed("Ana Okafor", ""), "other.q1"), Some(Problem::Required));
    assert_eq!(problem(signed("Ana Okafor", "self"), "other.q1"), Some(Problem::Unknown), "for another person");
    assert_eq!(problem(signed("Ana Okafor", "practitioner"), "other.q1"), Some(Problem::Unknown));
}

#[test]
fn signatures_are_kept_apart_from_the_answers() {
    let form = Starter::Cancellation.definition();
    let mut typed = filled(&[("q5", "Ana Okafor")]);
    typed.other.insert("q5".into(), "parent".into());
    let mut answers = form.parse(&typed, PROXY).unwrap();
    let signed = form.take_signatures(&mut answers);
    assert_eq!(signed.len(), 1);
    assert_eq!((signed[0].0.link_id.as_str(), signed[0].1.values[0].as_str()), ("q5", "Ana Okafor"));
    assert!(!answers.contains_key("q5"));
    assert_eq!(form.unsigned().parse(&Filled::default(), &[]), Ok(answers));
}

#[test]
fn each_kind_of_answer_is_checked() {
    let mut form = Definition::default();
    for kind in ItemKind::ALL {
        let item = form.push(*kind, "Text");
        if kind.has_options() {
            (item.options, item.other) = (vec!["Tea".into(), "Milk".into()], true);
        }
    }
    let name = |kind: ItemKind| form.items.iter().find(|item| item.kind == kind).unwrap().link_id.clone();
    let fault = |kind: ItemKind, text: &str| {
        let name = name(kind);
        problem(form.parse(&filled(&[(&name, text)]), PROXY), &format!("text.{name}"))
    };
    assert_eq!(fault(ItemKind::Number, "1.5"), None);
    assert_eq!(fault(ItemKind::Number, "1,5"), None);
    for text in ["1,500", "1,2,3", "1,500.2", "one", "1e9", "NaN", "inf", "1.", ".5", "--1", "0x1"] {
        assert_eq!(fault(ItemKind::Number, text), Some(Problem::NotANumber), "{text}");
    }
    assert_eq!(fault(ItemKind::Date, "2026-02-30"), Some(Problem::NotADate));
    assert_eq!(fault(ItemKind::Scale, "11"), Some(Problem::Unknown));
    assert_eq!(fault(ItemKind::YesNo, "maybe"), Some(Problem::Unknown));
    assert_eq!(fault(ItemKind::Choice, "Coffee"), Some(Problem::Unknown));
    assert_eq!(fault(ItemKind::Email, "ana@"), Some(Problem::NotAnEmail));
    assert_eq!(fault(ItemKind::Phone, "12"), Some(Problem::NotAPhone));
    assert_eq!(fault(ItemKind::Short, &"x".repeat(301)), Some(Problem::TooLong { max: 300 }));
    let choices = name(ItemKind::Choices);
    let ticked = |values: &[&str], other: &str| {
        let mut typed = Filled::default();
        typed.many.insert(choices.clone(), values.iter().map(|value| (*value).to_owned()).collect());
        typed.other.insert(choices.clone(), other.into());
        form.parse(&typed, PROXY)
    };
    assert_eq!(ticked(&["Milk", "Tea", "Milk"], "").unwrap()[&choices].values, ["Tea", "Milk"]);
    assert_eq!(ticked(&["__other"], "Water").unwrap()[&choices].other, "Water");
    assert_eq!(problem(ticked(&["__other"], ""), &format!("other.{choices}")), Some(Problem::Required));
    assert_eq!(problem(ticked(&["Coffee"], ""), &format!("many.{choices}")), Some(Problem::Unknown));
}

#[test]
fn a_definition_is_stored_by_the_names_of_fhir_and_read_again() {
    for starter in Starter::ALL {
        let form = starter.definition();
        let text = serde_json::to_string(&form).unwrap();
        assert_eq!(serde_json::from_str::<Definition>(&text).unwrap(), form, "{starter:?}");
        for name in ["\"linkId\"", "\"type\"", "\"enableBehavior\"", "\"item\""] {
            assert!(text.contains(name), "{starter:?} {name}");
        }
    }
}

#[test]
fn every_starter_form_can_be_published_and_each_consent_and_intake_is_signed() {
    for starter in Starter::ALL {
        let form = starter.definition();
        assert_eq!(form.check(), Ok(()), "{starter:?}");
        if matches!(starter, Starter::Phq9 | Starter::Gad7 | Starter::Feedback) {
            continue;
        }
        assert!(form.items.iter().any(|item| item.kind == ItemKind::Signature && item.required), "{starter:?}");
        assert!(matches!(form.parse(&Filled::default(), PROXY), Err(Refusal::Invalid(_))), "{starter:?}");
    }
}

#[test]
fn a_form_with_a_condition_on_what_comes_later_is_not_published() {
    let mut form = medication();
    assert_eq!(form.check(), Ok(()));
    form.apply(&Edit::Up("q2".into())).unwrap();
    assert_eq!(form.check(), Err(Refusal::field("publish", Problem::AsksLater { item: "Which?".into() })));
    form.apply(&Edit::Down("q2".into())).unwrap();
    form.apply(&Edit::Delete("q1".into())).unwrap();
    assert!(form.check().is_err());
    assert_eq!(Definition::default().check(), Err(Refusal::field("publish", Problem::NoQuestions)));
}

#[test]
fn what_changed_between_versions_is_said_by_item() {
    let (old, mut new) = (Starter::Cancellation.definition(), Starter::Cancellation.definition());
    assert_eq!(changes(&old, &new), []);
    new.apply(&Edit::Add(ItemKind::Short)).unwrap();
    let text = ItemForm { text: "Your name".into(), ..ItemForm::default() };
    new.apply(&Edit::Save(format!("q{}", new.last), Box::new(text))).unwrap();
    new.apply(&Edit::Delete("q2".into())).unwrap();
    new.apply(&Edit::Up("q5".into())).unwrap();
    let found = changes(&old, &new);
    assert!(
        found.contains(&Change::Added("Your name".into())) && found.contains(&Change::Removed("Our policy".into()))
    );
    assert!(found.iter().any(|change| matches!(change, Change::Moved(_))), "{found:?}");
    assert_eq!(found.len(), 3, "{found:?}");
}

#[test]
fn a_name_is_not_used_again() {
    let mut form = medication();
    form.apply(&Edit::Delete("q2".into())).unwrap();
    assert_eq!(form.apply(&Edit::Add(ItemKind::Short)).unwrap(), "q3");
    assert_eq!(form.apply(&Edit::Duplicate("q1".into())).unwrap(), "q4");
    assert_eq!(form.items.iter().map(|item| item.link_id.as_str()).collect::<Vec<_>>(), ["q1", "q4", "q3"]);
    assert_eq!(form.apply(&Edit::Up("nothing".into())), Err(Refusal::NotFound));
}

#[test]
fn a_saved_item_tells_each_fault_at_its_field() {
    let mut form = medication();
    let choice = form.apply(&Edit::Add(ItemKind::Choice)).unwrap();
    let save = |form: &mut Definition, item: ItemForm| form.apply(&Edit::Save(choice.clone(), Box::new(item)));
    let fault = |answer: Result<String, Refusal>, field: &str| match answer {
        Err(Refusal::Invalid(errors)) => errors.get(field).cloned(),
        other => panic!("{other:?}"),
    };
    assert_eq!(fault(save(&mut form, ItemForm::default()), "text"), Some(Problem::Required));
    assert_eq!(fault(save(&mut form, ItemForm::default()), "options"), Some(Problem::Required));
    let with = |holds: &str| ItemForm {
        text: "Pick".into(),
        options: "Tea\r\nMilk".into(),
        when: vec![ConditionForm { holds: holds.into() }],
        ..ItemForm::default()
    };
    // Itself, a text, an answer that there is not.
    for holds in [format!("{choice} = Tea"), "q2 exists".into(), "q1 = perhaps".into(), "nonsense".into()] {
        assert_eq!(fault(save(&mut form, with(&holds)), "when.0.holds"), Some(Problem::Unknown), "{holds}");
    }
    save(&mut form, with("q1 != yes")).unwrap();
    let stored = ItemForm::of(form.item(&choice).unwrap());
    assert_eq!(stored.when[0].holds, "q1 != yes");
    assert_eq!(stored.options, "Tea\nMilk");
}

/// Any form of questions that depend on any others, earlier or not.
fn any_form() -> impl Strategy<Value = Definition> {
    let kinds = prop::sample::select(ItemKind::ALL.to_vec());
    let condition =
        (1..12u32, prop::sample::select(Operator::ALL.to_vec()), prop::sample::select(vec!["yes", "no", "Tea", "3"]));
    let item = (kinds, any::<bool>(), prop::collection::vec(condition, 0..3), any::<bool>());
    prop::collection::vec(item, 1..12).prop_map(|items| {
        let mut form = Definition::default();
        for (kind, required, conditions, is_any) in items {
            let item = form.push(kind, "Text");
            item.required = required && kind.is_question();
            item.behaviour = if is_any { Behaviour::Any } else { Behaviour::All };
            if kind.has_options() {
                (item.options, item.other) = (vec!["Tea".into(), "Milk".into()], is_any);
            }
            item.when = conditions
                .into_iter()
                .map(|(question, operator, answer)| Condition {
                    question: format!("q{question}"),
                    operator,
                    answer: answer.into(),
                })
                .collect();
        }
        form
    })
}

fn any_filled() -> impl Strategy<Value = Filled> {
    let name = (1..12u32).prop_map(|number| format!("q{number}"));
    let word = || {
        prop::sample::select(vec![
            "yes",
            "no",
            "Tea",
            "3",
            "",
            "__other",
            "parent",
            "ana@kin.test",
            "416 555 0123",
            "2026-05-03",
            "word",
        ])
    };
    let text = prop::collection::btree_map(name.clone(), word().prop_map(str::to_owned), 0..12);
    let other = prop::collection::btree_map(name.clone(), word().prop_map(str::to_owned), 0..12);
    let many = prop::collection::btree_map(name, prop::collection::vec(word().prop_map(str::to_owned), 0..3), 0..12);
    (text, many, other).prop_map(|(text, many, other)| Filled { text, many, other })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whether an item is shown is the same for every answer to it and to what comes after it.
    #[test]
    fn what_is_shown_depends_on_earlier_answers_alone(form in any_form(), one in any_filled(), other in any_filled(), at in 0..12usize) {
        let at = at.min(form.items.len() - 1);
        let earlier = |name: &String| form.items[..at].iter().any(|item| item.link_id == *name);
        let mut mixed = other;
        mixed.text.retain(|name, _| !earlier(name));
        mixed.many.retain(|name, _| !earlier(name));
        mixed.other.retain(|name, _| !earlier(name));
        mixed.text.extend(one.text.iter().filter(|(name, _)| earlier(name)).map(|(name, text)| (name.clone(), text.clone())));
        mixed.many.extend(one.many.iter().filter(|(name, _)| earlier(name)).map(|(name, text)| (name.clone(), text.clone())));
        mixed.other.extend(one.other.iter().filter(|(name, _)| earlier(name)).map(|(name, text)| (name.clone(), text.clone())));
        let shows = |filled: &Filled| form.visible_so_far(filled).iter().any(|item| item.link_id == form.items[at].link_id);
        prop_assert_eq!(shows(&one), shows(&mixed));
    }

    /// Nothing hidden is kept, what is kept is shown, and it is required exactly when it is shown.
    #[test]
    fn only_what_is_shown_is_kept_and_required(form in any_form(), typed in any_filled()) {
        let shown: Vec<String> = form.visible_so_far(&typed).iter().map(|item| item.link_id.clone()).collect();
        match form.parse(&typed, PROXY) {
            Ok(answers) => {
                prop_assert!(answers.keys().all(|name| shown.contains(name)));
                let again: Vec<String> = form.visible(&answers).iter().map(|item| item.link_id.clone()).collect();
                prop_assert_eq!(&again, &shown);
                for item in form.items.iter().filter(|item| item.required && shown.contains(&item.link_id)) {
                    prop_assert!(answers.contains_key(&item.link_id));
                }
                // The same answers again are the same, but for signatures, which are not prefilled.
                if form.items.iter().all(|item| item.kind != ItemKind::Signature) {
                    prop_assert_eq!(form.parse(&Filled::of(&answers, &form), PROXY), Ok(answers));
                }
            }
            Err(Refusal::Invalid(errors)) => {
                for (field, _) in &errors.0 {
                    let name = field.split_once('.').map(|(_, name)| name.to_owned()).unwrap_or_default();
                    prop_assert!(shown.contains(&name), "{} is hidden", field);
                }
            }
            Err(other) => prop_assert!(false, "{other:?}"),
        }
    }
}

/// Staff see a sum of plain questions; nothing is concluded from it.
#[test]
fn phq9_and_gad7_add_up_what_was_answered_and_nothing_else() {
    for (starter, questions) in [(Starter::Phq9, 9), (Starter::Gad7, 7)] {
        let form = starter.definition();
        let scored: Vec<_> = form.items.iter().filter(|item| item.score).collect();
        assert_eq!(scored.len(), questions, "{starter:?}");
        let filled = |place: usize, of: usize| {
            let mut filled = Filled::default();
            for item in form.items.iter().filter(|item| item.kind == ItemKind::Choice) {
                filled.text.insert(item.link_id.clone(), item.options[place].clone());
            }
            for item in &scored[of..] {
                filled.text.remove(&item.link_id);
            }
            filled
        };
        // The question about difficulty has four choices too, and does not count.
        let most = questions as i64 * 3;
        for (place, sum) in [(0, 0), (1, questions as i64), (3, most)] {
            let answers = form.parse(&filled(place, questions), &[]).unwrap();
            let score = form.score(&answers).unwrap();
            assert_eq!((score.sum, score.most, score.unanswered), (sum, most, 0), "{starter:?}");
        }
        assert!(form.parse(&filled(1, questions - 1), &[]).is_err(), "each is required");
        let score = form.score(&Answers::new()).unwrap();
        assert_eq!((score.sum, score.unanswered), (0, questions));
    }
    assert_eq!(Starter::Adult.definition().score(&Answers::new()), None);
    // What is stored of forms without sums is what it was: their seals hold.
    assert!(!serde_json::to_string(&Starter::Adult.definition()).unwrap().contains("score"));
}
