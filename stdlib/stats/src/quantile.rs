//! The nearest-rank quantile, which is always one of the observations.

use crate::{Measured, Reason, StatsError};

/// A quantile in hundredths of a percent: 9,500 is P95.
///
/// Invariant: `1..=10_000`. A whole number, because a rank computed from `0.07 * 100.0` is 8.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Quantile(u16);

impl Quantile {
    /// The median.
    pub const P50: Self = Self(5_000);
    /// What latency limits are written for.
    pub const P95: Self = Self(9_500);
    /// The slowest hundredth.
    pub const P99: Self = Self(9_900);
    /// The largest value.
    pub const MAX: Self = Self(10_000);

    /// The quantile at `basis_points` hundredths of a percent.
    ///
    /// # Errors
    /// When it is 0 or above 10,000.
    pub fn new(basis_points: u16) -> Result<Self, StatsError> {
        if (1..=10_000).contains(&basis_points) {
            Ok(Self(basis_points))
        } else {
            Err(StatsError::OutOfRange { what: "quantile", value: f64::from(basis_points) })
        }
    }
}

/// The smallest value that at least the quantile's share of `values` does not exceed.
///
/// `values`: any order, any unit, finite (NaN sorts to the ends). The answer is one of them: the
/// P95 of 1, 2, …, 100 is 95. Undefined when there are none.
pub fn nearest_rank(values: &[f64], quantile: Quantile) -> Measured<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let rank = sorted.len().saturating_mul(usize::from(quantile.0)).div_ceil(10_000);
    match sorted.get(rank.saturating_sub(1)) {
        Some(value) => Measured::finite(*value),
        None => Measured::Undefined(Reason::NoObservations),
    }
}

#[cfg(test)]
mod tests;
