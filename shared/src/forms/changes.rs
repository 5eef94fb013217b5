//! What is different between two versions of a form.

use super::{Definition, Item};

/// A difference, with the label of its item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Added(String),
    Removed(String),
    Changed(String),
    /// It has another place among those that stayed.
    Moved(String),
}

impl Change {
    pub fn words(&self) -> String {
        match self {
            Change::Added(label) => format!("Added: {label}"),
            Change::Removed(label) => format!("Removed: {label}"),
            Change::Changed(label) => format!("Edited: {label}"),
            Change::Moved(label) => format!("Moved: {label}"),
        }
    }
}

/// From the one to the other, in the order of the new one; what was removed at the end.
pub fn changes(old: &Definition, new: &Definition) -> Vec<Change> {
    let stayed = |item: &&Item| old.item(&item.link_id).is_some();
    let kept: Vec<&str> = new.items.iter().filter(stayed).map(|item| item.link_id.as_str()).collect();
    let before: Vec<&str> =
        old.items.iter().filter(|item| new.item(&item.link_id).is_some()).map(|item| item.link_id.as_str()).collect();
    let moved = moved(&before, &kept);
    let mut found: Vec<Change> = Vec::new();
    for item in &new.items {
        match old.item(&item.link_id) {
            None => found.push(Change::Added(item.label())),
            Some(was) if was != item => found.push(Change::Changed(item.label())),
            Some(_) if moved.contains(&item.link_id.as_str()) => found.push(Change::Moved(item.label())),
            Some(_) => {}
        }
    }
    let gone = old.items.iter().filter(|item| new.item(&item.link_id).is_none());
    found.extend(gone.map(|item| Change::Removed(item.label())));
    found
}

/// Those that are not in the longest run that kept its order.
fn moved<'a>(before: &[&'a str], after: &[&'a str]) -> Vec<&'a str> {
    let places: Vec<usize> = after.iter().filter_map(|name| before.iter().position(|other| other == name)).collect();
    // The longest increasing run that ends at each place.
    let mut best: Vec<(usize, Option<usize>)> = Vec::with_capacity(places.len());
    for at in 0..places.len() {
        let from = (0..at).filter(|&other| places[other] < places[at]).max_by_key(|&other| best[other].0);
        best.push((from.map_or(1, |other| best[other].0 + 1), from));
    }
    let mut keeps = vec![false; places.len()];
    let mut at = (0..best.len()).max_by_key(|&at| best[at].0);
    while let Some(place) = at {
        keeps[place] = true;
        at = best[place].1;
    }
    after.iter().zip(keeps).filter(|(_, keeps)| !keeps).map(|(name, _)| *name).collect()
}
