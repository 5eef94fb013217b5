//! Changing what a form asks.

use super::definition::{ITEMS_MAX, OPTIONS_MAX};
use super::{Behaviour, Channel, Condition, Definition, Item, ItemKind, Operator, Starter};
use crate::parse::{self, Fields};
use crate::{Problem, Refusal};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

const TEXT_MAX: usize = 5_000;
const HELP_MAX: usize = 500;
const OPTION_MAX: usize = 200;
const NAME_MAX: usize = 100;
/// No item has more conditions.
const CONDITIONS_MAX: usize = 10;

/// One change of a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    Add(ItemKind),
    Save(String, Box<ItemForm>),
    Up(String),
    Down(String),
    Duplicate(String),
    Delete(String),
}

/// An item, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ItemForm {
    pub text: String,
    pub help: String,
    pub required: bool,
    /// One a line.
    pub options: String,
    pub other: bool,
    pub min: String,
    pub max: String,
    pub channel: String,
    pub score: bool,
    /// `all` or `any`.
    pub behaviour: String,
    pub when: Vec<ConditionForm>,
}

/// A condition, as chosen; all blank: none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConditionForm {
    /// The question and the answer, `q1 = yes`.
    pub holds: String,
}

impl ConditionForm {
    pub fn of(condition: &Condition) -> ConditionForm {
        let Condition { question, operator, answer } = condition;
        ConditionForm { holds: format!("{question} {} {answer}", operator.as_str()).trim_end().to_owned() }
    }

    fn parse(&self) -> Result<Option<Condition>, Problem> {
        let text = self.holds.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let mut parts = text.splitn(3, ' ');
        let question = parts.next().unwrap_or_default().to_owned();
        let operator: Operator = parts.next().unwrap_or_default().parse()?;
        let answer = parts.next().unwrap_or_default().to_owned();
        Ok(Some(Condition { question, operator, answer }))
    }
}

impl ItemForm {
    pub fn of(item: &Item) -> ItemForm {
        ItemForm {
            text: item.text.clone(),
            help: item.help.clone(),
            required: item.required,
            options: item.options.join("\n"),
            other: item.other,
            min: item.min.map(|number| number.to_string()).unwrap_or_default(),
            max: item.max.map(|number| number.to_string()).unwrap_or_default(),
            channel: item.channel.map(|channel| channel.as_str().to_owned()).unwrap_or_default(),
            score: item.score,
            behaviour: item.behaviour.as_str().to_owned(),
            when: item.when.iter().map(ConditionForm::of).collect(),
        }
    }

    /// The item with what was typed; `earlier` are those that come before it.
    ///
    /// # Errors
    /// At each field; those of the conditions at `when.0.holds`.
    fn parse(&self, was: &Item, earlier: &[Item]) -> Result<Item, Refusal> {
        let mut fields = Fields::default();
        let kind = was.kind;
        let text = match parse::lines(&self.text, TEXT_MAX) {
            Ok(text) if text.is_empty() => Err(Problem::Required),
            text => text,
        };
        let text = fields.take("text", text);
        let help = fields.take("help", parse::lines(&self.help, HELP_MAX));
        let options = if kind.has_options() { fields.take("options", options(&self.options)) } else { Vec::new() };
        let (min, max) = match kind {
            ItemKind::Scale => {
                let min = fields.take("min", parse::whole(&self.min, 0, 1));
                let max = fields.take("max", parse::whole(&self.max, 2, 20));
                (Some(min), Some(max))
            }
            ItemKind::Number => {
                let bound =
                    |text: &str| parse::optional(text, |text| parse::whole(text, -1_000_000_000, 1_000_000_000));
                let (min, max) = (fields.take("min", bound(&self.min)), fields.take("max", bound(&self.max)));
                if let Some((min, _)) = min.zip(max).filter(|(min, max)| min > max) {
                    fields.note("max", Problem::AtLeast { min });
                }
                (min, max)
            }
            _ => (None, None),
        };
        let channel = match kind {
            ItemKind::Consent => {
                Some(fields.take_or("channel", parse::id::<Channel>(&self.channel), || Channel::Email))
            }
            _ => None,
        };
        let behaviour = match self.behaviour.trim() {
            "" => Behaviour::All,
            word => fields.take_or("behaviour", word.parse(), || Behaviour::All),
        };
        let mut when = Vec::new();
        for (at, condition) in self.when.iter().enumerate() {
            let name = format!("when.{at}.holds");
            let known = |condition: &Condition| {
                let asked = earlier.iter().find(|item| item.link_id == condition.question && item.kind.may_be_asked());
                asked.is_some_and(|asked| {
                    condition.operator == Operator::Answered && condition.answer.is_empty()
                        || condition.operator != Operator::Answered
                            && asked.values().iter().any(|(value, _)| *value == condition.answer)
                })
            };
            match fields.take(&name, condition.parse()) {
                Some(condition) if !known(&condition) => fields.note(&name, Problem::Unknown),
                Some(condition) => when.push(condition),
                None => {}
            }
        }
        if when.len() > CONDITIONS_MAX {
            fields.note("when.0.holds", Problem::TooMany { max: CONDITIONS_MAX });
        }
        fields.finish()?;
        let required = self.required && kind.is_question();
        let other = self.other && kind.has_options();
        let score = self.score && kind.may_score();
        Ok(Item { text, help, required, options, other, min, max, channel, score, when, behaviour, ..was.clone() })
    }
}

