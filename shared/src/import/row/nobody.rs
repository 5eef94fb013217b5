//! Lines of a file that are of no one: reports repeat their headings and end in totals.

use super::{CellProblem, Mapping, fold};
use crate::cells::plain;
use crate::clients::columns::Column;
use crate::import::target::{Extra, Target};

const NAMES: [Target; 4] = [
    Target::of(Column::FirstName),
    Target::of(Column::LastName),
    Target::Extra(Extra::FullName),
    Target::of(Column::GroupName),
];

impl Mapping {
    /// Why the line is of no one, at its cell.
    pub(super) fn nobody(&self, cells: &[String]) -> Option<CellProblem> {
        let filled: Vec<(usize, String)> = cells
            .iter()
            .enumerate()
            .map(|(index, cell)| (index, fold(&plain(cell))))
            .filter(|(_, cell)| !cell.is_empty())
            .collect();
        let is_name = |index: usize| {
            self.details.targets.get(index).copied().flatten().is_some_and(|target| NAMES.contains(&target))
        };
        let first = filled.first()?.0;
        let repeats = filled.iter().all(|(_, cell)| self.plain_headings.contains(cell));
        let in_place = filled.iter().any(|(index, cell)| self.plain_headings.get(*index) == Some(cell));
        if repeats && (filled.len() > 1 || in_place && (is_name(first) || self.plain_headings.len() == 1)) {
            let words = "This line repeats the headings of the file. It is not a person.".to_owned();
            return Some(CellProblem { column: Some(first), words });
        }
        let names: Vec<&(usize, String)> = filled.iter().filter(|(index, _)| is_name(*index)).collect();
        let column = names.first()?.0;
        let name = names.iter().map(|(_, cell)| cell.as_str()).collect::<Vec<_>>().join(" ");
        is_total(&name)
            .then(|| CellProblem { column: Some(column), words: "This line is a total, not a person.".to_owned() })
    }
}

/// `total`, `total: 3`, `Grand total clients: 20`: not someone called Total Recall.
fn is_total(name: &str) -> bool {
    let mut words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).peekable();
    while words.next_if(|word| matches!(*word, "grand" | "sub")).is_some() {}
    let is_total =
        words.next().is_some_and(|word| matches!(word, "total" | "totals" | "totaux" | "subtotal" | "subtotals"));
    let of_rows = |word: &str| {
        matches!(
            word,
            "of" | "number"
                | "count"
                | "rows"
                | "records"
                | "clients"
                | "patients"
                | "students"
                | "members"
                | "people"
                | "persons"
                | "entries"
                | "customers"
                | "contacts"
                | "athletes"
                | "active"
                | "inactive"
                | "all"
        )
    };
    is_total && words.all(|word| of_rows(word) || word.chars().all(|c| c.is_numeric()))
}

#[cfg(test)]
mod tests {
    use super::is_total;

    #[test]
    fn a_total_is_distinguished_from_a_name() {
        for total in ["total", "total: 1", "total 3", "total clients: 2", "grand total", "sub-total", "subtotal (12)"] {
            assert!(is_total(total), "{total}");
        }
        for name in ["total recall", "mia total", "totally", "", "sum wing", "tot al"] {
            assert!(!is_total(name), "{name}");
        }
    }
}
