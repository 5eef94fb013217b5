//! Lanes: blocks that overlap in time stand side by side.
//!
//! By start, then the longer first, blocks fall into clusters that touch no other; within
//! a cluster each takes the first lane that is free, and reaches to the right as far as
//! nothing is in its way. Where [`LANES_MAX`] lanes or more were needed, the last lane
//! shows how many more there are.

use std::cmp::Reverse;

/// How many lanes a column is divided into at most.
pub const LANES_MAX: usize = 8;

/// Takes the rows `[starts, ends)` of a column; at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    pub starts: u16,
    pub ends: u16,
}

impl Block {
    pub fn overlaps(self, other: Block) -> bool {
        self.starts < other.ends && other.starts < self.ends
    }
}

/// Where a block stands: in `lane` of `lanes`, and over `wide` of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub lane: usize,
    pub lanes: usize,
    pub wide: usize,
}

/// Blocks for which there was no lane, in the last one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    pub block: Block,
    /// Their places in what was laid out.
    pub hidden: Vec<usize>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    /// Of each block in the order given; `None` where it is part of a fold.
    pub places: Vec<Option<Place>>,
    pub folds: Vec<Fold>,
}

/// `key` decides between blocks of the same rows, so that the order given does not.
pub fn layout<K: Ord>(blocks: &[(Block, K)]) -> Layout {
    let mut order: Vec<usize> = (0..blocks.len()).collect();
    order.sort_by(|a, b| {
        let by = |at: usize| (blocks[at].0.starts, Reverse(blocks[at].0.ends));
        by(*a).cmp(&by(*b)).then_with(|| blocks[*a].1.cmp(&blocks[*b].1))
    });
    let mut layout = Layout { places: vec![None; blocks.len()], folds: Vec::new() };
    let mut cluster: Vec<usize> = Vec::new();
    let mut cluster_ends = 0;
    for at in order {
        let block = blocks[at].0;
        if !cluster.is_empty() && block.starts >= cluster_ends {
            place(blocks, &cluster, &mut layout);
            cluster.clear();
            cluster_ends = 0;
        }
        cluster_ends = cluster_ends.max(block.ends);
        cluster.push(at);
    }
    place(blocks, &cluster, &mut layout);
    layout
}

