//! Merging two records of one person: what is chosen, and what becomes of
//! the links of either to a third.

use crate::Refusal;
use crate::links::{Grants, LinkDetails, Permission};
use crate::parse::{self, Fields};
use crate::vocabulary::vocabulary;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

vocabulary! {
    /// Whose value stays, where the two differ.
    Choice {
        Keep = "keep", "The record that stays";
        Drop = "drop", "The record that goes";
        /// Of notes: one below the other.
        Both = "both", "Both, one below the other";
    }
}

/// The choices of the page that shows both records, as sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MergeForm {
    /// By the name of the field; what is not named stays as it is.
    pub choices: BTreeMap<String, String>,
    /// By the id of a client information field.
    #[serde(deserialize_with = "crate::fields::by_id")]
    pub fields: BTreeMap<String, String>,
    /// Whose log-in survives, if both have one.
    pub login: String,
    /// The versions that were looked at.
    pub keep_version: String,
    pub drop_version: String,
}

/// Choices that make sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeDetails {
    pub choices: BTreeMap<String, Choice>,
    pub fields: BTreeMap<String, Choice>,
    pub login: Choice,
    pub versions: (i32, i32),
}

impl MergeForm {
    pub fn parse(&self) -> Result<MergeDetails, Refusal> {
        let mut problems = Fields::default();
        let read = |chosen: &BTreeMap<String, String>| {
            chosen.iter().map(|(name, word)| Ok((name.clone(), word.parse()?))).collect::<Result<_, _>>()
        };
        let version = |text: &str| parse::whole(text, 1, i32::MAX.into()).map(|version| version as i32);
        let details = MergeDetails {
            choices: problems.take("choices", read(&self.choices)),
            fields: problems.take("fields", read(&self.fields)),
            login: match self.login.as_str() {
                "" => Choice::Keep,
                word => problems.take_or("login", word.parse(), || Choice::Keep),
            },
            versions: (
                problems.take("keep_version", version(&self.keep_version)),
                problems.take("drop_version", version(&self.drop_version)),
            ),
        };
        problems.finish()?;
        Ok(details)
    }
}

impl Grants {
    /// What both allow.
    pub const fn and(self, other: Grants) -> Grants {
        Grants {
            book: self.book && other.book,
            forms: self.forms && other.forms,
            copies: self.copies && other.copies,
            packages: self.packages && other.packages,
        }
    }
}

/// The link of the merged record to a third person, from those of the two, each
/// seen from its record. Labels are the kept one's, or else the only ones there
/// are. No one may do for the whole what they could not do for both parts: what
/// only one link granted, or only one of the two had, ends.
pub fn joined(keep: Option<&LinkDetails>, drop: Option<&LinkDetails>) -> Option<LinkDetails> {
    let first = keep.or(drop)?;
    let both = |may: fn(&LinkDetails) -> Grants| match (keep, drop) {
        (Some(keep), Some(drop)) => may(keep).and(may(drop)),
        _ => Grants::default(),
    };
    Some(LinkDetails { other_may: both(|link| link.other_may), own_may: both(|link| link.own_may), ..*first })
}

