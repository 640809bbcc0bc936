//! Resampling of a series in blocks, which keeps what neighbours have to do with each other.

use crate::sample::sorted;
use crate::{Alpha, Interval, Measured, Reason, StatsError, Stream};
use std::num::{NonZeroU32, NonZeroUsize};

/// How rows are drawn again from a series.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Resampling {
    /// Blocks of random length with this mean, so that the result is stationary as the series is.
    /// Source: Politis & Romano 1994.
    Stationary {
        /// Mean length of a block, in rows.
        mean: NonZeroUsize,
    },
    /// Blocks of one length, from anywhere on the series closed to a ring.
    /// Source: Politis & Romano 1992.
    Circular {
        /// Length of a block, in rows.
        block: NonZeroUsize,
    },
}

impl Resampling {
    /// Indices into a series of `rows`, without end: neighbours follow each other, the first row
    /// the last, until the next block begins.
    pub fn indices(self, rows: NonZeroUsize, mut stream: Stream) -> impl Iterator<Item = usize> {
        let (mut left, mut at) = (0, 0);
        std::iter::repeat_with(move || {
            let begins = match self {
                Self::Stationary { mean } => left == 0 || stream.below(mean) == 0,
                Self::Circular { .. } => left == 0,
            };
            if begins {
                at = stream.below(rows);
                left = match self {
                    Self::Stationary { .. } => usize::MAX,
                    Self::Circular { block } => block.get(),
                };
            } else {
                at = (at + 1) % rows;
            }
            left -= 1;
            at
        })
    }
}

/// A bootstrap to be made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Bootstrap {
    /// How rows are drawn.
    pub resampling: Resampling,
    /// How many resampled series are measured.
    pub resamples: NonZeroU32,
    /// The seed: the same one draws the same rows on every machine.
    pub seed: u64,
}

/// A statistic's values on resampled series, at least two.
#[derive(Clone, Debug, PartialEq)]
pub struct Resampled {
    ascending: Vec<f64>,
    undefined: u32,
}

impl Bootstrap {
    /// Measures `statistic` on resampled series as long as `series` `[time]`.
    ///
    /// Resamples on which it is undefined are left out and counted. Undefined without rows, and
    /// when fewer than two resamples have the statistic.
    ///
    /// # Errors
    /// When a value is not finite.
    pub fn measure(
        &self,
        series: &[f64],
        statistic: impl Fn(&[f64]) -> Measured<f64>,
    ) -> Result<Measured<Resampled>, StatsError> {
        if let Some((index, value)) = series.iter().enumerate().find(|(_, v)| !v.is_finite()) {
            return Err(StatsError::NotFinite { index, value: *value });
        }
        let Some(rows) = NonZeroUsize::new(series.len()) else {
            return Ok(Measured::Undefined(Reason::NoObservations));
        };
        let mut resampled = Vec::with_capacity(series.len());
        let mut values = Vec::new();
        for part in 0..self.resamples.get() {
            let stream = Stream::part(self.seed, u64::from(part));
            let drawn = self.resampling.indices(rows, stream).take(series.len());
            resampled.clear();
            resampled.extend(drawn.filter_map(|index| series.get(index).copied()));
            values.extend(statistic(&resampled).defined());
        }
        let found = values.len();
        if found < 2 {
            return Ok(Measured::Undefined(Reason::TooFew { needed: 2, found }));
        }
        let undefined = self.resamples.get() - u32::try_from(found).unwrap_or(u32::MAX);
        Ok(Measured::Defined(Resampled { ascending: sorted(&values), undefined }))
    }
}

impl Resampled {
    /// Standard error of the statistic: the deviation of its values.
    pub fn error(&self) -> f64 {
        let count = self.ascending.len() as f64;
        let mean = self.ascending.iter().sum::<f64>() / count;
        let squares = self.ascending.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
        (squares / (count - 1.0)).sqrt()
    }

    /// Percentile interval that leaves out `alpha_per_side` of the values on each side.
    pub fn interval(&self, alpha_per_side: Alpha) -> Interval {
        let out = alpha_per_side.get() * self.ascending.len() as f64;
        let inside = |place: &usize| *place as f64 + 1.0 <= out;
        let skipped = (0..self.ascending.len()).take_while(inside).count();
        let mut kept = self.ascending.iter().skip(skipped).copied();
        let lower = kept.next().unwrap_or_default();
        let upper = self.ascending.iter().rev().nth(skipped).copied().unwrap_or(lower);
        Interval { lower, upper: upper.max(lower) }
    }

    /// Resamples on which the statistic was undefined.
    pub const fn undefined(&self) -> u32 {
        self.undefined
    }
}

#[cfg(test)]
mod tests;
