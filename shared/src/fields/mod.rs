//! Client information fields: what a practice wants to know beside what
//! every practice knows, and the values that clients have there.
//!
//! In a form the id of a field carries a letter in front, because a key that begins with a
//! digit would be read as a place in a list.

mod form;

pub use form::{CHOICES_MAX, ChoiceForm, FieldDetails, FieldForm};

use crate::parse;
use crate::vocabulary::vocabulary;
use crate::{ChoiceId, FieldId, Problem};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Stands before an id that is a key in a form: `form[fields][f-01a2…]`.
pub const ID_PREFIX: &str = "f-";

/// A form's values by id, however the ids were written.
pub fn by_id<'de, D: serde::Deserializer<'de>>(form: D) -> Result<BTreeMap<String, String>, D::Error> {
    let values = BTreeMap::<String, String>::deserialize(form)?;
    let bare = |id: String| id.strip_prefix(ID_PREFIX).map(str::to_owned).unwrap_or(id);
    Ok(values.into_iter().map(|(id, value)| (bare(id), value)).collect())
}

vocabulary! {
    FieldKind {
        Text = "text", "Text";
        LongText = "long_text", "Long text";
        Number = "number", "Number";
        Date = "date", "Date";
        Choice = "choice", "Choice";
        Checkbox = "checkbox", "Checkbox";
    }
}

/// Longest text, in characters.
pub const TEXT_MAX: usize = 200;
pub const LONG_TEXT_MAX: usize = 5_000;

/// A field, as an administrator defined it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldDefinition {
    pub id: FieldId,
    pub label: String,
    pub kind: FieldKind,
    pub required: bool,
    /// Whether the client sees it in the portal.
    pub for_clients: bool,
    pub in_quick_add: bool,
    pub in_search: bool,
    pub in_reports: bool,
    pub position: i32,
    pub active: bool,
    pub version: i32,
    /// Of a choice field, in order; `false`: retired.
    pub choices: Vec<(ChoiceId, String, bool)>,
}

impl FieldDefinition {
    /// The name of its input and of its problems.
    pub fn name(&self) -> String {
        format!("fields.{}", self.id)
    }

    /// Whether someone who registers is asked: what must be filled in or is
    /// asked first of everyone new, if clients see it at all.
    pub fn asked_at_registration(&self) -> bool {
        self.active && self.for_clients && (self.required || self.in_quick_add)
    }

    fn choice(&self, id: ChoiceId) -> Option<&(ChoiceId, String, bool)> {
        self.choices.iter().find(|(choice, ..)| *choice == id)
    }
}

/// What a client has in a field; an empty one has no value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FieldValue {
    /// Of a text or a long text.
    Words(String),
    /// In its shortest form, as `-12.5`.
    Number(String),
    Day(NaiveDate),
    Choice(ChoiceId),
    Ticked,
}

impl FieldValue {
    /// As a form holds it: what [`parse()`] reads back.
    pub fn form(&self) -> String {
        match self {
            FieldValue::Words(text) | FieldValue::Number(text) => text.clone(),
            FieldValue::Day(day) => day.to_string(),
            FieldValue::Choice(id) => id.to_string(),
            FieldValue::Ticked => "true".to_owned(),
        }
    }

    /// As people and exports read it.
    pub fn shown(&self, definition: &FieldDefinition) -> String {
        match self {
            FieldValue::Choice(id) => definition.choice(*id).map(|(_, label, _)| label.clone()).unwrap_or_default(),
            FieldValue::Ticked => "Yes".to_owned(),
            other => other.form(),
        }
    }
}

/// What was typed into a field. A choice is its id or, as files have it, its
/// label; a retired one is not among the choices.
pub fn parse(definition: &FieldDefinition, text: &str) -> Result<Option<FieldValue>, Problem> {
    let value = match definition.kind {
        FieldKind::Text => words(parse::line(text, TEXT_MAX)?),
        FieldKind::LongText => words(parse::lines(text, LONG_TEXT_MAX)?),
        FieldKind::Number => parse::optional(text, number)?.map(FieldValue::Number),
        FieldKind::Date => parse::optional(text, parse::date)?.map(FieldValue::Day),
        FieldKind::Choice => parse::optional(text, |text| choice(definition, text))?.map(FieldValue::Choice),
        FieldKind::Checkbox => match text.trim().to_lowercase().as_str() {
            "" | "false" | "no" | "0" => None,
            "true" | "yes" | "1" | "on" | "x" => Some(FieldValue::Ticked),
            _ => return Err(Problem::Unknown),
        },
    };
    match value {
        None if definition.required && definition.kind == FieldKind::Checkbox => Err(Problem::NotTicked),
        None if definition.required => Err(Problem::Required),
        value => Ok(value),
    }
}

/// What was typed into these fields, by their ids; problems stand at their names.
pub fn parse_all(
    definitions: &[FieldDefinition],
    typed: &BTreeMap<String, String>,
    fields: &mut parse::Fields,
) -> Vec<(FieldId, FieldValue)> {
    let value = |definition: &FieldDefinition| {
        let typed = typed.get(&definition.id.to_string()).map_or("", String::as_str);
        let value = fields.take(&definition.name(), parse(definition, typed))?;
        Some((definition.id, value))
    };
    definitions.iter().filter_map(value).collect()
}

