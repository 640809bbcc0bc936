//! The two-sample Kolmogorov–Smirnov test: do two samples come from one distribution?
//!
//! The p-value holds for independent observations only. Market features are not: drift detection
//! compares the distance with distances inside the training data instead.

use crate::{StatsError, distribution};

/// Largest sample for which the p-value is exact; as scipy decides.
const EXACT_MAX: usize = 10_000;

/// Outcome of a two-sample Kolmogorov–Smirnov test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KsTest {
    /// Largest difference of the two empirical distribution functions, in `0..=1`.
    pub distance: f64,
    /// Two-sided p-value, in `0..=1`.
    pub p: f64,
}

/// Two-sample Kolmogorov–Smirnov test of one feature.
///
/// `train` `[n]`, `live` `[m]`: samples in the feature's own unit, any order, ties allowed.
/// Exact up to 10,000 observations in the larger sample (in `O(n m)` when the sizes differ),
/// asymptotic above.
///
/// # Errors
/// When a sample is empty or holds a value that is not finite.
///
/// Agrees with `scipy.stats.ks_2samp(method="auto")`: distance to 1e-12, p to 1e-9 relative where
/// exact and 1e-6 where asymptotic, or 1e-12 absolute.
pub fn ks_two_sample(train: &[f64], live: &[f64]) -> Result<KsTest, StatsError> {
    let gap = Gap::between(&sorted(train)?, &sorted(live)?);
    Ok(KsTest { distance: gap.distance(), p: gap.p().clamp(0.0, 1.0) })
}

/// A sorted copy of a sample that can be tested.
fn sorted(sample: &[f64]) -> Result<Vec<f64>, StatsError> {
    if sample.is_empty() {
        return Err(StatsError::EmptySample);
    }
    if let Some((index, value)) = sample.iter().enumerate().find(|(_, value)| !value.is_finite()) {
        return Err(StatsError::NotFinite { index, value: *value });
    }
    let mut sorted = sample.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    Ok(sorted)
}

/// The largest gap between two empirical distribution functions, in whole numbers.
struct Gap {
    /// Sizes of the larger and of the smaller sample, at least 1.
    sizes: (usize, usize),
    /// The gap in units of `1 / (n m)`.
    steps: u128,
}

impl Gap {
    fn between(first: &[f64], second: &[f64]) -> Self {
        let (n, m) = (first.len(), second.len());
        let (mut i, mut j, mut steps) = (0, 0, 0);
        while let (Some(a), Some(b)) = (first.get(i), second.get(j)) {
            let level = a.min(*b);
            i += first.iter().skip(i).take_while(|value| **value <= level).count();
            j += second.iter().skip(j).take_while(|value| **value <= level).count();
            steps = steps.max((i as u128 * m as u128).abs_diff(j as u128 * n as u128));
        }
        Self { sizes: (n.max(m), n.min(m)), steps }
    }

    fn distance(&self) -> f64 {
        self.steps as f64 / (self.sizes.0 as f64 * self.sizes.1 as f64)
    }

    fn p(&self) -> f64 {
        let (larger, smaller) = self.sizes;
        if self.steps == 0 {
            return 1.0;
        }
        if larger > EXACT_MAX {
            let effective = larger as f64 * smaller as f64 / (larger as f64 + smaller as f64);
            return distribution::kolmogorov_above(self.distance(), effective.round());
        }
        let divisor = gcd(larger, smaller);
        // The gap in units of one over the least common multiple of the sizes.
        let units = self.steps / divisor as u128;
        if larger == smaller {
            outside_square(larger as f64, units)
        } else {
            outside_rectangle(self.sizes, divisor, units)
        }
    }
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Probability of a gap of at least `units / size` between two samples of equal `size`: the closed
/// form of Gnedenko and Korolyuk, by Horner's rule over reflections.
fn outside_square(size: f64, units: u128) -> f64 {
    let reach = units as f64;
    let mut reflection = (size / reach).floor();
    let mut outside = 0.0;
    while reflection >= 0.0 {
        let mut ratio = 1.0;
        for step in 0..units {
            let shift = reflection * reach + step as f64;
            ratio *= (size - shift) / (size + shift + 1.0);
        }
        outside = ratio * (1.0 - outside);
        reflection -= 1.0;
    }
    2.0 * outside
}

/// Probability that a random lattice path from corner to corner of the rectangle leaves the band in
/// which the gap is below `units` over the least common multiple of the sides.
///
/// Every step is taken with the share of its kind among the steps that remain, so that all paths
/// are equally likely and no binomial coefficient has to be held.
fn outside_rectangle(sides: (usize, usize), divisor: usize, units: u128) -> f64 {
    let (m, n) = sides;
    let (across, up) = ((m / divisor) as u128, (n / divisor) as u128);
    let inside = |i: usize, j: usize| (i as u128 * up).abs_diff(j as u128 * across) < units;
    let mut column = vec![0.0; n + 1];
    for i in 0..=m {
        // Probability of having come to (i, j - 1) inside the band.
        let mut below = 0.0;
        for (j, here) in column.iter_mut().enumerate() {
            let remaining = (m + n + 1 - i - j) as f64;
            let arriving = if i == 0 && j == 0 {
                1.0
            } else {
                let from_left = if i == 0 { 0.0 } else { *here * (m - i + 1) as f64 };
                let from_below = if j == 0 { 0.0 } else { below * (n - j + 1) as f64 };
                (from_left + from_below) / remaining
            };
            *here = if inside(i, j) { arriving } else { 0.0 };
            below = *here;
        }
    }
    1.0 - column.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests;