fn place<K>(blocks: &[(Block, K)], cluster: &[usize], layout: &mut Layout) {
    let mut lanes: Vec<Vec<usize>> = Vec::new();
    for at in cluster {
        let block = blocks[*at].0;
        let free = lanes.iter().position(|lane| lane.last().is_none_or(|last| blocks[*last].0.ends <= block.starts));
        match free {
            Some(lane) => lanes[lane].push(*at),
            None => lanes.push(vec![*at]),
        }
    }
    let (count, shown) = match lanes.len() {
        many if many >= LANES_MAX => (LANES_MAX, LANES_MAX - 1),
        few => (few, few),
    };
    for (lane, held) in lanes[..shown].iter().enumerate() {
        for at in held {
            let hinders = |lane: &[usize]| lane.iter().any(|other| blocks[*other].0.overlaps(blocks[*at].0));
            let wide = 1 + lanes[lane + 1..shown].iter().take_while(|lane| !hinders(lane)).count();
            layout.places[*at] = Some(Place { lane, lanes: count, wide });
        }
    }
    let without: Vec<usize> = cluster.iter().copied().filter(|at| layout.places[*at].is_none()).collect();
    let first = layout.folds.len();
    for at in without {
        let block = blocks[at].0;
        match layout.folds[first..].last_mut() {
            Some(fold) if fold.block.ends > block.starts => {
                fold.block.ends = fold.block.ends.max(block.ends);
                fold.hidden.push(at);
            }
            _ => layout.folds.push(Fold { block, hidden: vec![at] }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn block(starts: u16, ends: u16) -> Block {
        Block { starts, ends }
    }

    fn keyed(blocks: &[Block]) -> Vec<(Block, usize)> {
        blocks.iter().copied().zip(0..).collect()
    }

    fn place(lane: usize, lanes: usize, wide: usize) -> Option<Place> {
        Some(Place { lane, lanes, wide })
    }

    #[test]
    fn neighbours_keep_the_whole_width() {
        let laid = layout(&keyed(&[block(0, 10), block(10, 20)]));
        assert_eq!(laid.places, [place(0, 1, 1), place(0, 1, 1)]);
    }

    #[test]
    fn a_block_reaches_to_the_right_where_nothing_is() {
        let laid = layout(&keyed(&[block(0, 30), block(0, 10), block(5, 10), block(12, 20)]));
        assert_eq!(laid.places, [place(0, 3, 1), place(1, 3, 1), place(2, 3, 1), place(1, 3, 2)]);
    }

    #[test]
    fn eight_and_more_fold_into_the_last_lane() {
        let laid = layout(&keyed(&[block(0, 10); 11]));
        assert_eq!(laid.places.iter().flatten().count(), LANES_MAX - 1);
        assert_eq!(laid.folds.len(), 1);
        assert_eq!((laid.folds[0].block, laid.folds[0].hidden.len()), (block(0, 10), 4));
        assert!(layout(&keyed(&[block(0, 10); 7])).folds.is_empty());
    }

    prop_compose! {
        fn some(max: usize)(pairs in prop::collection::vec((0u16..120, 1u16..40), 0..max)) -> Vec<Block> {
            pairs.into_iter().map(|(starts, length)| block(starts, starts + length)).collect()
        }
    }

    /// Lane, and the lanes of the cluster, by comparing each with each.
    fn slow(blocks: &[Block]) -> Vec<(usize, usize)> {
        let mut order: Vec<usize> = (0..blocks.len()).collect();
        order.sort_by_key(|at| (blocks[*at].starts, Reverse(blocks[*at].ends), *at));
        let mut lanes = vec![usize::MAX; blocks.len()];
        for (nth, at) in order.iter().enumerate() {
            let taken: Vec<usize> = order[..nth]
                .iter()
                .filter(|other| blocks[**other].overlaps(blocks[*at]))
                .map(|other| lanes[*other])
                .collect();
            lanes[*at] = (0..).find(|lane| !taken.contains(lane)).unwrap();
        }
        // A cluster is what hangs together by overlaps.
        let mut cluster: Vec<usize> = (0..blocks.len()).collect();
        for _ in 0..blocks.len() {
            for a in 0..blocks.len() {
                for b in 0..blocks.len() {
                    if blocks[a].overlaps(blocks[b]) {
                        let least = cluster[a].min(cluster[b]);
                        (cluster[a], cluster[b]) = (least, least);
                    }
                }
            }
        }
        let count =
            |of: usize| (0..blocks.len()).filter(|at| cluster[*at] == of).map(|at| lanes[at] + 1).max().unwrap();
        (0..blocks.len()).map(|at| (lanes[at], count(cluster[at]))).collect()
    }

    /// How many overlap at the same time at most.
    fn deepest(blocks: &[Block]) -> usize {
        let at = |row: u16| blocks.iter().filter(|one| one.starts <= row && row < one.ends).count();
        blocks.iter().map(|one| at(one.starts)).max().unwrap_or(0)
    }

    proptest! {
        #[test]
        fn what_overlaps_in_time_never_overlaps_on_the_screen(blocks in some(40)) {
            let laid = layout(&keyed(&blocks));
            let mut areas: Vec<(Block, f64, f64)> = Vec::new();
            for (block, place) in blocks.iter().zip(&laid.places) {
                if let Some(Place { lane, lanes, wide }) = *place {
                    prop_assert!(wide >= 1 && lane + wide <= lanes);
                    areas.push((*block, lane as f64 / lanes as f64, (lane + wide) as f64 / lanes as f64));
                }
            }
            for fold in &laid.folds {
                areas.push((fold.block, (LANES_MAX - 1) as f64 / LANES_MAX as f64, 1.0));
            }
            for (index, (a, left, right)) in areas.iter().enumerate() {
                for (b, other_left, other_right) in &areas[..index] {
                    let beside = *right <= *other_left + 1e-9 || *other_right <= *left + 1e-9;
                    prop_assert!(!a.overlaps(*b) || beside, "{a:?} {b:?} of {blocks:?}");
                }
            }
        }

        #[test]
        fn no_more_lanes_than_overlap_at_a_time(blocks in some(40)) {
            let laid = layout(&keyed(&blocks));
            let most = laid.places.iter().flatten().map(|place| place.lanes).max().unwrap_or(0);
            prop_assert_eq!(most, deepest(&blocks).min(LANES_MAX));
        }

        #[test]
        fn it_agrees_with_the_slow_way(blocks in some(24)) {
            let laid = layout(&keyed(&blocks));
            for (place, (lane, lanes)) in laid.places.iter().zip(slow(&blocks)) {
                let expected = if lanes < LANES_MAX { Some((lane, lanes)) }
                    else if lane < LANES_MAX - 1 { Some((lane, LANES_MAX)) } else { None };
                prop_assert_eq!(place.map(|place| (place.lane, place.lanes)), expected);
            }
        }

        #[test]
        fn each_block_is_placed_or_folded_once(blocks in some(40)) {
            let laid = layout(&keyed(&blocks));
            for at in 0..blocks.len() {
                let folded = laid.folds.iter().filter(|fold| fold.hidden.contains(&at)).count();
                prop_assert_eq!(folded, usize::from(laid.places[at].is_none()));
            }
        }

        #[test]
        fn the_order_given_changes_nothing(blocks in some(30), seed in any::<u64>()) {
            let straight = keyed(&blocks);
            let mut shuffled = straight.clone();
            shuffled.sort_by_key(|(_, key)| (*key as u64 + 1).wrapping_mul(seed | 1).rotate_left(17));
            let (one, other) = (layout(&straight), layout(&shuffled));
            for (at, (_, key)) in shuffled.iter().enumerate() {
                prop_assert_eq!(other.places[at], one.places[*key]);
            }
        }
    }
}
