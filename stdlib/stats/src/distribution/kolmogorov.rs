//! The one-sample Kolmogorov–Smirnov distance, two-sided: exact where that is cheap, else the
//! expansion or the series that has digits there.
//!
//! Agrees with `scipy.stats.kstwo.sf` to 1e-9 relative or 1e-12 absolute (the test holds it to
//! `tests/golden/distributions.json`), and switches where scipy does.

mod matrix;

use matrix::matrix_below;
use statrs::function::gamma::ln_gamma;
use std::f64::consts::PI;

/// Observations up to which the matrix is used wherever the tail has not taken over.
const SMALL: f64 = 140.0;
/// `n distance²` from which twice the one-sided tail is taken. The paths it counts twice are a
/// share of `exp(-6 n distance²)` of it: 4e-11 from here on for small samples, 2e-6 for large
/// ones, where it is scipy's choice and the difference is below any use of a p-value.
const TAIL_SMALL: f64 = 4.0;
const TAIL_LARGE: f64 = 2.2;
/// `n distance²` below which a distance so small does not occur: less than 1e-13 of samples.
const CERTAIN: f64 = 0.036;
/// `n distance^1.5` below which the matrix beats the expansion, which is not yet accurate there.
const MATRIX_MAX: f64 = 1.4;

/// Probability that the distance of `n` observations (a whole number, at least 1) from their
/// distribution is at least `distance`.
///
/// Source: Simard & L'Ecuyer 2011 for who is accurate where.
pub(crate) fn kolmogorov_above(distance: f64, n: f64) -> f64 {
    let z2 = n * distance * distance;
    if distance >= 1.0 {
        0.0
    } else if n * distance <= 0.5 || (n > SMALL && z2 < CERTAIN) {
        1.0
    } else if n <= SMALL && z2 <= TAIL_SMALL && distance < 0.5 {
        1.0 - matrix_below(distance, n)
    } else if z2 >= TAIL_LARGE || distance >= 0.5 {
        (2.0 * smirnov_above(distance, n)).min(1.0)
    } else if n * distance.powf(1.5) <= MATRIX_MAX {
        1.0 - matrix_below(distance, n)
    } else {
        1.0 - expansion_below(z2, n)
    }
}

/// Probability that the signed distance of `n` observations, `sup (F - F_n)`, is at least
/// `distance`.
///
/// A sum over where the distance is first reached, each term a binomial probability times
/// `distance / (distance + j / n)`. The terms are smooth in `j` and vanish with all their
/// derivatives at both ends, so that for a large `n` every `stride`-th of them, taken `stride`
/// times, gives the same sum to the last digits (Euler and Maclaurin).
///
/// Source: Birnbaum & Tingey 1951; Loader 2000 for binomials without cancellation.
fn smirnov_above(distance: f64, n: f64) -> f64 {
    const TERMS: f64 = 4_096.0;
    let stride = (n / TERMS).floor().max(1.0);
    let last = (n * (1.0 - distance)).floor();
    let mut sum = (n * (-distance).ln_1p()).exp();
    let mut j = stride;
    while j <= last {
        let excess = n * distance;
        let rest = n - j;
        let exponent = stirling_error(n)
            - stirling_error(j)
            - stirling_error(rest)
            - j * log_excess(excess / j)
            - rest * log_excess((-excess / rest).max(-1.0));
        let weight = distance / (distance + j / n);
        sum += stride * weight * exponent.exp() * (n / (2.0 * PI * j * rest)).sqrt();
        j += stride;
    }
    sum
}

/// `ln k! - ln(√(2πk) (k/e)^k)` for a whole `k` of at least 1.
fn stirling_error(k: f64) -> f64 {
    if k < 16.0 {
        return ln_gamma(k + 1.0) - (k + 0.5) * k.ln() + k - 0.5 * (2.0 * PI).ln();
    }
    let k2 = k * k;
    (1.0 / 12.0
        - (1.0 / 360.0 - (1.0 / 1_260.0 - (1.0 / 1_680.0 - 1.0 / 1_188.0 / k2) / k2) / k2) / k2)
        / k
}

/// `r - ln(1 + r)` without cancellation, for `r >= -1`.
fn log_excess(r: f64) -> f64 {
    if r.abs() > 0.1 {
        return r - r.ln_1p();
    }
    // ln(1 + r) = 2 artanh(v); its leading term leaves r v.
    let v = r / (2.0 + r);
    let v2 = v * v;
    let series = [3.0, 5.0, 7.0, 9.0, 11.0, 13.0].into_iter().rev();
    r * v - 2.0 * v * series.fold(0.0, |sum, odd| (sum + 1.0 / odd) * v2)
}

/// Probability that the distance is below that of `z2 = n distance²`: an expansion in `1/√n`.
///
/// Source: Pelz & Good 1976.
fn expansion_below(z2: f64, n: f64) -> f64 {
    // 16 z / π terms reach below a double's last bit for every z up to 4.
    const TERMS: u32 = 24;
    let z = z2.sqrt();
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
    (2.0 * PI).sqrt() * (leading + first / n.sqrt() + second / n + third / (n * n.sqrt()))
}

#[cfg(test)]
mod tests;
