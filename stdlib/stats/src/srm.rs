//! The sample-ratio test: do the arms hold as many units as their traffic says?
//!
//! A mismatch means that routing or logging is broken, and then no comparison of the arms can be
//! trusted in either direction.

use crate::distribution::chi_squared_above;
use crate::{Measured, Reason, StatsError};
use std::num::NonZeroU32;

/// Units below which an arm's expected count makes chi-squared a poor approximation.
const EXPECTED_MIN: f64 = 5.0;

/// Outcome of a sample-ratio test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleRatio {
    /// Chi-squared goodness of fit.
    pub statistic: f64,
    /// Arms that have traffic, less one.
    pub freedom: u32,
    /// Probability of a fit at least as bad, in `0..=1`.
    pub p: f64,
}

/// Chi-squared goodness of fit of distinct units per arm against the arms' shares of traffic.
///
/// `units` `[arms]`: distinct units seen in one routing epoch. `shares` `[arms]`: relative shares,
/// basis points for instance. Arms without a share are left out. Undefined with fewer than two
/// open arms or when an open arm expects fewer than five units.
///
/// # Errors
/// When the lengths differ, or units were seen in an arm without a share.
///
/// Source: Fabijan et al., KDD 2019; agrees with `scipy.stats.chisquare` to 1e-9.
pub fn sample_ratio(units: &[u64], shares: &[u32]) -> Result<Measured<SampleRatio>, StatsError> {
    if units.len() != shares.len() {
        return Err(StatsError::Arms { arms: units.len(), shares: shares.len() });
    }
    let is_closed_but_seen =
        |(_, (units, share)): &(usize, (&u64, &u32))| **share == 0 && **units > 0;
    if let Some((arm, (units, _))) = units.iter().zip(shares).enumerate().find(is_closed_but_seen) {
        return Err(StatsError::ClosedArm { arm, units: *units });
    }
    let total_units = units.iter().map(|units| *units as f64).sum::<f64>();
    let total_share = shares.iter().map(|share| f64::from(*share)).sum::<f64>();
    let (mut statistic, mut open, mut expected_least) = (0.0, 0_u32, f64::INFINITY);
    for (units, share) in units.iter().zip(shares).filter(|(_, share)| **share > 0) {
        let expected = total_units * f64::from(*share) / total_share;
        let excess = *units as f64 - expected;
        statistic += excess * excess / expected;
        expected_least = expected_least.min(expected);
        open = open.saturating_add(1);
    }
    let Some(freedom) = NonZeroU32::new(open.saturating_sub(1)) else {
        return Ok(Measured::Undefined(Reason::NoVariation));
    };
    // Also where `statistic` is 0/0: nothing seen at all expects nothing.
    if expected_least < EXPECTED_MIN {
        return Ok(Measured::Undefined(Reason::NoObservations));
    }
    let p = chi_squared_above(statistic, freedom);
    Ok(Measured::Defined(SampleRatio { statistic, freedom: freedom.get(), p }))
}

#[cfg(test)]
mod tests;
