//! The two-sample Kolmogorov–Smirnov test: do two samples come from one distribution?
//!
//! The p-value holds for independent observations only. Market features are not: drift detection
//! compares the distance with distances inside the training data instead.

mod lattice;

use crate::{Sample, StatsError, distribution};

/// Largest sample for which the p-value is exact unless asked otherwise; as scipy decides.
const EXACT_MAX: usize = 10_000;

/// Outcome of a two-sample Kolmogorov–Smirnov test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KsTest {
    /// Largest difference of the two empirical distribution functions, in `0..=1`.
    pub distance: f64,
    /// Two-sided p-value, in `0..=1`.
    pub p: f64,
    /// How the p-value was found.
    pub method: KsMethod,
}

/// How a p-value is found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KsMethod {
    /// By counting the orders in which two samples of these sizes can interleave.
    Exact,
    /// From the one-sample distribution of as many observations as the two are worth.
    Asymptotic,
}

impl KsMethod {
    /// scipy's choice for samples of these sizes: exact when neither is above 10,000.
    pub const fn of_sizes(train: usize, live: usize) -> Self {
        if train <= EXACT_MAX && live <= EXACT_MAX { Self::Exact } else { Self::Asymptotic }
    }
}

/// Two-sample Kolmogorov–Smirnov test of one feature.
///
/// `train` `[n]`, `live` `[m]`: samples in the feature's own unit, any order, ties allowed. The
/// method is [`KsMethod::of_sizes`].
///
/// # Errors
/// When a sample is empty or holds a value that is not finite.
///
/// Agrees with `scipy.stats.ks_2samp(method="auto")`: distance to 1e-12, p to 1e-9 relative or
/// 1e-12 absolute.
pub fn ks_two_sample(train: &[f64], live: &[f64]) -> Result<KsTest, StatsError> {
    let (train, live) = (Sample::new(train)?, Sample::new(live)?);
    Ok(train.ks(&live, KsMethod::of_sizes(train.size(), live.size())))
}

impl Sample {
    /// The test of this sample against `other`, for whoever compares one sample often.
    ///
    /// Exact takes time with the product of different sizes and the distance, and with the sum of
    /// equal ones.
    pub fn ks(&self, other: &Self, method: KsMethod) -> KsTest {
        let gap = Gap::between(self.as_slice(), other.as_slice());
        KsTest { distance: gap.distance(), p: gap.p(method).clamp(0.0, 1.0), method }
    }
}

/// The largest gap between two empirical distribution functions, in whole numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gap {
    /// Sizes of the larger and of the smaller sample, at least 1.
    sizes: (usize, usize),
    /// The gap in units of `1 / (n m)`.
    steps: u128,
}

impl Gap {
    /// A gap of `steps / (first · second)` between samples of these sizes.
    pub(crate) fn new(first: usize, second: usize, steps: u128) -> Self {
        Self { sizes: (first.max(second), first.min(second)), steps }
    }

    /// Both in ascending order, neither empty.
    fn between(first: &[f64], second: &[f64]) -> Self {
        let sizes = (first.len(), second.len());
        let (n, m) = (sizes.0 as i128, sizes.1 as i128);
        let (mut first, mut second) = (first.iter().peekable(), second.iter().peekable());
        // The gap of the functions after the values so far: n m (F - G).
        let (mut gap, mut widest) = (0_i128, 0_u128);
        while let (Some(a), Some(b)) = (first.peek(), second.peek()) {
            let level = if a < b { **a } else { **b };
            while first.next_if(|value| **value <= level).is_some() {
                gap += m;
            }
            while second.next_if(|value| **value <= level).is_some() {
                gap -= n;
            }
            widest = widest.max(gap.unsigned_abs());
        }
        Self::new(sizes.0, sizes.1, widest)
    }

    pub(crate) fn distance(&self) -> f64 {
        self.steps as f64 / (self.sizes.0 as f64 * self.sizes.1 as f64)
    }

    pub(crate) fn p(&self, method: KsMethod) -> f64 {
        let (larger, smaller) = self.sizes;
        if self.steps == 0 {
            return 1.0;
        }
        if method == KsMethod::Asymptotic {
            let worth = larger as f64 * smaller as f64 / (larger as f64 + smaller as f64);
            return distribution::kolmogorov_above(
                self.distance(),
                worth.round_ties_even().max(1.0),
            );
        }
        let divisor = gcd(larger, smaller);
        // The gap in units of one over the least common multiple of the sizes.
        let units = self.steps / divisor as u128;
        if larger == smaller {
            lattice::outside_square(larger as f64, units)
        } else {
            lattice::outside_rectangle(self.sizes, divisor, units)
        }
    }
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests;
