//! A confidence sequence: an interval that holds at every look, however many there will be.

use super::mean_and_deviation;
use crate::{Alpha, Interval, Measured, Reason};
use std::num::NonZeroU32;

/// Blocks before the first look: the sequence is asymptotic and undercovers on fewer.
pub(crate) const BLOCKS_MIN: usize = 30;

/// Asymptotic confidence sequence for the mean of block means.
///
/// Some 1.7 times as wide as a fixed interval near the planned number of blocks, which is the
/// price for never having to say when one stops.
///
/// Source: Waudby-Smith et al., arXiv 2103.06476, the one-sided form.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConfidenceSequence {
    alpha: Alpha,
    planned: NonZeroU32,
}

impl ConfidenceSequence {
    /// A sequence that misses on each side with probability `alpha` over all time, and is at its
    /// sharpest near `planned` blocks.
    pub const fn new(alpha: Alpha, planned: NonZeroU32) -> Self {
        Self { alpha, planned }
    }

    /// Half the width after `blocks` (at least one) whose standard deviation is `deviation`, in
    /// its unit.
    pub fn half_width(&self, deviation: f64, blocks: NonZeroU32) -> f64 {
        let (n, alpha) = (f64::from(blocks.get()), self.alpha.get());
        let surprise = -2.0 * (2.0 * alpha).ln();
        let rho2 = (surprise + surprise.ln_1p()) / f64::from(self.planned.get());
        let scale = n * rho2 + 1.0;
        let growth = (scale.sqrt() / (2.0 * alpha)).ln_1p();
        deviation * (2.0 * scale / (n * n * rho2) * growth).sqrt()
    }

    /// Bounds of the mean given the block `means` so far; each bound holds at all looks together
    /// with confidence `1 - alpha`.
    ///
    /// Undefined below 30 blocks and when the means do not differ.
    pub fn bounds(&self, means: &[f64]) -> Measured<Interval> {
        let found = means.len();
        let blocks = u32::try_from(found).ok().and_then(NonZeroU32::new);
        match blocks {
            Some(blocks) if found >= BLOCKS_MIN => {
                mean_and_deviation(means).map(|(mean, deviation)| {
                    Interval::around(mean, self.half_width(deviation, blocks))
                })
            }
            _ => Measured::Undefined(Reason::TooFew { needed: BLOCKS_MIN, found }),
        }
    }
}
