//! From class probabilities to signals.

use crate::{BacktestError, Side};
use suho_stats::Probabilities;

/// The most probable class decides: up is long, down is short, anything else is no position.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Policy {
    /// The class that means up.
    pub up: usize,
    /// The class that means down.
    pub down: usize,
    /// Probability below which the most probable class counts as no position, in `0..=1`.
    pub min_confidence: f64,
}

impl Policy {
    /// The order of the models here: down, flat, up; any confidence will do.
    pub const DOWN_FLAT_UP: Self = Self { up: 2, down: 0, min_confidence: 0.0 };
}

/// The signal of every row of `probabilities`, in order.
///
/// # Errors
/// When the policy's classes are not two of the model's, or its confidence is not in `0..=1`.
pub fn signals(
    probabilities: &Probabilities<'_>,
    policy: Policy,
) -> Result<Vec<Option<Side>>, BacktestError> {
    let Policy { up, down, min_confidence } = policy;
    let classes = probabilities.classes();
    if up >= classes || down >= classes || up == down {
        return Err(BacktestError::Classes { up, down, classes });
    }
    if !(0.0..=1.0).contains(&min_confidence) {
        return Err(BacktestError::OutOfRange {
            what: "minimal confidence",
            value: min_confidence,
        });
    }
    let signal = |(class, probability): (usize, f64)| match class {
        _ if probability < min_confidence => None,
        class if class == up => Some(Side::Long),
        class if class == down => Some(Side::Short),
        _ => None,
    };
    Ok(probabilities.choices().map(signal).collect())
}
