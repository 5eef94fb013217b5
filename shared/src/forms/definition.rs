//! What a form asks.

use super::{Answer, Answers};
use crate::consents::Channel;
use crate::vocabulary::vocabulary;
use crate::{Problem, Refusal};
use serde::{Deserialize, Serialize};

/// No form has more items.
pub const ITEMS_MAX: usize = 200;
/// No question has more choices.
pub const OPTIONS_MAX: usize = 60;

vocabulary! {
    /// What kind of item. The words are those of FHIR where it has one.
    ItemKind {
        /// Begins a section.
        Section = "group", "Section";
        /// To read; nothing is answered.
        Display = "display", "Text to read";
        Short = "string", "Short text";
        Long = "text", "Long text";
        Number = "decimal", "Number";
        Date = "date", "Date";
        YesNo = "boolean", "Yes or no";
        /// One of several.
        Choice = "choice", "Choice (one)";
        /// Any of several.
        Choices = "choices", "Choice (several)";
        /// A whole number from a lowest to a highest.
        Scale = "scale", "Scale";
        Phone = "phone", "Phone";
        Email = "email", "Email";
        Signature = "signature", "Signature";
        /// Whether messages by one channel are welcome.
        Consent = "consent", "Consent to messages";
    }
}

impl ItemKind {
    /// Whether it is answered.
    pub const fn is_question(self) -> bool {
        !matches!(self, ItemKind::Section | ItemKind::Display)
    }

    pub const fn has_options(self) -> bool {
        matches!(self, ItemKind::Choice | ItemKind::Choices)
    }

    /// Whether its answer may count in a sum.
    pub const fn may_score(self) -> bool {
        matches!(self, ItemKind::Choice | ItemKind::Scale)
    }

    /// Whether conditions of later items may ask for its answer.
    pub const fn may_be_asked(self) -> bool {
        matches!(self, ItemKind::YesNo | ItemKind::Choice | ItemKind::Choices | ItemKind::Scale | ItemKind::Consent)
    }
}

vocabulary! {
    Operator {
        Is = "=", "is";
        IsNot = "!=", "is not";
        Answered = "exists", "is answered";
    }
}

vocabulary! {
    /// Whether all conditions are to hold, or any of them.
    Behaviour {
        All = "all", "All of these";
        Any = "any", "Any of these";
    }
}

/// What the answer to an earlier question is to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    pub question: String,
    pub operator: Operator,
    /// Empty for [`Operator::Answered`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub answer: String,
}

impl Condition {
    fn holds(&self, earlier: &Answers) -> bool {
        let answer = earlier.get(&self.question);
        let is = |answer: &Answer| answer.values.contains(&self.answer);
        match self.operator {
            Operator::Is => answer.is_some_and(is),
            Operator::IsNot => !answer.is_some_and(is),
            Operator::Answered => answer.is_some(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// Names it in answers and conditions; never used again for another.
    pub link_id: String,
    #[serde(rename = "type")]
    pub kind: ItemKind,
    /// The question; of a signature the statement that is signed.
    pub text: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    #[serde(default, rename = "answerOption", skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// Beside the choices, own words.
    #[serde(default, rename = "openChoice", skip_serializing_if = "std::ops::Not::not")]
    pub other: bool,
    /// Of a number and a scale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    /// Of a consent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// Of a choice and a scale: the answer counts in the sum that staff see, the first choice as 0.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub score: bool,
    /// Shown only if these hold; none: always.
    #[serde(default, rename = "enableWhen", skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<Condition>,
    #[serde(default = "all", rename = "enableBehavior")]
    pub behaviour: Behaviour,
}

const fn all() -> Behaviour {
    Behaviour::All
}

impl Item {
    pub fn new(link_id: impl Into<String>, kind: ItemKind, text: impl Into<String>) -> Item {
        let (min, max) = if kind == ItemKind::Scale { (Some(0), Some(10)) } else { (None, None) };
        Item {
            link_id: link_id.into(),
            kind,
            text: text.into(),
            help: String::new(),
            required: false,
            options: Vec::new(),
            other: false,
            min,
            max,
            channel: (kind == ItemKind::Consent).then_some(Channel::Email),
            score: false,
            when: Vec::new(),
            behaviour: Behaviour::All,
        }
    }

    /// Whether its own conditions hold; those of its section are asked apart.
    fn is_wanted(&self, earlier: &Answers) -> bool {
        match self.behaviour {
            _ if self.when.is_empty() => true,
            Behaviour::All => self.when.iter().all(|condition| condition.holds(earlier)),
            Behaviour::Any => self.when.iter().any(|condition| condition.holds(earlier)),
        }
    }

    /// What it may be answered with, as conditions compare it; empty: anything.
    pub fn values(&self) -> Vec<(String, String)> {
        match self.kind {
            ItemKind::YesNo => vec![("yes".to_owned(), "Yes".to_owned()), ("no".to_owned(), "No".to_owned())],
            ItemKind::Consent => vec![("yes".to_owned(), "Yes".to_owned())],
            ItemKind::Choice | ItemKind::Choices => self.options.iter().map(|one| (one.clone(), one.clone())).collect(),
            ItemKind::Scale => self.scale().map(|number| (number.to_string(), number.to_string())).collect(),
            _ => Vec::new(),
        }
    }

    /// The numbers of a scale.
    pub fn scale(&self) -> std::ops::RangeInclusive<i64> {
        self.min.unwrap_or(0)..=self.max.unwrap_or(10)
    }

    /// What an answer counts in the sum, and the most that it may; nothing if it doesn't count.
    fn points(&self, answer: Option<&Answer>) -> Option<(Option<i64>, i64)> {
        let first = answer.and_then(|answer| answer.values.first());
        match self.kind {
            ItemKind::Choice if self.score => {
                let place = first.and_then(|first| self.options.iter().position(|option| option == first));
                let most = self.options.len().saturating_sub(1);
                Some((place.and_then(|place| place.try_into().ok()), most.try_into().unwrap_or_default()))
            }
            ItemKind::Scale if self.score => Some((first.and_then(|first| first.parse().ok()), *self.scale().end())),
            _ => None,
        }
    }

    /// The answer as people read it.
    pub fn words(&self, answer: &Answer) -> String {
        let first = || answer.values.first().cloned().unwrap_or_default();
        match self.kind {
            ItemKind::YesNo | ItemKind::Consent => if first() == "yes" { "Yes" } else { "No" }.to_owned(),
            ItemKind::Date => match first().parse::<chrono::NaiveDate>() {
                Ok(date) => date.format("%-d %B %Y").to_string(),
                Err(_) => first(),
            },
            ItemKind::Signature => {
                let capacity = answer.other.parse::<super::Capacity>().map(super::Capacity::label).unwrap_or_default();
                format!("{} ({})", first(), capacity.to_lowercase())
            }
            ItemKind::Scale => format!("{} of {}", first(), self.max.unwrap_or(10)),
            _ => {
                let mut all = answer.values.clone();
                if !answer.other.is_empty() {
                    all.push(format!("Other: {}", answer.other));
                }
                all.join(", ")
            }
        }
    }
}

/// A sum of answers, for staff. What it means they know; nothing is concluded from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Score {
    pub sum: i64,
    pub most: i64,
    /// How many of the questions that count have no answer.
    pub unanswered: usize,
}

/// What a form asks, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    #[serde(rename = "item")]
    pub items: Vec<Item>,
    /// The number of the last item that was added, for the next one's name.
    #[serde(default)]
    pub last: u32,
}

impl Definition {
    pub fn item(&self, link_id: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.link_id == link_id)
    }