fn options(text: &str) -> Result<Vec<String>, Problem> {
    let mut all: Vec<String> = Vec::new();
    for line in text.lines() {
        let line = parse::line(line, OPTION_MAX)?;
        if !line.is_empty() && !all.contains(&line) {
            all.push(line);
        }
    }
    match all.len() {
        0 => Err(Problem::Required),
        count if count > OPTIONS_MAX => Err(Problem::TooMany { max: OPTIONS_MAX }),
        _ => Ok(all),
    }
}

impl Definition {
    fn place(&self, link_id: &str) -> Result<usize, Refusal> {
        self.items.iter().position(|item| item.link_id == link_id).ok_or(Refusal::NotFound)
    }

    /// A name that no item had.
    fn next(&mut self) -> String {
        self.last += 1;
        format!("q{}", self.last)
    }

    /// Adds an item at the end; the item is returned with its name.
    pub fn push(&mut self, kind: ItemKind, text: &str) -> &mut Item {
        let name = self.next();
        let at = self.items.len();
        self.items.push(Item::new(name, kind, text));
        &mut self.items[at]
    }

    /// Makes the change; answers with the name of the item that it made or was about.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for an item that is not there; of a saved one at each field.
    pub fn apply(&mut self, edit: &Edit) -> Result<String, Refusal> {
        let full = self.items.len() >= ITEMS_MAX;
        match edit {
            Edit::Add(_) | Edit::Duplicate(_) if full => {
                Err(Refusal::field("kind", Problem::TooMany { max: ITEMS_MAX }))
            }
            Edit::Add(kind) => Ok(self.push(*kind, "").link_id.clone()),
            Edit::Save(name, form) => {
                let at = self.place(name)?;
                self.items[at] = form.parse(&self.items[at], &self.items[..at])?;
                Ok(name.clone())
            }
            Edit::Up(name) => {
                let at = self.place(name)?;
                if at > 0 {
                    self.items.swap(at - 1, at);
                }
                Ok(name.clone())
            }
            Edit::Down(name) => {
                let at = self.place(name)?;
                if at + 1 < self.items.len() {
                    self.items.swap(at, at + 1);
                }
                Ok(name.clone())
            }
            Edit::Duplicate(name) => {
                let at = self.place(name)?;
                let link_id = self.next();
                self.items.insert(at + 1, Item { link_id: link_id.clone(), ..self.items[at].clone() });
                Ok(link_id)
            }
            Edit::Delete(name) => {
                let at = self.place(name)?;
                self.items.remove(at);
                Ok(String::new())
            }
        }
    }
}

/// A new form, or another name for one, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FormForm {
    pub name: String,
    /// What a new one begins with; empty: nothing.
    pub starter: String,
    /// A double submit carries the same.
    pub request_key: String,
}

impl FormForm {
    pub fn parse(&self) -> Result<(String, Option<Starter>, Option<Uuid>), Refusal> {
        let mut fields = Fields::default();
        let starter = fields.take("starter", parse::optional(&self.starter, parse::id::<Starter>));
        let name = match (self.name.trim(), starter) {
            ("", Some(starter)) => Ok(starter.label().to_owned()),
            (name, _) => parse::required(name, NAME_MAX),
        };
        let name = fields.take("name", name);
        let key = fields.take("request_key", parse::optional(&self.request_key, parse::id::<Uuid>));
        fields.finish()?;
        Ok((name, starter, key))
    }
}
