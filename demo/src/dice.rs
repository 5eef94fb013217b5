/// A linear congruential generator: it falls the same way every time.
pub struct Dice(u64);

impl Dice {
    pub fn new() -> Dice {
        Dice(2026)
    }

    /// A number from 0, below `sides`.
    pub fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides.max(1)
    }

    /// As [`Dice::below`], with a first number.
    pub fn between(&mut self, first: usize, last: usize) -> i64 {
        (first + self.below(last - first + 1)) as i64
    }

    pub fn one_in(&mut self, sides: usize) -> bool {
        self.below(sides) == 0
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        from.get(self.below(from.len())).copied()
    }
}
