//! Normal, Student's t and chi-squared tails, on the special functions of `statrs`; Kolmogorov's
//! from its own series.
//!
//! Held against scipy in `tests/golden/distributions.json`: the normal tail to 1e-9 relative out to
//! 37 deviations (6e-300) and its quantile to 1e-12, t and chi-squared to 1e-9 relative, and the t
//! quantile inverts the tail to 1e-9.

mod kolmogorov;

pub(crate) use kolmogorov::kolmogorov_above;

use statrs::function::{beta::beta_reg, erf, gamma::gamma_ur};
use std::f64::consts::{PI, SQRT_2};
use std::num::NonZeroU32;

/// Density of the standard normal distribution at `x`.
pub(crate) fn normal_density(x: f64) -> f64 {
    (-0.5 * x * x).exp() / (2.0 * PI).sqrt()
}

/// Probability that a standard normal is at most `x`.
pub(crate) fn normal_below(x: f64) -> f64 {
    normal_above(-x)
}

/// Probability that a standard normal is above `x`, exact far into the tail.
pub(crate) fn normal_above(x: f64) -> f64 {
    0.5 * erf::erfc(x / SQRT_2)
}

/// The value below which a standard normal lies with `probability` (strictly between 0 and 1).
pub(crate) fn normal_quantile(probability: f64) -> f64 {
    -SQRT_2 * erf::erfc_inv(2.0 * probability)
}

/// Probability that Student's t with `freedom` (above 0, fractions allowed) is above a finite `x`.
pub(crate) fn t_above(x: f64, freedom: f64) -> f64 {
    let tail = 0.5 * beta_reg(0.5 * freedom, 0.5, freedom / (freedom + x * x));
    if x < 0.0 { 1.0 - tail } else { tail }
}

/// The value above which Student's t lies with `probability` (above 0, below 0.5).
///
/// By bisection on the tail: a sequential test's first looks ask for probabilities near 1e-8,
/// where series for the quantile lose their digits and the tail itself does not.
pub(crate) fn t_quantile_above(probability: f64, freedom: f64) -> f64 {
    let mut high = 1.0;
    while t_above(high, freedom) > probability && high < f64::MAX / 4.0 {
        high *= 2.0;
    }
    bisect(0.0, high, |x| t_above(x, freedom) > probability)
}

/// Probability that chi-squared is above `x >= 0`.
pub(crate) fn chi_squared_above(x: f64, freedom: NonZeroU32) -> f64 {
    if x == 0.0 { 1.0 } else { gamma_ur(0.5 * f64::from(freedom.get()), 0.5 * x) }
}

/// The point between `low` and `high` up to which `is_below` holds, to the last bit that matters.
pub(crate) fn bisect(low: f64, high: f64, is_below: impl Fn(f64) -> bool) -> f64 {
    // A double has 53 bits: halving more often than this cannot move the middle.
    const HALVINGS: usize = 80;
    let (mut low, mut high) = (low, high);
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if is_below(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests;
