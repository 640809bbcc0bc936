//! The largest fall of equity from its peak, and the longest.

use super::Returns;
use crate::{Measured, Reason};

impl Returns {
    /// The largest fall from a peak as a fraction of it, in `0..=1`; the start counts as a peak.
    ///
    /// 0 when equity was never below its peak, 1 after ruin. Undefined without returns.
    pub fn max_drawdown(&self) -> Measured<f64> {
        if self.as_slice().is_empty() {
            return Measured::Undefined(Reason::NoObservations);
        }
        let (mut equity, mut peak, mut deepest) = (1.0_f64, 1.0_f64, 0.0_f64);
        for value in self.as_slice() {
            equity *= 1.0 + value;
            peak = peak.max(equity);
            deepest = deepest.max(1.0 - equity / peak);
        }
        // Growth beyond every double leaves nothing to compare.
        if peak.is_finite() {
            Measured::Defined(deepest.min(1.0))
        } else {
            Measured::Undefined(Reason::Overflow)
        }
    }

    /// The longest time below a peak, in periods: 0 when equity was never below its peak.
    /// Undefined without returns.
    pub fn longest_drawdown(&self) -> Measured<usize> {
        if self.as_slice().is_empty() {
            return Measured::Undefined(Reason::NoObservations);
        }
        let (mut equity, mut peak) = (1.0_f64, 1.0_f64);
        let (mut below, mut longest) = (0, 0);
        for value in self.as_slice() {
            equity *= 1.0 + value;
            peak = peak.max(equity);
            below = if equity < peak { below + 1 } else { 0 };
            longest = longest.max(below);
        }
        Measured::Defined(longest)
    }
}
