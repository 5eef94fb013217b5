//! The two sides of a link. A row knows a *low* and a *high* client, by the
//! order of their ids; people know *own* and *other*. The one place where the
//! two are mapped.

use shared::ClientId;
use shared::links::{Grants, Label, LinkDetails};

/// Where a client stands in the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Low,
    High,
}

/// A pair of clients as the row orders them, and where the first of them stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pair {
    pub low: ClientId,
    pub high: ClientId,
    pub own: Side,
}

impl Pair {
    /// `None` for someone and themself.
    pub fn of(own: ClientId, other: ClientId) -> Option<Pair> {
        match own.cmp(&other) {
            std::cmp::Ordering::Less => Some(Pair { low: own, high: other, own: Side::Low }),
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Greater => Some(Pair { low: other, high: own, own: Side::High }),
        }
    }
}

/// Labels and grants under the names of their columns; so they stand in the
/// history as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
pub(crate) struct Stored {
    pub low_label: Label,
    pub high_label: Label,
    pub low_may_book: bool,
    pub low_may_forms: bool,
    pub low_gets_copies: bool,
    pub low_may_packages: bool,
    pub high_may_book: bool,
    pub high_may_forms: bool,
    pub high_gets_copies: bool,
    pub high_may_packages: bool,
}

impl Stored {
    pub fn of(own: Side, details: &LinkDetails) -> Stored {
        let (low, high) = match own {
            Side::Low => ((details.own_label, details.own_may), (details.other_label, details.other_may)),
            Side::High => ((details.other_label, details.other_may), (details.own_label, details.own_may)),
        };
        Stored {
            low_label: low.0,
            high_label: high.0,
            low_may_book: low.1.book,
            low_may_forms: low.1.forms,
            low_gets_copies: low.1.copies,
            low_may_packages: low.1.packages,
            high_may_book: high.1.book,
            high_may_forms: high.1.forms,
            high_gets_copies: high.1.copies,
            high_may_packages: high.1.packages,
        }
    }

    /// As the client on this side sees it.
    pub fn seen_from(&self, own: Side, version: Option<i32>) -> LinkDetails {
        let low = Grants {
            book: self.low_may_book,
            forms: self.low_may_forms,
            copies: self.low_gets_copies,
            packages: self.low_may_packages,
        };
        let high = Grants {
            book: self.high_may_book,
            forms: self.high_may_forms,
            copies: self.high_gets_copies,
            packages: self.high_may_packages,
        };
        let (own, other) = match own {
            Side::Low => ((self.low_label, low), (self.high_label, high)),
            Side::High => ((self.high_label, high), (self.low_label, low)),
        };
        LinkDetails { own_label: own.0, own_may: own.1, other_label: other.0, other_may: other.1, version }
    }

    /// Whether either may do something for the other.
    pub fn gives(&self) -> bool {
        let low = [self.low_may_book, self.low_may_forms, self.low_gets_copies, self.low_may_packages];
        let high = [self.high_may_book, self.high_may_forms, self.high_gets_copies, self.high_may_packages];
        low.into_iter().chain(high).any(|may| may)
    }

    /// Whether what they may do is otherwise, not only what they are to each other.
    pub fn changes_grants(&self, from: &Stored) -> bool {
        self.differing(from).iter().any(|column| !column.ends_with("_label"))
    }

    /// The columns that differ, for the audit.
    pub fn differing(&self, from: &Stored) -> Vec<&'static str> {
        [
            ("low_label", self.low_label != from.low_label),
            ("high_label", self.high_label != from.high_label),
            ("low_may_book", self.low_may_book != from.low_may_book),
            ("low_may_forms", self.low_may_forms != from.low_may_forms),
            ("low_gets_copies", self.low_gets_copies != from.low_gets_copies),
            ("low_may_packages", self.low_may_packages != from.low_may_packages),
            ("high_may_book", self.high_may_book != from.high_may_book),
            ("high_may_forms", self.high_may_forms != from.high_may_forms),
            ("high_gets_copies", self.high_gets_copies != from.high_gets_copies),
            ("high_may_packages", self.high_may_packages != from.high_may_packages),
        ]
        .into_iter()
        .filter_map(|(column, differs)| differs.then_some(column))
        .collect()
    }
}

/// The ten columns of a row, by their names.
macro_rules! stored {
    ($row:ident) => {
        $crate::links::sides::Stored {
            low_label: $row.low_label,
            high_label: $row.high_label,
            low_may_book: $row.low_may_book,
            low_may_forms: $row.low_may_forms,
            low_gets_copies: $row.low_gets_copies,
            low_may_packages: $row.low_may_packages,
            high_may_book: $row.high_may_book,
            high_may_forms: $row.high_may_forms,
            high_gets_copies: $row.high_gets_copies,
            high_may_packages: $row.high_may_packages,
        }
    };
}
pub(crate) use stored;

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn grants(bits: u8) -> Grants {
        Grants { book: bits & 1 != 0, forms: bits & 2 != 0, copies: bits & 4 != 0, packages: bits & 8 != 0 }
    }

    /// Every label and every set of grants, in both directions at the same time.
    fn every_link() -> impl Iterator<Item = LinkDetails> {
        let sides = || Label::ALL.iter().flat_map(|label| (0..16).map(|bits| (*label, grants(bits))));
        sides().flat_map(move |(own_label, own_may)| {
            sides().map(move |(other_label, other_may)| LinkDetails {
                own_label,
                own_may,
                other_label,
                other_may,
                version: Some(3),
            })
        })
    }

    #[test]
    fn what_is_written_from_a_side_is_read_from_that_side() {
        for details in every_link() {
            for side in [Side::Low, Side::High] {
                assert_eq!(Stored::of(side, &details).seen_from(side, Some(3)), details);
            }
        }
    }

    #[test]
    fn the_other_side_sees_it_the_other_way_round() {
        for details in every_link() {
            let seen = Stored::of(Side::Low, &details).seen_from(Side::High, None);
            assert_eq!((seen.own_label, seen.own_may), (details.other_label, details.other_may));
            assert_eq!((seen.other_label, seen.other_may), (details.own_label, details.own_may));
        }
    }

    #[test]
    fn every_column_is_the_low_or_the_high_clients() {
        let nothing = LinkDetails {
            own_label: Label::Other,
            other_label: Label::Other,
            own_may: Grants::default(),
            other_may: Grants::default(),
            version: None,
        };
        let all = LinkDetails { own_label: Label::Parent, own_may: grants(15), ..nothing };
        let low = ["low_label", "low_may_book", "low_may_forms", "low_gets_copies", "low_may_packages"];
        let high = ["high_label", "high_may_book", "high_may_forms", "high_gets_copies", "high_may_packages"];
        let columns = |side| Stored::of(side, &all).differing(&Stored::of(side, &nothing));
        assert_eq!(columns(Side::Low), low);
        assert_eq!(columns(Side::High), high);
    }

    #[test]
    fn a_pair_is_the_same_in_either_order() {
        let (a, b) = (ClientId(Uuid::from_u128(1)), ClientId(Uuid::from_u128(1 << 120)));
        let (from_a, from_b) = (Pair::of(a, b).unwrap(), Pair::of(b, a).unwrap());
        assert_eq!((from_a.low, from_a.high), (from_b.low, from_b.high));
        assert_eq!((from_a.own, from_b.own), (Side::Low, Side::High));
        assert_eq!(Pair::of(a, a), None);
    }
}
