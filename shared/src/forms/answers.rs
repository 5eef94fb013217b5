//! What was typed, and the answers that it becomes.

use super::{Capacity, Definition, Item, ItemKind};
use crate::parse::{self, Fields};
use crate::{Problem, Refusal};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The longest short and long text, in characters.
const SHORT_MAX: usize = 300;
const LONG_MAX: usize = 10_000;
const NAME_MAX: usize = 120;

/// The answer to one question. A date is `2026-05-03`, yes is `yes`; a signature is the typed
/// name, and in `other` as what they sign.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub values: Vec<String>,
    /// Own words beside the choices.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub other: String,
}

/// By the name of the item.
pub type Answers = BTreeMap<String, Answer>;

/// A form as typed, nothing of it checked: what a draft keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filled {
    /// What has one value, by the name of the item.
    pub text: BTreeMap<String, String>,
    /// Of choices of several.
    pub many: BTreeMap<String, Vec<String>>,
    /// Own words beside the choices; of a signature as what they sign.
    pub other: BTreeMap<String, String>,
}

/// Of a choice: own words instead.
pub const OTHER: &str = "__other";

impl Filled {
    /// What was answered before, to begin with.
    pub fn of(answers: &Answers, definition: &Definition) -> Filled {
        let mut filled = Filled::default();
        for (name, answer) in answers {
            let Some(item) = definition.item(name) else { continue };
            match item.kind {
                // No one signs twice by one signature.
                ItemKind::Signature => {}
                ItemKind::Choices => {
                    let mut values = answer.values.clone();
                    if !answer.other.is_empty() {
                        values.push(OTHER.to_owned());
                    }
                    filled.many.insert(name.clone(), values);
                    filled.other.insert(name.clone(), answer.other.clone());
                }
                _ => {
                    let value = answer.values.first().cloned().unwrap_or_else(|| OTHER.to_owned());
                    filled.text.insert(name.clone(), value);
                    filled.other.insert(name.clone(), answer.other.clone());
                }
            }
        }
        filled
    }

    /// Without what the form does not ask: nothing else is kept of what a browser sends.
    pub fn kept(&self, definition: &Definition) -> Filled {
        let known = |name: &String| definition.item(name).is_some_and(|item| item.kind.is_question());
        let cut = |text: &String| text.chars().take(LONG_MAX * 2).collect::<String>();
        Filled {
            text: self
                .text
                .iter()
                .filter(|(name, _)| known(name))
                .map(|(name, text)| (name.clone(), cut(text)))
                .collect(),
            many: self
                .many
                .iter()
                .filter(|(name, _)| known(name))
                .map(|(name, all)| {
                    (name.clone(), all.iter().take(super::definition::OPTIONS_MAX + 1).map(cut).collect())
                })
                .collect(),
            other: self
                .other
                .iter()
                .filter(|(name, _)| known(name))
                .map(|(name, text)| (name.clone(), cut(text)))
                .collect(),
        }
    }

    fn text(&self, item: &Item) -> &str {
        self.text.get(&item.link_id).map(String::as_str).unwrap_or_default()
    }

    fn other(&self, item: &Item) -> &str {
        self.other.get(&item.link_id).map(String::as_str).unwrap_or_default()
    }

    /// The answer as far as it is one; faults count as not answered.
    fn read(&self, item: &Item) -> Option<Answer> {
        self.answer(item, None).ok().flatten()
    }

    /// `None`: not answered. `offered`: as what one may sign; `None`: anything.
    fn answer(&self, item: &Item, offered: Option<&[Capacity]>) -> Result<Option<Answer>, (String, Problem)> {
        let text = self.text(item);
        let at = |part: &str| format!("{part}.{}", item.link_id);
        let one = |value: Result<String, Problem>| match value {
            Ok(value) if value.is_empty() => Ok(None),
            Ok(value) => Ok(Some(Answer { values: vec![value], other: String::new() })),
            Err(problem) => Err((at("text"), problem)),
        };
        match item.kind {
            ItemKind::Section | ItemKind::Display => Ok(None),
            ItemKind::Short => one(parse::line(text, SHORT_MAX)),
            ItemKind::Long => one(parse::lines(text, LONG_MAX)),
            ItemKind::Number => one(number(text, item)),
            ItemKind::Date => one(parse::optional(text, parse::date).map(written)),
            ItemKind::Phone => one(parse::optional(text, parse::phone).map(written)),
            ItemKind::Email => one(parse::optional(text, parse::email).map(written)),
            ItemKind::Scale | ItemKind::YesNo => match text.trim() {
                "" => Ok(None),
                text if item.values().iter().any(|(value, _)| value == text) => one(Ok(text.to_owned())),
                _ => Err((at("text"), Problem::Unknown)),
            },
            // What is not ticked is answered, with no.
            ItemKind::Consent => one(Ok(if text.trim() == "yes" { "yes" } else { "no" }.to_owned())),
            ItemKind::Choice => match text.trim() {
                "" => Ok(None),
                OTHER if item.other => self.own_words(item, Vec::new()),
                text if item.options.iter().any(|option| option == text) => one(Ok(text.to_owned())),
                _ => Err((at("text"), Problem::Unknown)),
            },
            ItemKind::Choices => {
                let ticked = self.many.get(&item.link_id).map(Vec::as_slice).unwrap_or_default();
                let known = |value: &String| item.options.contains(value) || item.other && value == OTHER;
                if !ticked.iter().all(known) {
                    return Err((at("many"), Problem::Unknown));
                }
                // In the form's order, each once.
                let values: Vec<String> =
                    item.options.iter().filter(|option| ticked.contains(option)).cloned().collect();
                match ticked.iter().any(|value| value == OTHER) {
                    true => self.own_words(item, values),
                    false if values.is_empty() => Ok(None),
                    false => Ok(Some(Answer { values, other: String::new() })),
                }
            }
            ItemKind::Signature => {
                let name = parse::line(text, NAME_MAX).map_err(|problem| (at("text"), problem))?;
                if name.is_empty() {
                    return Ok(None);
                }
                if name.chars().filter(|c| c.is_alphabetic()).count() < 2 {
                    return Err((at("text"), Problem::TooShort { min: 2 }));
                }
                let capacity = match (parse::id::<Capacity>(self.other(item)), offered) {
                    (Ok(capacity), Some(offered)) if !offered.contains(&capacity) => Err(Problem::Unknown),
                    (capacity, _) => capacity,
                };
                let capacity = capacity.map_err(|problem| (at("other"), problem))?;
                Ok(Some(Answer { values: vec![name], other: capacity.as_str().to_owned() }))
            }
        }
    }

