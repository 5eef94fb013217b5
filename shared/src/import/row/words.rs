//! What the words of a cell mean.

use crate::clients::columns::Column;
use crate::fields::FieldKind;
use crate::health_card::Province;
use crate::{FieldId, Problem};
use std::collections::HashMap;
use std::str::FromStr;

/// What the words of a file mean in this practice: by column and words in lower
/// case the id, or the tag of a language.
#[derive(Debug, Clone, Default)]
pub struct Words {
    known: HashMap<(Column, String), String>,
    /// Client information fields whose cells are not taken as they stand.
    pub kinds: HashMap<FieldId, FieldKind>,
    pub zone: String,
}

impl Words {
    /// No words yet; `zone` is of clients who do not say.
    pub fn of(zone: impl Into<String>) -> Words {
        Words { zone: zone.into(), ..Words::default() }
    }

    /// Of two with the same words the first stays.
    pub fn add(&mut self, column: Column, label: &str, value: String) {
        self.known.entry((column, fold(label))).or_insert(value);
    }

    pub(super) fn find(&self, column: Column, label: &str) -> Option<&String> {
        self.known.get(&(column, fold(label)))
    }
}

pub(in crate::import) fn fold(label: &str) -> String {
    label.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// First and last name of a whole one: `Okafor, Mia` or `Mia Okafor`; the last
/// word is the last name.
pub(super) fn divide(name: &str) -> (String, String) {
    let name = name.trim();
    let (first, last) = match name.split_once(',') {
        Some((last, first)) => (first, last),
        None => name.rsplit_once(char::is_whitespace).unwrap_or((name, "")),
    };
    (first.trim().to_owned(), last.trim().to_owned())
}

pub(in crate::import) fn yes_no(cell: &str) -> Option<bool> {
    match fold(cell).as_str() {
        "yes" | "y" | "true" | "1" | "x" | "on" | "✓" | "oui" => Some(true),
        "no" | "n" | "false" | "0" | "off" | "non" => Some(false),
        _ => None,
    }
}

pub(super) fn yes_or_no(cell: &str) -> Result<bool, String> {
    yes_no(cell).ok_or_else(|| format!("“{}” is neither yes nor no.", short(cell)))
}

/// One of a vocabulary by its word or its label, whatever its case.
pub(super) fn one_of<T: Copy + FromStr>(all: &[T], label: fn(T) -> &'static str, cell: &str) -> Result<T, String> {
    let wanted = fold(cell);
    let by_label = all.iter().copied().find(|one| label(*one).to_lowercase() == wanted);
    by_label.or_else(|| wanted.parse().ok()).ok_or_else(|| {
        let labels: Vec<&str> = all.iter().map(|one| label(*one)).collect();
        format!("“{}” is none of: {}.", short(cell), labels.join(", "))
    })
}

pub(super) fn province(cell: &str) -> Result<String, String> {
    let upper = cell.to_uppercase();
    let by_word = upper.parse::<Province>().or_else(|_| {
        let wanted = fold(cell);
        Province::ALL.iter().copied().find(|one| one.label().to_lowercase() == wanted).ok_or(Problem::Unknown)
    });
    by_word
        .map(|province| province.as_str().to_owned())
        .map_err(|_| format!("“{}” is not a province or territory of Canada.", short(cell)))
}

/// The beginning of a cell, for words about it.
pub(in crate::import) fn short(cell: &str) -> String {
    let start: String = cell.chars().take(30).collect();
    if start.len() < cell.len() { format!("{start}…") } else { start }
}
