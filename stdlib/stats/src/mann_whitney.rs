//! Mann and Whitney's U: does one sample tend to larger values than another?

use crate::distribution::normal_above;
use crate::{Alternative, Measured, Reason, Sample, StatsError};

/// Size of the smaller sample up to which p is exact, when there are no ties; as scipy decides.
const EXACT_MAX: usize = 8;
/// Size of the larger sample up to which counting is worth it; below it every count fits a u128.
const COUNTED_MAX: usize = 10_000;

/// Outcome of a Mann–Whitney test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MannWhitney {
    /// Pairs, one of each sample, in which the first is larger; ties count half. In `0..=n m`.
    pub wins: f64,
    /// Probability of a count at least as telling if the samples are alike, in `0..=1`.
    pub p: f64,
}

/// Mann and Whitney's test of `first` `[n]` against `second` `[m]`, independent observations.
///
/// Exact without ties when the smaller sample has at most 8 observations (and the larger at most
/// 10,000), else by the normal approximation with corrections for continuity and ties. Undefined
/// when all observations are equal.
///
/// # Errors
/// When a sample is empty or holds a value that is not finite.
///
/// Agrees with `scipy.stats.mannwhitneyu` to 1e-9, but where everything is equal: scipy says 1.
pub fn mann_whitney(
    first: &[f64],
    second: &[f64],
    alternative: Alternative,
) -> Result<Measured<MannWhitney>, StatsError> {
    let (first, second) = (Sample::new(first)?, Sample::new(second)?);
    let (n, m) = (first.size(), second.size());
    let pairs = n as f64 * m as f64;
    let wins = wins(first.as_slice(), second.as_slice());
    let larger = match alternative {
        Alternative::Larger => wins,
        Alternative::Smaller => pairs - wins,
        Alternative::TwoSided => wins.max(pairs - wins),
    };
    let ties = ties(&first, &second);
    let one_sided = if ties == 0.0 && n.min(m) <= EXACT_MAX && n.max(m) <= COUNTED_MAX {
        Measured::Defined(at_least(larger, n.min(m), n.max(m)))
    } else {
        let all = n as f64 + m as f64;
        let variance = pairs / 12.0 * (all + 1.0 - ties / (all * (all - 1.0)));
        if variance > 0.0 {
            Measured::Defined(normal_above((larger - 0.5 * pairs - 0.5) / variance.sqrt()))
        } else {
            Measured::Undefined(Reason::NoVariation)
        }
    };
    let sides = if alternative == Alternative::TwoSided { 2.0 } else { 1.0 };
    Ok(one_sided.map(|p| MannWhitney { wins, p: (sides * p).min(1.0) }))
}

/// Pairs in which the value of `first` is larger, ties counting half; both ascending.
pub(crate) fn wins<T: PartialOrd>(first: &[T], second: &[T]) -> f64 {
    let mut others = second.iter().peekable();
    let (mut below, mut wins) = (0_u64, 0.0);
    // Those of `second` equal to the last value of `first` that was looked at.
    let mut tied: Option<(&T, u64)> = None;
    for value in first {
        if tied.is_none_or(|(level, _)| *level < *value) {
            below += tied.map_or(0, |(_, count)| count);
            while others.next_if(|other| **other < *value).is_some() {
                below += 1;
            }
            let mut count = 0;
            while others.next_if(|other| **other <= *value).is_some() {
                count += 1;
            }
            tied = Some((value, count));
        }
        wins += below as f64 + 0.5 * tied.map_or(0, |(_, count)| count) as f64;
    }
    wins
}

/// Sum of `t³ - t` over the runs of `t` equal values of both samples together.
fn ties(first: &Sample, second: &Sample) -> f64 {
    let mut pooled = [first.as_slice(), second.as_slice()].concat();
    pooled.sort_unstable_by(f64::total_cmp);
    let runs = pooled.chunk_by(|a, b| a >= b);
    runs.map(|run| run.len() as f64).map(|length| length * length * length - length).sum()
}

/// Probability of at least `wins` (a whole number) of the pairs of `few` against `many`.
///
/// The number of orders with each count of wins is a coefficient of a Gaussian binomial: a product
/// of `(1 - q^(many + i)) / (1 - q^i)`, multiplied out in whole numbers. On the way some are below
/// zero, which arithmetic modulo 2¹²⁸ does not mind.
fn at_least(wins: f64, few: usize, many: usize) -> f64 {
    let mut orders = vec![0_u128; few * many + 1];
    if let Some(first) = orders.first_mut() {
        *first = 1;
    }
    for i in 1..=few {
        for from in (0..orders.len().saturating_sub(many + i)).rev() {
            let less = orders.get(from).copied().unwrap_or_default();
            if let Some(count) = orders.get_mut(from + many + i) {
                *count = count.wrapping_sub(less);
            }
        }
        for from in 0..orders.len().saturating_sub(i) {
            let more = orders.get(from).copied().unwrap_or_default();
            if let Some(count) = orders.get_mut(from + i) {
                *count = count.wrapping_add(more);
            }
        }
    }
    let total = orders.iter().map(|count| *count as f64).sum::<f64>();
    let telling = orders.iter().enumerate().filter(|(count, _)| *count as f64 >= wins);
    telling.map(|(_, orders)| *orders as f64).sum::<f64>() / total
}

#[cfg(test)]
mod tests;
