//! Normal, Student's t and chi-squared tails, on the special functions of `statrs`.
//!
//! Agrees with scipy to the tolerances in the tests (`tests/golden/distributions.json`).

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

/// Probability that Student's t is above a finite `x`.
pub(crate) fn t_above(x: f64, freedom: NonZeroU32) -> f64 {
    let freedom = f64::from(freedom.get());
    let tail = 0.5 * beta_reg(0.5 * freedom, 0.5, freedom / (freedom + x * x));
    if x < 0.0 { 1.0 - tail } else { tail }
}

/// The value above which Student's t lies with `probability` (above 0, below 0.5).
///
/// By bisection on the tail: a sequential test's first looks ask for probabilities near 1e-8,
/// where series for the quantile lose their digits and the tail itself does not.
pub(crate) fn t_quantile_above(probability: f64, freedom: NonZeroU32) -> f64 {
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

/// Probability that the one-sample Kolmogorov–Smirnov distance of `n` observations is above
/// `distance`, both positive.
///
/// Pelz and Good's expansion in `1/√n`, which is within 1e-9 for hundreds of observations; far in
/// the tail, where one minus a probability has no digits left, Kolmogorov's leading term.
///
/// Source: Pelz & Good 1976; Simard & L'Ecuyer 2011.
pub(crate) fn kolmogorov_above(distance: f64, n: f64) -> f64 {
    const TAIL: f64 = 4.2;
    // 16 z / π terms reach below a double's last bit for every z up to TAIL.
    const TERMS: u32 = 24;
    let z2 = n * distance * distance;
    let z = z2.sqrt();
    if z > TAIL {
        return 2.0 * (-2.0 * z2).exp();
    }
    let (z4, z6, pi2) = (z2 * z2, z2 * z2 * z2, PI * PI);
    let (pi4, pi6) = (pi2 * pi2, pi2 * pi2 * pi2);
    let mut order = [0.0_f64; 4];
    for k in 0..TERMS {
        let half = f64::from(k) + 0.5;
        let h2 = half * half;
        let decay = (-pi2 * h2 / (2.0 * z2)).exp();
        let whole = f64::from(k * k);
        let whole_decay = (-pi2 * whole / (2.0 * z2)).exp();
        let second = 6.0 * z6
            + 2.0 * z4
            + pi2 * (2.0 * z4 - 5.0 * z2) * h2
            + pi4 * (1.0 - 2.0 * z2) * h2 * h2;
        let third = -30.0 * z6 - 90.0 * z4 * z4
            + pi2 * (135.0 * z4 - 96.0 * z6) * h2
            + pi4 * (212.0 * z4 - 60.0 * z2) * h2 * h2
            + pi6 * (5.0 - 30.0 * z2) * h2 * h2 * h2;
        let terms = [
            decay / z,
            decay * (pi2 * h2 - z2) / (6.0 * z4),
            decay * second / (72.0 * z6 * z) - whole_decay * pi2 * whole / (36.0 * z2 * z),
            decay * third / (6480.0 * z6 * z4)
                + whole_decay * pi2 * whole * (3.0 * z2 - pi2 * whole) / (216.0 * z6),
        ];
        for (sum, term) in order.iter_mut().zip(terms) {
            *sum += term;
        }
    }
    let [leading, first, second, third] = order;
    let below = leading + first / n.sqrt() + second / n + third / (n * n.sqrt());
    1.0 - (2.0 * PI).sqrt() * below
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