fn words(text: String) -> Option<FieldValue> {
    (!text.is_empty()).then_some(FieldValue::Words(text))
}

fn choice(definition: &FieldDefinition, text: &str) -> Result<ChoiceId, Problem> {
    let same = |(id, label, _): &&(ChoiceId, String, bool)| {
        id.to_string() == text.to_lowercase() || label.to_lowercase() == text.to_lowercase()
    };
    let mut active = definition.choices.iter().filter(|(.., active)| *active);
    active.find(same).map(|(id, ..)| *id).ok_or(Problem::Unknown)
}

/// A number with up to 12 digits before the point and 6 behind, in its shortest
/// form; a comma serves as a point.
fn number(text: &str) -> Result<String, Problem> {
    let (sign, digits) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => ("-", rest.trim_start()),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once(['.', ',']).unwrap_or((digits, ""));
    let only_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !only_digits(whole) || !only_digits(fraction) {
        return Err(Problem::NotANumber);
    }
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    if whole.len() > 12 {
        return Err(Problem::OutOfRange { min: -999_999_999_999, max: 999_999_999_999 });
    }
    if fraction.len() > 6 {
        return Err(Problem::NotANumber);
    }
    let whole = if whole.is_empty() { "0" } else { whole };
    Ok(match (whole, fraction) {
        ("0", "") => "0".to_owned(),
        (whole, "") => format!("{sign}{whole}"),
        (whole, fraction) => format!("{sign}{whole}.{fraction}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn definition(kind: FieldKind) -> FieldDefinition {
        FieldDefinition {
            id: FieldId(Uuid::nil()),
            label: "Grade".into(),
            kind,
            required: false,
            for_clients: false,
            in_quick_add: false,
            in_search: false,
            in_reports: false,
            position: 0,
            active: true,
            version: 1,
            choices: vec![
                (ChoiceId(Uuid::from_u128(1)), "Junior".into(), true),
                (ChoiceId(Uuid::from_u128(2)), "Senior".into(), false),
            ],
        }
    }

    #[test]
    fn numbers_have_one_form() {
        for (typed, stored) in [
            ("007", "7"),
            (" 12,50 ", "12.5"),
            ("-0.0", "0"),
            ("\u{2212}3", "-3"),
            (".5", "0.5"),
            ("+1.", "1"),
            ("999999999999.123456", "999999999999.123456"),
        ] {
            let value = parse(&definition(FieldKind::Number), typed);
            assert_eq!(value, Ok(Some(FieldValue::Number(stored.into()))), "{typed}");
        }
        for bad in ["one", "1e9", "1.2.3", "-", ".", "1 000", "0.1234567", "NaN", "٣"] {
            assert_eq!(parse(&definition(FieldKind::Number), bad), Err(Problem::NotANumber), "{bad}");
        }
        let much = parse(&definition(FieldKind::Number), "1000000000000");
        assert!(matches!(much, Err(Problem::OutOfRange { .. })));
    }

    #[test]
    fn a_choice_is_one_of_those_in_use() {
        let field = definition(FieldKind::Choice);
        let junior = FieldValue::Choice(ChoiceId(Uuid::from_u128(1)));
        assert_eq!(parse(&field, "junior"), Ok(Some(junior.clone())));
        assert_eq!(parse(&field, &junior.form()), Ok(Some(junior.clone())));
        assert_eq!(junior.shown(&field), "Junior");
        assert_eq!(parse(&field, "Senior"), Err(Problem::Unknown));
        assert_eq!(parse(&field, &Uuid::from_u128(2).to_string()), Err(Problem::Unknown));
        assert_eq!(parse(&field, &Uuid::from_u128(3).to_string()), Err(Problem::Unknown));
    }

    #[test]
    fn a_required_field_is_filled_in_and_a_required_box_checked() {
        for kind in FieldKind::ALL {
            let required = FieldDefinition { required: true, ..definition(*kind) };
            let missing = if *kind == FieldKind::Checkbox { Problem::NotTicked } else { Problem::Required };
            assert_eq!(parse(&required, "  "), Err(missing));
            assert_eq!(parse(&definition(*kind), "  "), Ok(None));
        }
        assert_eq!(parse(&definition(FieldKind::Checkbox), "yes"), Ok(Some(FieldValue::Ticked)));
        assert_eq!(parse(&definition(FieldKind::Checkbox), "maybe"), Err(Problem::Unknown));
    }

    proptest! {
        #[test]
        fn what_is_stored_is_read_back(text in "\\PC{0,30}", kind in prop::sample::select(FieldKind::ALL)) {
            let field = definition(kind);
            if let Ok(Some(value)) = parse(&field, &text) {
                prop_assert_eq!(parse(&field, &value.form()), Ok(Some(value)));
            }
        }

        #[test]
        fn plain_numbers_mean_the_same(number in -1_000_000_i64..1_000_000, thousandths in 0_u32..1_000) {
            let text = format!("{number}.{thousandths:03}");
            let Ok(Some(FieldValue::Number(stored))) = parse(&definition(FieldKind::Number), &text) else { panic!() };
            prop_assert_eq!(stored.parse::<f64>().unwrap(), text.parse::<f64>().unwrap());
        }
    }
}
