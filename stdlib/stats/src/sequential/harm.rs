//! The harm test of a rollout: is the candidate worse than the baseline it is to replace?

use super::{Boundaries, mean_and_deviation};
use crate::distribution::{normal_above, t_quantile_above};
use crate::{Alpha, BlockMean, Interval, Measured, Reason, StatsError};
use std::num::NonZeroU64;

/// Blocks below which no statistic is formed: two means say nothing of their own spread.
const BLOCKS_MIN: usize = 3;

/// A group-sequential test for harm in progress, fed one block at a time.
///
/// At each look the mean paired difference of all blocks so far, in standard errors, is held
/// against a boundary that keeps the chance of a false alarm over *all* looks at `alpha`. The
/// boundary is corrected for few blocks: the z boundary's tail probability is turned into a
/// quantile of Student's t with one degree of freedom less than there are blocks.
///
/// Statistics are never mutated in place: after a label is revised, or a late one arrives, build
/// the test again from the rows.
///
/// Source: Lan & DeMets 1983; Jennison & Turnbull 2000 for the t boundaries.
#[derive(Clone, Debug)]
pub struct HarmTest {
    boundaries: Boundaries,
    planned_events: NonZeroU64,
    matured_events: u64,
    means: Vec<f64>,
}

/// What one look saw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// Blocks that have been seen, this one included.
    pub k: usize,
    /// Information fraction: matured events over planned ones, at most 1.
    pub t: f64,
    /// The boundary on the z scale, positive.
    pub z_boundary: Measured<f64>,
    /// The boundary on the statistic's scale, negative: at or below it is harm.
    pub boundary: Measured<f64>,
    /// Mean of the block means over its standard error; negative when the candidate is worse.
    /// Undefined below three blocks, and when the blocks do not differ (no evidence either way).
    pub statistic: Measured<f64>,
    /// Repeated confidence interval of the difference of accuracies, candidate minus baseline;
    /// each end holds over all looks at the test's level.
    pub interval: Measured<Interval>,
    /// What follows.
    pub verdict: Verdict,
}

/// What a look says of harm.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// No evidence of harm so far.
    Continue,
    /// The candidate is worse: the boundary is reached.
    Harm,
}

impl HarmTest {
    /// A test of one-sided `alpha` over a plan of `planned_events` matured events.
    pub fn new(alpha: Alpha, planned_events: NonZeroU64) -> Self {
        Self {
            boundaries: Boundaries::new(alpha),
            planned_events,
            matured_events: 0,
            means: Vec::new(),
        }
    }

    /// A second stage: the statistic counts the `earlier` blocks, which an earlier stage with its
    /// own alpha has looked at; this stage's alpha is spent from the next block on.
    ///
    /// `planned_events` counts both stages.
    pub fn resumed(alpha: Alpha, planned_events: NonZeroU64, earlier: &[BlockMean]) -> Self {
        let mut test = Self::new(alpha, planned_events);
        for block in earlier {
            test.count(block);
        }
        test
    }

    /// Makes the plan longer. What has been spent stays spent; later boundaries follow the longer
    /// plan. A plan that was looked at to its end has nothing left, however long it becomes:
    /// extend before the last planned look.
    ///
    /// # Errors
    /// When the plan would become shorter.
    pub fn extend(&mut self, planned_events: NonZeroU64) -> Result<(), StatsError> {
        if planned_events < self.planned_events {
            let (from, to) = (self.planned_events.get(), planned_events.get());
            return Err(StatsError::Shortened { from, to });
        }
        self.planned_events = planned_events;
        Ok(())
    }

    /// Looks at the next complete `block`.
    pub fn look(&mut self, block: &BlockMean) -> Look {
        self.count(block);
        let matured = self.matured_events as f64;
        let planned = self.planned_events.get() as f64;
        let z_boundary = self.boundaries.next(matured, planned);
        judge(&self.means, (matured / planned).min(1.0), z_boundary)
    }

    /// Error probability spent so far.
    pub const fn spent(&self) -> f64 {
        self.boundaries.spent()
    }

    fn count(&mut self, block: &BlockMean) {
        self.matured_events = self.matured_events.saturating_add(block.events.get());
        self.means.push(block.mean);
    }
}

/// The look at `means`, given the boundary on the z scale that its information earned.
pub(super) fn judge(means: &[f64], t: f64, z_boundary: Measured<f64>) -> Look {
    let k = means.len();
    let spread = if k < BLOCKS_MIN {
        Measured::Undefined(Reason::TooFew { needed: BLOCKS_MIN, found: k })
    } else {
        mean_and_deviation(means)
    };
    let error = |deviation: f64| deviation / (k as f64).sqrt();
    let statistic = spread.map(|(mean, deviation)| mean / error(deviation));
    let boundary = z_boundary.and_then(|z| t_boundary(z, k)).map(|quantile| -quantile);
    let interval = boundary.and_then(|boundary| {
        spread.map(|(mean, deviation)| Interval::around(mean, -boundary * error(deviation)))
    });
    let verdict = match (statistic, boundary) {
        (Measured::Defined(statistic), Measured::Defined(boundary)) if statistic <= boundary => {
            Verdict::Harm
        }
        _ => Verdict::Continue,
    };
    Look { k, t, z_boundary, boundary, statistic, interval, verdict }
}

/// The boundary `z` for `blocks` means: the t quantile with the same tail probability.
pub(crate) fn t_boundary(z: f64, blocks: usize) -> Measured<f64> {
    if blocks < BLOCKS_MIN {
        return Measured::Undefined(Reason::TooFew { needed: BLOCKS_MIN, found: blocks });
    }
    Measured::finite(t_quantile_above(normal_above(z), blocks as f64 - 1.0))
}
