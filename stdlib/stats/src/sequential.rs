//! Looking at a running comparison more than once without paying for it in false alarms.
//!
//! [`HarmTest`] serves rollouts, which end at a known time: a group-sequential test on block means.
//! [`ConfidenceSequence`] serves monitoring without an end.

mod boundary;
mod confidence;
mod harm;
mod spending;

use boundary::Boundaries;
pub use boundary::boundaries;
pub(crate) use confidence::BLOCKS_MIN;
pub use confidence::ConfidenceSequence;
pub(crate) use harm::t_boundary;
pub use harm::{HarmTest, Look, Verdict};
pub use spending::Spending;

use crate::{Measured, Reason};

/// Mean and standard deviation (n - 1) of block means; undefined below two or when all are equal.
pub(crate) fn mean_and_deviation(means: &[f64]) -> Measured<(f64, f64)> {
    if means.len() < 2 {
        return Measured::Undefined(Reason::TooFew { needed: 2, found: means.len() });
    }
    // Compared as they are: equal means give a deviation of some 1e-17, not always of zero.
    if means.windows(2).all(|pair| matches!(pair, [a, b] if a.total_cmp(b).is_eq())) {
        return Measured::Undefined(Reason::NoVariation);
    }
    let count = means.len() as f64;
    let mean = means.iter().sum::<f64>() / count;
    let squares = means.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>();
    Measured::Defined((mean, (squares / (count - 1.0)).sqrt()))
}

#[cfg(test)]
mod tests;
