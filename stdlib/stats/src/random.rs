//! Seeded chance without memory: a draw is a function of the seed and of its number.
//!
//! Only whole numbers, sums and products are used, so a seed draws the same on every machine.

use std::num::NonZeroUsize;

/// Steps between the counters of successive draws: 2⁶⁴ over the golden ratio, odd.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// A stream of numbers: splitmix64, a counter and a mixing function.
///
/// Good enough for resampling and simulation, and for nothing that has to be secret.
///
/// Source: Steele, Lea & Flood 2014; agrees bit for bit with `tests/golden/prng_check.json`.
#[derive(Clone, Debug)]
pub struct Stream {
    counter: u64,
}

impl Stream {
    /// The stream of `seed`.
    pub const fn new(seed: u64) -> Self {
        Self { counter: seed }
    }

    /// The stream of one `part` of what `seed` stands for: a run, a feature. Parts do not overlap
    /// in practice, as their counters start at places that look drawn at random.
    pub const fn part(seed: u64, part: u64) -> Self {
        Self { counter: mix(mix(seed.wrapping_add(STEP)) ^ part.wrapping_mul(STEP)) }
    }

    /// The next 64 bits.
    pub const fn bits(&mut self) -> u64 {
        self.counter = self.counter.wrapping_add(STEP);
        mix(self.counter)
    }

    /// Uniform in `0..1`, on a grid of 2⁻⁵³.
    pub fn uniform(&mut self) -> f64 {
        const GRID: f64 = 1.0 / 9_007_199_254_740_992.0;
        (self.bits() >> 11) as f64 * GRID
    }

    /// Nearly standard normal: twelve uniforms less six, so within ±6 and with a kurtosis of 2.9.
    ///
    /// Chosen over exact normals because it needs no logarithm, which machines round differently.
    pub fn normal(&mut self) -> f64 {
        (0..12).fold(0.0, |sum, _| sum + self.uniform()) - 6.0
    }

    /// Uniform in `0..count`, to within 2⁻⁶⁴ of even.
    pub fn below(&mut self, count: NonZeroUsize) -> usize {
        let product = u128::from(self.bits()) * count.get() as u128;
        // The high half is below `count`, which is a usize.
        usize::try_from(product >> 64).unwrap_or_default()
    }
}

const fn mix(bits: u64) -> u64 {
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests;
