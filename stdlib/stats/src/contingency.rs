//! The chi-squared test of homogeneity: do two samples fall into classes alike?

use crate::distribution::chi_squared_above;
use crate::{Measured, Reason, StatsError};
use std::num::NonZeroU32;

/// Outcome of a chi-squared test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChiSquared {
    /// Pearson's statistic.
    pub statistic: f64,
    /// Classes that occur, less one.
    pub freedom: u32,
    /// Probability of a statistic at least as large if the samples are alike, in `0..=1`.
    pub p: f64,
}

/// Pearson's test of two rows of counts `[classes]`, of independent observations.
///
/// Classes that neither sample has are left out. Undefined when a sample is empty or fewer than
/// two classes occur. Without Yates's correction, which scipy applies to two classes by default.
///
/// # Errors
/// When the rows differ in length.
///
/// Agrees with `scipy.stats.chi2_contingency(correction=False)` to 1e-9.
pub fn homogeneity(first: &[u64], second: &[u64]) -> Result<Measured<ChiSquared>, StatsError> {
    if first.len() != second.len() {
        return Err(StatsError::Rows { first: first.len(), second: second.len() });
    }
    let total = |counts: &[u64]| counts.iter().map(|count| *count as f64).sum::<f64>();
    let (n, m) = (total(first), total(second));
    if n == 0.0 || m == 0.0 {
        return Ok(Measured::Undefined(Reason::NoObservations));
    }
    let (mut statistic, mut classes) = (0.0, 0_u32);
    for (a, b) in first.iter().zip(second).map(|(a, b)| (*a as f64, *b as f64)) {
        if a + b > 0.0 {
            // The squared excess over the expected count is the same in both rows.
            let excess = a - (a + b) * n / (n + m);
            statistic += excess * excess / (a + b) * (n + m) * (1.0 / n + 1.0 / m);
            classes = classes.saturating_add(1);
        }
    }
    let Some(freedom) = NonZeroU32::new(classes.saturating_sub(1)) else {
        return Ok(Measured::Undefined(Reason::NoVariation));
    };
    let p = chi_squared_above(statistic, freedom);
    Ok(Measured::Defined(ChiSquared { statistic, freedom: freedom.get(), p }))
}

#[cfg(test)]
mod tests;