    fn own_words(&self, item: &Item, values: Vec<String>) -> Result<Option<Answer>, (String, Problem)> {
        let other = parse::required(self.other(item), SHORT_MAX);
        let other = other.map_err(|problem| (format!("other.{}", item.link_id), problem))?;
        Ok(Some(Answer { values, other }))
    }
}

fn written<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// Digits, a sign, and at most six places behind the point; as it was typed.
fn number(text: &str, item: &Item) -> Result<String, Problem> {
    let text = text.trim();
    // A comma before three digits may part thousands or begin a fraction.
    if let Some((_, behind)) = text.split_once(',')
        && (behind.len() == 3 || behind.contains(',') || text.contains('.'))
    {
        return Err(Problem::NotANumber);
    }
    let text = text.replace(',', ".");
    if text.is_empty() {
        return Ok(text);
    }
    let digits = text.strip_prefix('-').unwrap_or(&text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_plain =
        |part: &str, max: usize| (1..=max).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_plain(whole, 12) || !is_plain(fraction, 6) {
        return Err(Problem::NotANumber);
    }
    let value: f64 = text.parse().map_err(|_| Problem::NotANumber)?;
    let (min, max) = (item.min.unwrap_or(i64::MIN), item.max.unwrap_or(i64::MAX));
    if value < min as f64 || value > max as f64 {
        return Err(match (item.min, item.max) {
            (Some(min), Some(max)) => Problem::OutOfRange { min, max },
            (None, Some(max)) => Problem::AtMost { max },
            (min, None) => Problem::AtLeast { min: min.unwrap_or_default() },
        });
    }
    Ok(text)
}

/// The field at which an item is answered.
pub(super) fn field(item: &Item) -> String {
    let part = if item.kind == ItemKind::Choices { "many" } else { "text" };
    format!("{part}.{}", item.link_id)
}

impl Item {
    /// The field of the form at which it is answered.
    pub fn field(&self) -> String {
        field(self)
    }
}

impl Definition {
    /// Takes the signatures out of the answers, with their items: a name is kept with the signature
    /// alone.
    pub fn take_signatures<'a>(&'a self, answers: &mut Answers) -> Vec<(&'a Item, Answer)> {
        let items = self.items.iter().filter(|item| item.kind == ItemKind::Signature);
        items.filter_map(|item| Some((item, answers.remove(&item.link_id)?))).collect()
    }

    /// Without what is signed: staff who correct answers sign for no one.
    pub fn unsigned(&self) -> Definition {
        let items = self.items.iter().filter(|item| item.kind != ItemKind::Signature);
        Definition { items: items.cloned().collect(), last: self.last }
    }

    /// The answers to everything that is shown; what is not shown is not kept. `offered`: as what
    /// the one who fills it in may sign.
    ///
    /// # Errors
    /// At each field: `text.q1`, `many.q2`, `other.q3`.
    pub fn parse(&self, filled: &Filled, offered: &[Capacity]) -> Result<Answers, Refusal> {
        let mut fields = Fields::default();
        let (_, answers) = self.walk(|item| {
            let answer = match filled.answer(item, Some(offered)) {
                Ok(answer) => answer,
                Err((field, problem)) => {
                    fields.note(&field, problem);
                    return filled.read(item);
                }
            };
            let missing = match item.kind {
                ItemKind::Consent => item.required && answer.as_ref().is_some_and(|one| one.values == ["no"]),
                _ => item.required && answer.is_none(),
            };
            if missing {
                fields.note(&field(item), Problem::Required);
            }
            answer
        });
        fields.finish()?;
        Ok(answers)
    }

    /// The items that are shown to someone who has typed this so far.
    pub fn visible_so_far(&self, filled: &Filled) -> Vec<&Item> {
        let (shown, _) = self.walk(|item| filled.read(item));
        self.items.iter().zip(shown).filter(|(_, shown)| *shown).map(|(item, _)| item).collect()
    }
}
