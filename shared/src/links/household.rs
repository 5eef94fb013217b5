//! Households: which of the people linked to someone are linked to one another.

use super::Grants;
use crate::ClientId;
use std::collections::BTreeMap;

/// The most people that one household shows.
const PEOPLE_MAX: usize = 12;

/// The most linked people that are looked at; the first of those given.
pub const LINKED_MAX: usize = 24;

/// A person and those linked to them who are all linked to one another; what each may do for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Household {
    /// The person first, and the others in the order given.
    pub people: Vec<ClientId>,
}

/// The households of a person: the largest sets of those linked to them in which everyone is
/// linked to everyone. Two guardians who are not linked are each in their own, also where they
/// have a child in common; a child of two such guardians is in both. `others` are linked to `own`;
/// `grants` has both directions of each link among all of them.
pub fn households(
    own: ClientId,
    others: &[ClientId],
    grants: &BTreeMap<(ClientId, ClientId), Grants>,
) -> Vec<Household> {
    let others = &others[..others.len().min(LINKED_MAX)];
    let linked = |one: ClientId, other: ClientId| grants.contains_key(&(one, other));
    let mut found: Vec<Vec<ClientId>> = Vec::new();
    for start in others {
        // Grown in both orders of the rest, so that of two who exclude each other both have a turn.
        for first in others {
            let mut set = vec![*start];
            for next in std::iter::once(first).chain(others) {
                if set.len() < PEOPLE_MAX && !set.contains(next) && set.iter().all(|one| linked(*one, *next)) {
                    set.push(*next);
                }
            }
            set.sort_by_key(|one| others.iter().position(|other| other == one));
            if !found.contains(&set) {
                found.push(set);
            }
        }
    }
    found.into_iter().map(|set| Household { people: std::iter::once(own).chain(set).collect() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const fn id(n: u128) -> ClientId {
        ClientId(Uuid::from_u128(n))
    }
    const MIA: ClientId = id(1);
    const ANA: ClientId = id(2);
    const BEN: ClientId = id(3);
    const LEO: ClientId = id(4);

    fn links(pairs: &[(ClientId, ClientId)]) -> BTreeMap<(ClientId, ClientId), Grants> {
        pairs.iter().flat_map(|(a, b)| [((*a, *b), Grants::default()), ((*b, *a), Grants::default())]).collect()
    }

    fn people(all: Vec<Household>) -> Vec<Vec<ClientId>> {
        all.into_iter().map(|one| one.people).collect()
    }

    #[test]
    fn two_guardians_who_are_not_linked_are_each_in_their_own_household() {
        let apart = links(&[(MIA, ANA), (MIA, BEN)]);
        assert_eq!(people(households(MIA, &[ANA, BEN], &apart)), [[MIA, ANA], [MIA, BEN]]);
        let together = links(&[(MIA, ANA), (MIA, BEN), (ANA, BEN)]);
        assert_eq!(people(households(MIA, &[ANA, BEN], &together)), [[MIA, ANA, BEN]]);
    }

    #[test]
    fn a_sibling_does_not_join_two_guardians() {
        let all = links(&[(MIA, ANA), (MIA, BEN), (MIA, LEO), (LEO, ANA), (LEO, BEN)]);
        assert_eq!(people(households(MIA, &[ANA, BEN, LEO], &all)), [[MIA, ANA, LEO], [MIA, BEN, LEO]]);
        // Seen from one guardian the other is not there.
        assert_eq!(people(households(ANA, &[LEO, MIA], &all)), [[ANA, LEO, MIA]]);
    }

    #[test]
    fn no_one_linked_is_no_household() {
        assert!(households(MIA, &[], &BTreeMap::new()).is_empty());
    }
}
