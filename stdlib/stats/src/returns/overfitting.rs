//! Was the best of many configurations picked for skill or for luck?

use crate::{Measured, Reason, StatsError};

/// Configurations below which a rank among them says nothing.
const CONFIGURATIONS_MIN: usize = 10;
/// Most blocks: 184,756 ways to halve them.
const BLOCKS_MAX: u32 = 20;
/// Deviation of returns below which a configuration counts as idle.
const DEVIATION_MIN: f64 = 1e-12;

/// Blocks of time that returns are cut into for cross-validation.
///
/// Invariant: an even number from 2 to 20.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ValidationBlocks(u32);

impl ValidationBlocks {
    /// Sixteen, with 12,870 ways to halve them; as in the paper.
    pub const USUAL: Self = Self(16);

    /// `blocks` blocks.
    ///
    /// # Errors
    /// When the number is odd, 0 or above 20.
    pub fn new(blocks: u32) -> Result<Self, StatsError> {
        if blocks > 0 && blocks <= BLOCKS_MAX && blocks.is_multiple_of(2) {
            Ok(Self(blocks))
        } else {
            Err(StatsError::OutOfRange { what: "blocks", value: f64::from(blocks) })
        }
    }

    /// Every way to take half of the blocks, each a set of bits.
    fn halves(self) -> impl Iterator<Item = u32> {
        (0..1 << self.0).filter(move |half: &u32| half.count_ones() == self.0 / 2)
    }
}

/// How a configuration chosen on one half of the time fares on the other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Overfitting {
    /// Share of ways to halve the time in which the best of one half is no better than the median
    /// on the other, in `0..=1`: about one half when nothing is to be learned from a backtest.
    pub probability: f64,
    /// Median over the ways of the logit of its rank on the other half; positive when skill lasts.
    pub logit_median: f64,
    /// The ways.
    pub splits: usize,
}

/// Probability of backtest overfitting by combinatorially symmetric cross-validation.
///
/// `returns` `[configuration][period]`: simple returns of every configuration tried, over the same
/// periods in order of time. The best is the one with the largest Sharpe ratio; a configuration
/// that is idle in a half has a ratio of 0 there. Periods that do not fill blocks are left out,
/// the earliest first. Undefined below ten configurations and two periods a block.
///
/// # Errors
/// When configurations differ in their number of periods or a return is not finite.
///
/// Source: Bailey, Borwein, López de Prado & Zhu 2015. Agrees with the same written in numpy on
/// whole columns (`tests/golden/statistics.py`).
pub fn backtest_overfitting(
    returns: &[Vec<f64>],
    blocks: ValidationBlocks,
) -> Result<Measured<Overfitting>, StatsError> {
    let periods = returns.first().map_or(0, Vec::len);
    for other in returns {
        super::all_finite(other)?;
        if other.len() != periods {
            return Err(StatsError::Rows { first: periods, second: other.len() });
        }
    }
    let count = usize::try_from(blocks.0).unwrap_or(usize::MAX);
    let length = periods / count;
    if returns.len() < CONFIGURATIONS_MIN {
        let (needed, found) = (CONFIGURATIONS_MIN, returns.len());
        return Ok(Measured::Undefined(Reason::TooFew { needed, found }));
    }
    if length < 2 {
        return Ok(Measured::Undefined(Reason::TooFew { needed: 2 * count, found: periods }));
    }
    let kept = |series: &Vec<f64>| series.get(periods % count..).map(<[f64]>::to_vec);
    let configurations: Vec<Configuration> =
        returns.iter().filter_map(kept).map(|series| Configuration::new(&series, length)).collect();
    let mut logits: Vec<f64> = blocks.halves().map(|half| logit(&configurations, half)).collect();
    logits.sort_unstable_by(f64::total_cmp);
    let splits = logits.len();
    let overfitted = logits.partition_point(|logit| *logit <= 0.0);
    let middle = [logits.get((splits - 1) / 2), logits.get(splits / 2)];
    Ok(Measured::Defined(Overfitting {
        probability: overfitted as f64 / splits as f64,
        logit_median: middle.into_iter().flatten().sum::<f64>() / 2.0,
        splits,
    }))
}

/// Logit of the rank that the best on `half` has on the rest.
fn logit(configurations: &[Configuration], half: u32) -> f64 {
    let mut best = (f64::NEG_INFINITY, 0.0);
    for configuration in configurations {
        let inside = configuration.sharpe(half);
        if inside > best.0 {
            best = (inside, configuration.sharpe(!half));
        }
    }
    // Mid-rank among all, itself included.
    let (mut below, mut equal) = (0.0, 0.0);
    for configuration in configurations {
        let outside = configuration.sharpe(!half);
        if outside < best.1 {
            below += 1.0;
        } else if outside <= best.1 {
            equal += 1.0;
        }
    }
    let rank = below + 0.5 * (equal + 1.0);
    (rank / (configurations.len() as f64 + 1.0 - rank)).ln()
}

/// One configuration's returns, summed block by block.
struct Configuration {
    /// Mean of all its returns, which the sums are taken around to keep their digits.
    centre: f64,
    /// Of each block, the sum and the sum of squares of the returns less the centre.
    blocks: Vec<(f64, f64)>,
    length: f64,
}

impl Configuration {
    fn new(returns: &[f64], length: usize) -> Self {
        let centre = returns.iter().sum::<f64>() / returns.len() as f64;
        let add = |(sum, squares): (f64, f64), value: &f64| {
            let off = value - centre;
            (sum + off, squares + off * off)
        };
        let blocks = returns.chunks_exact(length).map(|block| block.iter().fold((0.0, 0.0), add));
        Self { centre, blocks: blocks.collect(), length: length as f64 }
    }

    /// Sharpe ratio of a period over the blocks whose bit is set in `chosen`.
    fn sharpe(&self, chosen: u32) -> f64 {
        let (mut sum, mut squares, mut count) = (0.0, 0.0, 0.0);
        for (block, (of_block, squares_of_block)) in self.blocks.iter().enumerate() {
            if chosen >> block & 1 == 1 {
                sum += of_block;
                squares += squares_of_block;
                count += self.length;
            }
        }
        let deviation = ((squares - sum * sum / count) / (count - 1.0)).max(0.0).sqrt();
        if deviation < DEVIATION_MIN { 0.0 } else { (self.centre + sum / count) / deviation }
    }
}

#[cfg(test)]
mod tests;
