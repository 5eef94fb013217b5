//! The order of a list that people arrange.

use crate::{Error, Result};
use shared::Refusal;

/// The list with one of it put right behind another, or first. The same again
/// changes nothing, so a double submit is harmless. [`Refusal::NotFound`] when
/// either is not in the list.
pub(super) fn placed<T: Copy + PartialEq>(list: &[T], item: T, after: Option<T>) -> Result<Vec<T>> {
    let not_found = || Error::Refused(Refusal::NotFound);
    if !list.contains(&item) {
        return Err(not_found());
    }
    if after == Some(item) {
        return Ok(list.to_vec());
    }
    let mut placed: Vec<T> = list.iter().copied().filter(|other| *other != item).collect();
    let at = match after {
        None => 0,
        Some(after) => placed.iter().position(|other| *other == after).ok_or_else(not_found)? + 1,
    };
    placed.insert(at, item);
    Ok(placed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn placing_moves_one_and_keeps_the_others_in_order(n in 1..12_usize, item in 0..12_usize, after in prop::option::of(0..12_usize)) {
            let list: Vec<usize> = (0..n).collect();
            let Ok(moved) = placed(&list, item, after) else {
                prop_assert!(item >= n || after.is_some_and(|after| after >= n));
                return Ok(());
            };
            let others = |list: &[usize]| list.iter().copied().filter(|other| *other != item).collect::<Vec<_>>();
            prop_assert_eq!(others(&moved), others(&list));
            let at = moved.iter().position(|other| *other == item).unwrap();
            match after {
                None => prop_assert_eq!(at, 0),
                Some(after) if after != item => prop_assert_eq!(moved[at - 1], after),
                Some(_) => prop_assert_eq!(&moved, &list),
            }
            prop_assert_eq!(placed(&moved, item, after).unwrap(), moved);
        }
    }
}
