//! Random numbers that come again from a printed seed, and how much a run tries.

/// Whether this is `make soak`, which tries everything at full size; the suite
/// tries a part of it.
pub fn rounds(suite: usize, soak: usize) -> usize {
    if std::env::var_os("KINDRED_SOAK").is_some() { soak } else { suite }
}

/// The seed of this run, printed with the output of a failed test. `KINDRED_SEED`
/// repeats a run.
pub fn seed() -> u64 {
    let set = std::env::var("KINDRED_SEED").ok().and_then(|text| text.parse().ok());
    let seed = set.unwrap_or_else(|| db::new_id().as_u64_pair().1 >> 1);
    println!("KINDRED_SEED={seed}");
    seed
}

/// The same numbers each time for one seed (SplitMix64).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// Below `sides`; 0 of none.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % sides.max(1) as u64) as usize
    }

    pub fn coin(&mut self) -> bool {
        self.roll(2) == 0
    }

    pub fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.roll(from.len())].clone()
    }

    /// Fewer than `most` bytes.
    pub fn bytes(&mut self, most: usize) -> Vec<u8> {
        (0..self.roll(most)).map(|_| self.roll(256) as u8).collect()
    }
}