/// What ends for `holder`, who may no longer do it for `subject`.
pub fn ended(before: Grants, after: Grants, holder: &str, subject: &str) -> Vec<String> {
    Permission::ALL
        .iter()
        .filter(|permission| before.has(**permission) && !after.has(**permission))
        .map(|permission| format!("{holder} may no longer {} for {subject}.", permission.label()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::links::Label;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    /// Who may do what for which client.
    type May = BTreeSet<(u8, u8, usize)>;
    /// Links by pair, the lower first; seen from the lower.
    type Links = BTreeMap<(u8, u8), LinkDetails>;

    fn grants(bits: u8) -> Grants {
        Grants { book: bits & 1 != 0, forms: bits & 2 != 0, copies: bits & 4 != 0, packages: bits & 8 != 0 }
    }

    fn turned(link: &LinkDetails) -> LinkDetails {
        LinkDetails {
            own_label: link.other_label,
            other_label: link.own_label,
            own_may: link.other_may,
            other_may: link.own_may,
            version: link.version,
        }
    }

    fn seen_from(links: &Links, own: u8, other: u8) -> Option<LinkDetails> {
        let link = links.get(&(own.min(other), own.max(other)))?;
        Some(if own < other { *link } else { turned(link) })
    }

    fn may(links: &Links) -> May {
        let mut may = May::new();
        for ((low, high), link) in links {
            for (index, permission) in Permission::ALL.iter().enumerate() {
                if link.own_may.has(*permission) {
                    may.insert((*low, *high, index));
                }
                if link.other_may.has(*permission) {
                    may.insert((*high, *low, index));
                }
            }
        }
        may
    }

    /// The links after `drop` was merged into `keep`.
    fn merged(links: &Links, keep: u8, drop: u8, people: u8) -> Links {
        let mut after: Links = links
            .iter()
            .filter(|((a, b), _)| ![*a, *b].iter().any(|c| *c == keep || *c == drop))
            .map(|(pair, link)| (*pair, *link))
            .collect();
        for third in (0..people).filter(|third| *third != keep && *third != drop) {
            let (kept, dropped) = (seen_from(links, keep, third), seen_from(links, drop, third));
            if let Some(link) = joined(kept.as_ref(), dropped.as_ref()) {
                let link = if keep < third { link } else { turned(&link) };
                after.insert((keep.min(third), keep.max(third)), link);
            }
        }
        after
    }

    fn links() -> impl Strategy<Value = Links> {
        let link = (0..16u8, 0..16u8, prop::sample::select(Label::ALL), prop::sample::select(Label::ALL)).prop_map(
            |(own, other, own_label, other_label)| LinkDetails {
                own_label,
                other_label,
                own_may: grants(own),
                other_may: grants(other),
                version: None,
            },
        );
        prop::collection::btree_map((0..5u8, 0..5u8), link, 0..12)
            .prop_map(|links| links.into_iter().filter(|((a, b), _)| a < b).collect())
    }

    proptest! {
        /// The whole rule, said of persons: who after the merge may do
        /// something, could do it before as, and for, each of the parts.
        #[test]
        fn a_merged_grant_is_one_that_both_had(links in links(), keep in 0..5u8, drop in 0..5u8) {
            prop_assume!(keep != drop);
            let parts = |person: u8| if person == keep { vec![keep, drop] } else { vec![person] };
            let (before, after) = (may(&links), may(&merged(&links, keep, drop, 5)));
            for (holder, subject, permission) in &after {
                for (holder, subject) in parts(*holder).into_iter().flat_map(|h| parts(*subject).into_iter().map(move |s| (h, s))) {
                    prop_assert!(before.contains(&(holder, subject, *permission)));
                }
            }
            // And what both had is not lost.
            for (holder, subject, permission) in &before {
                let whole = |person: u8| if person == drop { keep } else { person };
                let all = parts(whole(*holder)).into_iter().all(|h| parts(whole(*subject)).into_iter().all(|s| before.contains(&(h, s, *permission))));
                if all && whole(*holder) != whole(*subject) {
                    prop_assert!(after.contains(&(whole(*holder), whole(*subject), *permission)));
                }
            }
        }

        #[test]
        fn a_label_is_never_lost(links in links(), keep in 0..5u8, drop in 0..5u8) {
            prop_assume!(keep != drop);
            let after = merged(&links, keep, drop, 5);
            for third in (0..5u8).filter(|third| *third != keep && *third != drop) {
                let before = seen_from(&links, keep, third).or(seen_from(&links, drop, third));
                let after = seen_from(&after, keep, third);
                prop_assert_eq!(before.map(|l| (l.own_label, l.other_label)), after.map(|l| (l.own_label, l.other_label)));
            }
        }
    }

    #[test]
    fn a_choice_that_is_none_is_refused() {
        let versions = |form| MergeForm { keep_version: "1".into(), drop_version: "2".into(), ..form };
        let forged = BTreeMap::from([("email".to_owned(), "mine".to_owned())]);
        assert!(versions(MergeForm { choices: forged, ..MergeForm::default() }).parse().is_err());
        assert!(MergeForm::default().parse().is_err());
        assert_eq!(versions(MergeForm::default()).parse().unwrap().versions, (1, 2));
    }

    #[test]
    fn ended_grants_are_reported() {
        let words = ended(grants(0b1001), grants(0b1000), "Ana", "Mia");
        assert_eq!(words, ["Ana may no longer book and manage appointments for Mia."]);
    }
}
