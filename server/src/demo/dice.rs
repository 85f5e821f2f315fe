//! Randomness that is the same on every machine and for ever: SplitMix64, seeded.

use waybill_shared::id::Entropy;

#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From `low` to `high`, both possible.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = high.saturating_sub(low).saturating_add(1).max(1);
        let span = u64::try_from(span).unwrap_or(1);
        low.saturating_add(i64::try_from(self.next() % span).unwrap_or(0))
    }

    /// In so many of a thousand cases.
    pub fn chance(&mut self, of_thousand: u64) -> bool {
        self.next() % 1000 < of_thousand
    }

    /// One of them; the first ones of a list are no likelier than the last.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let at = self.next() % (from.len().max(1) as u64);
        &from[usize::try_from(at).unwrap_or(0)]
    }

    /// One of them, the first ones more often: some customers and products are the favourites.
    pub fn favour<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let len = from.len().max(1) as u64;
        let at = (self.next() % len) * (self.next() % len) / len;
        &from[usize::try_from(at).unwrap_or(0)]
    }
}

impl Entropy for Dice {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let random = self.next().to_le_bytes();
            chunk.iter_mut().zip(random).for_each(|(byte, random)| *byte = random);
        }
    }
}