    /// Goes through the items in order and asks for the answer of each that is shown: whether an
    /// item is shown depends on earlier answers alone.
    pub(super) fn walk(&self, mut answer: impl FnMut(&Item) -> Option<Answer>) -> (Vec<bool>, Answers) {
        let (mut earlier, mut section) = (Answers::new(), true);
        let mut shown = Vec::with_capacity(self.items.len());
        for item in &self.items {
            let wanted = item.is_wanted(&earlier);
            let is_shown = match item.kind {
                ItemKind::Section => {
                    section = wanted;
                    wanted
                }
                _ => section && wanted,
            };
            shown.push(is_shown);
            if is_shown
                && item.kind.is_question()
                && let Some(answer) = answer(item)
            {
                earlier.insert(item.link_id.clone(), answer);
            }
        }
        (shown, earlier)
    }

    /// The items that are shown to someone with these answers; answers to what is not shown do
    /// not count.
    pub fn visible(&self, answers: &Answers) -> Vec<&Item> {
        let (shown, _) = self.walk(|item| answers.get(&item.link_id).cloned());
        self.items.iter().zip(shown).filter(|(_, shown)| *shown).map(|(item, _)| item).collect()
    }

    /// The sum of what counts among the items that were shown; `None` where nothing does.
    pub fn score(&self, answers: &Answers) -> Option<Score> {
        let points: Vec<_> =
            self.visible(answers).into_iter().filter_map(|item| item.points(answers.get(&item.link_id))).collect();
        (!points.is_empty()).then(|| Score {
            sum: points.iter().filter_map(|(points, _)| *points).sum(),
            most: points.iter().map(|(_, most)| most).sum(),
            unanswered: points.iter().filter(|(points, _)| points.is_none()).count(),
        })
    }

    /// Whether it can be published.
    ///
    /// # Errors
    /// At `publish`: nothing is asked, or something depends on what does not come before it.
    pub fn check(&self) -> Result<(), Refusal> {
        let problem = |problem| Err(Refusal::field("publish", problem));
        if !self.items.iter().any(|item| item.kind.is_question()) {
            return problem(Problem::NoQuestions);
        }
        for (at, item) in self.items.iter().enumerate() {
            let earlier = &self.items[..at];
            let known = |condition: &Condition| {
                let asked = earlier.iter().find(|other| other.link_id == condition.question);
                asked.is_some_and(|asked| {
                    let values = asked.values();
                    asked.kind.may_be_asked()
                        && (condition.operator == Operator::Answered
                            || values.iter().any(|(value, _)| *value == condition.answer))
                })
            };
            if !item.when.iter().all(known) {
                return problem(Problem::AsksLater { item: short(&item.text) });
            }
            if item.text.is_empty() || item.kind.has_options() && item.options.is_empty() {
                return problem(Problem::Unfinished { item: short(&item.text) });
            }
        }
        Ok(())
    }
}

/// A long text as a label.
pub(super) fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", line[..at].trim_end()),
        None => line.to_owned(),
    }
}

impl Item {
    /// Its text as a label of one line.
    pub fn label(&self) -> String {
        match self.kind {
            ItemKind::Signature => "Signature".to_owned(),
            _ if self.text.is_empty() => self.kind.label().to_owned(),
            _ => short(&self.text),
        }
    }
}
