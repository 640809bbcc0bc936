//! Shares of successes: Wilson's interval and the two-proportion z-test.
//!
//! For counts of independent trials (errors among requests, probes answered). Accuracy on
//! overlapping labels is not one of them: that is what [`crate::block_means`] is for.

use crate::distribution::{normal_above, normal_quantile};
use crate::{Alpha, Alternative, Interval, Measured, Reason, StatsError};

/// Successes among trials.
///
/// Invariant: never more successes than trials.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Proportion {
    successes: u64,
    trials: u64,
}

impl Proportion {
    /// `successes` of `trials`.
    ///
    /// # Errors
    /// When there are more successes than trials.
    pub const fn new(successes: u64, trials: u64) -> Result<Self, StatsError> {
        if successes <= trials {
            Ok(Self { successes, trials })
        } else {
            Err(StatsError::Successes { successes, trials })
        }
    }

    /// The share itself, in `0..=1`; undefined without trials.
    pub fn share(self) -> Measured<f64> {
        Measured::ratio(self.successes as f64, self.trials as f64, Reason::NoObservations)
    }

    /// Wilson's two-sided interval that misses on each side with probability `alpha_per_side`:
    /// 0.05 makes the 90 % interval.
    ///
    /// Agrees with `statsmodels.stats.proportion.proportion_confint(method="wilson")` to 1e-9.
    pub fn wilson(self, alpha_per_side: Alpha) -> Measured<Interval> {
        self.share().map(|share| {
            wilson(share, self.trials as f64, normal_quantile(1.0 - alpha_per_side.get()))
        })
    }

    /// Wilson's one-sided lower bound: the share is above it with confidence `1 - alpha`.
    pub fn wilson_lower(self, alpha: Alpha) -> Measured<f64> {
        self.wilson(alpha).map(|interval| interval.lower)
    }

    /// Wilson's one-sided upper bound: the share is below it with confidence `1 - alpha`.
    pub fn wilson_upper(self, alpha: Alpha) -> Measured<f64> {
        self.wilson(alpha).map(|interval| interval.upper)
    }
}

/// Wilson's interval around `share` of `trials`, `z` standard errors wide on each side.
fn wilson(share: f64, trials: f64, z: f64) -> Interval {
    let shrink = 1.0 + z * z / trials;
    let centre = (share + z * z / (2.0 * trials)) / shrink;
    let variance = share * (1.0 - share) / trials + z * z / (4.0 * trials * trials);
    let interval = Interval::around(centre, z * variance.sqrt() / shrink);
    Interval { lower: interval.lower.max(0.0), upper: interval.upper.min(1.0) }
}

/// Outcome of a z-test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ZTest {
    /// Difference in standard errors; positive when the first share is larger.
    pub z: f64,
    /// Probability of a difference at least as telling if the shares are equal, in `0..=1`.
    pub p: f64,
}

/// The pooled two-proportion z-test.
///
/// Undefined when an arm has no trials or all trials of both arms came out the same.
///
/// Agrees with `statsmodels.stats.proportion.proportions_ztest` to 1e-9.
pub fn two_proportions(
    first: Proportion,
    second: Proportion,
    alternative: Alternative,
) -> Measured<ZTest> {
    first.share().and_then(|first_share| {
        second.share().and_then(|second_share| {
            let trials = first.trials as f64 + second.trials as f64;
            let pooled = (first.successes as f64 + second.successes as f64) / trials;
            let per_trial = 1.0 / first.trials as f64 + 1.0 / second.trials as f64;
            let error = (pooled * (1.0 - pooled) * per_trial).sqrt();
            Measured::ratio(first_share - second_share, error, Reason::NoVariation)
                .map(|z| ZTest { z, p: alternative.p(z, normal_above) })
        })
    })
}

#[cfg(test)]
mod tests;
