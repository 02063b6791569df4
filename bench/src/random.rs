//! Random numbers that are the same everywhere: SplitMix64.

/// A generator of random numbers; not for secrets.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A generator whose whole course is decided by `seed`.
    pub fn new(seed: u64) -> Self {
        Random(seed)
    }

    /// Any number. [Steele, Lea and Flood 2014: Fast splittable pseudorandom number generators]
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.number() % end as u64) as usize
    }

    /// Whether something that happens `percent` times in a hundred happens.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of `items`, of which there is one.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// A rank below `count`; rank 0 comes most often, rank n about 1/(n+1) as often (Zipf, by the inverse of the harmonic sum).
    pub fn zipf(&mut self, count: usize) -> usize {
        let unit = (self.number() >> 11) as f64 / (1_u64 << 53) as f64;
        // H(n) is about ln(n + 1): its inverse needs no table.
        let rank = ((count as f64 + 1.0).ln() * unit).exp() - 1.0;
        (rank as usize).min(count - 1)
    }

    /// Puts `items` into any order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, self.below(end + 1));
        }
    }
}
