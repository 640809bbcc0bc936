//! Seeded chance. Every use has a stream of its own, so that one never shifts another.
//!
//! Nothing here depends on the process, the thread or on what was drawn before: a training run draws the
//! same numbers alone, beside another, or continued at a later epoch.

#[cfg(test)]
mod tests;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

/// What the numbers are for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    /// The initial weights, all layers.
    Weights,
    /// The order of the samples in an epoch.
    Order { epoch: usize },
    /// The outputs dropped after a layer in one batch.
    Dropout { epoch: usize, batch: usize, layer: usize },
}

/// A stream of chance.
#[derive(Debug)]
pub(crate) struct Stream(ChaCha8Rng);

impl Stream {
    /// The stream for `purpose` under `seed`: ChaCha8, the words (seed, purpose, epoch, batch) its key.
    pub(crate) fn new(seed: u64, purpose: Purpose) -> Self {
        let (kind, epoch, batch) = match purpose {
            Purpose::Weights => (0, 0, 0),
            Purpose::Order { epoch } => (1, epoch, 0),
            Purpose::Dropout { epoch, batch, layer } => (2 + layer as u64, epoch, batch),
        };
        let mut key = [0; 32];
        for (bytes, word) in key.chunks_exact_mut(8).zip([seed, kind, epoch as u64, batch as u64]) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        Self(ChaCha8Rng::from_seed(key))
    }

    /// Uniform in `-1..1`, on a grid of 2⁻²³.
    pub(crate) fn signed_unit(&mut self) -> f32 {
        let bits = self.0.next_u32() >> 8;
        bits as f32 / 8_388_608.0 - 1.0
    }

    /// Brings `items` into an order drawn evenly from all orders (Fisher & Yates).
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// `count` factors: 0 with probability `share`, otherwise 1 / (1 − `share`), so that their mean is 1.
    ///
    /// `share` in `0..1` is rounded to a multiple of 2⁻¹⁶.
    pub(crate) fn dropout(&mut self, share: f64, count: usize) -> Vec<f32> {
        let threshold = (share * 65_536.0).round();
        let kept = narrow(65_536.0 / (65_536.0 - threshold).max(1.0));
        let mut bytes = vec![0; 2 * count];
        self.0.fill_bytes(&mut bytes);
        bytes
            .chunks_exact(2)
            .map(|pair| {
                let drawn = pair.iter().rev().fold(0.0, |sum, byte| sum * 256.0 + f64::from(*byte));
                if drawn < threshold { 0.0 } else { kept }
            })
            .collect()
    }

    /// Uniform in `0..bound`, without bias: a draw beyond the last whole multiple is drawn again.
    fn below(&mut self, bound: usize) -> usize {
        let bound = bound as u64;
        let whole = u64::MAX - u64::MAX % bound;
        loop {
            let drawn = self.0.next_u64();
            if drawn < whole {
                return usize::try_from(drawn % bound).unwrap_or(0);
            }
        }
    }
}

/// The nearest f32.
#[expect(clippy::cast_possible_truncation, reason = "rounding is what this function is for")]
pub(crate) fn narrow(wide: f64) -> f32 {
    wide as f32
}
