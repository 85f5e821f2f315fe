//! The one source of chance: everything that happens in a world follows from its seed.

use rand::{Rng, RngExt, SeedableRng, rngs::StdRng};
use waybill_shared::id::Entropy;

pub struct Dice(StdRng);

impl Dice {
    pub fn seeded(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    /// Dice of their own for a part of the world, so that one part's throws do not change another's.
    pub fn split(&mut self) -> Self {
        Self(StdRng::seed_from_u64(self.0.next_u64()))
    }

    /// True in about `percent` of a hundred throws.
    pub fn chance(&mut self, percent: f64) -> bool {
        percent > 0.0 && self.0.random_range(0.0..100.0) < percent
    }

    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        self.0.random_range(least..=most)
    }

    pub fn below(&mut self, end: usize) -> usize {
        self.0.random_range(0..end.max(1))
    }

    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        if of.is_empty() { None } else { of.get(self.below(of.len())) }
    }
}

impl Entropy for Dice {
    fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }
}
